import type { PostgresConnection } from '@edgewood/logs';
import type { AnomalyStore } from './anomaly-store.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { SqlAnomalyStore } from './sql-anomaly-store.ts';

/**
 * The store in tables of a PostgreSQL: `edgewood_anomalies` and those beside it, which are made if they are not there.
 * Nothing is connected to before the first call; a server that is away is `STORE_FAILED`, and asked again at the next call.
 *
 * @param schema in which the tables are.
 */
export function openPostgresAnomalyStore(connection: PostgresConnection, schema: string): AnomalyStore {
  return new SqlAnomalyStore(new PostgresDatabase(connection, schema));
}
