import type { Anomaly } from '../anomalies/anomaly.ts';
import {
  type AnalysedSlot,
  type AnomalyQuery,
  type AnomalyStore,
  QUERY_LIMIT,
  type StoredAnomaly,
} from '../anomalies/anomaly-store.ts';
import { ServiceError } from '../errors.ts';

/** An anomaly store in memory. While `failing` is set, storing fails and leaves everything as it was. */
export class MemoryAnomalyStore implements AnomalyStore {
  readonly location = 'memory';
  failing = false;
  readonly #anomalies: StoredAnomaly[] = [];
  readonly #cursors = new Map<string, number>();
  readonly #devices = new Map<string, Set<string>>();

  append({ agent, toMs, anomalies, devices }: AnalysedSlot): readonly StoredAnomaly[] {
    if (this.failing) throw new ServiceError('STORE_FAILED', 'the disk is full');
    const fresh = anomalies
      .filter((anomaly) => !this.#anomalies.some((kept) => kept.agent === agent && isOfSameWindow(kept, anomaly)))
      .map((anomaly, index) => ({ ...anomaly, id: this.#anomalies.length + index + 1 }));
    this.#anomalies.push(...fresh);
    this.#devices.set(agent, new Set([...(this.#devices.get(agent) ?? []), ...devices]));
    this.#cursors.set(agent, Math.max(toMs, this.#cursors.get(agent) ?? toMs));
    return fresh;
  }

  cursorMs(agent: string): number | undefined {
    return this.#cursors.get(agent);
  }

  devices(agent: string): readonly string[] {
    return [...(this.#devices.get(agent) ?? [])].sort();
  }

  list({ agent, deviceId, sinceMs, untilMs, limit }: AnomalyQuery): readonly StoredAnomaly[] {
    return this.#anomalies
      .filter((a) => agent === undefined || a.agent === agent)
      .filter((a) => deviceId === undefined || a.deviceId === deviceId)
      .filter(
        (a) => a.fromMs >= (sinceMs ?? Number.NEGATIVE_INFINITY) && a.fromMs < (untilMs ?? Number.POSITIVE_INFINITY),
      )
      .sort((a, b) => b.fromMs - a.fromMs || compareDevices(a.deviceId, b.deviceId) || a.id - b.id)
      .slice(0, Math.min(limit ?? QUERY_LIMIT.usual, QUERY_LIMIT.most));
  }

  close(): void {}
}

/** All devices first, then by code points, as SQLite does. */
function compareDevices(a: string | null, b: string | null): number {
  const [left, right] = [a ?? '', b ?? ''];
  return left < right ? -1 : Number(left > right);
}

function isOfSameWindow(a: Anomaly, b: Anomaly): boolean {
  return a.deviceId === b.deviceId && a.fromMs === b.fromMs && a.toMs === b.toMs;
}
