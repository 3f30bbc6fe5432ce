import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import type { PostgresServer } from './postgres-server.ts';

const MAX_CONNECTIONS = 100;

/**
 * PostgreSQL compiled to WebAssembly, in this process, behind a socket: for machines on which the binaries of
 * {@link startPostgres} do not run.
 *
 * Slower, and one session at a time: connections take turns, a query that waits cannot be cancelled, and roles have no
 * passwords. Good enough for the demo, not for tests of the source. Its packages
 * are optional: import this file only when it is needed.
 */
export async function startPglite(): Promise<PostgresServer> {
  const db = await PGlite.create();
  const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0, maxConnections: MAX_CONNECTIONS });
  await server.start();
  let stopped: Promise<void> | undefined;
  return {
    // It does not even answer the question whether it speaks TLS.
    url: `postgresql://postgres@${server.getServerConn()}/postgres?sslmode=disable`,
    stop: () => (stopped ??= server.stop().then(() => db.close())),
  };
}
