/**
 * Late entries are those that arrive when their window has been analysed already: a log server that was away, a table that
 * was locked. Comparing how many entries windows had with how many they have now finds them, whatever order they came in.
 * Pure.
 */
import type { WindowGrouping } from '@edgewood/features';
import type { EntryCount } from '@edgewood/logs';
import type { StoredWindow } from '../anomalies/anomaly-store.ts';

/** Windows of one slot that must be analysed again. */
export interface LateSlot {
  readonly fromMs: number;
  /** Devices whose windows these are; undefined where one window holds all devices. */
  readonly devices: ReadonlySet<string> | undefined;
}

/**
 * The slots that have more entries than when they were analysed, oldest first.
 *
 * A device of which nothing was known gets its windows from its first late entry on, as it would have if the entry had
 * come in time. A slot of which nothing is stored was never analysed, and is none of ours.
 *
 * @param stored windows of one agent, all of them in the span that was counted.
 * @param counted what there is now.
 */
export function lateSlots(
  stored: readonly StoredWindow[],
  counted: readonly EntryCount[],
  windowMs: number,
  groupBy: WindowGrouping,
): readonly LateSlot[] {
  const slots = entriesBySlot(stored.filter(({ fromMs, toMs }) => toMs - fromMs === windowMs));
  return groupBy === 'global' ? lateWholes(slots, counted) : lateDevices(slots, counted);
}

/** Slots to be analysed again in one go, by their beginning: of these devices, or of all where it is undefined. */
export type SlotsAgain = ReadonlyMap<number, ReadonlySet<string> | undefined>;

/**
 * What has to be analysed again because of late slots, oldest first: those alone, each in a go of its own, if the agent
 * judges each slot by itself; else everything from the oldest of them on in one go, since what is said of a window depends
 * on what was before. Windows that were not there then do not come to be because of that.
 *
 * @param late as {@link lateSlots} finds them.
 * @param stored windows of the agent, at least those from the oldest late slot on.
 */
export function runsAgain(
  late: readonly LateSlot[],
  stored: readonly StoredWindow[],
  { windowMs, groupBy, lookBackMs = 0 }: AgainRules,
): readonly SlotsAgain[] {
  const [oldest] = late;
  if (oldest === undefined) return [];
  if (lookBackMs === 0) return late.map(({ fromMs, devices }) => new Map([[fromMs, devices]]));
  const slots = entriesBySlot(stored.filter(({ fromMs, toMs }) => toMs - fromMs === windowMs));
  const later = [...slots].filter(([fromMs]) => fromMs >= oldest.fromMs).sort(([one], [other]) => one - other);
  const added = new Map(late.map(({ fromMs, devices }) => [fromMs, devices]));
  return [
    new Map(
      later.map(([fromMs, had]) => {
        const devices = [...had.keys(), ...(added.get(fromMs) ?? [])].filter((device) => device !== null);
        return [fromMs, groupBy === 'global' ? undefined : new Set(devices)];
      }),
    ),
  ];
}

/** What of an inspection says which slots depend on others. */
export interface AgainRules {
  readonly windowMs: number;
  readonly groupBy: WindowGrouping;
  readonly lookBackMs?: number | undefined;
}

/** How many entries each window had: by slot, then by device. */
type EntriesBySlot = ReadonlyMap<number, ReadonlyMap<string | null, number>>;

function entriesBySlot(stored: readonly StoredWindow[]): EntriesBySlot {
  const slots = new Map<number, Map<string | null, number>>();
  for (const { fromMs, deviceId, entries } of stored) {
    const slot = slots.get(fromMs) ?? new Map<string | null, number>();
    slots.set(fromMs, slot.set(deviceId, entries));
  }
  return slots;
}

function lateWholes(slots: EntriesBySlot, counted: readonly EntryCount[]): LateSlot[] {
  const now = new Map<number, number>();
  for (const { fromMs, entries } of counted) now.set(fromMs, (now.get(fromMs) ?? 0) + entries);
  return [...slots]
    .filter(([fromMs, had]) => (now.get(fromMs) ?? 0) > (had.get(null) ?? 0))
    .map(([fromMs]) => ({ fromMs, devices: undefined }))
    .sort(byTime);
}

function lateDevices(slots: EntriesBySlot, counted: readonly EntryCount[]): LateSlot[] {
  const late = new Map<number, Set<string>>();
  const add = (fromMs: number, deviceId: string) => late.set(fromMs, (late.get(fromMs) ?? new Set()).add(deviceId));
  for (const { fromMs, deviceId, entries } of counted) {
    const had = slots.get(fromMs);
    if (had === undefined || entries <= (had.get(deviceId) ?? 0)) continue;
    add(fromMs, deviceId);
    if (had.has(deviceId)) continue;
    for (const [laterMs, devices] of slots) if (laterMs > fromMs && !devices.has(deviceId)) add(laterMs, deviceId);
  }
  return [...late].map(([fromMs, devices]) => ({ fromMs, devices })).sort(byTime);
}

function byTime(a: LateSlot, b: LateSlot): number {
  return a.fromMs - b.fromMs;
}
