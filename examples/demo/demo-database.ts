/**
 * The demo's PostgreSQL: the one of `DATABASE_URL` if there is one, otherwise a server of our own from the binaries that npm
 * ships, otherwise PGlite, a PostgreSQL in WebAssembly, for machines where those binaries cannot run.
 */
import { fileURLToPath } from 'node:url';
import { createLogTable, createTableOnly, execute, loadLogTable } from '../../packages/logs/src/testing/log-table.ts';
import { startPostgres } from '../../packages/logs/src/testing/postgres-server.ts';

export interface DemoDatabase extends AsyncDisposable {
  /** For people. */
  readonly description: string;
  readonly url: string;
}

const SAMPLE = fileURLToPath(new URL('../sample/log_entries_sample.csv', import.meta.url));

export async function openDemoDatabase(): Promise<DemoDatabase> {
  const given = process.env.DATABASE_URL;
  return given === undefined ? openOwn() : openGiven(given);
}

/** A server of the demo's own, with a role that can only read. */
async function openOwn(): Promise<DemoDatabase> {
  const { url, kind, stop } = await startServer();
  try {
    const reader = await createLogTable(url);
    const description = `${kind}: ${await loadSample(url)} in log_entries, read by a role with SELECT only`;
    return { description, url: reader, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Somebody's own database: the table is made, and dropped at the end; nothing else is touched. */
async function openGiven(url: string): Promise<DemoDatabase> {
  const [existing] = await execute(url, "SELECT to_regclass('log_entries') IS NOT NULL AS there");
  if (existing?.there === true) {
    throw new Error(
      'the database of DATABASE_URL has a table log_entries already; the demo would mix its sample into it',
    );
  }
  await createTableOnly(url);
  const drop = async () => void (await execute(url, 'DROP TABLE log_entries'));
  try {
    const description = `the PostgreSQL of DATABASE_URL: ${await loadSample(url)} in log_entries, which is dropped at the end`;
    return { description, url, [Symbol.asyncDispose]: drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function loadSample(url: string): Promise<string> {
  return `${(await loadLogTable(url, SAMPLE)).toLocaleString('en-US')} rows`;
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
  // Loaded only where it is needed: it is large, and optional.
  const { startPglite } = await import('../../packages/logs/src/testing/pglite-server.ts');
  const { url, stop } = await startPglite();
  return { url, stop, kind: 'PGlite, PostgreSQL in WebAssembly' };
}
