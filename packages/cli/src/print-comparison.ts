import { compareJudgements, type JudgedEpisode, type JudgementComparison } from '@edgewood/detection';
import type { ReplayedWindow } from './backtest-agent.ts';
import type { BacktestSide } from './print-backtest.ts';
import { reasonInWords } from './reason-in-words.ts';
import { formatNumber, formatTable, formatTime, printable, printLine } from './terminal.ts';

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
  printLine(
    formatTable(
      [
        { title: 'only' },
        { title: 'from' },
        { title: 'to' },
        { title: 'device' },
        { title: 'surprise', align: 'right' },
        { title: 'forest score', align: 'right' },
        { title: 'because of', maxWidth: REASONS_WIDTH },
      ],
      worst.sort((a, b) => a.fromMs - b.fromMs).map(disagreementRow),
    ),
  );
}

/** A sentence or two of agreement. */
export function agreementInWords(comparison: SideComparison): readonly string[] {
  const { windows, agreement, kappa, alarms, episodes, disagreements } = comparison;
  const onlyA = disagreements.filter(({ only }) => only === 'A').length;
  const sentences = [
    `A has ${formatNumber(episodes.current)} episodes, ${onlyA} of which B does not have; B has ` +
      `${formatNumber(episodes.candidate)}, ${disagreements.length - onlyA} of which A does not have.`,
  ];
  if (agreement === undefined) return [...sentences, 'No window is of the same device and time in both.'];
  const beyondChance = kappa === undefined ? '' : `, kappa ${kappa.toFixed(2)}`;
  const share = `${(agreement * 100).toFixed(2)} % of ${formatNumber(windows)} windows${beyondChance}`;
  return [
    ...sentences,
    `They judge alike ${share}: ${alarms.both} windows are an alarm to both, ${alarms.current} to A, ${alarms.candidate} to B.`,
  ];
}

function judgedOf({ runs }: BacktestSide): readonly ReplayedWindow[] {
  return runs.flatMap(({ judged }) => judged);
}

/** Puts the worst episodes first: by surprise, and where that is equal by the forest's score. */
export function oddness({ worst }: JudgedEpisode): number {
  return (worst.surprise ?? 0) - (worst.score ?? 0);
}

function disagreementRow({ only, fromMs, toMs, deviceId, worst }: Disagreement): string[] {
  return [
    only,
    formatTime(fromMs),
    formatTime(toMs),
    printable(deviceId ?? 'all'),
    worst.surprise?.toFixed(2) ?? '–',
    worst.score?.toFixed(4) ?? '–',
    printable(worst.reasons.slice(0, LISTED_REASONS).map(reasonInWords).join('\n')),
  ];
}
