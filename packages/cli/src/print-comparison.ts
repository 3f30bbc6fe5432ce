import { compareJudgements, type JudgedEpisode, type JudgementComparison, reasonInWords } from '@edgewood/detection';
import type { ReplayedWindow } from './backtest-agent.ts';
import type { BacktestSide } from './print-backtest.ts';
import { type Column, formatNumber, formatTable, formatTime, printable, printLine } from './terminal.ts';

/** Episodes of one side only that are listed. */
const LISTED_EPISODES = 10;
const LISTED_REASONS = 2;
const REASONS_WIDTH = 80;

/** An episode that one side alone has. */
export interface Disagreement extends JudgedEpisode<ReplayedWindow> {
  readonly only: 'A' | 'B';
}

/** Two versions over the same time. */
export interface SideComparison extends JudgementComparison<ReplayedWindow> {
  /** What only one of them alarmed of, in order of time. */
  readonly disagreements: readonly Disagreement[];
}

/** @returns undefined if there is no time that both judged. */
export function compareSides(one: BacktestSide, other: BacktestSide): SideComparison | undefined {
  const comparison = compareJudgements(judgedOf(one), judgedOf(other));
  if (comparison === undefined) return undefined;
  const { avoided, added } = comparison.episodes;
  const onlyA = avoided.map((episode) => ({ ...episode, only: 'A' as const }));
  const onlyB = added.map((episode) => ({ ...episode, only: 'B' as const }));
  const disagreements = [...onlyA, ...onlyB].sort((a, b) => a.fromMs - b.fromMs);
  return { ...comparison, disagreements };
}

/** How far two versions agree, and the episodes that only one of them has; undefined: there is no time that both judged. */
export function printComparison(comparison: SideComparison | undefined): void {
  printLine();
  if (comparison === undefined) printLine('There is no time that both versions judged.');
  for (const line of comparison === undefined ? [] : agreementInWords(comparison)) printLine(line);
  const disagreements = comparison?.disagreements ?? [];
  if (disagreements.length === 0) return;
  const worst = disagreements.toSorted((a, b) => oddness(b) - oddness(a)).slice(0, LISTED_EPISODES);
  printLine();
  printLine(formatOneSided(worst.sort((a, b) => a.fromMs - b.fromMs).map(oneSidedOf)));
}

/** An episode of one side, as a table shows it. */
export interface OneSidedEpisode {
  /** Which side. */
  readonly only: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly deviceId: string | null;
  readonly surprise: number | null;
  readonly score: number | null;
  /** Empty if nobody says why; a reason a line. */
  readonly because: string;
}

/** Episodes of one side only, as a table. */
export function formatOneSided(episodes: readonly OneSidedEpisode[]): string {
  const columns: readonly Column[] = [
    { title: 'only' },
    { title: 'from' },
    { title: 'to' },
    { title: 'device' },
    { title: 'surprise', align: 'right' },
    { title: 'forest score', align: 'right' },
    { title: 'because of', maxWidth: REASONS_WIDTH },
  ];
  return formatTable(columns, episodes.map(oneSidedRow));
}

/** How far two sides agree, in numbers: as in `JudgementComparison`. */
export interface AgreementNumbers extends Pick<JudgementComparison, 'windows' | 'agreement' | 'kappa'> {
  readonly alarms: Omit<JudgementComparison['alarms'], 'none'>;
  /** How many episodes each has, and how many of these the other has not. */
  readonly episodes: Readonly<Record<'current' | 'candidate' | 'avoided' | 'added', number>>;
}

/** A sentence or two of agreement. */
export function agreementInWords(comparison: SideComparison): readonly string[] {
  const { current, candidate, avoided, added } = comparison.episodes;
  const episodes = { current, candidate, avoided: avoided.length, added: added.length };
  return agreementSentences({ ...comparison, episodes }, ['A', 'B']);
}

/** The same of sides with other names. */
export function agreementSentences(
  { windows, agreement, kappa, alarms, episodes }: AgreementNumbers,
  [one, other]: readonly [string, string],
): readonly string[] {
  const sentences = [
    `${one} has ${formatNumber(episodes.current)} episodes, ${episodes.avoided} of which ${other} does not have; ${other} has ` +
      `${formatNumber(episodes.candidate)}, ${episodes.added} of which ${one} does not have.`,
  ];
  if (agreement === undefined) return [...sentences, 'No window is of the same device and time in both.'];
  const beyondChance = kappa === undefined ? '' : `, kappa ${kappa.toFixed(2)}`;
  const share = `${(agreement * 100).toFixed(2)} % of ${formatNumber(windows)} windows${beyondChance}`;
  return [
    ...sentences,
    `They judge alike ${share}: ${alarms.both} windows are an alarm to both, ${alarms.current} to ${one}, ` +
      `${alarms.candidate} to ${other}.`,
  ];
}

function judgedOf({ runs }: BacktestSide): readonly ReplayedWindow[] {
  return runs.flatMap(({ judged }) => judged);
}

/** Puts the worst episodes first: by surprise, and where that is equal by the forest's score. */
export function oddness({ worst }: JudgedEpisode): number {
  return (worst.surprise ?? 0) - (worst.score ?? 0);
}

function oneSidedOf({ worst, ...episode }: Disagreement): OneSidedEpisode {
  const because = worst.reasons.slice(0, LISTED_REASONS).map(reasonInWords).join('\n');
  return { ...episode, surprise: worst.surprise, score: worst.score, because };
}

function oneSidedRow({ only, fromMs, toMs, deviceId, surprise, score, because }: OneSidedEpisode): string[] {
  return [
    printable(only),
    formatTime(fromMs),
    formatTime(toMs),
    printable(deviceId ?? 'all'),
    surprise?.toFixed(2) ?? '–',
    score?.toFixed(4) ?? '–',
    printable(because),
  ];
}
