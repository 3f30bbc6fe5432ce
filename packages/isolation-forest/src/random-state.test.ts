import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RandomState, SplitRandom } from './random-state.ts';
import { readGolden } from './testing/golden.ts';

const { seeds } = readGolden('rng');

describe('RandomState', () => {
  for (const [seed, expected] of Object.entries<Record<string, number[]>>(seeds)) {
    const random = () => new RandomState(Number(seed));
    const repeat = (length: number, draw: () => number) => Array.from({ length }, draw);

    it(`draws NumPy's numbers from the seed ${seed}`, () => {
      const [words, uniform, integers, small] = [random(), random(), random(), random()];
      assert.deepEqual(
        repeat(expected.words.length, () => words.word()),
        expected.words,
      );
      assert.deepEqual(
        repeat(expected.uniform.length, () => uniform.uniform()),
        expected.uniform,
      );
      assert.deepEqual(
        repeat(expected.randint31.length, () => integers.upTo(2147483646)),
        expected.randint31,
      );
      assert.deepEqual(
        repeat(expected.randint_43200.length, () => small.upTo(43199)),
        expected.randint_43200,
      );
      assert.deepEqual([...random().permutation(12)], expected.permutation_12);
    });

    it(`samples like scikit-learn, by each of its three methods, from the seed ${seed}`, () => {
      const sample = (population: number, count: number, shown: number) => [
        ...random().sampleWithoutReplacement(population, count).slice(0, shown),
      ];
      assert.deepEqual(sample(1000, 256, 16), expected.swr_1000_256);
      assert.deepEqual(sample(43200, 256, 16), expected.swr_43200_256);
      assert.deepEqual(sample(300, 298, 298), expected.swr_300_298);
      assert.deepEqual(sample(10, 10, 10), expected.swr_10_10);
    });
  }

  it('draws nothing to choose between 0 and 0', () => {
    const random = new RandomState(5);
    assert.equal(random.upTo(0), 0);
    assert.equal(random.word(), new RandomState(5).word());
  });

  it('goes on beyond one round of its state', () => {
    // numpy.random.RandomState(5489).random_integers' classic check: the 10,000th word of MT19937 with the seed 5489
    const random = new RandomState(5489);
    for (let i = 1; i < 10_000; i++) random.word();
    assert.equal(random.word(), 4123659995);
  });

  it('samples distinct integers below the population', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (population, share) => {
          const count = Math.max(1, Math.floor(population * share));
          const sample = new RandomState(population).sampleWithoutReplacement(population, count);
          assert.equal(new Set(sample).size, count);
          assert.ok(sample.every((value) => value >= 0 && value < population));
        },
      ),
    );
  });
});

describe('SplitRandom', () => {
  it('draws the numbers of the worked example', () => {
    const random = new SplitRandom(1629631404);
    assert.deepEqual(
      Array.from({ length: 5 }, () => random.draw()),
      [1302569191, 240950072, 977871109, 1397753873, 403842616],
    );
  });

  it('takes the seed 0 as 1', () => {
    assert.equal(new SplitRandom(0).draw(), new SplitRandom(1).draw());
  });

  it('draws also if there is only one integer to choose', () => {
    const [once, twice] = [new SplitRandom(7), new SplitRandom(7)];
    once.draw();
    assert.equal(twice.integer(3, 4), 3);
    assert.equal(once.draw(), twice.draw());
  });
});
