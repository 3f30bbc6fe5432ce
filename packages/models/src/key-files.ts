/** Keys in files: a private one is for its owner's eyes alone, or it is not taken. */
import { generateKeyPairSync } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ModelError } from './errors.ts';
import { parseSigningKey, type SigningKey, type TrustedKey, trustedKeyOf } from './signing-keys.ts';

/** Largest file of keys that is read, in bytes: a hundred public keys take a fifth of it. */
export const MAX_KEY_FILE_BYTES = 64 * 1024;

/** Permission bits that let others than the owner at a file. */
const OTHERS = 0o077;

/** What a file of keys holds, and who may get at it. */
export interface KeyFile {
  readonly text: string;
  /** Whether others than its owner may read, write or run it. */
  readonly isExposed: boolean;
}

/**
 * Reads a file of keys, following links.
 *
 * @throws {ModelError} `FILE_UNREADABLE`, `FILE_TOO_LARGE`.
 */
export async function readKeyFile(path: string): Promise<KeyFile> {
  // Without O_NONBLOCK a named pipe would be waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(unreadable(path));
  try {
    const { mode, size } = await file.stat().then((found) => {
      if (found.isFile()) return found;
      throw new ModelError('FILE_UNREADABLE', `cannot read ${path}: it is not a file`);
    });
    if (size > MAX_KEY_FILE_BYTES) {
      throw new ModelError(
        'FILE_TOO_LARGE',
        `${path} has ${size} bytes; of keys at most ${MAX_KEY_FILE_BYTES} are read`,
      );
    }
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0).catch(unreadable(path));
    return { text: buffer.toString('utf8', 0, bytesRead), isExposed: (mode & OTHERS) !== 0 };
  } finally {
    await file.close();
  }
}

/**
 * Reads a private key from a file that nobody but its owner may read or write (mode 600 or 400).
 *
 * @throws {ModelError} `EXPOSED_KEY`, before the key is looked at; as {@link readKeyFile} and {@link parseSigningKey}.
 */
export async function readSigningKey(path: string): Promise<SigningKey> {
  const { text, isExposed } = await readKeyFile(path);
  if (!isExposed) return parseSigningKey(text, path);
  throw new ModelError(
    'EXPOSED_KEY',
    `others than its owner may get at the private key in ${path}: chmod 600 ${path}, and make a new key if they may have`,
  );
}

/**
 * Makes a new Ed25519 key: the private half in `path` (PKCS #8 in PEM, mode 600), the public one in `path`.pub. Both last
 * when this returns; if it fails, neither is there.
 *
 * @throws {ModelError} `FILE_EXISTS`: nothing is ever overwritten; `FILE_UNWRITABLE`.
 */
export async function createKeyFiles(path: string): Promise<TrustedKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const files = [
    { name: path, text: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), mode: 0o600 },
    { name: `${path}.pub`, text: publicKey.export({ type: 'spki', format: 'pem' }).toString(), mode: 0o644 },
  ];
  const written: string[] = [];
  try {
    for (const { name, text, mode } of files) {
      await writeNewFile(name, text, mode);
      written.push(name);
    }
    await syncDirectory(dirname(path));
  } catch (error) {
    for (const name of written) await discard(name);
    throw error;
  }
  return trustedKeyOf(publicKey);
}

async function writeNewFile(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode).catch(unwritable(path));
  try {
    await writeAndClose(file, text);
  } catch (error) {
    await discard(path);
    unwritable(path)(error);
  }
}

/** Removes what has no use; if that fails, the reason why it has none is what the caller must hear. */
async function discard(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

async function writeAndClose(file: FileHandle, text: string): Promise<void> {
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY).catch(unwritable(path));
  await directory
    .sync()
    .finally(() => directory.close())
    .catch(unwritable(path));
}

function unreadable(path: string): (error: Error) => never {
  return (error) => {
    throw new ModelError('FILE_UNREADABLE', `cannot read ${path}: ${error.message}`, { cause: error });
  };
}

function unwritable(path: string): (error: unknown) => never {
  return (error) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new ModelError('FILE_EXISTS', `${path} is there already; a key is never overwritten`, { cause: error });
    }
    throw new ModelError('FILE_UNWRITABLE', `cannot write ${path}: ${message}`, { cause: error });
  };
}
