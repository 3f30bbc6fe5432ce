import type { LogWindow } from './log-window.ts';
import { type SessionEndCause, sessionEndCause } from './session-end-cause.ts';
import { type Ending, type Findings, type FollowedStation, followStation, newStation } from './station-follower.ts';
import { findSteps, radioOf, type StationStep } from './station-steps.ts';

/** A station that associated; that was admitted, where the line of its association is missing. */
export interface SessionStart {
  readonly timeMs: number;
  readonly deviceId: string;
  /** `wlan0`, `phy1-ap0`. */
  readonly interfaceName: string;
  /** Hardware address in lower case. */
  readonly station: string;
}

/** The end of a session, or of an attempt at one that came as far as an association or a failed login. */
export interface SessionEnd extends SessionStart {
  readonly cause: SessionEndCause;
}

/** Both in order of time. */
export interface StationSessions {
  readonly starts: readonly SessionStart[];
  readonly ends: readonly SessionEnd[];
}

/** An end is explained within so much; an unexplained one with less of the window left is passed over. */
const EXPLAINED_MS = 2_000;
/** A restart of a radio ends sessions so much before its lines, and after. */
const RESTART_MS = 10_000;

/**
 * The sessions of stations that begin and end in a window, from the lines of hostapd in it. Lines may be lost, come twice,
 * or out of order by a second.
 *
 * It depends on the window alone. Of a session that began before it, only the end is known: if that was a handshake that
 * failed, the beginning of which is in the window before, it is `kicked`.
 */
export function followSessions({ entries, toMs }: Pick<LogWindow, 'entries' | 'toMs'>): StationSessions {
  const steps = findSteps(entries);
  const findings: Findings = { starts: [], endings: [] };
  const stations = new Map<string, FollowedStation>();
  const restarts = new Map<string, number[]>();
  for (const step of steps) {
    if (step.step === 'restarted') getOrAdd(restarts, radioKeyOf(step), () => []).push(step.timeMs);
    else followStation(getOrAdd(stations, `${step.deviceId}\n${step.station}`, newStation), step, findings);
  }
  const ends = findings.endings
    .map((ending) => sessionEndOf(ending, restarts.get(radioKeyOf(ending.at)) ?? []))
    .filter(({ cause, timeMs }) => cause !== 'unexplained' || timeMs <= toMs - EXPLAINED_MS);
  return { starts: findings.starts.map(placeOf), ends };
}

/** Most sessions of one device that ended within so much time, whatever the causes; `ends` are in order of time. */
export function mostEndedTogether(ends: readonly SessionEnd[], withinMs: number): number {
  const recent = new Map<string, { readonly timesMs: number[]; from: number }>();
  let most = 0;
  for (const { deviceId, timeMs } of ends) {
    const { timesMs, ...window } = getOrAdd(recent, deviceId, () => ({ timesMs: [], from: 0 }));
    timesMs.push(timeMs);
    let { from } = window;
    while (timesMs[from] <= timeMs - withinMs) from += 1;
    recent.set(deviceId, { timesMs, from });
    most = Math.max(most, timesMs.length - from);
  }
  return most;
}

function sessionEndOf({ at, seenMs, joinedMs, ...evidence }: Ending, restartsMs: readonly number[]): SessionEnd {
  // Where no line told of the end, the restart came any time after the station was last seen.
  const fromMs = evidence.steps.size === 0 ? Math.min(seenMs, at.timeMs - RESTART_MS) : at.timeMs - RESTART_MS;
  const isRestart = hasTimeIn(restartsMs, fromMs, at.timeMs + RESTART_MS);
  const lastedMs = joinedMs === undefined ? undefined : at.timeMs - joinedMs;
  return { ...placeOf(at), cause: sessionEndCause({ ...evidence, isRestart, lastedMs }) };
}

function placeOf({ timeMs, deviceId, interfaceName, station }: StationStep): SessionStart {
  return { timeMs, deviceId, interfaceName, station };
}

function radioKeyOf({ deviceId, interfaceName }: StationStep): string {
  return `${deviceId}\n${radioOf(interfaceName)}`;
}

/** Whether one of the times, in their order, is within these two. */
function hasTimeIn(timesMs: readonly number[], fromMs: number, toMs: number): boolean {
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timesMs[middle] < fromMs) low = middle + 1;
    else high = middle;
  }
  return low < timesMs.length && timesMs[low] <= toMs;
}

function getOrAdd<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = create();
  map.set(key, value);
  return value;
}
