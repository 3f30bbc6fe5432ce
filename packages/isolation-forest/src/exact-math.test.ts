import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { exp2, ln } from './exact-math.ts';
import { exactExp2, exactLn } from './testing/big-math.ts';

describe('ln', () => {
  it('is the exact logarithm of every integer up to 2000, rounded once', () => {
    for (let n = 1; n <= 2000; n++) assert.equal(ln(n), exactLn(n), `ln ${n}`);
  });

  it('is the exact logarithm of any positive double, rounded once', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
        assert.equal(ln(x), exactLn(x));
      }),
      { numRuns: 500 },
    );
  });
});

describe('exp2', () => {
  it('is the exact power in the range of scores, rounded once', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 0, noNaN: true }), (x) => {
        assert.equal(exp2(x), exactExp2(x));
      }),
      { numRuns: 1000 },
    );
  });

  it('is the exact power of other exponents, rounded once', () => {
    fc.assert(
      fc.property(fc.double({ min: -1022, max: 1023.999, noNaN: true }), (x) => {
        assert.equal(exp2(x), exactExp2(x));
      }),
      { numRuns: 500 },
    );
  });

  it('is exact at integers, down to the smallest double', () => {
    let power = 1;
    for (let n = 0; n >= -1074; n--, power /= 2) assert.equal(exp2(n), power);
    assert.equal(exp2(1023), 2 ** 1023);
  });

  it('is 0 below the smallest double, Infinity above the largest, and NaN of NaN', () => {
    assert.equal(exp2(-1076), 0);
    assert.equal(exp2(Number.NEGATIVE_INFINITY), 0);
    assert.equal(exp2(1024), Number.POSITIVE_INFINITY);
    assert.equal(exp2(Number.NaN), Number.NaN);
  });
});
