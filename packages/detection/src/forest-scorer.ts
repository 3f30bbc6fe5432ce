/**
 * How a version's forest sees windows. As scikit-learn does: vectors as they are, each by itself. Or, where training found
 * it so, in terms of what is usual of the device at the hour, and with the windows just before, since most of what matters
 * lasts longer than a window.
 */
import type { IsolationForest } from '@edgewood/isolation-forest';
import { type NormWindow, scaleByNorms, type WindowNorms } from '@edgewood/surprise';

/** The mean of a window's score and those before it, the nearest weighing most. */
export interface ScoreSmoothing {
  /** In (0, 1]: of what is left of the whole, the latest window weighs so much, the one before so much of the rest. */
  readonly weight: number;
  /** How many windows, the latest included; at least 1. */
  readonly windows: number;
}

export interface WindowForest {
  readonly forest: IsolationForest;
  /** Left out: vectors are taken as they are. */
  readonly norms?: WindowNorms | undefined;
  /** Left out: scores are those of windows by themselves. */
  readonly smoothing?: ScoreSmoothing | undefined;
}

/** What a forest makes of a window. */
export interface WindowScore {
  /** Shape `(features,)`: what the forest was shown, which its contributions are of. */
  readonly seen: Float64Array;
  /** In `[-1, 0)`: lower is more abnormal. */
  readonly score: number;
}

/** A score of a window by itself. */
interface PastScore {
  readonly fromMs: number;
  readonly score: number;
}

/** Scores windows one after the other; remembers the last ones of each device if scores are smoothed. */
export class ForestScorer {
  readonly #forest: WindowForest;
  readonly #windowMs: number;
  readonly #past = new Map<string | null, PastScore[]>();

  /** @param windowMs length of the windows, in milliseconds. */
  constructor(forest: WindowForest, windowMs: number) {
    this.#forest = forest;
    this.#windowMs = windowMs;
  }

  /** See {@link smoothingLookBackMs}. */
  get lookBackMs(): number {
    return smoothingLookBackMs(this.#forest, this.#windowMs);
  }

  /** Of how many devices windows are remembered: of those that had one lately. */
  get remembered(): number {
    return this.#past.size;
  }

  /**
   * Scores the next windows.
   *
   * @param windows any number, in order of time.
   * @returns element `i` is of window `i`.
   */
  score(windows: readonly NormWindow[]): readonly WindowScore[] {
    const seen = windows.map((window) => this.#seenOf(window));
    const scores = scoresOf(this.#forest.forest, seen);
    const all = windows.map(({ fromMs, deviceId }, row) => ({
      seen: seen[row] ?? new Float64Array(),
      score: this.#smoothed(deviceId, { fromMs, score: scores[row] ?? Number.NaN }),
    }));
    this.#forgetBefore((windows.at(-1)?.fromMs ?? Number.NEGATIVE_INFINITY) - this.lookBackMs);
    return all;
  }

  #seenOf({ vector, deviceId, fromMs }: NormWindow): Float64Array {
    const { norms } = this.#forest;
    return norms === undefined ? vector : scaleByNorms(norms, vector, deviceId, fromMs);
  }

  #smoothed(deviceId: string | null, latest: PastScore): number {
    const { smoothing } = this.#forest;
    if (smoothing === undefined) return latest.score;
    const isNear = ({ fromMs }: PastScore) => fromMs >= latest.fromMs - this.lookBackMs;
    const past = [...(this.#past.get(deviceId) ?? []).filter(isNear), latest];
    this.#past.set(deviceId, past);
    const [sum, whole] = past.reduce(
      ([scores, weights], { fromMs, score }) => {
        const weight = (1 - smoothing.weight) ** ((latest.fromMs - fromMs) / this.#windowMs);
        return [scores + weight * score, weights + weight];
      },
      [0, 0],
    );
    return sum / whole;
  }

  /** Devices that are gone would be remembered for ever. */
  #forgetBefore(timeMs: number): void {
    for (const [deviceId, past] of this.#past) {
      if ((past.at(-1)?.fromMs ?? timeMs) < timeMs) this.#past.delete(deviceId);
    }
  }
}

/** So long before a window its score looks back, in milliseconds. */
export function smoothingLookBackMs({ smoothing }: WindowForest, windowMs: number): number {
  return ((smoothing?.windows ?? 1) - 1) * windowMs;
}

function scoresOf(forest: IsolationForest, vectors: readonly Float64Array[]): Float64Array {
  const nFeatures = forest.nFeaturesIn;
  const data = new Float64Array(vectors.length * nFeatures);
  for (const [row, vector] of vectors.entries()) data.set(vector, row * nFeatures);
  return forest.scoreSamples({ data, nSamples: vectors.length, nFeatures });
}
