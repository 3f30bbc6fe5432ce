/**
 * The report of a training run answers one question for a person: was this data normal? It shows what the features look
 * like, how much of the training data the model itself finds abnormal, and which windows those are.
 */
import type { IsolationForest, Samples } from '@edgewood/isolation-forest';
import type { ExcludedSpan } from './excluded-time.ts';
import type { LogGap } from './log-gaps.ts';
import type { WindowPlace } from './normalised-windows.ts';
import { describeHoles } from './quality-gate.ts';
import { type Quantiles, quantilesOf } from './quantiles.ts';
import type { SuspiciousHours } from './suspicious-hours.ts';

/** How many of the most anomalous windows a report lists. */
export const REPORTED_WINDOWS = 10;
/** How many features a reported window names as its reasons. */
const REPORTED_REASONS = 3;

/** A window of the training data that the model finds odd. */
export interface ReportedWindow {
  readonly fromMs: number;
  readonly deviceId: string | null;
  readonly score: number;
  readonly decision: number;
  /** The features that made it odd, the strongest first. */
  readonly reasons: readonly { readonly feature: string; readonly value: number }[];
}

/** What was not learnt from. */
export interface LeftOutTime {
  /** As it was asked for. */
  readonly excluded: readonly ExcludedSpan[];
  /** Windows that are not training samples for this. */
  readonly excludedWindows: number;
  /** Undefined if nobody looked: hours that surprise by what was learnt with them in it. */
  readonly suspicious: SuspiciousHours | undefined;
  readonly suspiciousWindows: number;
}

export interface TrainingReport {
  readonly entries: number;
  readonly windows: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly devices: readonly string[];
  readonly offset: number;
  /** Share of the training windows whose decision is below 0. */
  readonly anomalousShare: number;
  readonly scoreQuantiles: Quantiles;
  readonly featureQuantiles: Readonly<Record<string, Quantiles>>;
  /** Lowest score first; at most {@link REPORTED_WINDOWS}, all with a decision below 0. */
  readonly mostAnomalous: readonly ReportedWindow[];
  /** Where nothing was logged of any device for far longer than usual, in order of time. */
  readonly holes: readonly LogGap[];
  readonly leftOut: LeftOutTime;
  /** What deserves a second look, a sentence each. */
  readonly warnings: readonly string[];
}

/** What a report is made of; `places[i]` tells where row `i` of the samples comes from. */
export interface ReportInput {
  readonly forest: IsolationForest;
  readonly featureNames: readonly string[];
  /** As the extractor gave them. */
  readonly samples: Samples;
  /** As the forest saw them. */
  readonly seen: Samples;
  /** Of the rows, as production will have them: smoothed, if it smooths them. */
  readonly scores: Float64Array;
  readonly places: readonly WindowPlace[];
  readonly windowMs: number;
  readonly entries: number;
  readonly holes: readonly LogGap[];
  readonly leftOut: LeftOutTime;
}

/** @param input at least one row; the forest is the one fitted on the samples that it saw. */
export function createTrainingReport(input: ReportInput): TrainingReport {
  const { forest, featureNames, samples, scores, places, windowMs } = input;
  const anomalous = scores
    .keys()
    .toArray()
    .filter((row) => scoreAt(scores, row) - forest.offset < 0);
  const featureQuantiles = Object.fromEntries(
    featureNames.map((name, column) => [name, quantilesOf(columnOf(samples, column))]),
  );
  return {
    entries: input.entries,
    windows: samples.nSamples,
    fromMs: places[0]?.fromMs ?? 0,
    toMs: (places.at(-1)?.fromMs ?? 0) + windowMs,
    devices: [...new Set(places.map((place) => place.deviceId).filter((device) => device !== null))],
    offset: forest.offset,
    anomalousShare: anomalous.length / samples.nSamples,
    scoreQuantiles: quantilesOf(scores),
    featureQuantiles,
    mostAnomalous: anomalous
      .sort((a, b) => scoreAt(scores, a) - scoreAt(scores, b))
      .slice(0, REPORTED_WINDOWS)
      .map((row) => reportedWindow(input, row, scoreAt(scores, row))),
    holes: input.holes,
    leftOut: input.leftOut,
    warnings: warningsOf(input, featureQuantiles),
  };
}

function reportedWindow(input: ReportInput, row: number, score: number): ReportedWindow {
  const { forest, featureNames, samples } = input;
  const vector = rowOf(samples, row);
  const contributions = forest.contributions(rowOf(input.seen, row));
  const reasons = featureNames
    .map((feature, column) => ({ feature, value: vector[column] ?? 0, contribution: contributions[column] ?? 0 }))
    .filter((reason) => reason.contribution < 0)
    .sort((a, b) => a.contribution - b.contribution)
    .slice(0, REPORTED_REASONS)
    .map(({ feature, value }) => ({ feature, value }));
  const place = input.places[row];
  return {
    fromMs: place?.fromMs ?? 0,
    deviceId: place?.deviceId ?? null,
    score,
    decision: score - forest.offset,
    reasons,
  };
}

function warningsOf(input: ReportInput, quantiles: Readonly<Record<string, Quantiles>>): string[] {
  const warnings: string[] = [];
  const { nSamples } = input.samples;
  if (nSamples < 256) {
    warnings.push(
      `only ${nSamples} windows: scikit-learn draws 256 for each tree; a longer span trains a better model`,
    );
  }
  const constant = input.featureNames.filter((name) => quantiles[name]?.min === quantiles[name]?.max);
  if (constant.length > 0) {
    warnings.push(`constant in this data, so no tree can split on them: ${constant.join(', ')}`);
  }
  if (input.holes.length > 0)
    warnings.push(`nothing was logged for far longer than usual: ${describeHoles(input.holes)}`);
  return warnings;
}

function scoreAt(scores: Float64Array, row: number): number {
  return scores[row] ?? Number.NaN;
}

function rowOf(samples: Samples, row: number): Float64Array {
  return Float64Array.from(samples.data.subarray(row * samples.nFeatures, (row + 1) * samples.nFeatures));
}

function columnOf(samples: Samples, column: number): Float64Array {
  return Float64Array.from(
    { length: samples.nSamples },
    (_, row) => samples.data[row * samples.nFeatures + column] ?? 0,
  );
}
