import { randomUUID } from 'node:crypto';
import { constants, watch } from 'node:fs';
import {
  type FileHandle,
  link,
  lstat,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ModelError } from './errors.ts';
import { type FileIdentity, MAX_FILE_BYTES, type ModelFiles } from './model-files.ts';

/** Names that begin so belong to a write or a switch under way, or to one that was cut off; also those of other programs. */
const TEMPORARY = '.edgewood-';

/** A temporary file so old belongs to nobody any more, in milliseconds: one hour. */
const ABANDONED_MS = 3_600_000;

/** Model files in a directory of this machine, which must be there and allow hard and symbolic links. */
export class LocalModelFiles implements ModelFiles {
  readonly location: string;
  readonly #prefix: string;

  /** @param prefix how temporary names begin, to tell them from those of others; itself it begins with `.edgewood-`. */
  constructor(directory: string, prefix: string = TEMPORARY) {
    this.location = directory;
    this.#prefix = prefix;
  }

  async list(): Promise<readonly string[]> {
    const names = await readdir(this.location).catch(unreadable(this.location));
    return names.filter((name) => !name.startsWith('.')).sort();
  }

  async read(name: string, maxBytes: number = MAX_FILE_BYTES): Promise<Uint8Array> {
    const path = this.#path(name);
    // Without O_NONBLOCK a named pipe would be waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(unreadable(path));
    try {
      const found = await file.stat().catch(unreadable(path));
      if (!found.isFile()) throw new ModelError('FILE_UNREADABLE', `cannot read ${path}: it is not a file`);
      if (found.size > maxBytes) {
        throw new ModelError('FILE_TOO_LARGE', `${path} has ${found.size} bytes; at most ${maxBytes} are read`);
      }
      return await readUpTo(file, found.size).catch(unreadable(path));
    } finally {
      await file.close();
    }
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(name);
    await this.#removeAbandoned();
    const temporary = this.#temporary(name);
    try {
      const file = await open(temporary, 'wx', 0o644).catch(unwritable(path));
      await writeAndClose(file, bytes, true).catch(unwritable(path));
      // A hard link, unlike a rename, refuses to replace what is there.
      await link(temporary, path).catch(unwritable(path));
    } finally {
      await this.#discard(temporary);
    }
    await this.#sync().catch(async (error: unknown) => {
      await this.#discard(path);
      throw error;
    });
  }

  async replaceFile(name: string, bytes: Uint8Array, lasting = true): Promise<void> {
    const path = this.#path(name);
    const temporary = this.#temporary(name);
    try {
      const file = await open(temporary, 'wx', 0o644).catch(unwritable(path));
      // Whatever the umask: the service and whoever deploys may be two accounts, and read of each other what is written here.
      // A file system without permissions has none to give.
      await file.chmod(0o644).catch(() => undefined);
      await writeAndClose(file, bytes, lasting).catch(unwritable(path));
      await rename(temporary, path).catch(unwritable(path));
    } finally {
      await this.#discard(temporary);
    }
    if (lasting) await this.#sync();
  }

  async remove(name: string): Promise<void> {
    const path = this.#path(name);
    await rm(path, { force: true }).catch(unwritable(path));
  }

  async replaceLink(name: string, target: string): Promise<void> {
    const path = this.#path(name);
    const temporary = this.#temporary(name);
    try {
      await symlink(target, temporary).catch(unwritable(path));
      await rename(temporary, path).catch(unwritable(path));
    } finally {
      await this.#discard(temporary);
    }
    await this.#sync();
  }

  async identify(name: string): Promise<FileIdentity | undefined> {
    const path = this.#path(name);
    const own = await lstat(path).catch(absentOr(unreadable(path)));
    if (own === undefined) return undefined;
    // Other programs may remove a link and make it anew, so it can be gone by now.
    const link = own.isSymbolicLink() ? await readlink(path).catch(absentOr(unreadable(path))) : undefined;
    if (own.isSymbolicLink() && link === undefined) return undefined;
    const target = link === undefined ? undefined : await this.#nameOf(link);
    const found = await stat(path, { bigint: true }).catch(absentOr(unreadable(path)));
    if (found === undefined) return { target, content: '', sizeBytes: 0 };
    const content = [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':');
    return { target, content, sizeBytes: Number(found.size) };
  }

  watch(onChange: () => void, signal: AbortSignal): void {
    try {
      const watcher = watch(this.location, { persistent: false, signal }, () => onChange());
      watcher.on('error', () => watcher.close());
    } catch {
      // The directory is not there, the system cannot do it, or has no watch left: then nothing is told.
    }
  }

  #path(name: string): string {
    if (name === basename(name) && name !== '' && !name.startsWith('.')) return join(this.location, name);
    throw new ModelError('BAD_NAME', `'${name}' is no name of a file in ${this.location}`);
  }

  #temporary(name: string): string {
    return join(this.location, `${this.#prefix}${name}.${randomUUID()}`);
  }

  /** A link made by hand may lead to its target by any path; inside this directory the name is enough. */
  async #nameOf(target: string): Promise<string> {
    if (target === basename(target)) return target;
    const [directory, own] = await Promise.all([
      realpath(dirname(resolve(this.location, target))).catch(() => undefined),
      realpath(this.location).catch(() => undefined), // it may have been taken away since
    ]);
    return own !== undefined && own === directory ? basename(target) : target;
  }

  /** Removes what has no use any more; if that fails, the reason why it has none is what the caller must hear. */
  async #discard(path: string): Promise<void> {
    await rm(path, { force: true }).catch(() => undefined);
  }

  /** Removes what writes left that were cut off, by a loss of power for example. */
  async #removeAbandoned(): Promise<void> {
    const names = await readdir(this.location).catch(unwritable(this.location));
    for (const name of names.filter((found) => found.startsWith(TEMPORARY))) {
      const path = join(this.location, name);
      const found = await lstat(path).catch(() => undefined);
      if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS) await this.#discard(path);
    }
  }

  /** Makes new names last over a loss of power. */
  async #sync(): Promise<void> {
    const directory = await open(this.location, constants.O_RDONLY).catch(unwritable(this.location));
    await directory
      .sync()
      .finally(() => directory.close())
      .catch(unwritable(this.location));
  }
}

/** What is there, but no more than that: a file may grow while it is read, and one that has no size may never end. */
async function readUpTo(file: FileHandle, sizeBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  let length = 0;
  while (length < sizeBytes) {
    const { bytesRead } = await file.read(bytes, length, sizeBytes - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

async function writeAndClose(file: FileHandle, bytes: Uint8Array, lasting: boolean): Promise<void> {
  try {
    await file.writeFile(bytes);
    if (lasting) await file.sync();
  } finally {
    await file.close();
  }
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Nothing there, or a circle of links. */
function absentOr(otherwise: (error: unknown) => never): (error: unknown) => undefined {
  return (error) => (systemCode(error) === 'ENOENT' || systemCode(error) === 'ELOOP' ? undefined : otherwise(error));
}

function unreadable(path: string): (error: unknown) => never {
  return (error) => {
    throw new ModelError('FILE_UNREADABLE', `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  };
}

function unwritable(path: string): (error: unknown) => never {
  return (error) => {
    const code = systemCode(error) === 'EEXIST' ? 'FILE_EXISTS' : 'FILE_UNWRITABLE';
    throw new ModelError(code, `cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  };
}

/** The system's sentence without the call and the path: the message says those better. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, [a-z]+ '.*$/, '') : String(error);
}
