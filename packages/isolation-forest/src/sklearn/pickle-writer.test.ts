import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FLOAT64, float64Array, INT64, int64Array } from './numpy-values.ts';
import { writePickle } from './pickle-writer.ts';
import {
  PickleDict,
  PickleFloat,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleTuple,
  type PickleValue,
} from './python-objects.ts';

/** What lies between the two bytes that begin a pickle of protocol 4 and the one that ends it, in hexadecimal. */
function hexOf(value: PickleValue): string {
  const hex = Buffer.from(writePickle(value)).toString('hex');
  assert.match(hex, /^8004.*2e$/);
  return hex.slice(4, -2);
}

/** Offset of the only place where `part` is. */
function offsetOf(part: Uint8Array, whole: Uint8Array): number {
  const offset = Buffer.from(whole).indexOf(part);
  assert.ok(offset >= 0);
  assert.equal(Buffer.from(whole).indexOf(part, offset + 1), -1);
  return offset;
}

describe('a pickle', () => {
  const values: readonly (readonly [what: string, value: PickleValue, hex: string])[] = [
    ['None', null, '4e'],
    ['True', true, '88'],
    ['False', false, '89'],
    ['the int 1', 1, '4b01'],
    ['the float 1', new PickleFloat(1), '473ff0000000000000'],
    ['255', 255, '4bff'],
    ['256', 256, '4d0001'],
    ['65535', 65535, '4dffff'],
    ['65536', 65536, '4a00000100'],
    ['-1', -1, '4affffffff'],
    ['2^31 - 1', 2 ** 31 - 1, '4affffff7f'],
    ['2^31', 2 ** 31, '8a080000008000000000'],
    ['2^32 - 1', 2 ** 32 - 1, '8a08ffffffff00000000'],
    ['2^53 - 1', 2 ** 53 - 1, '8a08ffffffffffff1f00'],
    ['-2^31 - 1', -(2 ** 31) - 1, '8a08ffffff7fffffffff'],
    ['a text', 'aß', '8c0361c39f94'],
    ['a long text', 'x'.repeat(256), `5800010000${'78'.repeat(256)}94`],
    ['an empty tuple', new PickleTuple([]), '29'],
    ['a tuple of three', new PickleTuple([1, 2, 3]), '4b014b024b0387'],
    ['a tuple of four', new PickleTuple([1, 2, 3, 4]), '284b014b024b034b0474'],
    ['a list', new PickleList([null, 7]), '5d284e4b0765'],
    ['a dict', new PickleDict({ a: 1 }), '7d288c0161944b0175'],
  ];
  for (const [what, value, hex] of values) {
    it(`holds ${what}`, () => assert.equal(hexOf(value), hex));
  }

  it('holds a text, a class and an object once, and refers to them after that', () => {
    const make = new PickleGlobal('m', 'C');
    const object = new PickleObject(make, undefined, new PickleDict({}));
    const other = new PickleObject(make, new PickleTuple(['m']), null);
    const first = '8c016d94' + '8c014394' + '9394' + '298194' + '7d287562';
    assert.equal(
      hexOf(new PickleList([object, object, other])),
      `5d28${first}6803${'6802' + '6800' + '85' + '5294' + '4e62'}65`,
    );
  });

  it('counts what it refers to beyond 255', () => {
    const texts = Array.from({ length: 257 }, (_, index) => String(index));
    assert.match(hexOf(new PickleList([...texts, '255', '256'])), /68ff6a0001000065$/);
  });
});

describe('an array in a pickle', () => {
  it('begins at a multiple of 16 bytes, wherever it comes', () => {
    for (let shift = 0; shift < 32; shift++) {
      const array = float64Array(Float64Array.of(Math.PI, -Math.E));
      const bytes = writePickle(new PickleTuple(['x'.repeat(shift), array]));
      const offset = offsetOf(array.bytes, bytes);
      assert.equal(offset % 16, 0);
      assert.equal(bytes[offset - 1], 0x62, 'BUILD comes straight before');
    }
  });

  it('holds integers beyond 32 bits, and negative ones', () => {
    const numbers = [0, -1, 2 ** 31, 2 ** 32 - 1, 2 ** 53 - 1, -(2 ** 40) - 5];
    const { bytes, dtype, shape } = int64Array(numbers);
    assert.equal(dtype, INT64);
    assert.deepEqual(shape, [6]);
    assert.deepEqual([...new BigInt64Array(bytes.buffer)], numbers.map(BigInt));
  });

  it('has the shape that it is given', () => {
    const { shape, dtype } = float64Array(new Float64Array(6), [6, 1, 1]);
    assert.equal(dtype, FLOAT64);
    assert.deepEqual(shape, [6, 1, 1]);
  });
});
