import type { AnomalyStore, StoredAnomaly } from '../anomalies/anomaly-store.ts';
import type { Incident } from '../anomalies/incident.ts';
import { ServiceError } from '../errors.ts';

/** @throws {ServiceError} `NOT_FOUND`, `STORE_FAILED`. */
export async function findAnomaly(store: AnomalyStore, id: number): Promise<StoredAnomaly> {
  const found = await store.anomaly(id);
  if (found === undefined) throw new ServiceError('NOT_FOUND', `there is no anomaly ${id}; see /api/anomalies`);
  return found;
}

/** @throws {ServiceError} `NOT_FOUND`, `STORE_FAILED`. */
export async function findIncident(store: AnomalyStore, id: number): Promise<Incident> {
  const found = await store.incident(id);
  if (found === undefined) throw new ServiceError('NOT_FOUND', `there is no incident ${id}; see /api/incidents`);
  return found;
}
