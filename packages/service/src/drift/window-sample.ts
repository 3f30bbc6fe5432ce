/** A bounded sample of windows, in which every device and every hour has its share. */
import type { StoredWindow } from '../anomalies/anomaly-store.ts';

/** Most windows that a sample holds: with 100 features, 3 MB. By chance the stability index is off by 0.002. */
export const SAMPLE_WINDOWS = 4_096;

/** 2³² over the golden ratio: multiples of it fill a circle evenly, so no rhythm of the windows' order is met. */
const GOLDEN = 0x9e3779b1;
const CIRCLE = 2 ** 32;

/** What was sampled. */
export interface WindowSample {
  /** Scores, and values by feature, of the windows kept; finite, in ascending order. */
  readonly scores: Float64Array;
  readonly features: ReadonlyMap<string, Float64Array>;
  /** How many windows there were, kept or not. */
  readonly windows: number;
  /** How long a time they are of, in milliseconds; that of several devices counts once. */
  readonly coveredMs: number;
}

/**
 * Takes windows that one model version judged, all of the same features. The same windows in the same order give the same
 * sample.
 */
export class WindowSampler {
  readonly #limit: number;
  #kept: { readonly place: number; readonly window: StoredWindow }[] = [];
  /** Windows whose place on the circle is below this are kept. */
  #below = CIRCLE;
  #windows = 0;
  #coveredMs = 0;
  #lastSlotMs = Number.NaN;

  constructor(limit: number = SAMPLE_WINDOWS) {
    this.#limit = limit;
  }

  /** @param window of the same slot as the one before, or of a slot that was not added before. */
  add(window: StoredWindow): void {
    if (window.fromMs !== this.#lastSlotMs) this.#coveredMs += window.toMs - window.fromMs;
    this.#lastSlotMs = window.fromMs;
    this.#windows += 1;
    const place = Math.imul(this.#windows, GOLDEN) >>> 0;
    if (place >= this.#below) return;
    this.#kept.push({ place, window });
    if (this.#kept.length <= this.#limit) return;
    this.#below /= 2;
    this.#kept = this.#kept.filter((kept) => kept.place < this.#below);
  }

  get sample(): WindowSample {
    const windows = this.#kept.map(({ window }) => window);
    const names = windows[0]?.features ?? [];
    return {
      scores: sorted(windows.map(({ score }) => score)),
      features: new Map(names.map((name, at) => [name, sorted(windows.map(({ vector }) => vector?.[at]))])),
      windows: this.#windows,
      coveredMs: this.#coveredMs,
    };
  }
}

function sorted(values: readonly (number | null | undefined)[]): Float64Array {
  return Float64Array.from(values.filter((value) => typeof value === 'number' && Number.isFinite(value))).sort();
}
