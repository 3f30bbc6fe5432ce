import { ForestError } from '../errors.ts';

/** Reads bytes from front to back, little-endian unless told otherwise; what does not fit into the rest is `TRUNCATED`. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Offset of the next byte. */
  offset = 0;

  /** Begins at the first byte. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Number of bytes not read yet. */
  get left(): number {
    return this.bytes.length - this.offset;
  }

  /** Passes over `count` bytes and returns the offset at which they begin. */
  skip(count: number): number {
    const start = this.offset;
    if (!(count <= this.left)) {
      const announced = Number.isFinite(count) ? `${count} bytes` : 'more bytes than any file has';
      throw this.#truncated(`${announced} must follow byte ${start}, ${this.left} do`);
    }
    this.offset += count;
    return start;
  }

  /** A view of the next `count` bytes, not a copy. */
  take(count: number): Uint8Array {
    const start = this.skip(count);
    return this.bytes.subarray(start, start + count);
  }

  readUint8(): number {
    return this.bytes[this.skip(1)];
  }

  readUint16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  readInt32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  readUint32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  /** A length of 8 bytes; `Infinity` beyond 2^53, which no file is long enough for. */
  readLength64(): number {
    const start = this.skip(8);
    const length = this.#view.getUint32(start + 4, true) * 2 ** 32 + this.#view.getUint32(start, true);
    return Number.isSafeInteger(length) ? length : Number.POSITIVE_INFINITY;
  }

  /** Big-endian, as pickle has it. */
  readFloat64(): number {
    return this.#view.getFloat64(this.skip(8), false);
  }

  /** The bytes up to the next line feed, which is passed over, as Latin-1 text; `LIMIT` if they exceed `longestBytes`. */
  readLine(longestBytes: number): string {
    const start = this.offset;
    const end = this.bytes.subarray(start, start + longestBytes + 1).indexOf(0x0a);
    if (end < 0 && this.left <= longestBytes) throw this.#truncated(`the line at byte ${start} does not end`);
    if (end < 0) {
      throw new ForestError('LIMIT', `the line at byte ${start} exceeds ${longestBytes} bytes`, { offset: start });
    }
    const text = latin1Of(this.take(end));
    this.skip(1);
    return text;
  }

  #truncated(what: string): ForestError {
    return new ForestError('TRUNCATED', what, { offset: this.offset });
  }
}

/** Fewer characters than a call of a function may have arguments on any platform. */
const PIECE = 8192;

function latin1Of(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += PIECE) {
    const codes: ArrayLike<number> = bytes.subarray(start, start + PIECE);
    pieces.push(String.fromCharCode.apply(undefined, codes as number[])); // to spread them takes six times as long
  }
  return pieces.join('');
}
