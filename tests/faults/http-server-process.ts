/**
 * The HTTP server as a process of its own, on a store with content: `fork`ed, it says where it listens, and does what it is
 * told: `source down`, `source up`, `store down`, `store up`. It answers each with its memory.
 */
import { createHttpServer } from '../../packages/service/src/http/http-server.ts';
import { createHttpParts, fill, slotAt } from '../../packages/service/src/testing/http-parts.ts';

/** What the process says: at first where it listens; its resident memory always. */
export interface ServerReport {
  readonly port: number;
  readonly rssBytes: number;
  readonly errorLines: readonly string[];
}

const [tokenHash = '', requestMs = '10000', windows = '100'] = process.argv.slice(2);
const parts = createHttpParts({ tokens: [tokenHash] });
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
process.on('disconnect', () => process.exit());
report();
