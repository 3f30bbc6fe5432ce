/**
 * Training turns a log into a version of a model: entries → windows → vectors → forest → report → files.
 *
 * Nothing is kept of the entries but the vectors of their windows and the counts of their slots, so memory grows with the
 * span and the number of devices, not with the number of logs.
 */
import { ForestScorer, type WindowForest } from '@edgewood/detection';
import type { FeatureExtractor } from '@edgewood/features';
import {
  IsolationForest,
  type IsolationForestParameters,
  offsetOf,
  resolveParameters,
  type Samples,
} from '@edgewood/isolation-forest';
import type { LogEntry } from '@edgewood/logs';
import { type Baseline, learnWindowNorms, type WindowNorms } from '@edgewood/surprise';
import { BaselineTraining } from './baseline-training.ts';
import { TrainingError } from './errors.ts';
import { covers, type ExcludedSpan, excludedTime } from './excluded-time.ts';
import { featureRows, newRowCount, type RowCount } from './feature-rows.ts';
import { keptWindows, type PlacedSamples } from './kept-windows.ts';
import { LogGaps } from './log-gaps.ts';
import {
  LEAST_NORMALISED_MS,
  normalisedMaxSamples,
  scaledSamples,
  smoothingFor,
  type WindowPlace,
  windowsOf,
} from './normalised-windows.ts';
import { SampleBuffer } from './sample-buffer.ts';
import { type SuspiciousHours, spansOfHours } from './suspicious-hours.ts';
import { createTrainingReport, type TrainingReport } from './training-report.ts';

/** A forest needs two windows that can differ. */
const FEWEST_WINDOWS = 2;

export interface TrainingInput {
  /** As they came; `inTimeOrder` says what comes too late. */
  readonly chunks: AsyncIterable<readonly LogEntry[]>;
  readonly extractor: FeatureExtractor;
  readonly parameters: Partial<IsolationForestParameters>;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Whether it is learnt too what is usual for each device; default no. */
  readonly withBaseline?: boolean | undefined;
  /**
   * Whether the forest sees windows by what is usual of their device and hour, and production smooths its scores. Default:
   * if there is a baseline, which keeps what is usual, and the windows cover {@link LEAST_NORMALISED_MS}. Needs a baseline.
   */
  readonly normalise?: boolean | undefined;
  /** Time that counts as not looked at; default none. */
  readonly excluded?: readonly ExcludedSpan[] | undefined;
  /** Whether suspicious hours are learnt from as well; default no. Without a baseline nothing is known to be suspicious. */
  readonly keepSuspicious?: boolean | undefined;
  /** Counts what has been read so far; for progress. */
  readonly count?: RowCount;
}

export interface TrainedModel {
  readonly forest: IsolationForest;
  /** How production lets the forest see windows. */
  readonly windowForest: WindowForest;
  /** The windows as the forest saw them. */
  readonly samples: Samples;
  readonly report: TrainingReport;
  /** If it was asked for. */
  readonly baseline: Baseline | undefined;
}

/**
 * Fits a forest on the windows of a log.
 *
 * @throws {TrainingError} `NO_ENTRIES` if the log has none of the extractor's programs in the span; `TOO_FEW_WINDOWS` if
 *   there are fewer than two windows, or fewer than an integer `maxSamples` asks for.
 * @throws {ForestError} `BAD_INPUT` if a parameter is out of its range; parameters are checked before anything is read.
 * @throws {SurpriseError} `BAD_BASELINE` if the baseline exceeds what a file may have.
 */
