import { type FieldReader, malformed, uint32 } from './packet-fields.ts';

const HAS = { size: 1, owner: 2, permissions: 4, times: 8, extended: 0x80000000 } as const;
const KIND_BITS = 0o170000;
const KINDS: ReadonlyMap<number, FileKind> = new Map([
  [0o100000, 'file'],
  [0o120000, 'link'],
  [0o040000, 'directory'],
]);
/** More further attributes no file has. */
const MAX_EXTENDED = 64;

export type FileKind = 'file' | 'link' | 'directory' | 'other';

/** What SFTP version 3 tells of a file. */
export interface FileAttributes {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  /** Unix time in whole seconds: more version 3 does not have. Undefined if it was not told. */
  readonly modifiedS: number | undefined;
}

/** @throws {DeployError} `SFTP_UNUSABLE`, also if kind or size are not told. */
export function readAttributes(reply: FieldReader): FileAttributes {
  const flags = reply.uint32();
  const has = (flag: number) => (flags & flag) !== 0;
  const sizeBytes = has(HAS.size) ? reply.uint64() : undefined;
  if (has(HAS.owner)) [reply.uint32(), reply.uint32()];
  const mode = has(HAS.permissions) ? reply.uint32() : undefined;
  const modifiedS = has(HAS.times) ? [reply.uint32(), reply.uint32()][1] : undefined;
  if (has(HAS.extended)) skipExtended(reply);
  if (sizeBytes === undefined || mode === undefined) throw malformed('a file without its size or its kind');
  return { kind: KINDS.get(mode & KIND_BITS) ?? 'other', sizeBytes, modifiedS };
}

/** The attributes of a file that is made: only its permissions, which the other side's umask lessens. */
export function permissionsOf(mode: number): Uint8Array {
  return Buffer.concat([uint32(HAS.permissions), uint32(mode)]);
}

/** Reads over attributes whose content is of no interest, such as those in a listing. @throws {DeployError} */
export function skipAttributes(reply: FieldReader): void {
  const flags = reply.uint32();
  const words = ((flags & HAS.size) !== 0 ? 2 : 0) + ((flags & HAS.owner) !== 0 ? 2 : 0);
  const more = ((flags & HAS.permissions) !== 0 ? 1 : 0) + ((flags & HAS.times) !== 0 ? 2 : 0);
  for (let word = 0; word < words + more; word++) reply.uint32();
  if ((flags & HAS.extended) !== 0) skipExtended(reply);
}

function skipExtended(reply: FieldReader): void {
  const count = reply.uint32();
  if (count > MAX_EXTENDED) throw malformed(`a file with ${count} further attributes`);
  for (let at = 0; at < count; at++) [reply.text(), reply.text()];
}
