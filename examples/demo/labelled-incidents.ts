import { readFileSync } from 'node:fs';

/** An incident that the generator of the sample put into the logs. */
export interface LabelledIncident {
  readonly kind: string;
  readonly devices: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** The part of an anomaly that decides what it hits. */
export interface Judged {
  readonly deviceId: string | null;
  readonly fromMs: number;
  readonly toMs: number;
}

/** An alarm may come this long after an incident's end and still be its: logs arrive late, stations come back. */
const AFTERMATH_MS = 15 * 60_000;

export function readLabels(path: URL): readonly LabelledIncident[] {
  const labels: { incidents: { kind: string; devices: number[]; start: string; end: string }[] } = JSON.parse(
    readFileSync(path, 'utf8'),
  );
  return labels.incidents.map((incident) => ({
    kind: incident.kind,
    devices: incident.devices.map(String),
    fromMs: Date.parse(incident.start),
    toMs: Date.parse(incident.end),
  }));
}

/** The incidents on whose device, and in whose time or shortly after it, the window lies. */
export function incidentsHit(window: Judged, incidents: readonly LabelledIncident[]): readonly LabelledIncident[] {
  return incidents.filter(
    ({ devices, fromMs, toMs }) =>
      (window.deviceId === null || devices.includes(window.deviceId)) &&
      window.toMs > fromMs &&
      window.fromMs < toMs + AFTERMATH_MS,
  );
}
