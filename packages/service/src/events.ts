import { EventEmitter } from 'node:events';
import type { StoredAnomaly } from './anomalies/anomaly-store.ts';

/** What happens in a service. Everything is told after it has become true. */
export interface ServiceEventMap {
  /** A slot of time was analysed and stored: `windows` of one agent, ending at `toMs`. */
  'slot:analysed': [{ agent: string; toMs: number; windows: number; anomalies: number }];
  /** An anomaly is in the store for the first time. */
  'anomaly:detected': [StoredAnomaly];
  /** A cycle could not read or store; it is repeated after `retryMs`. */
  'cycle:failed': [{ agent: string; error: Error; retryMs: number }];
  /** Downtime was longer than is caught up; these windows were never looked at. */
  'slots:skipped': [{ agent: string; fromMs: number; toMs: number }];
  /** A model is in use from now on. */
  'model:loaded': [{ agent: string; version: string; warnings: readonly string[] }];
  /** A model was refused, or there is none; whatever was in use stays in use. `again`: for the same reason as before. */
  'model:rejected': [{ agent: string; reason: string; inUse: string | undefined; again: boolean }];
}

/** Connects those that do something with those that tell of it: metrics, log, alerts; none knows the others. */
export type ServiceEvents = EventEmitter<ServiceEventMap>;

export function createServiceEvents(): ServiceEvents {
  return new EventEmitter<ServiceEventMap>();
}
