import type { Detector } from '@edgewood/detection';
import { type AlarmQuality, type FoundIncident, type IncidentLabels, judgeAlarms } from '@edgewood/trainer';
import { alarmsOfDetector, type BacktestSide, named } from './print-backtest.ts';
import { formatDuration, formatTable, printable, printLine } from './terminal.ts';
import type { Bounds } from './time-bounds.ts';

/** From what is easy to find to what is hard; others stand behind. */
const DIFFICULTIES = ['easy', 'medium', 'hard'];

/** What the labels say of the alarms: incidents found by difficulty and by kind, delays, false episodes. */
export function printQuality(
  sides: readonly BacktestSide[],
  detectors: readonly Detector[],
  labels: IncidentLabels,
  bounds: Bounds,
): void {
  const qualities = sides.flatMap((side) => qualitiesOf(side, detectors, labels, bounds));
  const incidents = qualities[0]?.quality.incidents ?? [];
  const difficulties = difficultiesOf(incidents);
  printLine();
  printLine('Incidents found, by the labels:');
  const counted = [...difficulties, 'all', 'median delay', 'false episodes', 'per device and week'];
  printLine(
    formatTable(
      [{ title: 'detector' }, ...counted.map((title) => ({ title: printable(title), align: 'right' as const }))],
      qualities.map(({ name, quality }) => [
        name,
        ...difficulties.map((one) => foundOf(quality.incidents.filter(({ incident }) => incident.difficulty === one))),
        foundOf(quality.incidents),
        quality.medianDelayMs === undefined ? '–' : formatDuration(quality.medianDelayMs),
        `${quality.falseEpisodes}`,
        quality.falsePerDeviceAndWeek.toFixed(2),
      ]),
    ),
  );
  printLine();
  printLine(
    formatTable(
      [{ title: 'kind' }, ...qualities.map(({ name }) => ({ title: name, align: 'right' as const }))],
      kindsOf(incidents).map((kind) => [
        printable(kind),
        ...qualities.map(({ quality }) => foundOf(quality.incidents.filter(({ incident }) => incident.kind === kind))),
      ]),
    ),
  );
}

/** Of each detector of a side, and of both together if there are two: what either finds. */
export function qualitiesOf(
  { name: side, runs }: BacktestSide,
  detectors: readonly Detector[],
  labels: IncidentLabels,
  bounds: Bounds,
): readonly { readonly name: string; readonly quality: AlarmQuality }[] {
  const lists = detectors.map((name) => ({ name: name as string, alarms: alarmsOfDetector(runs, name) }));
  const either = lists.flatMap(({ alarms }) => alarms).sort((a, b) => a.atMs - b.atMs);
  if (lists.length > 1) lists.push({ name: 'either', alarms: either });
  return lists.map(({ name, alarms }) => ({ name: named(side, name), quality: judgeAlarms(labels, alarms, bounds) }));
}

/** The difficulties that there are, the easiest first. */
export function difficultiesOf(incidents: readonly FoundIncident[]): string[] {
  return distinct(incidents, 'difficulty').sort((a, b) => rankOf(a) - rankOf(b));
}

/** The kinds that there are, by name. */
export function kindsOf(incidents: readonly FoundIncident[]): string[] {
  return distinct(incidents, 'kind');
}

function distinct(incidents: readonly FoundIncident[], by: 'kind' | 'difficulty'): string[] {
  return [...new Set(incidents.map(({ incident }) => incident[by]))].sort();
}

function rankOf(difficulty: string): number {
  const rank = DIFFICULTIES.indexOf(difficulty);
  return rank < 0 ? DIFFICULTIES.length : rank;
}

/** `17/19`. */
function foundOf(incidents: readonly FoundIncident[]): string {
  const found = incidents.filter(({ delayMs }) => delayMs !== undefined).length;
  return `${found}/${incidents.length}`;
}
