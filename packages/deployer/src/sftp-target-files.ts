import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import { type AgentName, type FileIdentity, MAX_FILE_BYTES, ModelError } from '@edgewood/models';
import { DeployError } from './errors.ts';
import { absentOr, refused, unreadable, unwritable } from './sftp/file-errors.ts';
import { holdsExactly, readUpTo } from './sftp/file-transfer.ts';
import { identifyFile } from './sftp/identify-file.ts';
import * as sftp from './sftp/sftp-requests.ts';
import { type SftpChannel, SftpSession } from './sftp/sftp-session.ts';
import { DEFAULT_CONNECT_MS, type SshOptions } from './sftp/ssh-arguments.ts';
import { openSshChannel } from './sftp/ssh-channel.ts';
import { StatusError } from './sftp/status.ts';
import { namesIn, syncDirectory, withFile, writeNewFile } from './sftp/whole-files.ts';
import { formatTargetAddress, type SshAddress } from './target-address.ts';
import { type TargetFiles, UPLOAD_PREFIX } from './target-files.ts';

export interface SftpOptions extends SshOptions {
  /** So long the other side may leave a request unanswered, in milliseconds; the default is 30 s. */
  readonly inactivityMs?: number;
  /** Ends the connection when it is aborted, whatever is under way, with `INTERRUPTED`. */
  readonly signal?: AbortSignal;
}

