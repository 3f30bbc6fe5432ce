import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FieldReader, MAX_PACKET_BYTES, packetOf, string, uint32, uint64 } from './packet-fields.ts';
import { PacketSplitter } from './packet-splitter.ts';

/** What is found in a stream that comes in pieces of these sizes, over and over. */
function split(stream: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const splitter = new PacketSplitter();
  const packets: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const sizeBytes = sizes[turn % sizes.length]!;
    for (const packet of splitter.push(stream.subarray(at, at + sizeBytes))) packets.push(Uint8Array.from(packet));
    at += sizeBytes;
  }
  return packets;
}

test('fields are read as they were written', () => {
  const field = fc.record({
    small: fc.nat(0xffffffff),
    large: fc.maxSafeNat(),
    text: fc.string({ unit: 'grapheme' }),
    bytes: fc.uint8Array({ maxLength: 2_000 }),
  });
  fc.assert(
    fc.property(fc.nat(255), field, (type, { small, large, text, bytes }) => {
      const packet = packetOf(type, [uint32(small), uint64(large), string(text), string(bytes)]);
      const reader = new FieldReader(packet.subarray(4));
      assert.equal(packet.length, 4 + new FieldReader(packet).uint32());
      assert.deepEqual([reader.uint8(), reader.uint32(), reader.uint64()], [type, small, large]);
      assert.equal(reader.text(100_000), text.toWellFormed());
      assert.deepEqual(Uint8Array.from(reader.bytes(2_000)), bytes);
      assert.ok(reader.isAtEnd);
    }),
  );
});

test('packets are found in a stream however it is cut into pieces', () => {
  const contents = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(contents, sizes, (fields, pieces) => {
      const stream = Buffer.concat(fields.map((field, at) => packetOf(at, [field])));
      const expected = fields.map((field, at) => Uint8Array.of(at, ...field));
      assert.deepEqual(split(stream, pieces), expected);
    }),
  );
});

test('the largest packet is taken in single bytes, without the square of their number', () => {
  const packet = packetOf(1, [new Uint8Array(MAX_PACKET_BYTES - 1)]);
  assert.equal(split(packet, [1])[0]?.length, MAX_PACKET_BYTES);
});

for (const length of [0, MAX_PACKET_BYTES + 1, 0x7fffffff, 0xffffffff]) {
  test(`a packet that says it has ${length} bytes is refused before it is waited for`, () => {
    assert.throws(() => split(uint32(length), [4]), { code: 'SFTP_UNUSABLE', message: new RegExp(`${length} bytes`) });
  });
}

const SHORT: readonly (readonly [string, Uint8Array, (reader: FieldReader) => unknown])[] = [
  ['a number', Uint8Array.of(0, 0, 0), (reader) => reader.uint32()],
  ['a long number', new Uint8Array(7), (reader) => reader.uint64()],
  ['a type', new Uint8Array(0), (reader) => reader.uint8()],
  ['a text that ends early', Buffer.concat([uint32(5), Buffer.from('four')]), (reader) => reader.text()],
  ['a text of 4 GiB', uint32(0xffffffff), (reader) => reader.text(2 ** 33)],
  ['a text above the limit', string('abc'), (reader) => reader.text(2)],
];

for (const [what, bytes, read] of SHORT) {
  test(`a field that is not there is refused: ${what}`, () => {
    assert.throws(() => read(new FieldReader(bytes)), { code: 'SFTP_UNUSABLE' });
  });
}
