import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LogError } from './errors.ts';

/**
 * A file that comes into being whole or not at all: it is written under a temporary name beside the final one, and gets
 * that by a rename when it is complete and safe on the disk. Until then a file of the final name stays as it was.
 *
 *     create → write … → complete → commit
 *        └────────┴─────────┴───→ discard (does nothing after commit)
 *
 * All methods but `discard` throw `FILE_UNWRITABLE`.
 */
export class PendingFile {
  readonly #path: string;
  readonly #temporaryPath: string;
  #handle: FileHandle | undefined;
  #committed = false;

  private constructor(path: string) {
    this.#path = path;
    this.#temporaryPath = `${path}.${randomBytes(4).toString('hex')}.part`;
  }

  static async create(path: string): Promise<PendingFile> {
    const file = new PendingFile(path);
    await file.#do(async () => {
      file.#handle = await open(file.#temporaryPath, 'wx');
    });
    return file;
  }

  /** Appends bytes, all of them. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#do(() => this.#handle!.writeFile(bytes));
  }

  /** Ends the writing; the bytes are on the disk afterwards. */
  complete(): Promise<void> {
    return this.#do(async () => {
      await this.#handle!.sync();
      await this.#close();
    });
  }

  /** Gives the file its name, and replaces the one that has it. */
  commit(): Promise<void> {
    return this.#do(async () => {
      await rename(this.#temporaryPath, this.#path);
      this.#committed = true;
      await syncFolder(dirname(this.#path));
    });
  }

  /** Removes what was written, unless it has been committed. */
  async discard(): Promise<void> {
    await this.#close().catch(() => {});
    if (!this.#committed) await rm(this.#temporaryPath, { force: true }).catch(() => {});
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #do(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      throw new LogError('FILE_UNWRITABLE', `cannot write ${this.#path}: ${(cause as Error).message}`, { cause });
    }
  }
}

/** Makes a rename last through a power cut. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
