/** Time that a person leaves out of training: known incidents and maintenance. It counts as not looked at. */
import type { IncidentLabels } from './incident-labels.ts';

/** Half-open; Unix milliseconds UTC. */
export interface ExcludedSpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** Whose time it is. */
  readonly devices: readonly string[] | 'all';
  /** For people: `firmware_upgrade`. */
  readonly reason: string;
}

/** Whether any of a span is left out, of a device; of `null`, which is all together, whether any of any device is. */
export type IsExcluded = (fromMs: number, toMs: number, deviceId: string | null) => boolean;

const END_MS = 3_600_000;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** @param spans in any order; they may overlap. */
export function excludedTime(spans: readonly ExcludedSpan[]): IsExcluded {
  const known = new Map<string | null, readonly Span[]>();
  return (fromMs, toMs, deviceId) => {
    let ofDevice = known.get(deviceId);
    if (ofDevice === undefined) {
      ofDevice = joined(
        spans.filter(({ devices }) => deviceId === null || devices === 'all' || devices.includes(deviceId)),
      );
      known.set(deviceId, ofDevice);
    }
    const next = ofDevice[firstEndingAfter(ofDevice, fromMs)];
    return next !== undefined && next.fromMs < toMs;
  };
}

/** Whether a span covers another, but for an hour at either end. */
export function covers(span: Span, other: Span): boolean {
  return span.fromMs <= other.fromMs + END_MS && span.toMs >= other.toMs - END_MS;
}

/** Time of labels: incidents, on the devices on which they can be found, and changes that are none. */
export function spansOfLabels({ incidents, benign }: IncidentLabels): readonly ExcludedSpan[] {
  return [
    ...incidents.map(({ fromMs, toMs, devices, kind }) => ({ fromMs, toMs, devices, reason: kind })),
    ...benign.map(({ fromMs, toMs, deviceId, kind }) => ({ fromMs, toMs, devices: [deviceId], reason: kind })),
  ];
}

/** In order of time, without overlaps; empty ones are none. */
function joined(spans: readonly Span[]): readonly Span[] {
  const disjoint: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = disjoint.at(-1);
    if (toMs <= fromMs) continue;
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else disjoint.push({ fromMs, toMs });
  }
  return disjoint;
}

/** @returns the place of the first span that ends behind a time; their number if none does. */
function firstEndingAfter(spans: readonly Span[], timeMs: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.toMs ?? 0) > timeMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
