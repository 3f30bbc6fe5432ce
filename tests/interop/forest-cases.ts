/** Data sets and parameters on which our forest and scikit-learn's are compared; all from seeds. */

/** scikit-learn's constructor parameters, in its spelling; `1.0` and `1` are told apart by `floats`. */
export interface ForestCase {
  readonly name: string;
  readonly params: Record<string, unknown>;
  /** Parameters that are floats in Python even if they are whole. */
  readonly floats: readonly string[];
  readonly growTo?: number;
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
  readonly testRows: number;
  readonly test: Float64Array;
}

type Fill = (random: Random, feature: number, row: number) => number;

/** A small generator of our own (mulberry32), so that the data do not depend on the code under test. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}

const bell: Fill = (random) => {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.uniform();
  return sum;
};

const FINITE: Record<string, Fill> = {
  bell,
  counts: (random, feature) => (feature === 2 ? 7 : random.below(random.uniform() < 0.01 ? 80 : 6)),
  binary: (random) => (random.uniform() < 0.1 ? 1 : 0),
  wide: (random) => bell(random, 0, 0) * 10 ** (random.below(61) - 30),
  nearlyConstant: (random, feature) => (feature % 2 === 0 ? random.uniform() * 3e-7 : 1 + random.below(3) * 2 ** -23),
  equal: () => 2.5,
  negativeZero: (random) => random.pick([0, -0, 1, -1]),
};

const withHoles =
  (fill: Fill, share: number, holes: readonly number[]): Fill =>
  (random, feature, row) => {
    const value = fill(random, feature, row);
    return random.uniform() < share ? random.pick(holes) : value;
  };

const NOT_FINITE: Record<string, Fill> = {
  fewMissing: withHoles(bell, 0.02, [Number.NaN]),
  manyMissing: withHoles(FINITE.counts!, 0.4, [Number.NaN]),
  missingColumn: (random, feature, row) => (feature === 0 ? Number.NaN : bell(random, feature, row)),
  infinite: withHoles(bell, 0.02, [Number.POSITIVE_INFINITY]),
  bothInfinite: withHoles(bell, 0.02, [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]),
  overflowing: withHoles(bell, 0.02, [1e39, 3.4028235e38]),
  everything: withHoles(FINITE.counts!, 0.1, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]),
};

/** `count` cases of random parameters; `notFinite` adds data sets with missing and infinite values. */
export function forestCases(seed: number, count: number, notFinite: boolean): ForestCase[] {
  const random = new Random(seed);
  const fills = Object.entries(notFinite ? { ...FINITE, ...NOT_FINITE } : FINITE);
  return Array.from({ length: count }, (_, i) => forestCase(random, i, fills[i % fills.length]!));
}

function forestCase(random: Random, i: number, [kind, fill]: [string, Fill]): ForestCase {
  const rows = random.pick([1, 2, 3, 5, 17, 60, 255, 256, 257, 300, 700, 2000]);
  const cols = random.pick([1, 2, 3, 4, 7, 12, 40]);
  const { params, floats } = randomParameters(random, rows, cols);
  const warm = random.uniform() < 0.15 ? { growTo: (params.n_estimators as number) + random.below(8) } : {};
  const data = filled(random, rows, cols, fill);
  const fresh = filled(random, 40, cols, fill);
  const test = Float64Array.of(...data.subarray(0, Math.min(rows, 300) * cols), ...fresh);
  return { name: `${i} ${kind}`, params, floats, ...warm, rows, cols, data, testRows: test.length / cols, test };
}

function randomParameters(random: Random, rows: number, cols: number) {
  const params: Record<string, unknown> = {
    n_estimators: random.pick([1, 2, 5, 10, 30]),
    random_state: random.pick([0, 1, 42, 123456, 4294967295, random.below(4294967296)]),
    contamination: random.pick(['auto', 0.01, 0.02, 0.07, 0.1, 0.33, 0.5]),
    bootstrap: random.uniform() < 0.3,
  };
  const floats = ['contamination'];
  const choose = (name: string, integers: readonly number[], shares: readonly number[]) => {
    const asShare = random.uniform() < 0.5;
    params[name] = random.pick(asShare ? shares : integers);
    if (asShare) floats.push(name);
  };
  if (random.uniform() < 0.6)
    choose(
      'max_samples',
      [1, 2, 3, 9, 64, 300, 1000],
      [0.05, 0.3, 0.5, 0.995, 1].filter((share) => share * rows >= 1),
    );
  if (random.uniform() < 0.6) choose('max_features', [1, Math.min(2, cols), cols], [0.02, 0.5, 0.8, 1]);
  return { params, floats };
}

function filled(random: Random, rows: number, cols: number, fill: Fill): Float64Array {
  return Float64Array.from({ length: rows * cols }, (_, i) => fill(random, i % cols, Math.floor(i / cols)));
}
