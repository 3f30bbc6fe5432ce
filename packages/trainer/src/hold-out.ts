/**
 * Which days of a log are held out, to see how detectors that have not learnt from them judge them: the last ones, since
 * tomorrow is judged by what was learnt until today.
 */
import type { LogEntry } from '@edgewood/logs';
import { SLOT_MS } from '@edgewood/surprise';
import { chosenEntries, type EntrySelection } from './chosen-entries.ts';

const DAY_MS = 86_400_000;
/** At least so much is learnt from, in days: each day of the week once. */
export const FEWEST_LEARNT_DAYS = 7;
/** So many days a log must cover before one is held out. */
export const FEWEST_DAYS = FEWEST_LEARNT_DAYS + 1;
/** The share of days that is held out. */
const HELD_OUT_SHARE = 0.3;

/** A span of a log; Unix milliseconds UTC, half-open. */
export interface LogSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * @param span from the first entry to the last one: days count as whole if they are but for a few minutes.
 * @returns the last days, each of 24 hours, up to a whole slot; undefined if the log is too short to hold out any.
 */
export function heldOutOf({ fromMs, toMs }: LogSpan): LogSpan | undefined {
  const slots = Math.ceil(toMs / SLOT_MS) - Math.floor(fromMs / SLOT_MS);
  const days = (slots * SLOT_MS) / DAY_MS;
  const heldOut = Math.floor(Math.min(days * HELD_OUT_SHARE, days - FEWEST_LEARNT_DAYS));
  const endMs = Math.floor(toMs / SLOT_MS) * SLOT_MS;
  return heldOut >= 1 ? { fromMs: endMs - heldOut * DAY_MS, toMs: endMs } : undefined;
}

/** From the first chosen entry of a log to right behind its last one, and whose entries there are; undefined without any. */
export async function surveyLog(
  chunks: AsyncIterable<readonly LogEntry[]>,
  selection: EntrySelection,
): Promise<(LogSpan & { readonly devices: number }) | undefined> {
  const devices = new Set<string>();
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for await (const chunk of chosenEntries(chunks, selection)) {
    fromMs = Math.min(fromMs, chunk[0]?.timeMs ?? fromMs);
    toMs = Math.max(toMs, (chunk.at(-1)?.timeMs ?? toMs) + 1);
    for (const { deviceId } of chunk) devices.add(deviceId);
  }
  return devices.size === 0 ? undefined : { fromMs, toMs, devices: devices.size };
}
