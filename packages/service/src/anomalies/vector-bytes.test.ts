import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatVector, parseVector } from './vector-bytes.ts';

const CASES: readonly [number, number][] = [
  [0, 1],
  [252, 1],
  [253, 3],
  [65_535, 3],
  [65_536, 5],
  [-1, 5],
  [-0, 5],
  [0.5, 5],
  [Number.POSITIVE_INFINITY, 5],
  [0.1, 9],
  [Number.MIN_VALUE, 9],
  [Number.MAX_VALUE, 9],
  [16_777_217, 9],
];

for (const [value, bytes] of CASES) {
  test(`${Object.is(value, -0) ? '-0' : value} takes ${bytes} bytes and comes back`, () => {
    const written = formatVector(Float64Array.of(value));
    assert.equal(written.length, bytes);
    assert.deepEqual(parseVector(written), Float64Array.of(value));
  });
}

test('every vector without NaN comes back bit for bit', () => {
  const value = fc.oneof(fc.nat(70_000), fc.double({ noNaN: true }), fc.float({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const vector = Float64Array.from(values);
      assert.deepEqual(parseVector(formatVector(vector)), vector);
    }),
  );
});

test('a vector that lies within other bytes is read where it lies', () => {
  const written = formatVector(Float64Array.of(7, 0.1));
  const around = new Uint8Array(written.length + 3);
  around.set(written, 3);
  assert.deepEqual(parseVector(around.subarray(3)), Float64Array.of(7, 0.1));
});

test('bytes that end within a number are an error', () => {
  assert.throws(() => parseVector(formatVector(Float64Array.of(0.1)).subarray(0, 5)), RangeError);
});
