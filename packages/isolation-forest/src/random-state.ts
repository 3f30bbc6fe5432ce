/**
 * The two generators behind scikit-learn's forests: NumPy's legacy `RandomState`, and the small xorshift that a tree
 * draws its splits from. Both are frozen by their projects, so the numbers below will not move.
 */

const STATE_WORDS = 624;
const MIDDLE = 397;

/**
 * NumPy's legacy `RandomState`, a Mersenne Twister (MT19937: Matsumoto and Nishimura, 1998) seeded with one integer.
 * Each method consumes exactly the words that NumPy's would; nothing is buffered between calls.
 */
export class RandomState {
  readonly #state: Uint32Array;
  #next = 0;

  /** @param seed integer in `[0, 2^32)`; the caller has checked it. */
  constructor(seed: number) {
    const state = new Uint32Array(STATE_WORDS);
    state[0] = seed;
    for (let i = 1; i < STATE_WORDS; i++) {
      const previous = state[i - 1];
      state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
    this.#state = state;
  }

  /** The next integer in `[0, 2^32)`. */
  word(): number {
    let bits = this.#twistNext();
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    bits ^= bits >>> 18;
    return bits >>> 0;
  }

  /** A double in `[0, 1)` with 53 random bits, like `RandomState.random_sample()`. Uses two words. */
  uniform(): number {
    const high = this.word() >>> 5;
    const low = this.word() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /**
   * An integer in `[0, max]`, like `RandomState.randint(max + 1)`: the low bits of a word, drawn again until they are in
   * range. Draws nothing if `max` is 0.
   *
   * @param max integer in `[0, 2^32)`.
   */
  upTo(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (this.word() & mask) >>> 0;
      if (value <= max) return value;
    }
  }

  /** The integers `0..length - 1` in random order, like `RandomState.permutation(length)`. */
  permutation(length: number): Int32Array {
    const order = integersBelow(length);
    for (let i = length - 1; i > 0; i--) {
      const j = this.upTo(i);
      const swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  /**
   * `count` distinct integers of `[0, population)`, like scikit-learn's `sample_without_replacement`, which chooses its
   * method by the ratio of the two. The order is part of the result.
   */
  sampleWithoutReplacement(population: number, count: number): Int32Array {
    const ratio = count / population;
    if (ratio > 0.01 && ratio < 0.99) return this.permutation(population).slice(0, count);
    return ratio < 0.2 ? this.#sampleByRejection(population, count) : this.#sampleByReservoir(population, count);
  }

  #sampleByRejection(population: number, count: number): Int32Array {
    const chosen = new Set<number>();
    while (chosen.size < count) chosen.add(this.upTo(population - 1));
    return Int32Array.from(chosen); // a set keeps the order of insertion
  }

  #sampleByReservoir(population: number, count: number): Int32Array {
    const chosen = integersBelow(count);
    for (let i = count; i < population; i++) {
      const j = this.upTo(i);
      if (j < count) chosen[j] = i;
    }
    return chosen;
  }

  /**
   * Renews one word of the state. The textbook renews all 624 at once; one at a time gives the same words, and a
   * generator asked for a single word (as two of the three of every tree are) costs less.
   */
  #twistNext(): number {
    const state = this.#state;
    const i = this.#next;
    const following = i + 1 < STATE_WORDS ? i + 1 : 0;
    const middle = i + MIDDLE < STATE_WORDS ? i + MIDDLE : i + MIDDLE - STATE_WORDS;
    const joined = (state[i] & 0x80000000) | (state[following] & 0x7fffffff);
    const twisted = state[middle] ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    state[i] = twisted;
    this.#next = following;
    return twisted;
  }
}

/** Largest value that {@link SplitRandom} draws. */
const SPLIT_RANDOM_MAX = 0x7fffffff;

/** The 32-bit xorshift (Marsaglia, 2003) that scikit-learn's splitters draw features and thresholds from. */
export class SplitRandom {
  #state: number;

  /** @param seed integer in `[0, 2^32)`; 0 counts as 1. */
  constructor(seed: number) {
    this.#state = seed === 0 ? 1 : seed;
  }

  /** The next integer in `[0, 2^31)`. */
  draw(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state & SPLIT_RANDOM_MAX;
  }

  /** An integer in `[low, high)`. Draws once, also if there is only one to choose. */
  integer(low: number, high: number): number {
    return low + (this.draw() % (high - low));
  }

  /** A double in `[low, high]`; the order of the operations decides its last bit. NaN if `high - low` is infinite. */
  real(low: number, high: number): number {
    return ((high - low) * this.draw()) / SPLIT_RANDOM_MAX + low;
  }
}

function integersBelow(length: number): Int32Array {
  const integers = new Int32Array(length);
  for (let i = 0; i < length; i++) integers[i] = i;
  return integers;
}
