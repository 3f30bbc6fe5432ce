/** What happens, as messages of a stream of server-sent events. */
import { z } from 'zod';
import { CHANGE_KINDS, type StoredChange } from '../anomalies/anomaly-store.ts';
import type { ServiceEventMap } from '../events.ts';
import { anomaly, formatAnomaly } from './anomaly-json.ts';
import { formatIncident, incident } from './incident-json.ts';
import { isoText, isoTime } from './json-values.ts';

/** The data of a message about a stored change. */
export const change = z
  .object({
    seq: z.int().describe('the id of the message; counts up for ever'),
    at: isoText,
    kind: z.enum(CHANGE_KINDS),
    incident: incident.nullable().describe('as it is now; null if it was removed for its age'),
    anomaly: anomaly.nullable().describe('null for changes of an incident'),
  })
  .meta({ id: 'Change', description: 'something that became true about an anomaly or incident' });

/** Snake_case, ISO times. */
export function formatChange({ seq, atMs, kind, incident, anomaly }: StoredChange): z.input<typeof change> {
  return {
    seq,
    at: isoTime(atMs),
    kind,
    incident: incident === undefined ? null : formatIncident(incident),
    anomaly: anomaly === undefined ? null : formatAnomaly(anomaly),
  };
}

/** Events that are told as they happen and never again, with what is told of each. */
export const PASSING_EVENTS = {
  'model:loaded': ({ agent, version, warnings }: ServiceEventMap['model:loaded']) => ({ agent, version, warnings }),
  'model:rejected': ({ agent, reason, inUse, again }: ServiceEventMap['model:rejected']) => {
    return { agent, reason, in_use: inUse ?? null, again };
  },
  'model:taken-back': ({ agent, version, previous, reason }: ServiceEventMap['model:taken-back']) => {
    return { agent, version, previous, reason };
  },
  'agent:switched': ({ agent, enabled }: ServiceEventMap['agent:switched']) => ({ agent, enabled }),
  'cycle:finished': ({ agent, toMs, durationMs }: ServiceEventMap['cycle:finished']) => {
    return { agent, analysed_until: isoTime(toMs), duration_seconds: durationMs / 1000 };
  },
};
/** Name of one of {@link PASSING_EVENTS}. */
export type PassingEvent = keyof typeof PASSING_EVENTS;

/** One message. JSON has no line breaks, so that data is one line. */
export function formatMessage(message: {
  readonly id?: number;
  readonly event: string;
  readonly data: object;
}): string {
  const { id, event, data } = message;
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
