/**
 * A forest finds more if a busy device and a quiet one, a working day and a night are measured by what is usual of them, if
 * its trees are grown on many windows, and if a window is judged with those just before it. These belong together: trees
 * of few windows tell distances no better than raw counts.
 */
import type { ScoreSmoothing } from '@edgewood/detection';
import type { IsolationForestParameters, Samples } from '@edgewood/isolation-forest';
import { type NormWindow, scaleByNorms, type WindowNorms } from '@edgewood/surprise';

/** Where a row of samples comes from. */
export interface WindowPlace {
  /** Unix milliseconds UTC. */
  readonly fromMs: number;
  /** `null` if windows hold all devices. */
  readonly deviceId: string | null;
}

/** So long a training must be to be normalised unasked, in milliseconds: six days have had a day of a weekend, whenever they began. */
export const LEAST_NORMALISED_MS = 518_400_000;
/** What `auto` is for normalised windows: so many for each tree, or all there are. */
const WINDOWS_PER_TREE = 16_384;
/** Found on generated months, where windows are of five minutes. */
const SMOOTHING = { weight: 0.3, windows: 12, longestMs: 3_600_000 };

/** @returns undefined for windows so long that none before them is near. */
export function smoothingFor(windowMs: number): ScoreSmoothing | undefined {
  const windows = Math.min(SMOOTHING.windows, Math.floor(SMOOTHING.longestMs / windowMs));
  return windows > 1 ? { weight: SMOOTHING.weight, windows } : undefined;
}

/** `auto` is more than scikit-learn's 256; whatever else was asked for is left. */
export function normalisedMaxSamples(
  asked: IsolationForestParameters['maxSamples'],
  windows: number,
): IsolationForestParameters['maxSamples'] {
  return asked === 'auto' ? Math.min(WINDOWS_PER_TREE, windows) : asked;
}

/** The windows that rows of samples are of. */
export function* windowsOf(samples: Samples, places: readonly WindowPlace[]): Generator<NormWindow> {
  const { data, nFeatures } = samples;
  for (const [row, place] of places.entries()) {
    yield { ...place, vector: Float64Array.from(data.subarray(row * nFeatures, (row + 1) * nFeatures)) };
  }
}

/** Samples as a forest with norms sees them. */
export function scaledSamples(samples: Samples, places: readonly WindowPlace[], norms: WindowNorms): Samples {
  const { nSamples, nFeatures } = samples;
  const data = new Float64Array(nSamples * nFeatures);
  let at = 0;
  for (const { vector, deviceId, fromMs } of windowsOf(samples, places)) {
    data.set(scaleByNorms(norms, vector, deviceId, fromMs), at);
    at += nFeatures;
  }
  return { data, nSamples, nFeatures };
}
