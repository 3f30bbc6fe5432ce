/**
 * The content policy decides, at every look at the model directory, whether to read the files or to take it that they hold
 * what they held. Pure.
 *
 * A changed identity is always a reason to read. An unchanged one is almost always true; not where times are coarse (FAT
 * counts in steps of two seconds) or made up, so a file that is young is read at every look, and any file now and then.
 */

/** What the files held when they were last read. */
export interface ContentReading {
  readonly identity: string;
  readonly content: string;
  /** When this content was first seen under this identity, in milliseconds of the clock. */
  readonly sinceMs: number;
  /** When it was read last. */
  readonly atMs: number;
}

/** One look at the directory, before anything is read. */
export interface ContentLook {
  readonly identity: string;
  readonly nowMs: number;
  /** Somebody asks for this look. */
  readonly asked: boolean;
}

/** For how long a content is young, and after what time any is read again, in milliseconds. */
export const CONTENT_CHECK = { youngMs: 5_000, everyMs: 60_000 };

/** @param last the last reading; undefined before the first. */
export function isReadingDue(last: ContentReading | undefined, { identity, nowMs, asked }: ContentLook): boolean {
  if (asked || last === undefined || last.identity !== identity) return true;
  return nowMs - last.sinceMs < CONTENT_CHECK.youngMs || nowMs - last.atMs >= CONTENT_CHECK.everyMs;
}

/** The reading after the files were found to hold `content` at a look. */
export function nextReading(
  last: ContentReading | undefined,
  { identity, nowMs }: ContentLook,
  content: string,
): ContentReading {
  const isSame = last?.identity === identity && last.content === content;
  return { identity, content, sinceMs: isSame ? last.sinceMs : nowMs, atMs: nowMs };
}
