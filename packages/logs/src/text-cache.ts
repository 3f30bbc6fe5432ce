/** Slots of a {@link TextCache}; a power of two. */
const SLOTS = 1024;
/** Longer texts are decoded each time. */
const MAX_CACHED_BYTES = 64;

interface CachedText {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Decodes UTF-8 and gives the same string object for the same bytes, for columns of few distinct values.
 *
 * Memory is bounded: each text has one slot, chosen by its hash, and a newcomer takes the slot over.
 */
export class TextCache {
  readonly #slots: (CachedText | undefined)[] = new Array(SLOTS);

  /** The text at `[start, end)`; bytes that are not UTF-8 become U+FFFD. */
  text(bytes: Buffer, start: number, end: number): string {
    if (end === start) return '';
    if (end - start > MAX_CACHED_BYTES) return bytes.toString('utf8', start, end);
    const slot = hashOf(bytes, start, end) & (SLOTS - 1);
    const cached = this.#slots[slot];
    if (cached !== undefined && isAt(bytes, start, end, cached.bytes)) return cached.text;
    const text = bytes.toString('utf8', start, end);
    this.#slots[slot] = { bytes: new Uint8Array(bytes.subarray(start, end)), text };
    return text;
  }
}

/** FNV-1a, 32 bits. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function isAt(bytes: Buffer, start: number, end: number, expected: Uint8Array): boolean {
  if (end - start !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) {
    if (bytes[start + i] !== expected[i]) return false;
  }
  return true;
}
