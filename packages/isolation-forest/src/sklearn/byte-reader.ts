import { ForestError } from '../errors.ts';

/** Reads a stream of bytes from front to back; whatever does not fit into what is left is `TRUNCATED`. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the next byte is. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** Moves over `count` bytes and returns where they begin. */
  skip(count: number): number {
    if (!(count <= this.left)) {
      throw new ForestError('TRUNCATED', `${count} bytes are announced at byte ${this.at}, ${this.left} are left`, {
        offset: this.at,
      });
    }
    const start = this.at;
    this.at += count;
    return start;
  }

  /** A view of the next `count` bytes, not a copy. */
  take(count: number): Uint8Array {
    const start = this.skip(count);
    return this.bytes.subarray(start, start + count);
  }

  uint8(): number {
    return this.bytes[this.skip(1)];
  }

  uint16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  /** A length of 8 bytes; infinite if it is beyond 2^53, which nothing is long enough for. */
  length64(): number {
    const start = this.skip(8);
    const high = this.#view.getUint32(start + 4, true);
    return high < 2 ** 21 ? high * 2 ** 32 + this.#view.getUint32(start, true) : Number.POSITIVE_INFINITY;
  }

  /** Big-endian, as Python's pickle has it. */
  float64(): number {
    return this.#view.getFloat64(this.skip(8), false);
  }

  /** Bytes up to the next line feed, which is passed over, as Latin-1 text. */
  line(longest: number): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new ForestError('TRUNCATED', `a line at byte ${this.at} does not end`, { offset: this.at });
    if (end - this.at > longest) {
      throw new ForestError('LIMIT', `a line at byte ${this.at} has more than ${longest} bytes`, { offset: this.at });
    }
    let text = '';
    for (let index = this.at; index < end; index++) text += String.fromCharCode(this.bytes[index]);
    this.at = end + 1;
    return text;
  }
}
