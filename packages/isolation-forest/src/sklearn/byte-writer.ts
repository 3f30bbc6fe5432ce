/** Bytes written one after another into memory that grows as needed. Numbers are little-endian unless told otherwise. */
export class ByteWriter {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  /** Number of bytes written so far, that is the offset of the next one. */
  get length(): number {
    return this.#length;
  }

  /** Appends bytes, each in `[0, 255]`. */
  write(bytes: ArrayLike<number>): void {
    const start = this.#reserve(bytes.length);
    this.#bytes.set(bytes, start);
  }

  /** Appends an unsigned integer of 2 or 4 bytes, or a signed one in two's complement. */
  writeInteger(value: number, sizeBytes: 2 | 4): void {
    const start = this.#reserve(sizeBytes);
    for (let index = 0; index < sizeBytes; index++) this.#bytes[start + index] = (value >>> (8 * index)) & 0xff;
  }

  /** Appends a float of 8 bytes, big-endian as Python's pickle has it. */
  writeFloat64BigEndian(value: number): void {
    const start = this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(start, value, false);
  }

  /** A copy of all that was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room for so many bytes at the end and returns where they begin. */
  #reserve(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return start;
  }
}
