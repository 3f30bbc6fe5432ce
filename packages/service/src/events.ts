import type { StoredAnomaly } from './anomalies/anomaly-store.ts';

/** What happens in a service. Everything is told after it has become true. */
export interface ServiceEventMap {
  /** The log source answers; told once, at the start. */
  'source:ready': { description: string; warnings: readonly string[] };
  /** The log source does not answer at the start; it is asked again after `retryMs`. */
  'source:failed': { error: Error; retryMs: number };
  /** A slot of time was analysed and stored: `windows` of one agent, ending at `toMs`. */
  'slot:analysed': { agent: string; toMs: number; windows: number; anomalies: number };
  /** An anomaly is in the store for the first time. */
  'anomaly:detected': StoredAnomaly;
  /** Everything that was due has been analysed, up to `toMs`. */
  'cycle:finished': { agent: string; toMs: number; durationMs: number };
  /** A cycle could not read or store; it is repeated after `retryMs`. */
  'cycle:failed': { agent: string; error: Error; retryMs: number };
  /** Downtime was longer than is caught up; these windows were never looked at. */
  'slots:skipped': { agent: string; fromMs: number; toMs: number };
  /** A model is in use from now on. */
  'model:loaded': { agent: string; version: string; warnings: readonly string[] };
  /** A model was refused, or there is none; whatever was in use stays in use. `again`: for the same reason as before. */
  'model:rejected': { agent: string; reason: string; inUse: string | undefined; again: boolean };
}

type EventName = keyof ServiceEventMap;
type Listener<Name extends EventName> = (event: ServiceEventMap[Name]) => void;

/** Connects those that do something with those that tell of it: metrics, log, alerts; none knows the others. */
export interface ServiceEvents {
  /** Returns what ends the listening; whoever begins it must call that when it stops. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void;
  /** Tells everybody who listens, in the order in which they began to. */
  emit<Name extends EventName>(name: Name, event: ServiceEventMap[Name]): void;
}

/** @param onListenerError is told when a listener throws; then the others still hear of the event. By default it throws. */
export function createServiceEvents(onListenerError: (error: unknown) => void = rethrow): ServiceEvents {
  const listenersOf = new Map<EventName, Set<(event: never) => void>>();
  return {
    on(name, listener) {
      const listeners = listenersOf.get(name) ?? new Set();
      listenersOf.set(name, listeners.add(listener));
      return () => void listeners.delete(listener);
    },
    emit(name, event) {
      for (const listener of [...(listenersOf.get(name) ?? [])]) {
        try {
          listener(event as never); // `on` takes only listeners of this event
        } catch (error) {
          onListenerError(error);
        }
      }
    },
  };
}

function rethrow(error: unknown): never {
  throw error;
}
