/**
 * One function for each request of SFTP version 3 and of OpenSSH's extensions that a deployment needs. Paths are the other
 * side's, absolute or relative to where it begins. All throw `StatusError` if it was not done, `DeployError` if the session
 * is over.
 */
import { type FileAttributes, permissionsOf, readAttributes, skipAttributes } from './attributes.ts';
import { type FieldReader, malformed, PACKET, string, uint32, uint64 } from './packet-fields.ts';
import type { SftpSession } from './sftp-session.ts';
import { readStatus, STATUS, StatusError } from './status.ts';

/** What the other side calls an open file or directory; opaque. */
export type Handle = Uint8Array & { readonly __handle: unique symbol };

/** Extensions, by the version of each that is spoken here. */
export const EXTENSIONS = {
  'posix-rename@openssh.com': '1',
  'hardlink@openssh.com': '1',
  'fsync@openssh.com': '1',
  'statvfs@openssh.com': '2',
} as const;

/** Longer handles the protocol does not have, in bytes. */
const MAX_HANDLE_BYTES = 256;
const OPEN_FOR_READING = 0x01;
/** To write, made anew, and refused if there is one. */
const OPEN_NEW = 0x02 | 0x08 | 0x20;
const FILE_MODE = 0o644;
/** Slow flash may need minutes to take in what was written fast: so many times what other requests may take. */
const PATIENCE_WITH_FSYNC = 10;

export async function openForReading(session: SftpSession, path: string): Promise<Handle> {
  const fields = [string(path), uint32(OPEN_FOR_READING), uint32(0)];
  return session.request(PACKET.open, fields, PACKET.handle, readHandle);
}

/** Makes a file to write to; fails if there is anything of this name. */
export async function openNew(session: SftpSession, path: string): Promise<Handle> {
  const fields = [string(path), uint32(OPEN_NEW), permissionsOf(FILE_MODE)];
  return session.request(PACKET.open, fields, PACKET.handle, readHandle);
}

export async function closeHandle(session: SftpSession, handle: Handle): Promise<void> {
  await session.request(PACKET.close, [string(handle)], PACKET.status, readStatus);
}

/** At least one byte, at most `maxBytes`; undefined at the end of the file. */
export async function readAt(
  session: SftpSession,
  handle: Handle,
  offset: number,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const fields = [string(handle), uint64(offset), uint32(maxBytes)];
  return session.request(PACKET.read, fields, PACKET.data, (reply) => dataOf(reply, maxBytes)).catch(atEnd);
}

export async function writeAt(session: SftpSession, handle: Handle, offset: number, bytes: Uint8Array): Promise<void> {
  await session.request(PACKET.write, [string(handle), uint64(offset), string(bytes)], PACKET.status, readStatus);
}

/** What is behind a path, following links. */
export async function statOf(session: SftpSession, path: string): Promise<FileAttributes> {
  return session.request(PACKET.stat, [string(path)], PACKET.attrs, readAttributes);
}

/** What a path itself is: of a link, the link. */
export async function lstatOf(session: SftpSession, path: string): Promise<FileAttributes> {
  return session.request(PACKET.lstat, [string(path)], PACKET.attrs, readAttributes);
}

export async function fstatOf(session: SftpSession, handle: Handle): Promise<FileAttributes> {
  return session.request(PACKET.fstat, [string(handle)], PACKET.attrs, readAttributes);
}

export async function openDirectory(session: SftpSession, path: string): Promise<Handle> {
  return session.request(PACKET.opendir, [string(path)], PACKET.handle, readHandle);
}

/** Some further names of a directory, at least one; undefined after the last. `.` and `..` may be among them. */
export async function readNames(session: SftpSession, handle: Handle): Promise<readonly string[] | undefined> {
  return session.request(PACKET.readdir, [string(handle)], PACKET.name, namesOf).catch(atEnd);
}

export async function removeFile(session: SftpSession, path: string): Promise<void> {
  await session.request(PACKET.remove, [string(path)], PACKET.status, readStatus);
}

/** The path without links, absolute. What it leads to need not be there. */
export async function realPathOf(session: SftpSession, path: string): Promise<string> {
  return session.request(PACKET.realpath, [string(path)], PACKET.name, onlyNameOf);
}

export async function readLink(session: SftpSession, path: string): Promise<string> {
  return session.request(PACKET.readlink, [string(path)], PACKET.name, onlyNameOf);
}

/**
 * Makes a link `path` that leads to `target`. OpenSSH takes the two the other way round than the draft has them, and so
 * does whoever has its extensions.
 */
export async function makeLink(session: SftpSession, target: string, path: string): Promise<void> {
  await session.request(PACKET.symlink, [string(target), string(path)], PACKET.status, readStatus);
}

/** Gives a file a second name; fails if there is anything of that name, in one step. */
export async function makeHardLink(session: SftpSession, path: string, another: string): Promise<void> {
  await extended(session, 'hardlink@openssh.com', [string(path), string(another)]);
}

/** Renames over what is there, in one step. */
export async function renameOver(session: SftpSession, from: string, to: string): Promise<void> {
  await extended(session, 'posix-rename@openssh.com', [string(from), string(to)]);
}

/** Returns when what was written is on the medium. */
export async function syncHandle(session: SftpSession, handle: Handle): Promise<void> {
  await extended(session, 'fsync@openssh.com', [string(handle)], PATIENCE_WITH_FSYNC);
}

/** What is free for an ordinary account. */
export interface FreeSpace {
  readonly freeBytes: number;
  /** False if no further file can be made, however small; true where their number has no limit. */
  readonly hasFreeFiles: boolean;
}

export async function freeSpaceOf(session: SftpSession, path: string): Promise<FreeSpace> {
  const fields = [string('statvfs@openssh.com'), string(path)];
  return session.request(PACKET.extended, fields, PACKET.extendedReply, (reply) => {
    const [, fragmentBytes = 0, , , available = 0, files = 0, , availableFiles = 0] = Array.from({ length: 11 }, () =>
      reply.uint64(),
    );
    return {
      freeBytes: Math.min(fragmentBytes * available, Number.MAX_SAFE_INTEGER),
      hasFreeFiles: files === 0 || availableFiles > 0,
    };
  });
}

async function extended(
  session: SftpSession,
  name: keyof typeof EXTENSIONS,
  fields: readonly Uint8Array[],
  patience = 1,
): Promise<void> {
  await session.request(PACKET.extended, [string(name), ...fields], PACKET.status, readStatus, patience);
}

function readHandle(reply: FieldReader): Handle {
  // A copy: the packet that it came in may be large and would be kept by it.
  return Uint8Array.from(reply.bytes(MAX_HANDLE_BYTES)) as Handle;
}

function dataOf(reply: FieldReader, maxBytes: number): Uint8Array {
  const data = reply.bytes(maxBytes);
  if (data.length === 0) throw malformed('data without a byte of it');
  return data;
}

function namesOf(reply: FieldReader): readonly string[] {
  const count = reply.uint32();
  if (count === 0) throw malformed('names without one of them');
  const names: string[] = [];
  for (let at = 0; at < count; at++) {
    names.push(reply.text());
    reply.text(); // the same for people, as `ls -l` has it
    skipAttributes(reply);
  }
  return names;
}

function onlyNameOf(reply: FieldReader): string {
  const [name = '', ...more] = namesOf(reply);
  if (name === '' || more.length > 0) throw malformed('not one name where there must be one');
  return name;
}

function atEnd(error: unknown): undefined {
  if (error instanceof StatusError && error.status === STATUS.endOfFile) return undefined;
  throw error;
}
