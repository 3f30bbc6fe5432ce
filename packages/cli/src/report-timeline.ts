/** Charts of a device: both detectors over time, what the labels say, and where alarms were. */
import type { IncidentLabels } from '@edgewood/trainer';
import type { FeatureSeries } from './feature-peaks.ts';
import { shown } from './report-markup.ts';
import { bucketMaxima, type TimeSpanMs, timeMarks } from './report-scale.ts';
import { formatTime } from './terminal.ts';

/** A curve has at most so many points, however long the span is. */
const BUCKETS = 800;
/** Incidents and changes of a device that are drawn, the first ones. */
const MOST_BANDS = 60;
/** Units of a drawing; it is stretched to the width of the page. */
const WIDTH = 1000;
const HEIGHT = 100;
/** A mark further right would leave the page, in percent of the width. */
const LAST_MARK_PERCENT = 97;
/** Room above the highest value, as a share. */
const HEADROOM = 1.12;

export interface Track {
  /** What is drawn, with its unit. */
  readonly title: string;
  /** Higher is worse. */
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
  /** An alarm is above each of these. */
  readonly thresholds: readonly number[];
  readonly alarmsAtMs: readonly number[];
  /** The least value that is drawn. */
  readonly floor: number;
}

export interface DeviceTimeline {
  readonly deviceId: string;
  readonly tracks: readonly Track[];
}

/** The charts of a device, one below the other, over one axis of time. */
export function deviceTimeline(
  { deviceId, tracks }: DeviceTimeline,
  span: TimeSpanMs,
  labels: IncidentLabels | undefined,
): string {
  const bands = labels === undefined ? '' : labelBands(deviceId, span, labels);
  const drawn = tracks.map((track) => trackChart(`device ${deviceId}`, track, span, bands));
  return `<figure class="device"><figcaption>Device ${shown(deviceId)}</figcaption>
${drawn.join('\n')}
${timeAxis(span)}</figure>`;
}

/** Features over time, each by its largest value in the hour on any device, with what the labels say of all devices. */
export function featureCharts(
  features: readonly FeatureSeries[],
  span: TimeSpanMs,
  labels: IncidentLabels | undefined,
): string {
  const bands = labels === undefined ? '' : labelBands(undefined, span, labels);
  const charts = features.map(({ feature, peaks }) => {
    return trackChart('any device', { title: feature, points: peaks, thresholds: [], floor: 0 }, span, bands);
  });
  return `<figure class="device features">${charts.join('\n')}\n${timeAxis(span)}</figure>`;
}

/** @param of whose. */
function trackChart(of: string, track: Omit<Track, 'alarmsAtMs'> & Partial<Track>, span: TimeSpanMs, bands: string) {
  const { title, points, thresholds, alarmsAtMs, floor } = track;
  const maxima = bucketMaxima(points, span, BUCKETS);
  const largest = Math.max(floor, ...maxima.flatMap((value) => value ?? []));
  const highest = Math.max(largest, ...thresholds);
  const scale = (value: number) =>
    round(HEIGHT - ((value - floor) / Math.max((highest - floor) * HEADROOM, Number.EPSILON)) * HEIGHT);
  const lines = thresholds.map((value) => `<path class="threshold" d="M0 ${scale(value)}H${WIDTH}"/>`).join('');
  const alarms = bucketMaxima(
    (alarmsAtMs ?? []).map((atMs) => ({ atMs, value: 1 })),
    span,
    BUCKETS,
  );
  const ticks = alarms.map((alarm, at) => (alarm === undefined ? '' : `M${xOf(at)} 0v9`)).join('');
  const count = alarmsAtMs === undefined ? '' : `${alarmsAtMs.length} alarms`;
  const what = `${title} of ${of}: at most ${format(largest)}${count && `, ${count}`}`;
  return `<div class="track"><p><span>${shown(title)}: ${format(largest)} at most</span><span>${count}</span></p>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${shown(what)}">
${bands}<path class="curve" d="${curve(maxima, scale)}"/>${lines}<path class="alarms" d="${ticks}"/></svg></div>`;
}

function curve(maxima: readonly (number | undefined)[], scale: (value: number) => number): string {
  let path = '';
  for (const [at, value] of maxima.entries()) {
    if (value !== undefined)
      path += `${maxima[at - 1] === undefined && !isGapless(maxima, at) ? 'M' : 'L'}${xOf(at)} ${Math.min(scale(value), HEIGHT)}`;
  }
  return path.replace(/^L/, 'M');
}

/** Short spans have fewer windows than there are buckets: an empty bucket or a few are no gap. */
function isGapless(maxima: readonly (number | undefined)[], at: number): boolean {
  return maxima.slice(Math.max(0, at - BUCKETS / 20), at).some((value) => value !== undefined);
}

/** @param deviceId of which device; undefined: of any. */
function labelBands(deviceId: string | undefined, span: TimeSpanMs, { incidents, benign }: IncidentLabels): string {
  const ofDevice = [
    ...benign
      .filter((change) => deviceId === undefined || change.deviceId === deviceId)
      .map((change) => ({ ...change, of: 'benign' })),
    ...incidents
      .filter(({ devices }) => deviceId === undefined || devices.includes(deviceId))
      .map(({ kind, difficulty, fromMs, toMs }) => ({ kind: `${kind}, ${difficulty}`, fromMs, toMs, of: 'incident' })),
  ];
  const inSpan = ofDevice.filter(({ fromMs, toMs }) => fromMs < span.toMs && toMs > span.fromMs);
  return inSpan
    .slice(0, MOST_BANDS)
    .map((band) => labelBand(band, span))
    .join('');
}

function labelBand(
  { kind, fromMs, toMs, of }: TimeSpanMs & { readonly kind: string; readonly of: string },
  span: TimeSpanMs,
): string {
  const place = (atMs: number) =>
    round(Math.max(0, Math.min(1, (atMs - span.fromMs) / (span.toMs - span.fromMs))) * WIDTH);
  const width = Math.max(2, place(toMs) - place(fromMs));
  const title = shown(`${kind}: ${formatTime(fromMs)} to ${formatTime(toMs)}`);
  return `<rect class="${of}" x="${place(fromMs)}" y="0" width="${round(width)}" height="${HEIGHT}"><title>${title}</title></rect>\n`;
}

function timeAxis(span: TimeSpanMs): string {
  const marks = timeMarks(span).flatMap(({ atMs, label }) => {
    const left = round(((atMs - span.fromMs) / (span.toMs - span.fromMs)) * 100);
    return left > LAST_MARK_PERCENT ? [] : [`<span style="left:${left}%">${shown(label)}</span>`];
  });
  return `<div class="axis" aria-hidden="true">${marks.join('')}</div>`;
}

function xOf(bucket: number): number {
  return round(((bucket + 0.5) / BUCKETS) * WIDTH);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function format(value: number): string {
  return value.toFixed(2);
}
