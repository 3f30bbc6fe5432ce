import { MAX_PACKET_BYTES, malformed } from './packet-fields.ts';

const LENGTH_BYTES = 4;

/** Finds the packets in what comes from the other side in pieces of any size. Holds at most one packet and a piece. */
export class PacketSplitter {
  #pieces: Uint8Array[] = [];
  #heldBytes = 0;
  /** So many bytes are needed before there is anything to do. */
  #neededBytes = LENGTH_BYTES;

  /**
   * The packets that are whole now, without their lengths.
   *
   * @throws {DeployError} `SFTP_UNUSABLE` for a packet that is empty or has more than {@link MAX_PACKET_BYTES}.
   */
  *push(piece: Uint8Array): Generator<Uint8Array, void> {
    this.#pieces.push(piece);
    this.#heldBytes += piece.length;
    // Joined only when it is worth it: pieces of one byte each must not cost the square of their number.
    while (this.#heldBytes >= this.#neededBytes) {
      const held = Buffer.concat(this.#pieces);
      const endAt = LENGTH_BYTES + lengthOf(held);
      if (held.length >= endAt) yield held.subarray(LENGTH_BYTES, endAt);
      const rest = held.length >= endAt ? held.subarray(endAt) : held;
      this.#pieces = [rest];
      this.#heldBytes = rest.length;
      this.#neededBytes = held.length >= endAt ? LENGTH_BYTES : endAt;
    }
  }
}

function lengthOf(held: Buffer): number {
  const length = held.readUInt32BE();
  if (length >= 1 && length <= MAX_PACKET_BYTES) return length;
  throw malformed(`a packet of ${length} bytes; 1 to ${MAX_PACKET_BYTES} are taken`);
}
