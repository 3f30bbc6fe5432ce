/**
 * The data sets of the golden files, made again from the recipes written in them. Only exact arithmetic is used, so they
 * are the same everywhere.
 */

import type { Samples } from '../samples.ts';

/** Numbers of a 32-bit xorshift. */
class Xorshift {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Integer in `[0, 2^32)`. */
  next(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return this.#state >>> 0;
  }

  /** Double in `[0, 1)`. */
  u(): number {
    return this.next() / 4294967296;
  }
}

/** Bell-shaped features around 0, each the sum of twelve even numbers. */
export function bellSamples(nSamples: number, nFeatures: number, seed: number): Samples {
  const random = new Xorshift(seed);
  const data = new Float64Array(nSamples * nFeatures);
  for (let i = 0; i < data.length; i++) {
    let sum = 0;
    for (let k = 0; k < 12; k++) sum += random.u();
    data[i] = sum - 6;
  }
  return { data, nSamples, nFeatures };
}

/** Counts like those of a network log: small ones with rare bursts, rare events, a constant, very rare bursts. */
export function logLikeSamples(nSamples: number, seed: number): Samples {
  const random = new Xorshift(seed);
  return fromRows(nSamples, 4, (t) => {
    let count = 0;
    for (let k = 0; k < 8; k++) if (random.u() < 0.35) count++;
    const burst = t % 4320 === 17 ? 60 : 0;
    const event = random.u() < 0.04 ? 1 : 0;
    const rareBurst = random.u() < 0.001 ? 30 + (random.next() % 20) : 0;
    return [count + burst, event, 7, rareBurst];
  });
}

/** Features whose ranges lie below, around and above what counts as constant. */
export function nearlyConstantSamples(nSamples: number, seed: number): Samples {
  const random = new Xorshift(seed);
  return fromRows(nSamples, 5, () => [
    random.u() * 9e-8,
    random.u() * 1.5e-7,
    1 + (random.next() % 3) * 2 ** -23,
    random.u() * 1e-3,
    random.next() % 4,
  ]);
}

/** One feature whose rows 167 and 200 have pseudo-targets that nearly agree if the random state is 659. */
export function closeTargetSamples(): Samples {
  const data = Float64Array.from({ length: 250 }, (_, k) => (k * 0.6180339887498949) % 1);
  data[167] = 5;
  data[200] = 7.5;
  return { data, nSamples: 250, nFeatures: 1 };
}

/** Every value the same. */
export function equalSamples(nSamples: number, nFeatures: number, value: number): Samples {
  return { data: new Float64Array(nSamples * nFeatures).fill(value), nSamples, nFeatures };
}

function fromRows(nSamples: number, nFeatures: number, row: (i: number) => number[]): Samples {
  const data = new Float64Array(nSamples * nFeatures);
  for (let i = 0; i < nSamples; i++) data.set(row(i), i * nFeatures);
  return { data, nSamples, nFeatures };
}
