/**
 * From what both detectors said of days that they had not learnt from, the thresholds that keep an alert budget. Pure.
 *
 * A budget of one a device and week leaves a handful of episodes in a week of eight devices, and each may be a true
 * incident. So thresholds are not read where the budget is, but where three times as many episodes are, and carried on
 * from there: surprises along the tail that they usually have, scores of a forest along their own.
 */
import { EPISODE_GAP_MS, joinEpisodes } from '@edgewood/detection';

/** How odd a detector found a window, or a slot, of days that were held out. */
export interface HeldOutScore {
  /** `null` if the window holds all devices. */
  readonly deviceId: string | null;
  /** Its end, Unix milliseconds. */
  readonly atMs: number;
  /** Higher is worse, whichever detector: of a forest the negative of scikit-learn's. */
  readonly score: number;
}

/** What the detectors of an agent said, in order of time; undefined of a detector that it has not. */
export interface HeldOutScores {
  readonly forest?: readonly HeldOutScore[] | undefined;
  readonly surprise?: readonly HeldOutScore[] | undefined;
  /** How many devices have windows; 1 if windows hold all devices. */
  readonly devices: number;
}

/** Where alarms of an agent begin, as its metadata has it. */
export interface BudgetThresholds {
  /** A scikit-learn score in `(-1, 0)`: below it is an alarm. */
  readonly forest?: number;
  /** From it on is an alarm. */
  readonly surprise?: number;
}

/** What an agent's alarms are and will be, if days to come are like those held out. */
export interface AgentShare {
  readonly thresholds: BudgetThresholds;
  /** Of the budget, in episodes of each of the agent's devices and week. */
  readonly perDeviceAndWeek: number;
  readonly expectedPerDeviceAndWeek: number;
}

export interface BudgetChoice {
  readonly agents: ReadonlyMap<string, AgentShare>;
  /** Of all agents and devices together, in a week. */
  readonly expectedPerWeek: number;
  /** Whether the budget leaves less than one episode in the days held out, so that these do not show it. */
  readonly extrapolated: boolean;
}

export interface HeldOutDays {
  readonly agents: ReadonlyMap<string, HeldOutScores>;
  /** How many devices there are, whatever an agent sees of them; at least 1. */
  readonly devices: number;
  /** How much time was held out, in milliseconds. */
  readonly spanMs: number;
}

const WEEK_MS = 604_800_000;
/** Of the budget that all forests get together where there is surprise too, which finds far more at the same price. */
const FOREST_SHARE = 1 / 8;
/** Thresholds are read where there are so many times as many episodes as the budget has. */
const ANCHOR = 3;
/** The fewest episodes by which a forest's tail is read; its slope is read at four times as many. */
const FEWEST_EPISODES = 3;
const SLOPE = 4;
/** Surprises are usually so rare: 4.3 once a device and week. Measured on generated months; the tail is a broken line. */
const USUAL = { score: 4.3, decadesPerUnit: 0.32, bendScore: 3, decadesBelowBend: 0.55, least: 0.5 };
/** Held-out days with so many episodes weigh as much as what is usual; and move a threshold by at most so much. */
const SHRINKAGE = { episodes: 48, most: 1.5 };
/** The budget itself counts as much as so many weeks of a device; two episodes of each agent are taken for granted. */
const BELIEF = { deviceWeeks: 8, episodes: 2 };
/** A forest scores in `[-1, 0)`. */
const FOREST_BOUNDS = { worst: 0.9999, least: 0.0001 };

/**
 * The thresholds of all agents that share a budget: one for all surprises, since they mean the same in every agent, and one
 * for each forest. Each agent's share of the budget is as large as its part of what they are expected to find.
 *
 * @param perDeviceAndWeek the budget of all agents together.
 */
export function chooseThresholds(heldOut: HeldOutDays, perDeviceAndWeek: number): BudgetChoice {
  const deviceWeeks = (heldOut.spanMs / WEEK_MS) * heldOut.devices;
  const all = [...heldOut.agents];
  const surprises = all.flatMap(([, { surprise }]) => surprise ?? []).sort((a, b) => a.atMs - b.atMs);
  const forests = all.filter(([, { forest }]) => forest !== undefined).length;
  const hasSurprise = all.some(([, { surprise }]) => surprise !== undefined);
  const forestBudget = (perDeviceAndWeek * (hasSurprise ? FOREST_SHARE : 1)) / Math.max(1, forests);
  const surprise = surpriseThreshold(surprises, perDeviceAndWeek - forestBudget * forests, deviceWeeks);
  const chosen = all.map(([agent, scores]) => {
    const forest = scores.forest && forestThreshold(scores.forest, forestBudget * deviceWeeks);
    const thresholds = { ...(forest !== undefined && { forest }), ...(scores.surprise && { surprise }) };
    return { agent, devices: scores.devices, thresholds, alarms: alarmsAmong(scores, thresholds) };
  });
  const together = episodesAmong(chosen.flatMap(({ alarms }) => alarms).sort((a, b) => a.atMs - b.atMs));
  const expected = (together + BELIEF.deviceWeeks * perDeviceAndWeek) / (deviceWeeks + BELIEF.deviceWeeks);
  const weights = chosen.map(({ alarms }) => episodesAmong(alarms) + BELIEF.episodes);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const agents = chosen.map(({ agent, devices, thresholds }, at): [string, AgentShare] => {
    const part = ((weights[at] ?? 0) / sum) * (heldOut.devices / Math.max(1, devices));
    const share = { perDeviceAndWeek: perDeviceAndWeek * part, expectedPerDeviceAndWeek: expected * part };
    return [agent, { thresholds, ...share }];
  });
  return {
    agents: new Map(agents),
    expectedPerWeek: expected * heldOut.devices,
    extrapolated: perDeviceAndWeek * deviceWeeks < 1,
  };
}

