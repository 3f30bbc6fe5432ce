/**
 * The silence agent hears what is not said: the whole pipeline, one device, or one program of a device that has gone quiet.
 *
 * Nothing is assumed of how often anybody should write. Each source (pipeline, device, program) is followed on its own: how
 * many windows it wrote in lately, and the longest gap that was usual. It is silent when its gap is longer than the
 * configured time and than twice its longest usual one. Sources that write too rarely to be missed are not missed; one that
 * stays silent for long is forgotten. Where the pipeline is silent its devices are not told of, and neither are the
 * programs of a silent device: one cause, one finding.
 */
import type { LogWindow } from '@edgewood/features';
import { z } from 'zod';
import type { Anomaly } from '../anomalies/anomaly.ts';
import type { JsonValue } from '../anomalies/anomaly-store.ts';
import type { AgentConfig } from '../config.ts';
import { duration, share } from '../config-values.ts';
import type { Agent, InspectContext, SlotVerdict } from './agent.ts';
import { levelOf } from './severity-level.ts';
import { unscoredWindow } from './unscored-window.ts';

/** The agent's name. */
export const SILENCE = 'silence';

/** Default length of its windows, in milliseconds. */
const WINDOW_MS = 300_000;
/** Windows in which a source must have written before it can be missed. */
const LEARNING_WINDOWS = 12;
/** So many times the longest usual gap is no longer usual. */
const GAP_FACTOR = 2;
/** What a source did counts half after so many windows: a week of five minutes. */
const HALF_LIFE_WINDOWS = 2_016;

export const silenceOptions = z.strictObject({
  after: duration.prefault('15m').describe('a gap is no silence before'),
  device_share: share.prefault('20%').describe('share of windows in which a device must write to be missed'),
  program_share: share.prefault('50%').describe('the same for one program of a device'),
  forget: duration.prefault('7d').describe('what was silent for so long is no longer missed'),
});

type Options = z.output<typeof silenceOptions>;

/** What is known of one source; times are Unix milliseconds of event time. */
type Track = {
  /** End of the last window in which it wrote. */
  lastMs: number;
  /** Longest usual gap, in milliseconds. */
  gapMs: number;
  /** Windows in which it wrote, and windows altogether; both fade. */
  active: number;
  windows: number;
};

type DeviceTrack = Track & { programs: Record<string, Track> };

type Memory = { pipeline: Track | null; devices: Record<string, DeviceTrack> };

/** How much is at stake, by kind; 0 to 1. */
const SEVERITY = { pipeline_silent: 0.9, device_silent: 0.6, program_silent: 0.3 };

/** @param config `options` as {@link silenceOptions} has them. */
export function createSilenceAgent(config: AgentConfig): Agent {
  const options = silenceOptions.parse(config.options);
  const windowMs = config.windowMs ?? WINDOW_MS;
  return {
    name: config.name,
    programs: config.programs ?? 'all',
    problem: undefined,
    takeUp: () => ({
      windowMs,
      groupBy: 'device',
      devices: [],
      features: [],
      inspect: (slot, context) => {
        const isLate = context.late || isHeard(slot, context.memory);
        return isLate ? inspectLate(slot, context.memory) : inspectSlot(slot, context, config, options);
      },
    }),
    stop: async () => {},
  };
}

function inspectSlot(
  slot: readonly LogWindow[],
  { memory, nowMs }: InspectContext,
  config: AgentConfig,
  options: Options,
): SlotVerdict {
  const known = (structuredClone(memory) ?? { pipeline: null, devices: {} }) as Memory;
  const [first] = slot;
  if (first === undefined) return { windows: [], anomalies: [] }; // no device has ever written
  const { fromMs, toMs } = first;
  const entries = slot.reduce((sum, window) => sum + window.entries.length, 0);
  known.pipeline = heard(known.pipeline, entries > 0, fromMs, toMs, options);
  for (const window of slot) hearDevice(known, window, options);
  const silences = silencesOf(known, toMs, options);
  const anomalies = silences.map((silence) => anomalyOf(silence, { fromMs, toMs, nowMs }, config));
  const odd = new Set(anomalies.map(({ deviceId }) => deviceId));
  const all = [
    { deviceId: null, entries },
    ...slot.map(({ deviceId, entries: of }) => ({ deviceId, entries: of.length })),
  ];
  const windows = all.map(({ deviceId, entries: count }) => unscoredWindow(deviceId, count, odd.has(deviceId)));
  return { windows, anomalies, memory: known as JsonValue };
}

/** Whether somebody was heard since: a clock that was wrong sent the agent back, and nothing is learnt twice. */
function isHeard([first]: readonly LogWindow[], memory: JsonValue | undefined): boolean {
  const { pipeline } = (memory ?? { pipeline: null }) as Memory;
  return first !== undefined && pipeline !== null && first.toMs <= pipeline.lastMs;
}

/**
 * Entries that came late tell of a window only that its sources did write. What is remembered is of later times, so that
 * only windows are judged again in which everybody who is missed elsewhere is heard.
 */
