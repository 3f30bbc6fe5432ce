/** What a third party's agent remembers of each device, and how the store keeps that: as pairs of device and memory. Pure. */
import type { JsonValue } from '../anomalies/anomaly-store.ts';

/** By device; `null` where one window holds all of them. */
export type DeviceMemories = ReadonlyMap<string | null, JsonValue>;

/** @param kept by the store; whatever another agent may have left there is as good as nothing. */
export function memoriesOf(kept: JsonValue | undefined): DeviceMemories {
  const pairs = Array.isArray(kept) ? kept : [];
  return new Map(pairs.filter(isPair).map(([device, memory]) => [device, memory]));
}

function isPair(value: unknown): value is [string | null, JsonValue] {
  return Array.isArray(value) && value.length === 2 && (value[0] === null || typeof value[0] === 'string');
}

/**
 * For the store to keep. If it is too much, the longest memories are forgotten.
 *
 * @param mostLength in characters of JSON.
 */
export function keptMemories(
  memories: DeviceMemories,
  mostLength: number,
): { memory: JsonValue; forgotten: readonly (string | null)[] } {
  const pairs = [...memories].map((pair) => ({ pair, length: JSON.stringify(pair).length + 1 }));
  let length = pairs.reduce((sum, pair) => sum + pair.length, 2);
  const forgotten = new Set<string | null>();
  for (const { pair, length: of } of pairs.toSorted((a, b) => b.length - a.length)) {
    if (length <= mostLength) break;
    length -= of;
    forgotten.add(pair[0]);
  }
  const memory = pairs.map(({ pair }) => pair).filter(([device]) => !forgotten.has(device));
  return { memory, forgotten: [...forgotten] };
}
