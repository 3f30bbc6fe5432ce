import { PostgresLogSource, postgresConnection } from '@edgewood/logs';

/**
 * The table of logs that is meant: of the configuration file, or else of `DATABASE_URL` or the `PG*` variables.
 *
 * @param config path of the service's configuration, which also has the column mapping.
 * @throws {LogError} `BAD_CONNECTION`.
 */
export async function openLogDatabase(config: string | undefined): Promise<PostgresLogSource> {
  if (config === undefined) return new PostgresLogSource({ connection: postgresConnection() });
  const { loadConfig } = await import('@edgewood/service');
  const { url, ...table } = (await loadConfig(config, process.env)).database;
  return new PostgresLogSource({ connection: postgresConnection(url), table });
}
