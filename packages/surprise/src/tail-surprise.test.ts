import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tailSurprise } from './tail-surprise.ts';

const CASES = [0.05, 0.5, 2, 9.5, 40].flatMap((expected) =>
  [0.01, 0.2, 1, 8].map((dispersion) => ({ expected, dispersion })),
);

/** P(X = count) of the negative binomial, one factor after the other from P(X = 0). */
function probabilities(expected: number, dispersion: number, most: number): number[] {
  const size = 1 / dispersion;
  const share = expected / (expected + size);
  const all = [(1 - share) ** size];
  for (let count = 1; count <= most; count += 1) {
    all.push((all[count - 1] * share * (size + count - 1)) / count);
  }
  return all;
}

/** Smaller probabilities than 10 to minus this are nothing in floating point. */
const SMALLEST = 250;

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** -log10 P(X ≥ count) above the mean, P(X ≤ count) below. */
function exactSurprise(count: number, expected: number, dispersion: number): number {
  const of = probabilities(expected, dispersion, 20_000);
  return -Math.log10(sum(count > expected ? of.slice(count).reverse() : of.slice(0, count + 1)));
}

test('the probabilities of the comparison add up to one and have the mean and the variance that they should', () => {
  for (const { expected, dispersion } of CASES) {
    const of = probabilities(expected, dispersion, 20_000);
    const mean = sum(of.map((probability, count) => probability * count));
    const variance = sum(of.map((probability, count) => probability * (count - mean) ** 2));
    assert.ok(Math.abs(sum(of) - 1) < 1e-9);
    assert.ok(Math.abs(mean / expected - 1) < 1e-6, `${mean} for ${expected}`);
    assert.ok(Math.abs(variance / (expected + dispersion * expected ** 2) - 1) < 1e-6);
  }
});

test('a surprise bounds the probability: it is never more than the exact one, and not much less', () => {
  for (const { expected, dispersion } of CASES) {
    for (const count of [0, 1, 2, 3, 5, 8, 13, 21, 40, 80, 160]) {
      const exact = exactSurprise(count, expected, dispersion);
      if (exact > SMALLEST) continue;
      const surprise = tailSurprise(count, expected, dispersion);
      const of = `${count} of ${expected}, dispersion ${dispersion}: ${surprise}, exactly ${exact}`;
      assert.ok(surprise <= exact + 1e-9, of);
      assert.ok(surprise >= exact - 3.5, of);
    }
  }
});

test('it orders counts as the probability does, on either side of the mean', () => {
  for (const { expected, dispersion } of CASES) {
    const surprises = Array.from({ length: 200 }, (_, count) => tailSurprise(count, expected, dispersion));
    for (let count = 1; count < surprises.length; count += 1) {
      if (count - 1 >= expected) assert.ok(surprises[count] > surprises[count - 1], `${count} above ${expected}`);
      if (count <= expected) assert.ok(surprises[count] < surprises[count - 1], `${count} below ${expected}`);
    }
  }
});

test('nothing is surprising about what is expected, and the more it varies, the less is', () => {
  for (const { expected, dispersion } of CASES) {
    assert.ok(Math.abs(tailSurprise(expected, expected, dispersion)) < 1e-12);
    for (const count of [0, expected * 3]) {
      const more = tailSurprise(count, expected, dispersion * 2);
      assert.ok(more < tailSurprise(count, expected, dispersion), `${count} of ${expected}`);
    }
  }
});

test('it stays a number at the ends of what a baseline may say', () => {
  for (const expected of [1e-15, 1e-6, 1, 1e9 * 360 * 2]) {
    for (const dispersion of [1e-6, 1, 1e6]) {
      for (const count of [0, 1, 2 ** 32]) {
        const surprise = tailSurprise(count, expected, dispersion);
        assert.ok(Number.isFinite(surprise) && surprise >= 0, `${count} of ${expected}, ${dispersion}: ${surprise}`);
      }
    }
  }
});
