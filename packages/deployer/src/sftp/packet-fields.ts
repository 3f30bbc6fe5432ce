/**
 * The packets of SFTP version 3 (draft-ietf-secsh-filexfer-02): a length, a type, and fields one after the other. What
 * comes from the other side is believed in nothing: each length is checked against what is there and what is allowed.
 */
import { DeployError } from '../errors.ts';

/** More bytes a packet does not have, as with OpenSSH: 256 KiB. */
export const MAX_PACKET_BYTES = 256 * 1024;
/** More bytes a name or a path does not have. */
export const MAX_TEXT_BYTES = 4096;

/** Types of packets; those from 101 on are replies. */
export const PACKET = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  opendir: 11,
  readdir: 12,
  remove: 13,
  realpath: 16,
  stat: 17,
  readlink: 19,
  symlink: 20,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 200,
  extendedReply: 201,
} as const;

/** A whole number from 0 to 2³² - 1, as four bytes. */
export function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A whole number from 0 to 2⁵³ - 1, as eight bytes. */
export function uint64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Text (as UTF-8) or bytes, with their length before them. */
export function string(value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** A whole packet of a type below 256. */
export function packetOf(type: number, fields: readonly Uint8Array[]): Uint8Array {
  const sizeBytes = fields.reduce((sum, field) => sum + field.length, 1);
  return Buffer.concat([uint32(sizeBytes), Uint8Array.of(type), ...fields]);
}

/** Takes one field after the other from a packet. @throws {DeployError} `SFTP_UNUSABLE` if it is not there. */
export class FieldReader {
  #rest: Buffer;

  /** @param packet without its length; it is not copied. */
  constructor(packet: Uint8Array) {
    this.#rest = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#rest.length === 0;
  }

  uint8(): number {
    return this.#take(1).readUInt8();
  }

  uint32(): number {
    return this.#take(4).readUInt32BE();
  }

  /** Rounded above 2⁵³. */
  uint64(): number {
    return Number(this.#take(8).readBigUInt64BE());
  }

  /** @param maxBytes more are refused. */
  bytes(maxBytes: number): Uint8Array {
    const length = this.uint32();
    if (length > maxBytes) throw malformed(`a field of ${length} bytes; at most ${maxBytes} are taken`);
    return this.#take(length);
  }

  /** What is no UTF-8 becomes U+FFFD. */
  text(maxBytes: number = MAX_TEXT_BYTES): string {
    return Buffer.from(this.bytes(maxBytes)).toString('utf8');
  }

  #take(length: number): Buffer {
    if (length > this.#rest.length) throw malformed('a packet that ends in the middle of a field');
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }
}

/** What is wrong with something that came from the other side. */
export function malformed(what: string): DeployError {
  return new DeployError('SFTP_UNUSABLE', `it sent ${what}`);
}
