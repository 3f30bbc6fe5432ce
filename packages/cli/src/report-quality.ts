/** What the labels say of the alarms: found by kind and difficulty, and by threshold. */
import type { Detector } from '@edgewood/detection';
import { type AlarmQuality, forestSeverity, type IncidentLabels } from '@edgewood/trainer';
import type { AgentBacktest } from './backtest-agent.ts';
import { type BacktestSide, named } from './print-backtest.ts';
import { difficultiesOf, kindsOf, qualitiesOf } from './print-quality.ts';
import { reportSection, reportTable, shown } from './report-markup.ts';
import { sweepChart, sweepThresholds } from './report-sweep.ts';
import { formatDuration } from './terminal.ts';
import type { Bounds } from './time-bounds.ts';

/** Kinds, and difficulties of each, that are listed. */
const MOST_KINDS = 100;
const MOST_DIFFICULTIES = 5;

interface Labelled {
  readonly detectors: readonly Detector[];
  readonly labels: IncidentLabels;
  readonly bounds: Bounds;
}

/** Of each detector what it found and what it told for nothing, then each kind of incident. */
export function qualitySection(sides: readonly BacktestSide[], { detectors, labels, bounds }: Labelled): string {
  const qualities = sides.flatMap((side) => qualitiesOf(side, detectors, labels, bounds));
  const columns = ['Found', 'Median delay', 'False episodes', 'Per device and week'];
  const summary = reportTable(
    'What each detector found',
    [{ title: 'Detector' }, ...columns.map((title) => ({ title, holds: 'number' as const }))],
    qualities.map(({ name, quality }) => [
      shown(name),
      foundOf(quality, () => true),
      quality.medianDelayMs === undefined ? '–' : formatDuration(quality.medianDelayMs),
      `${quality.falseEpisodes}`,
      quality.falsePerDeviceAndWeek.toFixed(2),
    ]),
  );
  const incidents = qualities[0]?.quality.incidents ?? [];
  const difficulties = difficultiesOf(incidents).slice(0, MOST_DIFFICULTIES);
  const kinds = kindsOf(incidents).slice(0, MOST_KINDS);
  const byKind = reportTable(
    'Found by kind and difficulty',
    [{ title: 'Kind' }, ...qualities.map(({ name }) => ({ title: name, holds: 'number' as const }))],
    kinds.map((kind) => [
      shown(kind),
      ...qualities.map(({ quality }) => foundByDifficulty(quality, kind, difficulties)),
    ]),
  );
  const order = `<p class="soft">In each cell: ${difficulties.map(shown).join(', ')}.</p>`;
  return reportSection('Found, by the labels', summary, '<h3>By kind and difficulty</h3>', order, byKind);
}

/** Precision and recall of each version and detector, over the threshold. */
export function sweepSection(sides: readonly BacktestSide[], { detectors, labels, bounds }: Labelled): string {
  const charts = sides.flatMap(({ name, runs }) =>
    detectors.map((detector) => {
      const title = named(name, detector === 'forest' ? 'forest: severity, 0.5 is its offset' : 'surprise');
      return sweepChart(title, sweepThresholds(runs, detector, labels, bounds), thresholdOf(runs, detector));
    }),
  );
  const legend = `<ul class="legend"><li class="k-curve">recall: incidents found</li>
<li class="k-second">precision: incidents found, of these and false episodes</li><li class="k-alarm">threshold in use</li></ul>`;
  return reportSection('Other thresholds', legend, `<div class="sweeps">${charts.join('\n')}</div>`);
}

/** In the terms of the list of alarms. */
function thresholdOf(runs: readonly AgentBacktest[], detector: Detector): number {
  const [run] = runs;
  if (run === undefined) return 0;
  return detector === 'surprise' ? run.thresholds.surprise : forestSeverity(run.thresholds.forest, run.scale);
}

function foundByDifficulty(quality: AlarmQuality, kind: string, difficulties: readonly string[]): string {
  const cells = difficulties.map((difficulty) =>
    foundOf(quality, (of) => of.kind === kind && of.difficulty === difficulty),
  );
  return `<span class="found">${cells.join('')}</span>`;
}

/** Nothing was to be found: a dash. */
function foundOf(
  { incidents }: AlarmQuality,
  isMeant: (incident: AlarmQuality['incidents'][number]['incident']) => boolean,
): string {
  const meant = incidents.filter(({ incident }) => isMeant(incident));
  if (meant.length === 0) return '<span>–</span>';
  const found = meant.filter(({ delayMs }) => delayMs !== undefined).length;
  return `<span class="${found === meant.length ? 'all' : found === 0 ? 'none' : 'some'}">${found}/${meant.length}</span>`;
}
