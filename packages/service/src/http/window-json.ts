/**
 * A series of windows as columns: a month of minutes is 43,200 of them, and as objects they would be ten times as many
 * bytes. That is also why times are numbers here, and scores rounded.
 */
import { z } from 'zod';
import type { StoredWindow } from '../anomalies/anomaly-store.ts';
import { finiteOrNull } from './json-values.ts';

/** Digits behind the point of scores and decisions; an anomaly has them in full. */
const DIGITS = 6;
const SURPRISE_DIGITS = 2;

const column = z.array(z.number().nullable());

/** The windows of one device and length. */
const series = z
  .object({
    device_id: z.string().nullable().describe('null if the windows hold all devices'),
    window_seconds: z.number(),
    times: z.array(z.number()).describe('when each window begins, in Unix seconds UTC, ascending'),
    scores: column.describe('in [-1, 0), lower is more abnormal, rounded; null where no forest judged'),
    decisions: column.describe('below 0 the forest alarms, rounded; null where no forest judged'),
    surprises: column.describe(
      '-log10 of episodes a device and day; null where nothing was compared with what is usual',
    ),
    anomalous: z.array(z.int()).describe('which windows the agent found odd: their places in the columns'),
    entries: z.array(z.int()).describe('how many entries each window had'),
    features: z
      .record(z.string(), column)
      .describe('of each feature that was asked for: null where the window has none'),
    failures: z
      .array(z.object({ index: z.int().describe('which window'), reason: z.string() }))
      .describe('windows that the agent gave up'),
  })
  .meta({ id: 'WindowSeries', description: 'the windows of one device, in columns of equal length' });

/** What `/api/windows` answers. */
export const windowsAnswer = z
  .object({
    agent: z.string(),
    series: z.array(series),
    limited: z.boolean().describe('whether the limit was reached: there may be older windows in the span'),
  })
  .describe('windows of an agent');

type Series = z.input<typeof series>;

/** @param features those that are wanted. */
export function formatSeries(windows: readonly StoredWindow[], features: readonly string[]): Series[] {
  const byDevice = Map.groupBy(windows, ({ deviceId, fromMs, toMs }) => JSON.stringify([deviceId, toMs - fromMs]));
  return [...byDevice.values()].map((of) => seriesOf(of, features));
}

function seriesOf(windows: readonly StoredWindow[], features: readonly string[]): Series {
  const [first] = windows as [StoredWindow];
  return {
    device_id: first.deviceId,
    window_seconds: (first.toMs - first.fromMs) / 1000,
    times: windows.map(({ fromMs }) => fromMs / 1000),
    scores: windows.map(({ score }) => round(score)),
    decisions: windows.map(({ decision }) => round(decision)),
    surprises: windows.map(({ surprise }) => round(surprise, SURPRISE_DIGITS)),
    anomalous: windows.flatMap(({ anomalous }, index) => (anomalous ? [index] : [])),
    entries: windows.map(({ entries }) => entries),
    features: Object.fromEntries(features.map((feature) => [feature, windows.map((of) => featureValue(of, feature))])),
    failures: windows.flatMap(({ failure }, index) => (failure === undefined ? [] : [{ index, reason: failure }])),
  };
}

function round(value: number | null, digits = DIGITS): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toFixed(digits));
}

function featureValue({ vector, features }: StoredWindow, feature: string): number | null {
  return finiteOrNull(vector?.[features.indexOf(feature)] ?? null);
}
