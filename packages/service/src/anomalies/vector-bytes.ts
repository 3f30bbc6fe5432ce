/**
 * Vectors as bytes, bit for bit, in a quarter of the room or less: features are counts for the most part, and of many
 * windows nothing but vectors would be worth writing to a card.
 *
 * ```
 *   byte     then
 *   0 … 252  nothing: that whole number
 *   253      two bytes: a whole number up to 65535
 *   254      four bytes: a number that a float32 holds
 *   255      eight bytes: a float64
 * ```
 */
const LARGEST_IN_ONE_BYTE = 252;
const UINT16 = 253;
const FLOAT32 = 254;
const FLOAT64 = 255;
const LONGEST_BYTES = 9;

/** The bytes of a vector without NaN. */
export function formatVector(vector: Float64Array): Uint8Array {
  const bytes = new Uint8Array(vector.length * LONGEST_BYTES);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const value of vector) {
    const isWhole = value >= 0 && value <= 0xffff && Number.isInteger(value) && !Object.is(value, -0);
    if (isWhole && value <= LARGEST_IN_ONE_BYTE) {
      bytes[at] = value;
      at += 1;
    } else if (isWhole) {
      bytes[at] = UINT16;
      view.setUint16(at + 1, value, true);
      at += 3;
    } else if (Object.is(Math.fround(value), value)) {
      bytes[at] = FLOAT32;
      view.setFloat32(at + 1, value, true);
      at += 5;
    } else {
      bytes[at] = FLOAT64;
      view.setFloat64(at + 1, value, true);
      at += LONGEST_BYTES;
    }
  }
  return bytes.slice(0, at);
}

/** The vector of such bytes. @throws {RangeError} if the last number is not whole. */
export function parseVector(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; length += 1) {
    const head = view.getUint8(at);
    at += 1;
    if (head <= LARGEST_IN_ONE_BYTE) {
      values[length] = head;
    } else if (head === UINT16) {
      values[length] = view.getUint16(at, true);
      at += 2;
    } else if (head === FLOAT32) {
      values[length] = view.getFloat32(at, true);
      at += 4;
    } else {
      values[length] = view.getFloat64(at, true);
      at += 8;
    }
  }
  return values.slice(0, length);
}