/**
 * The usual threshold, moved by how far the held-out days are from what is usual: the more, the more episodes they had.
 *
 * @returns with two decimals.
 */
function surpriseThreshold(scores: readonly HeldOutScore[], perDeviceAndWeek: number, deviceWeeks: number): number {
  const usual = usualThreshold(perDeviceAndWeek);
  const anchor = Math.max(1, ANCHOR * perDeviceAndWeek * deviceWeeks);
  const level = levelWith(scores, anchor) ?? USUAL.least;
  const episodes = episodesAmong(scores.filter(({ score }) => score >= level));
  if (episodes === 0) return round(usual, 2);
  const distance = level - usualThreshold(episodes / deviceWeeks);
  const bounded = Math.max(-SHRINKAGE.most, Math.min(SHRINKAGE.most, distance));
  const moved = usual + (bounded * episodes) / (episodes + SHRINKAGE.episodes);
  return round(Math.max(USUAL.least, moved), 2);
}

/** The surprise from which on there are usually so many episodes a device and week. */
function usualThreshold(perDeviceAndWeek: number): number {
  const { score, decadesPerUnit, bendScore, decadesBelowBend } = USUAL;
  const threshold = score - Math.log10(perDeviceAndWeek) / decadesPerUnit;
  return threshold >= bendScore ? threshold : bendScore - ((bendScore - threshold) * decadesPerUnit) / decadesBelowBend;
}

/**
 * Along the tail of the scores themselves; where they have none, as they are.
 *
 * @returns a scikit-learn score with four decimals; undefined if there are no scores.
 */
function forestThreshold(scores: readonly HeldOutScore[], budgeted: number): number | undefined {
  if (scores.length === 0) return undefined;
  const anchor = Math.max(FEWEST_EPISODES, ANCHOR * budgeted);
  const [level, lower] = [levelWith(scores, anchor), levelWith(scores, SLOPE * anchor)];
  const steps = Math.log(anchor / budgeted) / Math.log(SLOPE);
  const carried = level === undefined || lower === undefined ? undefined : level + (level - lower) * steps;
  const chosen = carried ?? levelWith(scores, Math.max(1, budgeted)) ?? worstOf(scores);
  return -round(Math.max(FOREST_BOUNDS.least, Math.min(FOREST_BOUNDS.worst, chosen)), 4);
}

function worstOf(scores: readonly HeldOutScore[]): number {
  return scores.reduce((worst, { score }) => Math.max(worst, score), Number.NEGATIVE_INFINITY);
}

/** The lowest score from which on there are no more episodes than these; undefined if there are never more. */
function levelWith(scores: readonly HeldOutScore[], episodes: number): number | undefined {
  const worstFirst = scores.map(({ score }) => score).sort((a, b) => b - a);
  const isTooLow = (rank: number) => {
    const level = worstFirst[rank] ?? Number.NEGATIVE_INFINITY;
    return episodesAmong(scores.filter(({ score }) => score >= level)) > episodes;
  };
  let low = Math.floor(episodes); // so many alarms, and one more, can be more episodes
  while (low < worstFirst.length && !isTooLow(low)) low = Math.ceil((low + 1) * 1.1);
  if (low >= worstFirst.length) return undefined;
  let high = Math.min(low, Math.floor(episodes));
  while (high < low) {
    const middle = (high + low) >> 1;
    if (isTooLow(middle)) low = middle;
    else high = middle + 1;
  }
  const tooLow = worstFirst[low] ?? Number.NEGATIVE_INFINITY;
  return worstFirst.slice(0, low).findLast((score) => score > tooLow) ?? tooLow;
}

function alarmsAmong({ forest = [], surprise = [] }: HeldOutScores, thresholds: BudgetThresholds): HeldOutScore[] {
  const { forest: below = Number.NEGATIVE_INFINITY, surprise: from = Number.POSITIVE_INFINITY } = thresholds;
  const alarms = [...forest.filter(({ score }) => -score < below), ...surprise.filter(({ score }) => score >= from)];
  return alarms.sort((a, b) => a.atMs - b.atMs);
}

function episodesAmong(alarms: readonly HeldOutScore[]): number {
  return joinEpisodes(alarms, {
    placeOf: ({ deviceId, atMs }) => ({ deviceId, fromMs: atMs, toMs: atMs }),
    isWorse: () => false,
    gapMs: EPISODE_GAP_MS,
  }).length;
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
