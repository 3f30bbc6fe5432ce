/** The tables of episodes: what was told, why, and what it was by the labels. */
import { EPISODE_GAP_MS, episodesOf, type JudgedEpisode, reasonInWords } from '@edgewood/detection';
import type { IncidentLabels } from '@edgewood/trainer';
import type { ReplayedWindow } from './backtest-agent.ts';
import type { BacktestSide } from './print-backtest.ts';
import { agreementInWords, oddness, type SideComparison } from './print-comparison.ts';
import { reportSection, reportTable, shown } from './report-markup.ts';
import { formatNumber, formatTime } from './terminal.ts';

/** Rows of a table: those with the worst scores. */
const MOST_EPISODES = 200;
const LISTED_REASONS = 3;

/** The episodes of a version, or of all agents together, in order of time. */
export function episodeSection(title: string, { runs }: BacktestSide, labels: IncidentLabels | undefined): string {
  const windows = runs.flatMap(({ judged }) => judged).sort((a, b) => a.fromMs - b.fromMs);
  const episodes = episodesOf(windows, EPISODE_GAP_MS);
  if (episodes.length === 0) return reportSection(title, '<p>No alarm.</p>');
  return reportSection(title, ...episodeTable(title, episodes, labels));
}

/** How far two versions agree, and what only one of them tells. */
export function comparisonSection(comparison: SideComparison, labels: IncidentLabels | undefined): string {
  const { disagreements } = comparison;
  const sentences = agreementInWords(comparison).map((sentence) => `<p>${shown(sentence)}</p>`);
  const title = 'What the two versions disagree on';
  if (disagreements.length === 0) return reportSection(title, ...sentences);
  return reportSection(title, ...sentences, ...episodeTable(title, disagreements, labels));
}

function episodeTable(
  name: string,
  episodes: readonly (JudgedEpisode<ReplayedWindow> & { readonly only?: string })[],
  labels: IncidentLabels | undefined,
): readonly string[] {
  const listed = episodes
    .toSorted((a, b) => oddness(b) - oddness(a))
    .slice(0, MOST_EPISODES)
    .sort((a, b) => a.fromMs - b.fromMs);
  const isComparison = listed.some(({ only }) => only !== undefined);
  const columns = [
    ...(isComparison ? [{ title: 'Only' }] : []),
    { title: 'From (UTC)' },
    { title: 'To' },
    { title: 'Device' },
    { title: 'Windows', holds: 'number' as const },
    { title: 'Surprise', holds: 'number' as const },
    { title: 'Forest score', holds: 'number' as const },
    ...(labels === undefined ? [] : [{ title: 'By the labels' }]),
    { title: 'Because of', holds: 'text' as const },
  ];
  const rows = listed.map((episode) => [
    ...(isComparison ? [shown(episode.only ?? '')] : []),
    ...episodeCells(episode),
    ...(labels === undefined ? [] : [shown(labelOf(episode, labels))]),
    reasonCell(episode.worst),
  ]);
  const left = episodes.length - listed.length;
  const more =
    left === 0 ? '' : `<p class="soft">The ${MOST_EPISODES} worst; ${formatNumber(left)} more are not listed.</p>`;
  return [reportTable(name, columns, rows), more];
}

function episodeCells({ fromMs, toMs, deviceId, alarms, worst }: JudgedEpisode): string[] {
  return [
    timeOf(fromMs),
    timeOf(toMs),
    shown(deviceId ?? 'all'),
    `${alarms}`,
    worst.surprise?.toFixed(2) ?? '–',
    worst.score?.toFixed(3) ?? '–',
  ];
}

function reasonCell({ reasons }: ReplayedWindow): string {
  if (reasons.length === 0) return '<span class="soft">the forest alone</span>';
  return reasons
    .slice(0, LISTED_REASONS)
    .map((reason) => shown(reasonInWords(reason)))
    .join('<br>');
}

function timeOf(timeMs: number): string {
  return `<time datetime="${new Date(timeMs).toISOString()}">${formatTime(timeMs).slice(0, 16)}</time>`;
}

function labelOf({ deviceId, fromMs, toMs }: JudgedEpisode, { incidents, benign }: IncidentLabels): string {
  const touches = (of: { readonly fromMs: number; readonly toMs: number }) =>
    of.fromMs < toMs && of.toMs + EPISODE_GAP_MS > fromMs;
  const incident = incidents.find((of) => touches(of) && of.devices.includes(deviceId ?? ''));
  if (incident !== undefined) return `${incident.kind}, ${incident.difficulty}`;
  return benign.find((of) => touches(of) && of.deviceId === deviceId)?.kind ?? '–';
}
