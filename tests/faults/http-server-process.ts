/**
 * The HTTP server as a process of its own, on a store with content: `fork`ed, it says where it listens, and does what it is
 * told: `source down`, `source up`, `store down`, `store up`. It answers each with its memory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresConnection } from '@edgewood/logs';
import type { AnomalyStore } from '../../packages/service/src/anomalies/anomaly-store.ts';
import { openPostgresAnomalyStore } from '../../packages/service/src/anomalies/postgres-anomaly-store.ts';
import { openSqliteAnomalyStore } from '../../packages/service/src/anomalies/sqlite-anomaly-store.ts';
import { ServiceError } from '../../packages/service/src/errors.ts';
import { createHttpServer } from '../../packages/service/src/http/http-server.ts';
import { createHttpParts, fill, slotAt } from '../../packages/service/src/testing/http-parts.ts';

/** What the process says: at first where it listens; its resident memory always. */
export interface ServerReport {
  readonly port: number;
  readonly rssBytes: number;
  readonly errorLines: readonly string[];
}

/** A store that fails while it is told to. */
function breakable(store: AnomalyStore): AnomalyStore & { failing: boolean } {
  return new Proxy(Object.assign(store, { failing: false }), {
    get(target, name) {
      const found = target[name as keyof AnomalyStore];
      if (typeof found !== 'function') return found;
      if (target.failing) return () => Promise.reject(new ServiceError('STORE_FAILED', 'the store was told to fail'));
      return found.bind(target);
    },
  });
}

const [tokenHash = '', requestMs = '10000', windows = '100', storeUrl = ''] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'edgewood-http-faults-'));
const store = breakable(
  storeUrl === ''
    ? openSqliteAnomalyStore(join(directory, 'store.sqlite'))
    : openPostgresAnomalyStore(postgresConnection(storeUrl, {}), 'public'),
);
const parts = createHttpParts({ tokens: [tokenHash] }, store);
await fill(parts);
for (let n = 3; n < Number(windows); n += 1) await parts.store.append(slotAt(n, n % 10 === 0 ? ['1'] : []));
const server = createHttpServer(parts, { requestMs: Number(requestMs) });
const port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port);

function report(): void {
  const errorLines = parts.log.lines.splice(0);
  process.send?.({ port, rssBytes: process.memoryUsage().rss, errorLines } satisfies ServerReport);
}

process.on('message', (command) => {
  if (command === 'source down' || command === 'source up') parts.control.sourceDown = command === 'source down';
  if (command === 'store down' || command === 'store up') parts.store.failing = command === 'store down';
  report();
});
process.on('disconnect', () => {
  rmSync(directory, { recursive: true, force: true });
  process.exit();
});
report();
