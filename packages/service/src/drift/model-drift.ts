/** How far what a model sees now has moved from what it was trained on. Pure. */
import type { ModelMetadata } from '@edgewood/models';
import { LEAST_VALUES, populationStability, type TrainingQuantiles } from './population-stability.ts';
import type { WindowSample } from './window-sample.ts';

/** Less time than this is not compared, in milliseconds: training had all hours of the day, a part of a day has not. */
export const LEAST_COVERED_MS = 86_400_000;

/** Where values lie; a part of what training keeps. */
export type ValueQuantiles = Pick<TrainingQuantiles, 'p05' | 'p25' | 'p50' | 'p75' | 'p95'>;

/** How far the values of one thing have moved. */
export interface Movement {
  /** The population stability index, at least 0; see `STABILITY_LEVELS`. */
  readonly index: number;
  /** In training, and in what was sampled. */
  readonly before: ValueQuantiles;
  readonly now: ValueQuantiles;
}

export interface FeatureMovement extends Movement {
  readonly feature: string;
}

/** How far what a version judges has moved from its training. */
export interface ModelDrift {
  readonly version: string;
  /** Of so many windows, which cover so many milliseconds. */
  readonly windows: number;
  readonly coveredMs: number;
  /** Why nothing can be said, in words; undefined if something is. */
  readonly unknown: string | undefined;
  /** Undefined if it is unknown, or training kept no quantiles of scores. */
  readonly score: Movement | undefined;
  /** The furthest first; those of which training kept quantiles. */
  readonly features: readonly FeatureMovement[];
}

/** @param sample of windows that this version judged. */
export function modelDrift(metadata: ModelMetadata, sample: WindowSample): ModelDrift {
  const { windows, coveredMs } = sample;
  const about = { version: metadata.model_version, windows, coveredMs };
  const unknown = unknownBecause(metadata, sample);
  if (unknown !== undefined) return { ...about, unknown, score: undefined, features: [] };
  const features = [...sample.features].flatMap(([feature, values]): FeatureMovement[] => {
    const movement = movementOf(metadata.feature_quantiles?.[feature], values);
    return movement === undefined ? [] : [{ feature, ...movement }];
  });
  return {
    ...about,
    unknown,
    score: movementOf(metadata.score_quantiles, sample.scores),
    features: features.sort((a, b) => b.index - a.index),
  };
}

function unknownBecause(metadata: ModelMetadata, { windows, coveredMs }: WindowSample): string | undefined {
  if (metadata.score_quantiles === undefined && metadata.feature_quantiles === undefined) {
    return 'the metadata has no quantiles of its training';
  }
  if (coveredMs < LEAST_COVERED_MS) {
    return `it has judged ${hours(coveredMs)} h, and less than ${hours(LEAST_COVERED_MS)} h are not compared`;
  }
  if (windows < LEAST_VALUES)
    return `it has judged ${windows} windows, and fewer than ${LEAST_VALUES} are not compared`;
  return undefined;
}

function hours(durationMs: number): number {
  return Math.floor(durationMs / 3_600_000);
}

function movementOf(before: TrainingQuantiles | undefined, values: Float64Array): Movement | undefined {
  const index = before === undefined ? undefined : populationStability(before, values);
  if (before === undefined || index === undefined) return undefined;
  const at = (share: number) => values[Math.floor(share * (values.length - 1))] ?? Number.NaN;
  const now = { p05: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) };
  const { p05, p25, p50, p75, p95 } = before;
  return { index, before: { p05, p25, p50, p75, p95 }, now };
}
