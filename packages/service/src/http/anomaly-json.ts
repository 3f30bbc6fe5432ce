import { z } from 'zod';
import { QUERY_LIMIT, type StoredAnomaly } from '../anomalies/anomaly-store.ts';

const text = z.string({ error: 'must be given once' });
// A plus sign in a query is a space, unless it is written %2B.
const time = z
  .preprocess(
    (value) => (typeof value === 'string' ? value.replace(' ', '+') : value),
    z.iso.datetime({ offset: true, error: 'must be a time such as 2025-05-01T00:00:00Z, given once' }),
  )
  .transform((given) => new Date(given));
const limitWords = `must be a whole number from 1 to ${QUERY_LIMIT.most}`;
const limit = z.coerce.number(limitWords).int(limitWords).min(1, limitWords).max(QUERY_LIMIT.most, limitWords);

/** Which anomalies; `since` and `until` are about the beginning of a window, half-open. */
export const anomaliesQuery = z.strictObject({
  agent: text.optional(),
  device: text.optional(),
  since: time.optional(),
  until: time.optional(),
  limit: limit.default(QUERY_LIMIT.usual),
});

const anomaly = z.object({
  id: z.int(),
  agent: z.string(),
  /** Null if the window holds all devices. */
  device_id: z.string().nullable(),
  window_start: z.string(),
  window_end: z.string(),
  /** In [-1, 0): lower is more abnormal. */
  score: z.number(),
  /** Below 0. */
  decision: z.number(),
  /** 0 to 1, higher is worse. */
  severity: z.number(),
  why: z.string(),
  model_version: z.string(),
  features: z.array(
    z.object({
      feature: z.string(),
      value: z.number(),
      expected: z.object({ low: z.number(), high: z.number() }).optional(),
      /** In splits of the mean path; negative made the window more abnormal. */
      contribution: z.number(),
    }),
  ),
  example_lines: z.array(z.string()),
  detected_at: z.string(),
});

/** What `/api/anomalies` answers. */
export const anomaliesAnswer = z.object({ anomalies: z.array(anomaly) });

/** An anomaly as it stands in JSON: snake_case, ISO times. */
export function formatAnomaly(stored: StoredAnomaly): z.input<typeof anomaly> {
  const iso = (timeMs: number) => new Date(timeMs).toISOString();
  return {
    id: stored.id,
    agent: stored.agent,
    device_id: stored.deviceId,
    window_start: iso(stored.fromMs),
    window_end: iso(stored.toMs),
    score: stored.score,
    decision: stored.decision,
    severity: stored.severity,
    why: stored.why,
    model_version: stored.modelVersion,
    features: [...stored.features],
    example_lines: [...stored.exampleLines],
    detected_at: iso(stored.detectedAtMs),
  };
}