export async function trainModel(input: TrainingInput): Promise<TrainedModel> {
  const { extractor } = input;
  const parameters = resolveParameters(input.parameters);
  const buffer = new SampleBuffer(extractor.names.length);
  const read: WindowPlace[] = [];
  let excludedWindows = 0;
  const count = input.count ?? newRowCount();
  const excluded = input.excluded ?? [];
  const isExcluded = excludedTime(excluded);
  const learning = input.withBaseline === true ? new BaselineTraining(extractor.agent, isExcluded) : undefined;
  const selection = { programs: extractor.programs, fromMs: input.fromMs, toMs: input.toMs };
  const gaps = new LogGaps();
  const rows = featureRows(input.chunks, extractor, selection, count, (entries) => {
    gaps.add(entries);
    learning?.add(entries);
  });
  for await (const { vector, fromMs, deviceId } of rows) {
    if (isExcluded(fromMs, fromMs + extractor.windowMs, deviceId)) {
      excludedWindows += 1;
      continue;
    }
    buffer.add(vector);
    read.push({ fromMs, deviceId });
  }
  if (count.entries === 0) throw noEntries(extractor);
  checkWindowCount(read.length, input.parameters.maxSamples);
  const suspicious = input.keepSuspicious === true ? undefined : learning?.leaveOutSuspicious();
  const { samples, places } = withoutHours({ samples: buffer.samples, places: read }, suspicious, extractor.windowMs);
  const isNormalised = input.normalise ?? coversEnough(places, extractor.windowMs);
  const norms = learning && isNormalised ? learnWindowNorms(extractor.names, windowsOf(samples, places)) : undefined;
  const baseline = learning?.finish(norms);
  const { windowForest, seen, scores } = fitWindows(
    parameters,
    { samples, places },
    baseline?.windowNorms,
    extractor.windowMs,
  );
  const { forest } = windowForest;
  const report = createTrainingReport({
    forest,
    featureNames: extractor.names,
    samples,
    seen,
    scores,
    places,
    windowMs: extractor.windowMs,
    entries: count.entries,
    holes: gaps.holes().filter((hole) => !excluded.some((span) => covers(span, hole))),
    leftOut: { excluded, excludedWindows, suspicious, suspiciousWindows: read.length - places.length },
  });
  return { forest, windowForest, samples: seen, report, baseline };
}

function withoutHours(
  windows: PlacedSamples,
  suspicious: SuspiciousHours | undefined,
  windowMs: number,
): PlacedSamples {
  const isSuspicious = excludedTime(spansOfHours(suspicious?.leftOut ?? []));
  return keptWindows(windows, ({ fromMs, deviceId }) => !isSuspicious(fromMs, fromMs + windowMs, deviceId));
}

/**
 * Fits the forest on windows as production lets it see them, and finds its offset by the scores that production will have.
 *
 * @param norms as the baseline's file will give them back: what was tried is what is used.
 */
function fitWindows(
  parameters: IsolationForestParameters,
  { samples, places }: PlacedSamples,
  norms: WindowNorms | undefined,
  windowMs: number,
): { windowForest: WindowForest; seen: Samples; scores: Float64Array } {
  // The names stand in the metadata: a named forest makes scikit-learn warn when it is given plain lists.
  if (norms === undefined) {
    const forest = new IsolationForest(parameters).fit(samples);
    return { windowForest: { forest }, seen: samples, scores: forest.scoreSamples(samples) };
  }
  const maxSamples = normalisedMaxSamples(parameters.maxSamples, samples.nSamples);
  const seen = scaledSamples(samples, places, norms);
  const { state } = new IsolationForest({ ...parameters, maxSamples }).fit(seen);
  const view = { norms, smoothing: smoothingFor(windowMs) };
  const scorer = new ForestScorer({ forest: IsolationForest.fromState(state), ...view }, windowMs);
  const scores = Float64Array.from(scorer.score([...windowsOf(samples, places)]), ({ score }) => score);
  const { contamination } = parameters;
  const offset = contamination === 'auto' ? state.offset : offsetOf(scores, contamination);
  const forest = IsolationForest.fromState({ ...state, offset });
  return { windowForest: { forest, ...view }, seen, scores };
}

function coversEnough(places: readonly WindowPlace[], windowMs: number): boolean {
  return (places.at(-1)?.fromMs ?? 0) + windowMs - (places[0]?.fromMs ?? 0) >= LEAST_NORMALISED_MS;
}

function noEntries({ agent, programs }: FeatureExtractor): TrainingError {
  return new TrainingError(
    'NO_ENTRIES',
    `no entry of the ${agent} agent's programs (${programs.join(', ')}) in the span`,
  );
}

function checkWindowCount(windows: number, maxSamples: IsolationForestParameters['maxSamples'] | undefined): void {
  const needed = typeof maxSamples === 'number' ? Math.max(maxSamples, FEWEST_WINDOWS) : FEWEST_WINDOWS;
  if (windows >= needed) return;
  throw new TrainingError(
    'TOO_FEW_WINDOWS',
    `the log gives ${windows} windows, but ${needed} are needed; use a longer span, shorter windows or a smaller max_samples`,
  );
}
