/**
 * How good alarms are, by labels. An incident is found by an alarm on one of its devices from its start on, until a quarter
 * of an hour and a window after its end. Alarms whose window overlaps an incident of the same site, or a reboot or upgrade
 * there, are neutral. Every other alarm is false.
 */
import type { Alarm } from './alarm.ts';
import { alarmEpisodes } from './alarm-episodes.ts';
import type { IncidentLabels, LabelledIncident } from './incident-labels.ts';

/** Logs arrive late and stations come back: so long after its end something still belongs to it. */
const GRACE_MS = 900_000;
/** So much of an alarm's window is added to the grace: at least, and at most. */
const WINDOW_LIMITS_MS = { least: 60_000, most: 3_600_000 };
const NEUTRAL_CHANGES = new Set(['reboot', 'firmware_upgrade']);
/** Devices 1 to 4 are a site, 5 to 8 the next. */
const DEVICES_PER_SITE = 4;
const WEEK_MS = 604_800_000;

export interface FoundIncident {
  readonly incident: LabelledIncident;
  /** From its start to the first alarm that found it; undefined: it was not found. */
  readonly delayMs: number | undefined;
}

export interface AlarmQuality {
  /** Every incident that was to be found. */
  readonly incidents: readonly FoundIncident[];
  /** The upper one of two in the middle; undefined if none was found. */
  readonly medianDelayMs: number | undefined;
  readonly falseEpisodes: number;
  readonly falsePerDeviceAndWeek: number;
}

/**
 * @param alarms in order of time; those outside the labels' time, or outside the bounds, do not count.
 * @param bounds of what was replayed: incidents that do not touch it were not to be found.
 */
export function judgeAlarms(
  labels: IncidentLabels,
  alarms: readonly Alarm[],
  bounds: { readonly fromMs?: number | undefined; readonly toMs?: number | undefined } = {},
): AlarmQuality {
  const fromMs = Math.max(labels.fromMs, bounds.fromMs ?? Number.NEGATIVE_INFINITY);
  const toMs = Math.min(labels.toMs, bounds.toMs ?? Number.POSITIVE_INFINITY);
  const delays = new Map<LabelledIncident, number>();
  const falseAlarms: Alarm[] = [];
  for (const alarm of alarms) {
    if (alarm.atMs <= fromMs || alarm.atMs > toMs) continue;
    const near = labels.incidents.filter((incident) => overlaps(alarm, incident));
    for (const incident of near) {
      if (!delays.has(incident) && finds(alarm, incident)) delays.set(incident, alarm.atMs - incident.fromMs);
    }
    if (near.length === 0 && !isAtChange(alarm, labels)) falseAlarms.push(alarm);
  }
  const wanted = labels.incidents.filter((of) => of.isTest && of.fromMs < toMs && of.toMs + GRACE_MS > fromMs);
  const incidents = wanted.map((incident) => ({ incident, delayMs: delays.get(incident) }));
  const falseEpisodes = alarmEpisodes(falseAlarms).length;
  return {
    incidents,
    medianDelayMs: medianOf(incidents.flatMap(({ delayMs }) => (delayMs === undefined ? [] : [delayMs]))),
    falseEpisodes,
    falsePerDeviceAndWeek: falseEpisodes / (((toMs - fromMs) * labels.devices) / WEEK_MS),
  };
}

function overlaps(alarm: Alarm, of: { readonly deviceId: string; readonly fromMs: number; readonly toMs: number }) {
  if (alarm.atMs <= of.fromMs || alarm.atMs - alarm.windowMs >= of.toMs + GRACE_MS) return false;
  return siteOf(alarm.deviceId) === siteOf(of.deviceId);
}

function finds({ deviceId, atMs, windowMs }: Alarm, { devices, toMs, isTest }: LabelledIncident): boolean {
  const { least, most } = WINDOW_LIMITS_MS;
  const latestMs = toMs + GRACE_MS + Math.max(least, Math.min(windowMs, most));
  return isTest && devices.includes(deviceId) && atMs <= latestMs;
}

function isAtChange(alarm: Alarm, { benign }: IncidentLabels): boolean {
  return benign.some((change) => NEUTRAL_CHANGES.has(change.kind) && overlaps(alarm, change));
}

/** A device whose name is no number is a site of its own. */
function siteOf(deviceId: string): string {
  return /^\d+$/.test(deviceId) ? `${Math.floor((Number(deviceId) - 1) / DEVICES_PER_SITE)}` : ` ${deviceId}`;
}

function medianOf(delays: readonly number[]): number | undefined {
  return delays.toSorted((a, b) => a - b)[delays.length >> 1];
}
