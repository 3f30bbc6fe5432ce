import { z } from 'zod';
import type { ShadowComparison, ShadowExample } from '../shadow/compare-shadow.ts';
import { isoText, isoTime } from './json-values.ts';

const alert = z.object({
  from: isoText,
  to: isoText,
  device_id: z.string().nullable().describe('null if the windows hold all devices'),
  windows: z.int().describe('so many of it are odd'),
  score: z.number().nullable().describe("the worst window's, in [-1, 0), lower is more abnormal"),
  surprise: z.number().nullable().describe("the worst window's, higher is more surprising"),
  why: z.string().nullable().describe('what its anomaly says; null where there is none, since a candidate makes none'),
});

const count = z.int().describe('odd windows of a device less than half an hour apart are one alert');
const rate = z.number().nullable().describe('for each device and week');

const comparison = z.object({
  since: isoText.describe('from here on both judged'),
  until: isoText,
  limited: z.boolean().describe('whether the limit was reached: there may be older windows in the span'),
  device_weeks: z.number().describe('how long devices were watched altogether'),
  windows: z.int().describe('so many were judged by both'),
  agreement: z.number().nullable().describe('the share of windows that both judge alike'),
  kappa: z.number().nullable().describe("Cohen's: agreement beyond chance; null where there is nothing to agree on"),
  rank_correlation: z
    .object({ score: z.number().nullable(), surprise: z.number().nullable() })
    .describe("Spearman's, of what both say of the same windows"),
  odd_windows: z.object({ both: z.int(), current: z.int(), candidate: z.int(), none: z.int() }),
  alerts: z.object({ current: count, candidate: count, avoided: count, added: count }),
  alerts_per_device_and_week: z.object({ current: rate, candidate: rate, avoided: rate, added: rate }),
  avoided: z.array(alert).describe('the newest alerts of which the candidate says nothing'),
  added: z.array(alert).describe("the newest alerts that are the candidate's alone"),
});

/** How a candidate in the shadow does beside the live version. */
export const comparisonAnswer = z
  .object({
    agent: z.string(),
    current_version: z.string().nullable().describe('the one in use'),
    candidate_version: z.string().nullable().describe('the one in the shadow'),
    unknown: z.string().nullable().describe('why nothing can be said; null if something is'),
    comparison: comparison.nullable(),
    advice: z.string().nullable().describe('how the candidate is made live'),
  })
  .meta({ id: 'Comparison', description: 'how a candidate does beside the live version' });

/** An answer that was checked. */
export type ComparisonAnswer = z.output<typeof comparisonAnswer>;

type Comparison = z.input<typeof comparison>;

/** Undefined if there is no time that both judged. */
export function formatComparison({
  comparison: of,
  isLimited,
  avoided,
  added,
}: ShadowComparison): Comparison | undefined {
  if (of === undefined) return undefined;
  const { current, candidate } = of.episodes;
  const alerts = { current, candidate, avoided: of.episodes.avoided.length, added: of.episodes.added.length };
  return {
    since: isoTime(of.span.fromMs),
    until: isoTime(of.span.toMs),
    limited: isLimited,
    device_weeks: of.deviceWeeks,
    windows: of.windows,
    agreement: of.agreement ?? null,
    kappa: of.kappa ?? null,
    rank_correlation: { score: of.rankCorrelation.score ?? null, surprise: of.rankCorrelation.surprise ?? null },
    odd_windows: of.alarms,
    alerts,
    alerts_per_device_and_week: {
      current: perWeek(alerts.current, of.deviceWeeks),
      candidate: perWeek(alerts.candidate, of.deviceWeeks),
      avoided: perWeek(alerts.avoided, of.deviceWeeks),
      added: perWeek(alerts.added, of.deviceWeeks),
    },
    avoided: avoided.map(formatExample),
    added: added.map(formatExample),
  };
}

function perWeek(alerts: number, deviceWeeks: number): number | null {
  return deviceWeeks > 0 ? alerts / deviceWeeks : null;
}

function formatExample({ fromMs, toMs, deviceId, alarms, worst, why }: ShadowExample): z.input<typeof alert> {
  const { score, surprise } = worst;
  const place = { from: isoTime(fromMs), to: isoTime(toMs), device_id: deviceId };
  return { ...place, windows: alarms, score, surprise, why: why ?? null };
}
