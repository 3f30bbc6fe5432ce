import { DETECTORS } from '@edgewood/detection';
import { z } from 'zod';
import type { StoredAnomaly } from '../anomalies/anomaly-store.ts';
import { formatReview, nextCursorText, review, severityLevel } from './finding-json.ts';
import { finiteOrNull, isoText, isoTime } from './json-values.ts';

const feature = z.object({
  feature: z.string(),
  value: z.number().nullable().describe('null if it is no number'),
  expected: z
    .object({ low: z.number(), high: z.number() })
    .optional()
    .describe('where it lay in 98 % of the training windows, if that is known'),
  contribution: z.number().nullable().describe('in splits of the mean path; negative made the window more abnormal'),
});

const surprise = z
  .object({
    score: z.number().describe('-log10 of episodes a device and day that are as surprising'),
    threshold: z.number().describe('from here on it is an alarm'),
    reasons: z
      .array(
        z.object({
          signal: z.string().describe('what was counted'),
          minutes: z.number().describe('over how long, ending with the window'),
          count: z.number(),
          expected: z.number().describe('how much is usual of the device at that hour'),
          score: z.number(),
        }),
      )
      .describe('the most surprising first'),
  })
  .meta({ id: 'Surprise', description: 'how surprising a window was' });

/** An anomaly with what people made of it. */
export const anomaly = z
  .object({
    id: z.int(),
    incident_id: z.int(),
    agent: z.string(),
    device_id: z.string().nullable().describe('null if the window holds all devices'),
    window_start: isoText,
    window_end: isoText.describe('no longer in the window'),
    kind: z.string().describe('unusual, device_silent, …'),
    score: z.number().nullable().describe('in [-1, 0), lower is more abnormal; null where no forest judged'),
    decision: z.number().nullable().describe('below 0 where the forest alarms; null where no forest judged'),
    detectors: z.array(z.enum(DETECTORS)).describe('which of them alarmed; none for agents that judge by other means'),
    surprise: surprise
      .nullable()
      .describe('what the surprise detector said, alarm or not; null where it did not judge'),
    severity: z.number().describe('0 to 1, higher is worse'),
    level: severityLevel,
    why: z.string().describe('what made it odd, and what is usual'),
    model_version: z.string().nullable(),
    features: z.array(feature).describe('those that made it most abnormal first'),
    example_lines: z.array(z.string()).describe('some lines of the window'),
    detected_at: isoText,
    revision: z.int().describe('raised each time late entries changed it'),
    review,
  })
  .meta({ id: 'Anomaly', description: 'one window that an agent found odd' });

/** One page of anomalies. */
export const anomalyPage = z
  .object({ anomalies: z.array(anomaly), next_cursor: nextCursorText })
  .describe('one page of anomalies');

/** An anomaly as it stands in JSON: snake_case, ISO times. */
export function formatAnomaly(stored: StoredAnomaly): z.input<typeof anomaly> {
  return {
    id: stored.id,
    incident_id: stored.incidentId,
    agent: stored.agent,
    device_id: stored.deviceId,
    window_start: isoTime(stored.fromMs),
    window_end: isoTime(stored.toMs),
    kind: stored.kind,
    score: stored.score,
    decision: stored.decision,
    detectors: [...stored.detectors],
    surprise: stored.surprise && { ...stored.surprise, reasons: [...stored.surprise.reasons] },
    severity: stored.severity,
    level: stored.level,
    why: stored.why,
    model_version: stored.modelVersion,
    features: stored.features.map((of) => ({
      ...of,
      value: finiteOrNull(of.value),
      contribution: finiteOrNull(of.contribution),
    })),
    example_lines: [...stored.exampleLines],
    detected_at: isoTime(stored.detectedAtMs),
    revision: stored.revision,
    review: formatReview(stored.review),
  };
}
