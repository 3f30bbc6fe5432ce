import type { AnalysedWindow, ChangeKind, StoredChange } from './anomalies/anomaly-store.ts';

/** What happens in a service. Everything is told after it has become true. */
export interface ServiceEventMap extends Record<ChangeKind, StoredChange> {
  /** The log source answers; told once, at the start. */
  'source:ready': { description: string; warnings: readonly string[] };
  /** The log source does not answer at the start; it is asked again after `retryMs`. */
  'source:failed': { error: Error; retryMs: number };
  /** The log source answers, at the start and whenever it is asked again; the time of its newest entries, Unix milliseconds. */
  'source:checked': { newestMs: number | undefined };
  /** The store began anew: what was there is set aside, and was broken. */
  'store:replaced': { location: string; setAside: string };
  /** A slot of time was analysed and stored: `windows` of one agent, `anomalies` of them odd, counted by kind. */
  'slot:analysed': {
    agent: string;
    fromMs: number;
    toMs: number;
    windows: number;
    anomalies: Readonly<Record<string, number>>;
    /** The windows one by one. */
    judged: readonly AnalysedWindow[];
  };
  /** Entries came after their window had been analysed; it is analysed again. */
  'entries:late': { agent: string; fromMs: number; toMs: number; entries: number };
  /** The agent failed at this slot every time: its windows are given up, and stored as such. */
  'slot:failed': { agent: string; fromMs: number; toMs: number; windows: number; error: Error };
  /** An agent found more in one slot than it may; the worst were kept. */
  'anomalies:capped': { agent: string; fromMs: number; toMs: number; found: number; kept: number };
  /** Everything that was due has been analysed, up to `toMs`. */
  'cycle:finished': { agent: string; toMs: number; durationMs: number };
  /** A cycle could not read or store; it is repeated after `retryMs`. */
  'cycle:failed': { agent: string; error: Error; retryMs: number };
  /** Downtime was longer than is caught up; these windows were never looked at. */
  'slots:skipped': { agent: string; fromMs: number; toMs: number; slots: number };
  /** The clock was wrong before: the agent goes on from `toMs`, which lies before `fromMs`. */
  'cursor:rewound': { agent: string; fromMs: number; toMs: number };
  /** The machine's clock jumped by `byMs`; `held` while the time before is carried on, for it may jump back. */
  'clock:jumped': { byMs: number; held: boolean };
  /** The machine is over its limits and analysis waits, or no longer. */
  'analysis:paused': { reason: string };
  'analysis:resumed': { pausedMs: number };
  /** A person switched an agent off or on. */
  'agent:switched': { agent: string; enabled: boolean };
  /** The configuration was read again and is wrong, or cannot be lived by: the one before stays. `reason` is one line. */
  'config:refused': { reason: string; problems: readonly string[] };
  /** The configuration was read again and is the one that is lived by. */
  'config:accepted': Record<never, never>;
  /** A model is in use from now on. */
  'model:loaded': { agent: string; version: string; warnings: readonly string[] };
  /** A model was refused, or there is none; whatever was in use stays in use. `again`: for the same reason as before. */
  'model:rejected': { agent: string; reason: string; inUse: string | undefined; again: boolean };
  /** A candidate is not in the shadow any more, or no longer one that can be loaded. */
  'model:dropped': { agent: string; version: string };
  /** Somebody deploys a version of the model; told once for each deployment that this service sees. */
  'deployment:seen': { agent: string; id: string; by: string; version: string };
  /** A version on trial was taken back, since whoever deployed it is gone: `previous` is live again. */
  'model:taken-back': { agent: string; version: string; previous: string; reason: string };
  /** Something is in the way of a deployment's file, or of taking a version back; told once for each reason. */
  'deployment:stuck': { agent: string; reason: string };
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
