/**
 * Compares how two versions judged the same time: what is live now, and a candidate. Pure, and the same for a service that
 * runs a candidate in the shadow and for a backtest of two versions.
 */
import { EPISODE_GAP_MS } from './join-episodes.ts';
import { episodesOf, type JudgedEpisode, type JudgedWindow, windowKey } from './judgement-episodes.ts';
import { rankCorrelation } from './rank-correlation.ts';

const WEEK_MS = 604_800_000;

/** What two versions made of the same time. */
export interface JudgementComparison<Of extends JudgedWindow = JudgedWindow> {
  /** Only time that both judged counts: from the later beginning to the earlier end, Unix milliseconds. */
  readonly span: { readonly fromMs: number; readonly toMs: number };
  /** Windows of the same device and time that both judged; none where the versions' windows differ in length. */
  readonly windows: number;
  /** So many of {@link windows} are an alarm to both, to one, to none. */
  readonly alarms: {
    readonly both: number;
    readonly current: number;
    readonly candidate: number;
    readonly none: number;
  };
  /** The share of {@link windows} that both judge alike, in [0, 1]; undefined without windows. */
  readonly agreement: number | undefined;
  /** Cohen's kappa, agreement beyond chance, at most 1; undefined where chance leaves nothing to agree on: no alarms, say. */
  readonly kappa: number | undefined;
  /** Spearman's, over {@link windows} that both have such a score of; undefined where there is no order. */
  readonly rankCorrelation: { readonly score: number | undefined; readonly surprise: number | undefined };
  /** How long devices were watched altogether, in weeks of one device. */
  readonly deviceWeeks: number;
  readonly episodes: {
    /** How many each has. */
    readonly current: number;
    readonly candidate: number;
    /** Those of the current version of which the candidate says nothing within half an hour: alerts that it avoids. */
    readonly avoided: readonly JudgedEpisode<Of>[];
    /** Those of the candidate of which the current version says nothing: alerts that would be new. */
    readonly added: readonly JudgedEpisode<Of>[];
  };
}

/**
 * @param current, candidate windows as they were judged, in order of time; none of a device twice at the same time.
 * @returns undefined if there is no time that both judged.
 */
export function compareJudgements<Of extends JudgedWindow>(
  current: readonly Of[],
  candidate: readonly Of[],
): JudgementComparison<Of> | undefined {
  const span = spanOfBoth(current, candidate);
  if (span === undefined) return undefined;
  const isWithin = ({ fromMs, toMs }: Of) => fromMs >= span.fromMs && toMs <= span.toMs;
  const [ofCurrent, ofCandidate] = [current.filter(isWithin), candidate.filter(isWithin)];
  const pairs = pairsOf(ofCurrent, ofCandidate);
  const alarms = countAlarms(pairs);
  const [episodes, others] = [episodesOf(ofCurrent, EPISODE_GAP_MS), episodesOf(ofCandidate, EPISODE_GAP_MS)];
  return {
    span,
    windows: pairs.length,
    alarms,
    ...agreementOf(alarms),
    rankCorrelation: { score: correlationOf(pairs, 'score'), surprise: correlationOf(pairs, 'surprise') },
    deviceWeeks: ofCurrent.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0) / WEEK_MS,
    episodes: {
      current: episodes.length,
      candidate: others.length,
      avoided: without(episodes, others),
      added: without(others, episodes),
    },
  };
}

function spanOfBoth(one: readonly JudgedWindow[], other: readonly JudgedWindow[]) {
  const [first, otherFirst, last, otherLast] = [one[0], other[0], one.at(-1), other.at(-1)];
  if (first === undefined || otherFirst === undefined || last === undefined || otherLast === undefined)
    return undefined;
  const fromMs = Math.max(first.fromMs, otherFirst.fromMs);
  const toMs = Math.min(last.toMs, otherLast.toMs);
  return fromMs < toMs ? { fromMs, toMs } : undefined;
}

type Pair = readonly [current: JudgedWindow, candidate: JudgedWindow];

function pairsOf(current: readonly JudgedWindow[], candidate: readonly JudgedWindow[]): readonly Pair[] {
  const others = new Map(candidate.map((window) => [windowKey(window), window]));
  return current.flatMap((window): Pair[] => {
    const other = others.get(windowKey(window));
    return other === undefined ? [] : [[window, other]];
  });
}

function countAlarms(pairs: readonly Pair[]): JudgementComparison['alarms'] {
  const counts = { both: 0, current: 0, candidate: 0, none: 0 };
  for (const [current, candidate] of pairs) {
    if (current.anomalous) counts[candidate.anomalous ? 'both' : 'current'] += 1;
    else counts[candidate.anomalous ? 'candidate' : 'none'] += 1;
  }
  return counts;
}

/** J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20 (1960). */
function agreementOf({ both, current, candidate, none }: JudgementComparison['alarms']) {
  const windows = both + current + candidate + none;
  if (windows === 0) return { agreement: undefined, kappa: undefined };
  const agreement = (both + none) / windows;
  const [alarming, alarmingToo] = [(both + current) / windows, (both + candidate) / windows];
  const byChance = alarming * alarmingToo + (1 - alarming) * (1 - alarmingToo);
  return { agreement, kappa: byChance === 1 ? undefined : (agreement - byChance) / (1 - byChance) };
}

function correlationOf(pairs: readonly Pair[], of: 'score' | 'surprise'): number | undefined {
  const scored = pairs.flatMap(([current, candidate]): (readonly [number, number])[] => {
    const [one, other] = [current[of], candidate[of]];
    return one === null || other === null ? [] : [[one, other]];
  });
  return rankCorrelation(
    scored.map(([one]) => one),
    scored.map(([, other]) => other),
  );
}

/** Those episodes near which none of the others is, on the same device. */
function without<Of extends JudgedWindow>(
  episodes: readonly JudgedEpisode<Of>[],
  others: readonly JudgedEpisode<Of>[],
): readonly JudgedEpisode<Of>[] {
  const ofDevice = Map.groupBy(others, ({ deviceId }) => deviceId);
  return episodes.filter(({ deviceId, fromMs, toMs }) => {
    const near = ofDevice.get(deviceId) ?? [];
    return !near.some((other) => other.fromMs - toMs <= EPISODE_GAP_MS && fromMs - other.toMs <= EPISODE_GAP_MS);
  });
}