function inspectLate(slot: readonly LogWindow[], memory: JsonValue | undefined): SlotVerdict {
  const known = (memory ?? { pipeline: null, devices: {} }) as Memory;
  const complete = slot.filter(({ deviceId, entries }) => {
    const programs = new Set(entries.map(({ program }) => program));
    const expected = Object.keys(known.devices[String(deviceId)]?.programs ?? {});
    return entries.length > 0 && expected.every((program) => programs.has(program));
  });
  const entries = slot.reduce((sum, window) => sum + window.entries.length, 0);
  const windows = complete.map(({ deviceId, entries: of }) => unscoredWindow(deviceId, of.length, false));
  return { windows: entries > 0 ? [unscoredWindow(null, entries, false), ...windows] : windows, anomalies: [] };
}

function hearDevice(known: Memory, { deviceId, entries, fromMs, toMs }: LogWindow, options: Options): void {
  const name = String(deviceId);
  const before = own(known.devices, name);
  const track = heard(before ?? null, entries.length > 0, fromMs, toMs, options);
  if (track === null) {
    delete known.devices[name];
    return;
  }
  const programs: Record<string, Track> = Object.create(null);
  const heardNow = new Set(entries.map(({ program }) => program));
  for (const program of new Set([...Object.keys(before?.programs ?? {}), ...heardNow])) {
    // While the device is silent nothing is learnt of its programs.
    const old = before === undefined ? undefined : own(before.programs, program);
    const next =
      entries.length === 0 ? (old ?? null) : heard(old ?? null, heardNow.has(program), fromMs, toMs, options);
    if (next !== null) programs[program] = next;
  }
  known.devices[name] = { ...track, programs };
}

/** Names come from logs: one of them may be that of something every object has. */
function own<Value>(record: Record<string, Value>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** What is known of a source after one more window; null if nothing is, or no longer. */
function heard(before: Track | null, wrote: boolean, fromMs: number, toMs: number, options: Options): Track | null {
  if (before === null) return wrote ? { lastMs: toMs, gapMs: 0, active: 1, windows: 1 } : null;
  if (!wrote && toMs - before.lastMs > options.forget) return null;
  const isMissed = !wrote && toMs - before.lastMs >= thresholdOf(before, options);
  if (isMissed) return before; // how often it writes is not learnt from an outage
  const fade = 0.5 ** (1 / HALF_LIFE_WINDOWS);
  const track = { ...before, active: before.active * fade + Number(wrote), windows: before.windows * fade + 1 };
  if (!wrote) return track;
  // A gap that was told of is learnt only up to there, so that a long outage does not make the next one usual.
  const gapMs = Math.min(fromMs - before.lastMs, thresholdOf(before, options));
  return { ...track, lastMs: toMs, gapMs: Math.max(before.gapMs, gapMs) };
}

function thresholdOf({ gapMs }: Track, { after }: Options): number {
  return Math.max(after, GAP_FACTOR * gapMs);
}

interface Silence {
  readonly kind: keyof typeof SEVERITY;
  readonly deviceId: string | null;
  /** Who is silent, since when, and what gap is usual. */
  readonly sources: readonly { readonly name: string; readonly track: Track }[];
}

function silencesOf(known: Memory, toMs: number, options: Options): Silence[] {
  const isSilent = (track: Track, least: number) =>
    track.active >= LEARNING_WINDOWS &&
    track.active >= least * track.windows &&
    toMs - track.lastMs >= thresholdOf(track, options);
  if (known.pipeline !== null && isSilent(known.pipeline, 0)) {
    return [{ kind: 'pipeline_silent', deviceId: null, sources: [{ name: 'any device', track: known.pipeline }] }];
  }
  return Object.entries(known.devices).flatMap(([deviceId, { programs, ...track }]): Silence[] => {
    if (isSilent(track, options.device_share)) {
      return [{ kind: 'device_silent', deviceId, sources: [{ name: `device ${deviceId}`, track }] }];
    }
    const sources = Object.entries(programs)
      .filter(([, program]) => track.lastMs === toMs && isSilent(program, options.program_share))
      .map(([name, program]) => ({ name, track: program }));
    return sources.length === 0 ? [] : [{ kind: 'program_silent', deviceId, sources }];
  });
}

function anomalyOf(
  { kind, deviceId, sources }: Silence,
  { fromMs, toMs, nowMs }: { fromMs: number; toMs: number; nowMs: number },
  config: AgentConfig,
): Anomaly {
  const severity = SEVERITY[kind];
  const parts = sources.map(({ name, track }) => {
    const usual =
      track.gapMs === 0 ? 'it is heard in every window' : `its longest usual gap is ${minutes(track.gapMs)}`;
    return `nothing from ${name} for ${minutes(toMs - track.lastMs)}, since ${isoOf(track.lastMs)} (${usual})`;
  });
  return {
    agent: config.name,
    deviceId,
    fromMs,
    toMs,
    kind,
    score: null,
    decision: null,
    detectors: [],
    surprise: null,
    severity,
    level: levelOf(severity, [], config.severity),
    why: parts.join('; '),
    modelVersion: null,
    features: [],
    exampleLines: [],
    detectedAtMs: nowMs,
  };
}

function minutes(durationMs: number): string {
  return `${Math.round(durationMs / 60_000)} min`;
}

function isoOf(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16)}Z`;
}
