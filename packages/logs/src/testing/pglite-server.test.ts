import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { LogQuery } from '../log-source.ts';
import { postgresConnection } from '../postgres-connection.ts';
import { PostgresLogSource } from '../postgres-log-source.ts';
import { collect } from './collect.ts';
import { CONTRACT_ENTRIES } from './log-source-contract.ts';
import { createLogTable, loadLogTable } from './log-table.ts';
import { csvRow } from './memory-log-source.ts';
import { startPglite } from './pglite-server.ts';

it('PGlite serves log entries to several readers, one of which leaves early', async () => {
  const server = await startPglite();
  try {
    const url = await createLogTable(server.url);
    async function* csv() {
      yield 'timestamp,device_id,program,log_level,message\n';
      yield* CONTRACT_ENTRIES.map(csvRow);
    }
    await loadLogTable(server.url, csv());
    const source = new PostgresLogSource({ connection: postgresConnection(url, {}) });
    const all: LogQuery = { span: { fromMs: 0, toMs: Date.parse('2026-01-01T00:00:00Z') }, programs: 'all' };
    for await (const _ of source.readCsv(all)) break;
    for (const chunks of await Promise.all([collect(source.read(all)), collect(source.read(all))])) {
      assert.deepEqual(chunks.flat(), CONTRACT_ENTRIES);
    }
  } finally {
    await server.stop();
  }
  await server.stop();
});
