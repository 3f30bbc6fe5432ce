import type { Samples } from '@edgewood/isolation-forest';

/** Rows that the buffer holds before it grows for the first time. */
const FIRST_CAPACITY_ROWS = 1024;

/** Collects vectors of one length, one after another, into row-major samples. */
export class SampleBuffer {
  readonly #nFeatures: number;
  #data: Float64Array;
  #nSamples = 0;

  constructor(nFeatures: number) {
    this.#nFeatures = nFeatures;
    this.#data = new Float64Array(FIRST_CAPACITY_ROWS * nFeatures);
  }

  add(vector: Float64Array): void {
    const at = this.#nSamples * this.#nFeatures;
    if (at === this.#data.length) {
      const grown = new Float64Array(this.#data.length * 2);
      grown.set(this.#data);
      this.#data = grown;
    }
    this.#data.set(vector, at);
    this.#nSamples += 1;
  }

  /** Shape `(nSamples, nFeatures)`; a view, valid until the next `add`. */
  get samples(): Samples {
    const data = this.#data.subarray(0, this.#nSamples * this.#nFeatures);
    return { data, nSamples: this.#nSamples, nFeatures: this.#nFeatures };
  }
}
