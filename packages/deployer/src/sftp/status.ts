import { type FieldReader, MAX_TEXT_BYTES } from './packet-fields.ts';

/** What the other side can say of a request that is not answered with what it asked for. */
export const STATUS = {
  ok: 0,
  endOfFile: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
} as const;

const SENTENCES: Readonly<Record<number, string>> = {
  [STATUS.endOfFile]: 'there is nothing more to read',
  [STATUS.noSuchFile]: 'no such file or directory',
  [STATUS.permissionDenied]: 'permission denied',
  [STATUS.badMessage]: 'not a name or an argument that the other side takes',
  [STATUS.unsupported]: 'the other side cannot do that',
};

/** So much of the other side's own words is repeated, in characters. */
const MAX_WORDS = 200;

/** The other side did not do what was asked; the connection is as good as before. Does not leave this package's files. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  /** One of {@link STATUS}, or what a later version may have. */
  readonly status: number;

  constructor(status: number, words = '') {
    super(SENTENCES[status] ?? `the other side says only '${printable(words, MAX_WORDS)}'`);
    this.status = status;
  }
}

/** @throws {StatusError} unless the status is ok. */
export function readStatus(reply: FieldReader): void {
  const status = reply.uint32();
  // Before version 3 there were no words, and some servers still leave them out.
  const words = reply.isAtEnd ? '' : reply.text(MAX_TEXT_BYTES);
  if (status !== STATUS.ok) throw new StatusError(status, words);
}

/** Text of the other side as one line that does nothing to a terminal. */
export function printable(text: string, maxLength: number): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}
