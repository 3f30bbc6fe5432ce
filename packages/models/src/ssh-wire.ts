/**
 * How SSH writes its data (RFC 4251, section 5), as far as keys and ssh-agents need it: numbers of four bytes, the highest
 * first, and strings, which are bytes after their length.
 */

/** A number from 0 to 2^32 - 1 in its four bytes. */
export function sshNumber(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The bytes after their length; a text is written in UTF-8. */
export function sshString(content: Uint8Array | string): Uint8Array {
  const bytes = Buffer.from(content);
  return Buffer.concat([sshNumber(bytes.length), bytes]);
}

/** What is left of data that is read from its beginning. A `RangeError` says that it ends too early. */
export class SshReader {
  #rest: Buffer;

  constructor(bytes: Uint8Array) {
    this.#rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes have not been read. */
  get restBytes(): number {
    return this.#rest.length;
  }

  byte(): number {
    return this.#take(1).readUInt8();
  }

  number(): number {
    return this.#take(4).readUInt32BE();
  }

  string(): Uint8Array {
    return this.#take(this.number());
  }

  #take(count: number): Buffer {
    if (count > this.#rest.length) throw new RangeError(`${count} bytes expected, ${this.#rest.length} are left`);
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }
}
