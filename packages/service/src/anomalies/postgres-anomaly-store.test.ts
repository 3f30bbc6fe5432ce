import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { postgresConnection } from '@edgewood/logs';
import { execute } from '../../../logs/src/testing/log-table.ts';
import { type PostgresServer, startPostgres } from '../../../logs/src/testing/postgres-server.ts';
import { everythingIn, slotOf, testAnomalyStore } from '../testing/anomaly-store-contract.ts';
import { openPostgresAnomalyStore } from './postgres-anomaly-store.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

let schemas = 0;

/** A schema of its own, and how a store in it is opened. */
async function newSchema() {
  schemas += 1;
  const schema = `store "${schemas}"`;
  await execute(server.url, `CREATE SCHEMA "store ""${schemas}"""`);
  return { schema, open: () => openPostgresAnomalyStore(postgresConnection(server.url, {}), schema) };
}

testAnomalyStore('PostgreSQL', async (t) => {
  const store = (await newSchema()).open();
  t.after(() => store.close());
  return store;
});

test('what was stored is there for the next process', async (t) => {
  const { open } = await newSchema();
  const first = open();
  await first.append(slotOf(0, { a: { odd: true } }));
  const before = await everythingIn(first);
  await first.close();
  const second = open();
  t.after(() => second.close());
  assert.deepEqual(await everythingIn(second), before);
});

test('a connection that is lost is an error, and the next call works; nothing is half stored', async (t) => {
  const { open } = await newSchema();
  const store = open();
  t.after(() => store.close());
  await store.append(slotOf(0, { a: { odd: true } }));
  const before = await everythingIn(store);
  await execute(
    server.url,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'edgewood' AND pid <> pg_backend_pid()",
  );
  await assert.rejects(store.append(slotOf(1, { a: { odd: true } })), { code: 'STORE_FAILED' });
  assert.deepEqual(await everythingIn(store), before);
  assert.equal((await store.append(slotOf(1, { a: { odd: true } }))).length, 2);
});

test('two services may write to one store at the same time: every number is given once', async (t) => {
  const { open } = await newSchema();
  const stores = [open(), open()];
  t.after(() => Promise.all(stores.map((store) => store.close())));
  const slots = Array.from({ length: 20 }, (_, n) => n);
  await Promise.all(
    stores.flatMap((store, at) => slots.map((n) => store.append(slotOf(n, { a: { odd: true } }, `agent${at}`)))),
  );
  const changes = (await stores[0]?.changes(0, 1_000)) ?? [];
  assert.deepEqual(
    changes.map(({ seq }) => seq),
    Array.from({ length: 80 }, (_, at) => at + 1),
  );
});

test('a server that is away, and a schema that is not there, are errors that name the place, without the password', async () => {
  const away = openPostgresAnomalyStore(postgresConnection('postgresql://me:hunter2@127.0.0.1:1/logs', {}), 'public');
  await assert.rejects(away.progress('wifi'), (error: Error) => {
    assert.match(error.message, /^the anomaly store postgresql:\/\/me@127\.0\.0\.1:1\/logs, schema public failed: /);
    assert.doesNotMatch(error.message, /hunter2/);
    return true;
  });
  await away.close();
  const nowhere = openPostgresAnomalyStore(postgresConnection(server.url, {}), 'nowhere');
  await assert.rejects(nowhere.progress('wifi'), { code: 'STORE_FAILED', message: /schema nowhere failed/ });
  await nowhere.close();
});
