/**
 * Judges a version on trial by what its service tells of it and by what its training promised. Pure.
 *
 * Production differs from training by chance alone, so that what is measured counts only if chance would do it less than
 * once in ten thousand times. Few windows prove nothing; then the judgement says what it could not judge.
 */
import type { ModelMetadata, ModelReport } from '@edgewood/models';
import { binomialTail } from './binomial-tail.ts';

/** What chance alone would do less often than this counts. */
const SIGNIFICANCE = 1e-4;
/** So many times the promised share of anomalies is still believed: no two weeks are alike. */
const TOLERATED_MULTIPLE = 3;
/** A report has its scores to 0.001. */
const SCORE_ROUNDING = 0.0005;

export type TrialJudgement =
  /** @param note what is still missing, for people. */
  | { readonly kind: 'wait'; readonly isTakenUp: boolean; readonly note: string }
  | { readonly kind: 'commit'; readonly note: string }
  | { readonly kind: 'roll-back'; readonly code: 'VERSION_REFUSED' | 'TRIAL_FAILED'; readonly reason: string };

/** All that a judgement depends on. */
export interface TrialEvidence {
  /** The version on trial. */
  readonly version: string;
  readonly metadata: Pick<ModelMetadata, 'hyperparameters' | 'score_quantiles' | 'report'>;
  /** What was told of an agent before the version was live; undefined: nothing. */
  readonly before: ModelReport | undefined;
  readonly now: ModelReport;
  /** Whether the agent was once seen to use the version. */
  readonly wasTakenUp: boolean;
  /** After so many cycles without a reason against it the version is well; 0: as soon as it is in use. */
  readonly watchCycles: number;
}

/**
 * Judges what one agent does with the version. Against it speaks, in this order: that the service refuses it or goes over to
 * another; cycles that fail now and did not before; more anomalies than training promised; scores that have shifted.
 */
export function judgeTrial(evidence: TrialEvidence): TrialJudgement {
  const notInUse = judgeUse(evidence);
  if (notInUse !== undefined) return notInUse;
  const { now, watchCycles } = evidence;
  if (watchCycles === 0) return { kind: 'commit', note: 'in use; not watched' };
  const failure = failureOf(evidence);
  const findings = [shareOf(evidence), shiftOf(evidence)];
  const against = [failure, ...findings.map(({ against: reason }) => reason)].filter((reason) => reason !== undefined);
  if (against.length > 0) return { kind: 'roll-back', code: 'TRIAL_FAILED', reason: against.join('; ') };
  const { cycles, failed_cycles: failed } = now.since_loaded;
  const done = cycles + failed;
  if (done < watchCycles) return { kind: 'wait', isTakenUp: true, note: `${done} of ${watchCycles} cycles` };
  const notes = [`${cycles} cycles${failed > 0 ? `, ${failed} that failed` : ''}`, ...findings.map(({ note }) => note)];
  return { kind: 'commit', note: notes.join('; ') };
}

function judgeUse({ version, before, now, wasTakenUp }: TrialEvidence): TrialJudgement | undefined {
  // Just after the links were moved the report may still be of the time before: that problem is not this version's.
  const isOld = !wasTakenUp && before !== undefined && now.problem === before.problem && now.version === before.version;
  if (now.problem !== null && !isOld) {
    return { kind: 'roll-back', code: 'VERSION_REFUSED', reason: `the service refused it: ${now.problem}` };
  }
  if (now.version === version && now.problem === null) return undefined;
  const used = now.version === null ? 'no version' : now.version;
  const why = now.problem === null ? '' : `: ${now.problem}`;
  if (!wasTakenUp) return { kind: 'wait', isTakenUp: false, note: `the service uses ${used}${why}` };
  return { kind: 'roll-back', code: 'VERSION_REFUSED', reason: `the service went over to ${used}` };
}

/** Failures that the version before did not have in its last cycle are the new one's. */
function failureOf({ before, now }: TrialEvidence): string | undefined {
  const { cycles, failed_cycles: failed, last_error: error } = now.since_loaded;
  if (failed === 0 || error === null) return undefined; // one that was got over proves nothing
  const errorBefore = before?.since_loaded.last_error ?? null;
  if (errorBefore !== null) return undefined;
  const known = before === undefined ? 'of the time before nothing is known' : 'before, its cycles did not fail';
  return `${failed} of ${cycles + failed} cycles failed, the last with: ${error}; ${known}`;
}

interface Finding {
  /** Why to take the version back. */
  readonly against?: string;
  /** The numbers, or why there are none. */
  readonly note: string;
}

function shareOf({ metadata, now }: TrialEvidence): Finding {
  const { windows, anomalies } = now.since_loaded;
  const promised = promisedShare(metadata);
  if (windows === 0) return { note: 'no window was scored: nothing could be judged of scores and anomalies' };
  const seen = `${anomalies} of ${windows} windows are anomalies (${percent(anomalies / windows)})`;
  if (promised === undefined) return { note: `${seen}; training promised no share, so that it was not judged` };
  const limit = promised * TOLERATED_MULTIPLE;
  const numbers = `${seen}, training promised ${percent(promised)}`;
  if (limit >= 1) return { note: `${numbers}, which allows any share` };
  const chance = binomialTail(windows, anomalies, limit);
  if (chance < SIGNIFICANCE) {
    const against = `${numbers}; even with ${percent(limit)} that comes by chance only with p = ${chance.toExponential(1)}`;
    return { against, note: numbers };
  }
  // All of them would have to be anomalies, and that could still be chance.
  const isTooFew = binomialTail(windows, windows, limit) >= SIGNIFICANCE;
  return { note: isTooFew ? `${numbers}; too few windows to judge it` : numbers };
}

/** In (0, 1); undefined if training did not say. */
function promisedShare({ hyperparameters, report }: TrialEvidence['metadata']): number | undefined {
  const { contamination } = hyperparameters;
  const share = typeof contamination === 'number' ? contamination : report?.anomalous_share;
  return typeof share === 'number' && share > 0 && share < 1 ? share : undefined;
}

/**
 * The median of production's scores against the tails of training's. That half of the windows lie in a tail that a
 * twentieth of training's lay in needs, by chance, few windows.
 */
function shiftOf({ metadata: { score_quantiles: trained }, now }: TrialEvidence): Finding {
  const { windows, scores } = now.since_loaded;
  if (windows === 0 || scores === null) return { note: 'no scores' };
  const median = scores.p50;
  if (trained === undefined) return { note: `median score ${median}; the metadata has none to compare it with` };
  const half = Math.ceil(windows / 2);
  const numbers = `median score ${median}, in training ${decimal(trained.p50)} (5%: ${decimal(trained.p05)}, 99%: ${decimal(trained.p99)})`;
  const tail = tailOf(median, trained);
  if (tail === undefined) return { note: numbers };
  const chance = binomialTail(windows, half, tail.share);
  if (chance >= SIGNIFICANCE)
    return { note: `${numbers}; ${tail.words}, but ${windows} windows are too few to judge it` };
  const against = `the scores have shifted: ${numbers}; ${tail.words} by chance only with p = ${chance.toExponential(1)}`;
  return { against, note: numbers };
}

function tailOf(median: number, trained: { readonly p05: number; readonly p99: number }) {
  if (median < trained.p05 - SCORE_ROUNDING) return { share: 0.05, words: 'half of the windows are below the 5%' };
  if (median > trained.p99 + SCORE_ROUNDING) return { share: 0.01, words: 'half of the windows are above the 99%' };
  return undefined;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))}%`;
}

function decimal(score: number): string {
  return String(Number(score.toFixed(3)));
}
