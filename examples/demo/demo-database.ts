/**
 * The demo's PostgreSQL: the one of `DATABASE_URL` if there is one, otherwise a server of our own from the binaries that npm
 * ships, otherwise PGlite, a PostgreSQL in WebAssembly, for machines where those binaries cannot run.
 */
import { fileURLToPath } from 'node:url';
import { createLogTable, execute, loadLogTable } from '../../packages/logs/src/testing/log-table.ts';
import { startPglite } from '../../packages/logs/src/testing/pglite-server.ts';
import { startPostgres } from '../../packages/logs/src/testing/postgres-server.ts';

export interface DemoDatabase extends AsyncDisposable {
  /** For people. */
  readonly description: string;
  /** Connects as a role that can only read. */
  readonly url: string;
}

const SAMPLE = fileURLToPath(new URL('../sample/log_entries_sample.csv', import.meta.url));

export async function openDemoDatabase(): Promise<DemoDatabase> {
  const given = process.env.DATABASE_URL;
  if (given !== undefined) return loadInto(given, 'the PostgreSQL of DATABASE_URL', async () => undefined);
  const server = await startServer();
  return loadInto(server.url, server.kind, server.stop);
}

async function startServer(): Promise<{ url: string; kind: string; stop(): Promise<void> }> {
  if (process.env.EDGEWOOD_DEMO_DATABASE !== 'pglite') {
    try {
      const { url, stop } = await startPostgres();
      return { url, stop, kind: 'a PostgreSQL server of its own, from npm' };
    } catch (error) {
      console.log(`The PostgreSQL from npm cannot run here (${(error as Error).message}); taking PGlite.`);
    }
  }
  const { url, stop } = await startPglite();
  return { url, stop, kind: 'PGlite, PostgreSQL in WebAssembly' };
}

async function loadInto(url: string, kind: string, stop: () => Promise<void>): Promise<DemoDatabase> {
  try {
    const [existing] = await execute(url, "SELECT to_regclass('log_entries') IS NOT NULL AS there");
    if (existing?.there === true) {
      throw new Error(
        'the database of DATABASE_URL has a table log_entries already; the demo would mix its sample into it',
      );
    }
    const reader = await createLogTable(url);
    const rows = await loadLogTable(url, SAMPLE);
    const description = `${kind}: ${rows.toLocaleString('en-US')} rows in log_entries, read by a role with SELECT only`;
    return { description, url: reader, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
