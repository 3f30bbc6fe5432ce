import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { FileIdentity } from '@edgewood/models';
import { absentOr, refused, unreadable } from './file-errors.ts';
import * as sftp from './sftp-requests.ts';
import type { SftpSession } from './sftp-session.ts';
import { withFile } from './whole-files.ts';

/** So much at the beginning and at the end of a file is part of its identity, in bytes. */
const SAMPLE_BYTES = 32 * 1024;

/**
 * What is behind a name of a directory, as `ModelFiles.identify` says.
 *
 * The content is told apart by its size, its time of writing in whole seconds, and its first and last 32 kB, because SFTP
 * tells no more of a file: what has the same of all these is missed. Where it cannot be opened, the first two must do.
 *
 * @param shown the file for people.
 * @throws {ModelError} `FILE_UNREADABLE`.
 */
export async function identifyFile(
  session: SftpSession,
  directory: string,
  name: string,
  shown: string,
): Promise<FileIdentity | undefined> {
  const path = `${directory}/${name}`;
  const absent = absentOr(unreadable(shown));
  const own = await sftp.lstatOf(session, path).catch(absent);
  if (own === undefined) return undefined;
  const link = own.kind === 'link' ? await sftp.readLink(session, path).catch(absent) : undefined;
  // Other programs may remove a link and make it anew, so it can be gone by now.
  if (own.kind === 'link' && link === undefined) return undefined;
  const target = link === undefined ? undefined : await nameOf(session, directory, link);
  const found = await sftp.statOf(session, path).catch(absent);
  if (found === undefined) return { target, content: '', sizeBytes: 0 };
  const sample = found.kind === 'file' ? await sampleOf(session, path, found.sizeBytes) : '';
  return { target, content: [found.sizeBytes, found.modifiedS, sample].join(':'), sizeBytes: found.sizeBytes };
}

/** A link made by hand may lead to its target by any path; inside the directory the name is enough. */
async function nameOf(session: SftpSession, directory: string, target: string): Promise<string> {
  if (target === posix.basename(target)) return target;
  const folder = target.startsWith('/') ? posix.dirname(target) : `${directory}/${posix.dirname(target)}`;
  const [own, other] = await Promise.all(
    [directory, folder].map((path) => sftp.realPathOf(session, path).catch(refused(undefined))),
  );
  return own !== undefined && own === other ? posix.basename(target) : target;
}

async function sampleOf(session: SftpSession, path: string, sizeBytes: number): Promise<string> {
  const offsets = sizeBytes > SAMPLE_BYTES ? [0, sizeBytes - SAMPLE_BYTES] : [0];
  const sampled = withFile(session, path, async (handle) => {
    const pieces = offsets.map((offset) => sftp.readAt(session, handle, offset, SAMPLE_BYTES));
    const hash = createHash('sha256');
    for (const piece of await Promise.all(pieces)) hash.update(piece ?? '');
    return hash.digest('hex');
  });
  return sampled.catch(refused(''));
}
