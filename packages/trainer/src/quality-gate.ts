/**
 * The quality gate stands between training and saving: a version that cannot tell anything from anything, or that learnt
 * from half a log, is not written unless it is asked for by force.
 */
import type { IsolationForestParameters } from '@edgewood/isolation-forest';
import { TrainingError } from './errors.ts';
import type { LogGap } from './log-gaps.ts';
import type { Quantiles } from './quantiles.ts';

/** With fewer windows the rarest in a hundred is none. */
export const FEWEST_GOOD_WINDOWS = 100;
/** So many features must vary at least, of those that there are. */
const FEWEST_VARYING_FEATURES = 2;
/** The share below the offset is far from the contamination beyond three times it, or at nothing where so many are due. */
const FAR = { times: 3, windows: 10 };
/** With `auto` there is no share to be near to; more than half cannot be what is abnormal. */
const MOST_BELOW_AUTO = 0.5;
/** Holes may be so much of the log. */
const MOST_HOLES_SHARE = 0.05;
/** So many of the names or holes are told. */
const TOLD = 10;

const HOUR_MS = 3_600_000;

/** What the gate looks at. */
export interface TrainingEvidence {
  readonly report: {
    readonly windows: number;
    /** Unix milliseconds: the beginning of the first window and the end of the last. */
    readonly fromMs: number;
    readonly toMs: number;
    /** Of the windows, those whose decision is below 0. */
    readonly anomalousShare: number;
    readonly featureQuantiles: Readonly<Record<string, Pick<Quantiles, 'min' | 'max'>>>;
    /** Where nothing was logged for far longer than usual. */
    readonly holes: readonly LogGap[];
  };
  readonly contamination: IsolationForestParameters['contamination'];
  /** What the export's manifest says against the file, a sentence each. */
  readonly manifestProblems: readonly string[];
}

/** Everything that speaks against saving a version, a sentence each; nothing if it is good. Pure. */
export function qualityProblems({ report, contamination, manifestProblems }: TrainingEvidence): readonly string[] {
  return [
    ...windowProblems(report.windows),
    ...featureProblems(report.featureQuantiles),
    ...shareProblems(report.windows, report.anomalousShare, contamination),
    ...holeProblems(report),
    ...manifestProblems,
  ];
}

/**
 * Lets a good version pass, and a poor one by force.
 *
 * @param problems as {@link qualityProblems} finds them.
 * @throws {TrainingError} `POOR_MODEL` with all problems, unless `force`.
 */
export function assertGoodQuality(problems: readonly string[], { force }: { readonly force: boolean }): void {
  if (problems.length === 0 || force) return;
  throw new TrainingError(
    'POOR_MODEL',
    `the model is not saved: ${problems.join('; ')}; --force saves it all the same`,
  );
}

function windowProblems(windows: number): string[] {
  if (windows >= FEWEST_GOOD_WINDOWS) return [];
  return [`there are ${windows} windows, and a good model needs ${FEWEST_GOOD_WINDOWS}`];
}

function featureProblems(quantiles: TrainingEvidence['report']['featureQuantiles']): string[] {
  const names = Object.keys(quantiles);
  const constant = names.filter((name) => quantiles[name]?.min === quantiles[name]?.max);
  const varying = names.length - constant.length;
  if (varying >= Math.min(FEWEST_VARYING_FEATURES, names.length)) return [];
  const told = `${constant.slice(0, TOLD).join(', ')}${constant.length > TOLD ? ', …' : ''}`;
  const much = varying === 0 ? 'nothing' : 'hardly anything';
  return [`${constant.length} of ${names.length} features never change, so the forest can tell ${much} apart: ${told}`];
}

function shareProblems(
  windows: number,
  share: number,
  contamination: IsolationForestParameters['contamination'],
): string[] {
  const below = Math.round(share * windows);
  const seen = `${below} of ${windows} windows score below the offset`;
  if (contamination === 'auto') {
    return share > MOST_BELOW_AUTO ? [`${seen}: more than half cannot be abnormal`] : [];
  }
  const due = contamination * windows;
  const tooMany = below > FAR.times * due && below > FAR.windows;
  const tooFew = below === 0 && due >= FAR.windows;
  return tooMany || tooFew ? [`${seen}, and a contamination of ${contamination} means ${Math.round(due)}`] : [];
}

function holeProblems({ holes, fromMs, toMs }: TrainingEvidence['report']): string[] {
  const missingMs = holes.reduce((sum, hole) => sum + hole.toMs - hole.fromMs, 0);
  if (missingMs <= MOST_HOLES_SHARE * (toMs - fromMs)) return [];
  const percent = Math.round((100 * missingMs) / (toMs - fromMs));
  return [`the log has holes in ${percent} % of its time: ${describeHoles(holes)}`];
}

/** `2025-05-03T10:00Z to 2025-05-04T02:00Z (16 h)`, of the first ten. */
export function describeHoles(holes: readonly LogGap[]): string {
  const told = holes.slice(0, TOLD).map(({ fromMs, toMs }) => {
    return `${minuteOf(fromMs)} to ${minuteOf(toMs)} (${Math.round((toMs - fromMs) / HOUR_MS)} h)`;
  });
  return `${told.join(', ')}${holes.length > TOLD ? `, and ${holes.length - TOLD} more` : ''}`;
}

function minuteOf(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16)}Z`;
}
