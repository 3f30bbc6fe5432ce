import { tumblingWindows } from '@edgewood/features';
import type { LogSource, TimeSpan } from '@edgewood/logs';
import type { AnomalyStore, StoredAnomaly } from '../anomalies/anomaly-store.ts';
import type { Agent, Inspection } from './agent.ts';

export interface CycleParts {
  readonly agent: Agent;
  readonly source: LogSource;
  readonly store: AnomalyStore;
  /** Now, Unix milliseconds. */
  readonly nowMs: () => number;
}

/** A slot that was analysed and is stored, with the cursor behind it. */
export interface StoredSlot {
  readonly toMs: number;
  /** How many windows it had, and how many of them were odd. */
  readonly windows: number;
  readonly anomalies: number;
  /** Those of its anomalies that the store did not have before. */
  readonly fresh: readonly StoredAnomaly[];
}

/**
 * Reads the entries of a span once and analyses slot after slot, oldest first. Each is stored, together with the cursor
 * behind it, before it is given: whatever fails later does not undo it, and a cycle from the cursor on continues it.
 *
 * @param span whole windows of the inspection's length.
 * @throws {LogError} if the source fails; {ServiceError} `STORE_FAILED`.
 */
export async function* analyseSlots(
  { agent, source, store, nowMs }: CycleParts,
  { windowMs, groupBy, devices, inspect }: Inspection,
  span: TimeSpan,
  signal: AbortSignal,
): AsyncGenerator<StoredSlot> {
  const entries = source.read({ span, programs: agent.programs }, signal);
  const known = [...store.devices(agent.name), ...devices];
  let toMs = span.fromMs;
  for await (const slot of tumblingWindows(entries, span, { windowMs, groupBy, devices: known })) {
    toMs += windowMs;
    const anomalies = inspect(slot, nowMs());
    const seen = slot.map(({ deviceId }) => deviceId).filter((deviceId) => deviceId !== null);
    const fresh = store.append({ agent: agent.name, toMs, anomalies, devices: seen });
    yield { toMs, windows: slot.length, anomalies: anomalies.length, fresh };
  }
}