const DEFAULT_INACTIVITY_MS = 30_000;
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
 * is, with OpenSSH, the same hard link and an unlink; but on a file system without hard links it looks first and renames
 * then, which is a race, and other servers may replace.
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
      return new SftpTargetFiles(session, location, directory, await canSync(session, directory));
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async list(): Promise<readonly string[]> {
    const names = await namesIn(this.#session, this.#directory).catch(unreadable(this.location));
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
    const read = (handle: sftp.Handle) => readUpTo(this.#session, handle, sizeBytes);
    return withFile(this.#session, path, read).catch(unreadable(shown));
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const { path, shown } = this.#path(name);
    await this.#withTemporary(name, async (temporary) => {
      await writeNewFile(this.#session, temporary, bytes, this.#canFsync);
      await this.#publish(temporary, path, shown);
    }).catch(unwritable(shown));
  }

  async writeVerified(
    name: string,
    bytes: Uint8Array,
    onProgress: (sentBytes: number) => void = () => undefined,
  ): Promise<void> {
    const { path, shown } = this.#path(name);
    let sentBytes = 0;
    const progress = (soFar: number) => {
      sentBytes = soFar;
      onProgress(soFar);
    };
    const write = async (temporary: string) => {
      await writeNewFile(this.#session, temporary, bytes, this.#canFsync, progress);
      await this.#compare(temporary, shown, bytes);
      await this.#publish(temporary, path, shown);
    };
    await this.#withTemporary(name, (temporary) =>
      // Asked before what has taken the space is removed.
      write(temporary).catch((error: unknown) => this.#blameSpace(error, shown, bytes.length - sentBytes)),
    ).catch(unwritable(shown));
  }

  async replaceFile(name: string, bytes: Uint8Array, lasting = true): Promise<void> {
    const { path, shown } = this.#path(name);
    await this.#withTemporary(name, async (temporary) => {
      await writeNewFile(this.#session, temporary, bytes, lasting && this.#canFsync);
      await sftp.renameOver(this.#session, temporary, path);
      if (lasting) await this.#sync();
    }).catch(unwritable(shown));
  }

  async replaceLink(name: string, target: string): Promise<void> {
    const { path, shown } = this.#path(name);
    await this.#withTemporary(name, async (temporary) => {
      await sftp.makeLink(this.#session, target, temporary);
      await sftp.renameOver(this.#session, temporary, path);
      await this.#sync();
    }).catch(unwritable(shown));
  }

  async remove(name: string): Promise<void> {
    const { path, shown } = this.#path(name);
    await sftp.removeFile(this.#session, path).catch(absentOr(unwritable(shown)));
  }

  /** See {@link identifyFile} for what it can miss. */
  async identify(name: string): Promise<FileIdentity | undefined> {
    return identifyFile(this.#session, this.#directory, name, this.#path(name).shown);
  }

  async freeBytes(): Promise<number | undefined> {
    return (await this.#freeSpace().catch(unreadable(this.location)))?.freeBytes;
  }

  async removeLeftovers(agent: AgentName): Promise<readonly string[]> {
    const names = await namesIn(this.#session, this.#directory).catch(unreadable(this.location));
    const leftovers = names.filter((name) => name.startsWith(`${UPLOAD_PREFIX}${agent}_`)).sort();
    for (const name of leftovers) {
      await sftp
        .removeFile(this.#session, `${this.#directory}/${name}`)
        .catch(absentOr(unwritable(`${this.location}/${name}`)));
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
    return { path: `${this.#directory}/${name}`, shown: `${this.location}/${name}` };
  }

  get #canFsync(): boolean {
    return hasExtension(this.#session, 'fsync@openssh.com');
  }

  /** Gives a temporary name, and removes what has it afterwards, if anything has. */
  async #withTemporary(name: string, use: (temporary: string) => Promise<void>): Promise<void> {
    const temporary = `${this.#directory}/${UPLOAD_PREFIX}${name}.${randomUUID()}`;
    // If that fails, the reason why it has no use any more is what the caller must hear.
    await use(temporary).finally(() => sftp.removeFile(this.#session, temporary).catch(() => undefined));
  }

  async #compare(path: string, shown: string, bytes: Uint8Array): Promise<void> {
    const holds = (handle: sftp.Handle) => holdsExactly(this.#session, handle, bytes);
    if (await withFile(this.#session, path, holds).catch(unreadable(shown))) return;
    throw new DeployError('COPY_DIFFERS', `what was written to ${shown} is not what is read back from there`);
  }

  /** Gives a file that is complete its name. @throws {ModelError} `FILE_EXISTS`. */
  async #publish(temporary: string, path: string, shown: string): Promise<void> {
    await sftp.makeHardLink(this.#session, temporary, path).catch(async (error: unknown) => {
      // The protocol has no word for 'there is one'.
      const there = await sftp.lstatOf(this.#session, path).catch(refused(undefined));
      if (there !== undefined) throw new ModelError('FILE_EXISTS', `cannot write ${shown}: file already exists`);
      throw error;
    });
    await this.#sync().catch(async (error: unknown) => {
      await sftp.removeFile(this.#session, path).catch(() => undefined);
      throw error;
    });
  }

  /** @throws {DeployError} `NO_SPACE`, if that is why something was not written; the error as it is, if not. */
  async #blameSpace(error: unknown, shown: string, neededBytes: number): Promise<never> {
    const space = error instanceof StatusError ? await this.#freeSpace().catch(refused(undefined)) : undefined;
    if (space === undefined || (space.freeBytes >= neededBytes && space.hasFreeFiles)) throw error;
    const found = `${space.freeBytes} bytes are free${space.hasFreeFiles ? '' : ', and room for no file more'}`;
    const sentence = `cannot write ${shown}: no space is left; ${found}, ${neededBytes} more were needed`;
    throw new DeployError('NO_SPACE', sentence, { cause: error });
  }

  async #freeSpace(): Promise<sftp.FreeSpace | undefined> {
    if (!hasExtension(this.#session, 'statvfs@openssh.com')) return undefined;
    return sftp.freeSpaceOf(this.#session, this.#directory);
  }

  /** Makes new names last over a loss of power. */
  async #sync(): Promise<void> {
    if (this.lasting) await syncDirectory(this.#session, this.#directory);
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

/** Whether files and the directory itself can be written through. */
async function canSync(session: SftpSession, directory: string): Promise<boolean> {
  if (!hasExtension(session, 'fsync@openssh.com')) return false;
  const synced = syncDirectory(session, directory).then(() => true);
  return synced.catch(refused(false));
}
