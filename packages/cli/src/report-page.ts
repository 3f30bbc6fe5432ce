/**
 * The report of a backtest as one page: it loads nothing, runs nothing, and opens without a network. Whatever comes from
 * logs, labels or files is escaped and cut, and every part has a limit: {@link LARGEST_REPORT_BYTES}.
 */
import type { Detector } from '@edgewood/detection';
import { compareDevices } from '@edgewood/features';
import type { IncidentLabels } from '@edgewood/trainer';
import type { AgentBacktest } from './backtest-agent.ts';
import { type BacktestSide, named, titled } from './print-backtest.ts';
import type { SideComparison } from './print-comparison.ts';
import { comparisonSection, episodeSection } from './report-episodes.ts';
import { reportSection, shown } from './report-markup.ts';
import { qualitySection, sweepSection } from './report-quality.ts';
import type { TimeSpanMs } from './report-scale.ts';
import { signalSection } from './report-signals.ts';
import { REPORT_STYLE } from './report-style.ts';
import { type DeviceTimeline, deviceTimeline, featureCharts, type Track } from './report-timeline.ts';
import { formatNumber, formatTime } from './terminal.ts';
import type { Bounds } from './time-bounds.ts';

/** No report is larger, in bytes, however many devices, alarms and labels there are. */
export const LARGEST_REPORT_BYTES = 8_000_000;
/** Devices whose charts are drawn. */
const MOST_DEVICES = 24;
/** Features of an agent that are drawn. */
const MOST_FEATURES = 8;

export interface ReportInput {
  /** One, or two versions of the same agent. */
  readonly sides: readonly BacktestSide[];
  readonly detectors: readonly Detector[];
  readonly labels: IncidentLabels | undefined;
  readonly bounds: Bounds;
  /** Of the two versions; undefined for one, or where there is no time that both judged. */
  readonly comparison: SideComparison | undefined;
}

/** @returns a whole HTML document; the same for the same input. */
export function reportPage({ sides, detectors, labels, bounds, comparison }: ReportInput): string {
  const labelled = labels && { detectors, labels, bounds };
  const body = [
    header(sides),
    labelled === undefined ? '' : qualitySection(sides, labelled),
    comparison === undefined ? '' : comparisonSection(comparison, labels),
    ...sides.map((side) => timelineSection(side, detectors, labels)),
    labelled === undefined ? '' : sweepSection(sides, labelled),
    ...sides.map((side) => signalSection(titled(side, 'what alarms were about'), side.runs)),
    ...sides.map((side) => featureSection(side, labels)),
    ...sides.map((side) => episodeSection(titled(side, 'episodes'), side, labels)),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';style-src 'unsafe-inline'">
<title>Edgewood backtest</title><style>${REPORT_STYLE}</style></head>
<body><main>
${body.filter((part) => part !== '').join('\n')}
</main></body></html>
`;
}

function header(sides: readonly BacktestSide[]): string {
  const lines = sides.flatMap(({ name, runs }) =>
    runs.map(({ agent, version, span, entries, devices }) => {
      const when = span === undefined ? 'nothing to judge' : `${formatTime(span.fromMs)} to ${formatTime(span.toMs)}`;
      const what = `${when}, ${devices.length} devices, ${formatNumber(entries)} entries`;
      return `<p><b>${shown(named(name, agent))} ${shown(version)}</b> <span class="soft">${what}</span></p>`;
    }),
  );
  const cards = sides.flatMap(({ name, runs }) => {
    const windows = runs.flatMap(({ judged }) => judged);
    const alarms = windows.filter(({ anomalous }) => anomalous).length;
    return [card(windows.length, named(name, 'windows judged')), card(alarms, named(name, 'windows with an alarm'))];
  });
  return `<header><h1>Backtest</h1>${lines.join('\n')}<div class="cards">${cards.join('\n')}</div></header>`;
}

function card(value: number, what: string): string {
  return `<div class="card"><strong>${formatNumber(value)}</strong><span>${shown(what)}</span></div>`;
}

function timelineSection(
  side: BacktestSide,
  detectors: readonly Detector[],
  labels: IncidentLabels | undefined,
): string {
  const { runs } = side;
  const span = spanOf(runs);
  if (span === undefined) return '';
  const devices = devicesOf(runs);
  const drawn = devices
    .slice(0, MOST_DEVICES)
    .map((deviceId) => deviceTimeline(timelineOf(runs, deviceId, detectors), span, labels));
  const legend = `<ul class="legend"><li class="k-curve">score, higher is worse</li><li class="k-alarm">alarm, and the threshold</li>
${labels === undefined ? '' : '<li class="k-incident">incident</li><li class="k-benign">reboot, upgrade</li>'}</ul>`;
  const left = devices.length - drawn.length;
  const more = left > 0 ? `<p class="soft">${left} more devices are not drawn.</p>` : '';
  const zone = '<p class="soft">Times are UTC.</p>';
  return reportSection(titled(side, 'scores over time'), zone, legend, ...drawn, more);
}

/** Empty where no forest judged, or nothing that it was shown ever changed. */
function featureSection(side: BacktestSide, labels: IncidentLabels | undefined): string {
  const charts = side.runs.flatMap(({ agent, span, features }) => {
    if (span === undefined || features.length === 0) return [];
    const caption = `<p><b>${shown(agent)}</b></p>`;
    return [caption, featureCharts(features.slice(0, MOST_FEATURES), span, labels)];
  });
  if (charts.length === 0) return '';
  const what =
    '<p class="soft">The largest value in each hour on any device, of those features that stand out most from their usual hour.</p>';
  return reportSection(titled(side, 'features'), what, ...charts);
}

function spanOf(runs: readonly AgentBacktest[]): TimeSpanMs | undefined {
  const spans = runs.flatMap(({ span }) => span ?? []);
  if (spans.length === 0) return undefined;
  return { fromMs: Math.min(...spans.map((of) => of.fromMs)), toMs: Math.max(...spans.map((of) => of.toMs)) };
}

function devicesOf(runs: readonly AgentBacktest[]): readonly (string | null)[] {
  const devices = new Set(runs.flatMap((run) => run.judged.map(({ deviceId }) => deviceId)));
  return [...devices].sort((a, b) => compareDevices(a ?? '', b ?? ''));
}

function timelineOf(
  runs: readonly AgentBacktest[],
  deviceId: string | null,
  detectors: readonly Detector[],
): DeviceTimeline {
  return { deviceId: deviceId ?? 'all', tracks: detectors.map((detector) => trackOf(runs, deviceId, detector)) };
}

/** The forest's is shown as its distance below the threshold, so that agents of different forests share a chart. */
function trackOf(runs: readonly AgentBacktest[], deviceId: string | null, detector: Detector): Track {
  const windows = runs.flatMap(({ judged, thresholds }) =>
    judged
      .filter((window) => window.deviceId === deviceId)
      .map((window) => ({
        atMs: window.toMs,
        value: detector === 'surprise' ? window.surprise : window.score && thresholds.forest - window.score,
        isAlarm: window.alarms.includes(detector),
      })),
  );
  return {
    title: detector === 'surprise' ? 'surprise' : 'forest: how far below its threshold',
    points: windows.flatMap(({ atMs, value }) => (value === null ? [] : [{ atMs, value }])),
    thresholds: detector === 'surprise' ? [...new Set(runs.map(({ thresholds }) => thresholds.surprise))] : [0],
    alarmsAtMs: windows.flatMap(({ atMs, isAlarm }) => (isAlarm ? [atMs] : [])),
    floor: detector === 'surprise' ? 0 : -0.25,
  };
}
