import { z } from 'zod';
import type { Incident } from '../anomalies/incident.ts';
import { formatReview, nextCursorText, review, severityLevel } from './finding-json.ts';
import { isoText, isoTime } from './json-values.ts';

/** An incident with what people made of it. */
export const incident = z
  .object({
    id: z.int(),
    agent: z.string(),
    device_id: z.string().nullable().describe('null if its windows hold all devices'),
    start: isoText.describe('of its first anomalous window'),
    end: isoText.describe('of its last one'),
    anomaly_count: z.int(),
    severity: z.number().describe('of its worst anomaly, like the fields that follow: 0 to 1, higher is worse'),
    level: severityLevel,
    kind: z.string(),
    why: z.string(),
    model_version: z.string().nullable(),
    ongoing: z.boolean().describe('whether further windows may still join it'),
    opened_at: isoText,
    updated_at: isoText,
    review,
  })
  .meta({
    id: 'Incident',
    description: 'anomalous windows of one agent and device that lie side by side, or nearly so',
  });

/** One page of incidents. */
export const incidentPage = z
  .object({ incidents: z.array(incident), next_cursor: nextCursorText })
  .describe('one page of incidents');

/** An incident as it stands in JSON: snake_case, ISO times. */
export function formatIncident(of: Incident): z.input<typeof incident> {
  return {
    id: of.id,
    agent: of.agent,
    device_id: of.deviceId,
    start: isoTime(of.fromMs),
    end: isoTime(of.toMs),
    anomaly_count: of.anomalies,
    severity: of.severity,
    level: of.level,
    kind: of.kind,
    why: of.why,
    model_version: of.modelVersion,
    ongoing: of.ongoing,
    opened_at: isoTime(of.openedAtMs),
    updated_at: isoTime(of.updatedAtMs),
    review: formatReview(of.review),
  };
}
