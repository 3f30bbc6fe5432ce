import type { LogEntry, TimeSpan } from '@edgewood/logs';
import { FeatureError } from './errors.ts';
import { checkWindowLength, type LogWindow, type WindowGrouping } from './log-window.ts';

export interface WindowOptions {
  /** Length of a window, in milliseconds. */
  readonly windowMs: number;
  readonly groupBy: WindowGrouping;
  /** Devices that exist before the first entry: they get windows even if they stay silent. Default none. */
  readonly devices?: Iterable<string>;
}

/**
 * Cuts a stream of log entries into tumbling windows, which are of one length and lie side by side.
 *
 * Each slot of time is yielded once, oldest first, as the list of its windows: one a known device, ordered by device, or
 * a single one for all. Slots in which nothing was logged are yielded too, since silence may be the anomaly. A device is
 * known from its first entry on. A slot is yielded as soon as an entry of a later one is read, so one slot at a time is
 * held in memory.
 *
 * @param chunks entries by slot of time; within a slot they may come in any order.
 * @param span begins and ends at multiples of `windowMs` since the Unix epoch; undefined: from the first entry's slot to
 *   the last one's.
 * @throws {FeatureError} `BAD_WINDOW`; `ENTRY_MISPLACED` at an entry of a slot already yielded, or outside the span.
 */
export async function* tumblingWindows(
  chunks: AsyncIterable<readonly LogEntry[]>,
  span: TimeSpan | undefined,
  options: WindowOptions,
): AsyncGenerator<readonly LogWindow[]> {
  const { windowMs } = options;
  checkWindowLength(windowMs);
  if (span !== undefined) checkSpan(span, windowMs);
  const slot = options.groupBy === 'device' ? new DeviceSlot(options.devices ?? []) : new GlobalSlot();
  let fromMs = span?.fromMs;
  for await (const chunk of chunks) {
    for (const entry of chunk) {
      fromMs ??= Math.floor(entry.timeMs / windowMs) * windowMs;
      if (entry.timeMs < fromMs || (span !== undefined && entry.timeMs >= span.toMs))
        throw misplaced(entry, fromMs, span);
      while (entry.timeMs >= fromMs + windowMs) {
        yield slot.close(fromMs, fromMs + windowMs);
        fromMs += windowMs;
      }
      slot.add(entry);
    }
  }
  if (fromMs === undefined) return;
  const endMs = span?.toMs ?? fromMs + windowMs;
  for (; fromMs < endMs; fromMs += windowMs) yield slot.close(fromMs, fromMs + windowMs);
}

function checkSpan(span: TimeSpan, windowMs: number): void {
  if (span.fromMs % windowMs === 0 && span.toMs % windowMs === 0 && span.fromMs <= span.toMs) return;
  const iso = (ms: number) => new Date(ms).toISOString();
  throw new FeatureError(
    'BAD_WINDOW',
    `a span must begin and end at multiples of its ${windowMs / 1000} s windows, got ${iso(span.fromMs)} to ${iso(span.toMs)}`,
  );
}

function misplaced(entry: LogEntry, fromMs: number, span: TimeSpan | undefined): FeatureError {
  const at = new Date(entry.timeMs).toISOString();
  const problem =
    entry.timeMs < fromMs
      ? `its window ended before ${new Date(fromMs).toISOString()}; entries must come in order of time`
      : `the span ends at ${new Date(span?.toMs ?? Number.NaN).toISOString()}`;
  return new FeatureError('ENTRY_MISPLACED', `entry of ${at} (device '${entry.deviceId}') is misplaced: ${problem}`);
}

/** The open slot when all devices share a window. */
class GlobalSlot {
  #entries: LogEntry[] = [];

  add(entry: LogEntry): void {
    this.#entries.push(entry);
  }

  close(fromMs: number, toMs: number): readonly LogWindow[] {
    const entries = this.#entries;
    this.#entries = [];
    return [{ fromMs, toMs, deviceId: null, entries }];
  }
}

/** The open slot when each device has its own window. Remembers the devices seen, in order. */
class DeviceSlot {
  readonly #entriesOf = new Map<string, LogEntry[]>();
  #devices: string[];

  constructor(devices: Iterable<string>) {
    this.#devices = [...new Set(devices)].sort(compareDevices);
  }

  add(entry: LogEntry): void {
    const entries = this.#entriesOf.get(entry.deviceId);
    if (entries === undefined) this.#entriesOf.set(entry.deviceId, [entry]);
    else entries.push(entry);
  }

  close(fromMs: number, toMs: number): readonly LogWindow[] {
    const added = [...this.#entriesOf.keys()].filter((device) => !this.#devices.includes(device));
    if (added.length > 0) this.#devices = [...this.#devices, ...added].sort(compareDevices);
    const windows = this.#devices.map((deviceId) => {
      const entries = this.#entriesOf.get(deviceId) ?? [];
      return { fromMs, toMs, deviceId, entries };
    });
    this.#entriesOf.clear();
    return windows;
  }
}

const byNumbers = new Intl.Collator('en', { numeric: true }).compare;

/**
 * The order of devices: numbers in names by their value, so that device 2 comes before device 10. Names that differ only
 * in how such a number is written, `1` and `01`, have an order too, or it would depend on which of them was seen first.
 */
export function compareDevices(one: string, other: string): number {
  if (one === other) return 0;
  return byNumbers(one, other) || (one < other ? -1 : 1);
}
