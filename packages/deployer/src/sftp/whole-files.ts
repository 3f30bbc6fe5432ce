/** Files from their opening to their closing. All throw `StatusError` if it was not done. */
import { writeAll } from './file-transfer.ts';
import * as sftp from './sftp-requests.ts';
import type { SftpSession } from './sftp-session.ts';

/** More names of a directory are not taken. */
const MAX_NAMES = 100_000;

/** Opens a file, does something with it, and closes it. */
export async function withFile<T>(
  session: SftpSession,
  path: string,
  use: (handle: sftp.Handle) => Promise<T>,
): Promise<T> {
  const handle = await sftp.openForReading(session, path);
  return use(handle).finally(() => closeQuietly(session, handle));
}

/**
 * Writes a file that must not be there yet.
 *
 * @param lasting whether it is to be on the medium when this returns.
 * @param onProgress as in {@link writeAll}.
 */
export async function writeNewFile(
  session: SftpSession,
  path: string,
  bytes: Uint8Array,
  lasting: boolean,
  onProgress: (sentBytes: number) => void = () => undefined,
): Promise<void> {
  const handle = await sftp.openNew(session, path);
  try {
    await writeAll(session, handle, bytes, onProgress);
    if (lasting) await sftp.syncHandle(session, handle);
  } catch (error) {
    await closeQuietly(session, handle);
    throw error;
  }
  // Some file systems tell only now that there was no space.
  await sftp.closeHandle(session, handle);
}

/**
 * Writes a directory's names through to the medium. SFTP has no way to do that, but where a directory can be opened like a
 * file, as on Linux, it can be synced like one.
 */
export async function syncDirectory(session: SftpSession, path: string): Promise<void> {
  await withFile(session, path, (handle) => sftp.syncHandle(session, handle));
}

/** All names in a directory that could be those of files, hidden ones too, in no order. */
export async function namesIn(session: SftpSession, path: string): Promise<readonly string[]> {
  const handle = await sftp.openDirectory(session, path);
  const names: string[] = [];
  try {
    for (;;) {
      const some = await sftp.readNames(session, handle);
      if (some === undefined) return names;
      names.push(...some.filter((name) => name !== '' && !/[/\0]/.test(name)));
      if (names.length > MAX_NAMES) throw session.refuse(`more than ${MAX_NAMES} names of one directory`);
    }
  } finally {
    await closeQuietly(session, handle);
  }
}

/** Nothing hangs on whether it could be closed; and if the connection is lost, that is known already. */
async function closeQuietly(session: SftpSession, handle: sftp.Handle): Promise<void> {
  await sftp.closeHandle(session, handle).catch(() => undefined);
}
