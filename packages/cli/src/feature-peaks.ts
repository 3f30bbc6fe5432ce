const HOUR_MS = 3_600_000;

/** The largest value of a feature in an hour, whichever device had it. */
export interface FeaturePeak {
  /** Beginning of the hour, Unix milliseconds. */
  readonly atMs: number;
  readonly value: number;
}

/** A feature through a span. */
export interface FeatureSeries {
  readonly feature: string;
  /** In order of time; hours without a number are left out. */
  readonly peaks: readonly FeaturePeak[];
  /** How far its largest hour stands out: how many times the usual one it is, counting from 1. */
  readonly prominence: number;
}

/** Follows the features of windows hour by hour, so that memory grows with hours and not with windows. */
export class FeaturePeaks {
  readonly #features: readonly string[];
  readonly #hours = new Map<number, Float64Array>();

  constructor(features: readonly string[]) {
    this.#features = features;
  }

  /** @param vector shape `(features.length,)`. */
  add(fromMs: number, vector: Float64Array): void {
    const hour = Math.floor(fromMs / HOUR_MS);
    const peaks = this.#hours.get(hour) ?? new Float64Array(vector.length).fill(Number.NaN);
    this.#hours.set(hour, peaks);
    for (const [at, value] of vector.entries()) {
      const before = peaks[at] ?? Number.NaN;
      if (Number.isNaN(before) || value > before) peaks[at] = value;
    }
  }

  /** Those that stand out most first; none of those that never change. */
  get series(): readonly FeatureSeries[] {
    const hours = [...this.#hours].sort(([one], [other]) => one - other);
    const all = this.#features.map((feature, place): FeatureSeries => {
      const peaks = hours
        .map(([hour, values]) => ({ atMs: hour * HOUR_MS, value: values[place] ?? Number.NaN }))
        .filter(({ value }) => Number.isFinite(value));
      return { feature, peaks, prominence: prominenceOf(peaks.map(({ value }) => value)) };
    });
    return all.filter(({ prominence }) => prominence > 1).sort((a, b) => b.prominence - a.prominence);
  }
}

/** 1 where nothing stands out. */
function prominenceOf(values: readonly number[]): number {
  const ordered = values.toSorted((a, b) => a - b);
  const [usual = 0, largest = 0] = [ordered[ordered.length >> 1], ordered.at(-1)];
  return (1 + Math.max(0, largest)) / (1 + Math.max(0, usual));
}
