import { createHash, randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import { type AgentName, type FileIdentity, MAX_FILE_BYTES, ModelError } from '@edgewood/models';
import { DeployError } from './errors.ts';
import { holdsExactly, readUpTo, writeAll } from './sftp/file-transfer.ts';
import * as sftp from './sftp/sftp-requests.ts';
import { type SftpChannel, SftpSession } from './sftp/sftp-session.ts';
import { DEFAULT_CONNECT_MS, type SshOptions } from './sftp/ssh-arguments.ts';
import { openSshChannel } from './sftp/ssh-channel.ts';
import { STATUS, StatusError } from './sftp/status.ts';
import { formatTargetAddress, type SshAddress } from './target-address.ts';
import { type TargetFiles, UPLOAD_PREFIX } from './target-files.ts';

export interface SftpOptions extends SshOptions {
  /** So long the other side may leave a request unanswered, in milliseconds; the default is 30 s. */
  readonly inactivityMs?: number;
  /** Ends the connection when it is aborted, whatever is under way, with `INTERRUPTED`. */
  readonly signal?: AbortSignal;
}

const DEFAULT_INACTIVITY_MS = 30_000;
/** More names are not listed. */
const MAX_NAMES = 100_000;
/** So much at the beginning and at the end of a file is part of its identity, in bytes. */
const SAMPLE_BYTES = 32 * 1024;
/** Without them a write could replace a file, or a link be gone for a moment. */
const NEEDED = ['posix-rename@openssh.com', 'hardlink@openssh.com'] as const;

/**
 * Connects to the machine of an address and looks for the directory.
 *
 * @throws {DeployError} `SSH_UNAVAILABLE`, `UNREACHABLE`, `HOST_KEY_REFUSED`, `LOGIN_REFUSED`, `SFTP_UNUSABLE`,
 *   `CONNECTION_LOST`, `INTERRUPTED`.
 * @throws {ModelError} `FILE_UNREADABLE` if there is no such directory.
 */
export async function openSftpTargetFiles(address: SshAddress, options: SftpOptions = {}): Promise<SftpTargetFiles> {
  const channel = openSshChannel(address, options);
  return SftpTargetFiles.open(channel, formatTargetAddress(address), address.directory, options);
}

/**
 * Model files in a directory of another machine, over SFTP version 3 with OpenSSH's extensions.
 *
 * A new file gets its name by a hard link, which refuses to replace in one step whatever the server is. SFTP's own rename
 * would do with OpenSSH on file systems that have hard links; on others it looks first and renames then, which is a race.
 */
export class SftpTargetFiles implements TargetFiles {
  readonly location: string;
  readonly lasting: boolean;
  readonly #session: SftpSession;
  readonly #directory: string;

  private constructor(session: SftpSession, location: string, directory: string, lasting: boolean) {
    this.#session = session;
    this.location = location;
    this.#directory = directory;
    this.lasting = lasting;
  }

  /**
   * As {@link openSftpTargetFiles}, over a channel that is open. It belongs to the result from here on, also if this throws.
   *
   * @param location the directory with its machine, for people.
   */
  static async open(
    channel: SftpChannel,
    location: string,
    directory: string,
    options: Pick<SftpOptions, 'inactivityMs' | 'connectMs' | 'signal'> = {},
  ): Promise<SftpTargetFiles> {
    const inactivityMs = options.inactivityMs ?? DEFAULT_INACTIVITY_MS;
    const loginMs = (options.connectMs ?? DEFAULT_CONNECT_MS) + inactivityMs;
    const session = await SftpSession.open(channel, { inactivityMs, loginMs }, options.signal);
    try {
      for (const name of NEEDED) requireExtension(session, name);
      const { kind } = await sftp.statOf(session, directory).catch(unreadable(location));
      if (kind !== 'directory') throw new ModelError('FILE_UNREADABLE', `${location} is not a directory`);
      const lasting = await canSync(session, directory);
      return new SftpTargetFiles(session, location, directory, lasting);
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async list(): Promise<readonly string[]> {
    const names = await this.#names().catch(unreadable(this.location));
    return names.filter((name) => !name.startsWith('.')).sort();
  }

  async read(name: string, maxBytes: number = MAX_FILE_BYTES): Promise<Uint8Array> {
    const { path, shown } = this.#path(name);
    // Asked before it is opened: the other side would wait for a named pipe.
    const { kind, sizeBytes } = await sftp.statOf(this.#session, path).catch(unreadable(shown));
    if (kind !== 'file') throw new ModelError('FILE_UNREADABLE', `cannot read ${shown}: it is not a file`);
    if (sizeBytes > maxBytes) {
      throw new ModelError('FILE_TOO_LARGE', `${shown} has ${sizeBytes} bytes; at most ${maxBytes} are read`);
    }
    return this.#reading(path, (handle) => readUpTo(this.#session, handle, sizeBytes)).catch(unreadable(shown));
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const { path, shown } = this.#path(name);
    await this.#withTemporary(name, async (temporary) => {
      await this.#upload(temporary, bytes, true).catch(unwritable(shown));
      await this.#publish(temporary, path, shown);
    });
  }

  async writeVerified(
    name: string,
    bytes: Uint8Array,
    onProgress: (sentBytes: number) => void = () => undefined,
  ): Promise<void> {
    const { path, shown } = this.#path(name);
    await this.#withTemporary(name, async (temporary) => {
      let sentBytes = 0;
      const progress = (bytesSoFar: number) => {
        sentBytes = bytesSoFar;
        onProgress(bytesSoFar);
      };
      await this.#upload(temporary, bytes, true, progress).catch(async (error: unknown) => {
        if (error instanceof StatusError) await this.#refuseIfFull(shown, bytes.length - sentBytes, error);
        return unwritable(shown)(error);
      });
      await this.#compare(temporary, shown, bytes);
      await this.#publish(temporary, path, shown);
    });
    if (bytes.length === 0) onProgress(0);
  }

  async replaceFile(name: string, bytes: Uint8Array, lasting = true): Promise<void> {
    const { path, shown } = this.#path(name);
    await this.#withTemporary(name, async (temporary) => {
      await this.#upload(temporary, bytes, lasting).catch(unwritable(shown));
      await sftp.renameOver(this.#session, temporary, path).catch(unwritable(shown));
    });
    if (lasting) await this.#sync();
  }

  async replaceLink(name: string, target: string): Promise<void> {
    const { path, shown } = this.#path(name);
    await this.#withTemporary(name, async (temporary) => {
      await sftp.makeLink(this.#session, target, temporary).catch(unwritable(shown));
      await sftp.renameOver(this.#session, temporary, path).catch(unwritable(shown));
    });
    await this.#sync();
  }

  async remove(name: string): Promise<void> {
    const { path, shown } = this.#path(name);
    await sftp.removeFile(this.#session, path).catch(absentOr(unwritable(shown)));
  }

  /**
   * The content is told apart by its size, its time of writing in whole seconds, and its first and last 32 kB, because
   * SFTP tells no more of a file: what has the same of all these is missed. Where the file cannot be opened, the first two
   * must do.
   */
  async identify(name: string): Promise<FileIdentity | undefined> {
    const { path, shown } = this.#path(name);
    const absent = absentOr(unreadable(shown));
    const own = await sftp.lstatOf(this.#session, path).catch(absent);
    if (own === undefined) return undefined;
    const link = own.kind === 'link' ? await sftp.readLink(this.#session, path).catch(absent) : undefined;
    // Other programs may remove a link and make it anew, so it can be gone by now.
    if (own.kind === 'link' && link === undefined) return undefined;
    const target = link === undefined ? undefined : await this.#nameOf(link);
    const found = await sftp.statOf(this.#session, path).catch(absent);
    if (found === undefined) return { target, content: '', sizeBytes: 0 };
    const sample = found.kind === 'file' ? await this.#sampleOf(path, found.sizeBytes) : '';
    return { target, content: [found.sizeBytes, found.modifiedS, sample].join(':'), sizeBytes: found.sizeBytes };
  }

  async freeBytes(): Promise<number | undefined> {
    return (await this.#freeSpace().catch(unreadable(this.location)))?.freeBytes;
  }

  async removeLeftovers(agent: AgentName): Promise<readonly string[]> {
    const names = await this.#names().catch(unreadable(this.location));
    const leftovers = names.filter((name) => name.startsWith(`${UPLOAD_PREFIX}${agent}_`)).sort();
    for (const name of leftovers) {
      const path = posix.join(this.#directory, name);
      await sftp.removeFile(this.#session, path).catch(absentOr(unwritable(`${this.location}/${name}`)));
    }
    return leftovers;
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  /** The path that the other side knows, and the one for people. */
  #path(name: string): { readonly path: string; readonly shown: string } {
    if (name !== posix.basename(name) || name === '' || name.startsWith('.') || name.includes('\0')) {
      throw new ModelError('BAD_NAME', `'${name}' is no name of a file in ${this.location}`);
    }
    return { path: posix.join(this.#directory, name), shown: `${this.location}/${name}` };
  }

  /** All names that could be those of files, hidden ones too. */
  async #names(): Promise<readonly string[]> {
    const handle = await sftp.openDirectory(this.#session, this.#directory);
    const names: string[] = [];
    try {
      for (let some = await sftp.readNames(this.#session, handle); some !== undefined; ) {
        names.push(...some.filter((name) => name !== '' && !/[/\0]/.test(name)));
        if (names.length > MAX_NAMES) {
          throw new ModelError('FILE_UNREADABLE', `${this.location} has more than ${MAX_NAMES} files`);
        }
        some = await sftp.readNames(this.#session, handle);
      }
    } finally {
      await this.#closeRead(handle);
    }
    return names;
  }

  /** Opens a file, does something with it, and closes it. */
  async #reading<T>(path: string, use: (handle: sftp.Handle) => Promise<T>): Promise<T> {
    const handle = await sftp.openForReading(this.#session, path);
    try {
      return await use(handle);
    } finally {
      await this.#closeRead(handle);
    }
  }

  /** Nothing hangs on whether it could be closed; and if the connection is lost, that is known already. */
  async #closeRead(handle: sftp.Handle): Promise<void> {
    await sftp.closeHandle(this.#session, handle).catch(() => undefined);
  }

  /** Gives a temporary name, and removes what has it afterwards, if anything has. */
  async #withTemporary(name: string, use: (temporary: string) => Promise<void>): Promise<void> {
    const temporary = posix.join(this.#directory, `${UPLOAD_PREFIX}${name}.${randomUUID()}`);
    try {
      await use(temporary);
    } finally {
      // If that fails, the reason why it has no use any more is what the caller must hear.
      await sftp.removeFile(this.#session, temporary).catch(() => undefined);
    }
  }

  async #upload(
    path: string,
    bytes: Uint8Array,
    lasting: boolean,
    onProgress: (sentBytes: number) => void = () => undefined,
  ): Promise<void> {
    const handle = await sftp.openNew(this.#session, path);
    try {
      await writeAll(this.#session, handle, bytes, onProgress);
      if (lasting && canFsync(this.#session)) await sftp.syncHandle(this.#session, handle);
    } catch (error) {
      await this.#closeRead(handle);
      throw error;
    }
    // Some file systems tell only now that there was no space.
    await sftp.closeHandle(this.#session, handle);
  }

  async #compare(temporary: string, shown: string, bytes: Uint8Array): Promise<void> {
    const holds = (handle: sftp.Handle) => holdsExactly(this.#session, handle, bytes);
    if (await this.#reading(temporary, holds).catch(unreadable(shown))) return;
    throw new DeployError('COPY_DIFFERS', `what was written to ${shown} is not what is read back from there`);
  }

  /** Gives a file that is complete its name. */
  async #publish(temporary: string, path: string, shown: string): Promise<void> {
    await sftp.makeHardLink(this.#session, temporary, path).catch(async (error: unknown) => {
      if (!(error instanceof StatusError)) throw error;
      // The protocol has no word for 'there is one'.
      const there = await sftp.lstatOf(this.#session, path).catch(() => undefined);
      if (there !== undefined) throw new ModelError('FILE_EXISTS', `cannot write ${shown}: file already exists`);
      return unwritable(shown)(error);
    });
    await this.#sync().catch(async (error: unknown) => {
      await sftp.removeFile(this.#session, path).catch(() => undefined);
      throw error;
    });
  }

  async #refuseIfFull(shown: string, neededBytes: number, cause: StatusError): Promise<void> {
    const space = await this.#freeSpace().catch(() => undefined);
    if (space === undefined || (space.freeBytes >= neededBytes && space.hasFreeFiles)) return;
    const sentence = `cannot write ${shown}: no space is left; ${neededBytes} bytes more were needed, ${space.freeBytes} are free`;
    throw new DeployError('NO_SPACE', sentence, { cause });
  }

  async #freeSpace(): Promise<sftp.FreeSpace | undefined> {
    if (!hasExtension(this.#session, 'statvfs@openssh.com')) return undefined;
    return sftp.freeSpaceOf(this.#session, this.#directory);
  }

  /** A link made by hand may lead to its target by any path; inside this directory the name is enough. */
  async #nameOf(target: string): Promise<string> {
    if (target === posix.basename(target)) return target;
    const folder = target.startsWith('/') ? posix.dirname(target) : posix.join(this.#directory, posix.dirname(target));
    const [own, other] = await Promise.all(
      [this.#directory, folder].map((path) => sftp.realPathOf(this.#session, path).catch(absentOr(unreadable(path)))),
    );
    return own !== undefined && own === other ? posix.basename(target) : target;
  }

  async #sampleOf(path: string, sizeBytes: number): Promise<string> {
    const sampled = this.#reading(path, async (handle) => {
      const head = await sftp.readAt(this.#session, handle, 0, SAMPLE_BYTES);
      const tailAt = Math.max(0, sizeBytes - SAMPLE_BYTES);
      const tail = tailAt > 0 ? await sftp.readAt(this.#session, handle, tailAt, SAMPLE_BYTES) : undefined;
      return [head, tail].reduce((hash, piece) => hash.update(piece ?? ''), createHash('sha256')).digest('hex');
    });
    return sampled.catch((error: unknown) => {
      if (error instanceof StatusError) return '';
      throw error;
    });
  }

  /** Makes new names last over a loss of power. */
  async #sync(): Promise<void> {
    if (!this.lasting) return;
    await syncDirectory(this.#session, this.#directory).catch(unwritable(this.location));
  }
}

function hasExtension(session: SftpSession, name: keyof typeof sftp.EXTENSIONS): boolean {
  return session.hasExtension(name, sftp.EXTENSIONS[name]);
}

function requireExtension(session: SftpSession, name: keyof typeof sftp.EXTENSIONS): void {
  if (hasExtension(session, name)) return;
  const sentence = `the SFTP server of ${session.peer} lacks ${name}, without which nothing can be replaced in one step`;
  throw new DeployError('SFTP_UNUSABLE', `${sentence}; OpenSSH's has it`);
}

function canFsync(session: SftpSession): boolean {
  return hasExtension(session, 'fsync@openssh.com');
}

/** Whether files and the directory itself can be written through. */
async function canSync(session: SftpSession, directory: string): Promise<boolean> {
  if (!canFsync(session)) return false;
  const synced = syncDirectory(session, directory).then(() => true);
  return synced.catch((error: unknown) => {
    if (error instanceof StatusError) return false;
    throw error;
  });
}

/** SFTP has no way to sync a directory, but where one can be opened like a file, as on Linux, it can be synced like one. */
async function syncDirectory(session: SftpSession, directory: string): Promise<void> {
  const handle = await sftp.openForReading(session, directory);
  await sftp.syncHandle(session, handle).finally(() => sftp.closeHandle(session, handle).catch(() => undefined));
}

/** Nothing there, or a circle of links. */
function absentOr(otherwise: (error: unknown) => never): (error: unknown) => undefined {
  return (error) => (error instanceof StatusError && error.status === STATUS.noSuchFile ? undefined : otherwise(error));
}

function unreadable(shown: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof StatusError)) throw error;
    throw new ModelError('FILE_UNREADABLE', `cannot read ${shown}: ${error.message}`, { cause: error });
  };
}

function unwritable(shown: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof StatusError)) throw error;
    throw new ModelError('FILE_UNWRITABLE', `cannot write ${shown}: ${error.message}`, { cause: error });
  };
}
