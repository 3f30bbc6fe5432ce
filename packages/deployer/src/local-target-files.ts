import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, readdir, readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentName, type FileIdentity, LocalModelFiles, ModelError } from '@edgewood/models';
import { DeployError } from './errors.ts';
import { type TargetFiles, UPLOAD_PREFIX } from './target-files.ts';

/** So much is written at once, so that progress is told. */
const CHUNK_BYTES = 256 * 1024;

/** Model files in a directory of this machine, which may be one that is mounted from elsewhere. */
export class LocalTargetFiles implements TargetFiles {
  readonly location: string;
  readonly lasting = true;
  readonly #files: LocalModelFiles;

  constructor(directory: string) {
    this.location = directory;
    this.#files = new LocalModelFiles(directory, UPLOAD_PREFIX);
  }

  list(): Promise<readonly string[]> {
    return this.#files.list();
  }

  read(name: string, maxBytes?: number): Promise<Uint8Array> {
    return this.#files.read(name, maxBytes);
  }

  write(name: string, bytes: Uint8Array): Promise<void> {
    return this.#files.write(name, bytes);
  }

  replaceFile(name: string, bytes: Uint8Array, lasting?: boolean): Promise<void> {
    return this.#files.replaceFile(name, bytes, lasting);
  }

  remove(name: string): Promise<void> {
    return this.#files.remove(name);
  }

  replaceLink(name: string, target: string): Promise<void> {
    return this.#files.replaceLink(name, target);
  }

  identify(name: string): Promise<FileIdentity | undefined> {
    return this.#files.identify(name);
  }

  watch(onChange: () => void, signal: AbortSignal): void {
    this.#files.watch(onChange, signal);
  }

  async freeBytes(): Promise<number> {
    const { bsize, bavail } = await statfs(this.location).catch(unreadable(this.location));
    return bsize * bavail;
  }

  async writeVerified(
    name: string,
    bytes: Uint8Array,
    onProgress: (sentBytes: number) => void = () => undefined,
  ): Promise<void> {
    await this.#files.identify(name); // refuses a name that leads out of the directory
    const path = join(this.location, name);
    const temporary = join(this.location, `${UPLOAD_PREFIX}${name}.${randomUUID()}`);
    try {
      await writeNew(temporary, bytes, onProgress).catch(unwritable(path));
      const found = await readFile(temporary).catch(unreadable(path));
      if (Buffer.compare(found, bytes) !== 0) {
        throw new DeployError('COPY_DIFFERS', `what was written to ${path} is not what is read back from there`);
      }
      // A hard link, unlike a rename, refuses to replace what is there.
      await link(temporary, path).catch(unwritable(path));
    } finally {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
    await this.#sync(path);
  }

  async removeLeftovers(agent: AgentName): Promise<readonly string[]> {
    const names = await readdir(this.location).catch(unreadable(this.location));
    const leftovers = names.filter((name) => name.startsWith(`${UPLOAD_PREFIX}${agent}_`)).sort();
    for (const name of leftovers) {
      const path = join(this.location, name);
      await rm(path, { force: true }).catch(unwritable(path));
    }
    return leftovers;
  }

  async close(): Promise<void> {}

  /** Makes the new name last over a loss of power; what does not last is not left. */
  async #sync(path: string): Promise<void> {
    const directory = await open(this.location).catch(unwritable(path));
    await directory
      .sync()
      .finally(() => directory.close())
      .catch(async (error: unknown) => {
        await rm(path, { force: true }).catch(() => undefined);
        return unwritable(path)(error);
      });
  }
}

async function writeNew(path: string, bytes: Uint8Array, onProgress: (sentBytes: number) => void): Promise<void> {
  const file = await open(path, 'wx', 0o644);
  try {
    for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
      const end = Math.min(offset + CHUNK_BYTES, bytes.length);
      await writeWhole(file, bytes.subarray(offset, end));
      onProgress(end);
    }
    if (bytes.length === 0) onProgress(0);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The system may take less than it is given, such as the last bytes before a disk is full. */
async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}

function unreadable(path: string): (error: unknown) => never {
  return (error) => {
    throw new ModelError('FILE_UNREADABLE', `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  };
}

/** Passes on what is not the system's, such as what a listener to progress throws. */
function unwritable(path: string): (error: unknown) => never {
  return (error) => {
    const code = error instanceof Error && 'syscall' in error && 'code' in error ? error.code : undefined;
    if (code === undefined) throw error;
    const sentence = `cannot write ${path}: ${reasonOf(error)}`;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new DeployError('NO_SPACE', sentence, { cause: error });
    throw new ModelError(code === 'EEXIST' ? 'FILE_EXISTS' : 'FILE_UNWRITABLE', sentence, { cause: error });
  };
}

/** The system's sentence without the call and the path: the message says those better. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, [a-z]+ '.*$/, '') : String(error);
}
