import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { setImmediate as soon } from 'node:timers/promises';
import { postgresConnection } from '@edgewood/logs';
import pg from 'pg';
import { execute } from '../../../logs/src/testing/log-table.ts';
import { type PostgresServer, startPostgres } from '../../../logs/src/testing/postgres-server.ts';
import { SwallowingProxy } from '../../../logs/src/testing/swallowing-proxy.ts';
import { everythingIn, slotOf, testAnomalyStore, WINDOW_MS } from '../testing/anomaly-store-contract.ts';
import type { AnomalyStore } from './anomaly-store.ts';
import { openPostgresAnomalyStore } from './postgres-anomaly-store.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { SqlAnomalyStore } from './sql-anomaly-store.ts';

const ODD = { a: { odd: true } };
const IMPATIENT = { statementMs: 5_000, lockMs: 50, idleMs: 5_000, transactionMs: 10_000 };

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
  await execute(server.url, 'CREATE ROLE keeper LOGIN');
});
after(() => server.stop());

let schemas = 0;

/** A schema that is not there yet, and how a store in it is opened. */
function newSchema() {
  schemas += 1;
  const schema = `store "${schemas}"`;
  const open = (url = server.url) => openPostgresAnomalyStore(postgresConnection(url, {}), schema);
  return { schema, name: `"store ""${schemas}"""`, open };
}

function urlOf(role: string, database = 'postgres'): string {
  const url = new URL(server.url);
  url.username = role;
  url.pathname = `/${database}`;
  return url.href;
}

/** A store that is closed when the test ends. */
function opened(t: TestContext, store: AnomalyStore): AnomalyStore {
  t.after(() => store.close());
  return store;
}

testAnomalyStore('PostgreSQL', (t) => opened(t, newSchema().open()));

test('what was stored is there for the next process', async (t) => {
  const { open } = newSchema();
  const first = open();
  await first.append(slotOf(0, ODD));
  const before = await everythingIn(first);
  await first.close();
  assert.deepEqual(await everythingIn(opened(t, open())), before);
});

/** Ends the connections of all stores. */
function cutConnections(): Promise<unknown> {
  return execute(
    server.url,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'edgewood' AND pid <> pg_backend_pid()",
  );
}

test('a connection that was lost while nobody used it is opened again, and nobody notices', async (t) => {
  const store = opened(t, newSchema().open());
  await store.append(slotOf(0, ODD));
  await cutConnections();
  assert.equal((await store.append(slotOf(1, ODD))).length, 2);
  assert.equal((await store.anomalies({})).length, 2);
});

/** Somebody who holds a lock on a store's changes, until they let go. */
async function lockChanges(t: TestContext, schema: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  t.after(() => client.end());
  await client.query(`BEGIN; LOCK TABLE ${schema}.edgewood_changes`);
  return client;
}

test('a connection that is lost at work is an error, the next call works, and nothing is half stored', async (t) => {
  const { name, open } = newSchema();
  const store = opened(t, open());
  await store.append(slotOf(0, ODD));
  const before = await everythingIn(store);
  const holder = await lockChanges(t, name);
  const refused = assert.rejects(store.append(slotOf(1, ODD)), { code: 'STORE_FAILED' });
  while ((await execute(server.url, "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length === 0)
    await soon();
  await cutConnections();
  await refused;
  await holder.query('ROLLBACK');
  assert.deepEqual(await everythingIn(store), before);
  assert.equal((await store.append(slotOf(1, ODD))).length, 2);
});

test('a lock that somebody else does not let go of is an error in time', async (t) => {
  const { name, schema } = newSchema();
  const store = opened(
    t,
    new SqlAnomalyStore(new PostgresDatabase(postgresConnection(server.url, {}), schema, IMPATIENT)),
  );
  await store.append(slotOf(0, ODD));
  const holder = await lockChanges(t, name);
  await assert.rejects(store.append(slotOf(1, ODD)), { code: 'STORE_FAILED', message: /lock timeout/ });
  await holder.query('ROLLBACK');
  assert.equal((await store.append(slotOf(1, ODD))).length, 2);
});

test('a server that takes connections and says nothing is an error in time, each time', async (t) => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const { port } = silent.address() as { port: number };
  const connection = postgresConnection(`postgresql://me@127.0.0.1:${port}/logs?connect_timeout=0`, {});
  const store = opened(
    t,
    new SqlAnomalyStore(new PostgresDatabase(connection, 'x', { ...IMPATIENT, transactionMs: 50 })),
  );
  for (let n = 0; n < 2; n += 1) {
    await assert.rejects(store.progress('wifi'), { code: 'STORE_FAILED', message: /no answer within 0\.05 s/ });
  }
});

/** A store behind a network that can swallow everything, with limits that a test can wait for. */
async function behindProxy(t: TestContext) {
  const proxy = await SwallowingProxy.start(server.url);
  t.after(() => proxy.stop());
  const { schema, open } = newSchema();
  const limits = { statementMs: 5_000, lockMs: 2_000, idleMs: 1_500, transactionMs: 4_000 };
  const connection = postgresConnection(`${proxy.url}?connect_timeout=0`, {});
  const store = opened(t, new SqlAnomalyStore(new PostgresDatabase(connection, schema, limits)));
  return { proxy, store, open };
}

/** Once the server has noticed that nobody goes on with what it had begun for us, the store works. */
async function untilStored(store: AnomalyStore, n: number): Promise<void> {
  const isStored = () =>
    store.append(slotOf(n, ODD)).then(
      () => true,
      () => false,
    );
  while (!(await isStored())) await soon();
}

const NO_ANSWER = { code: 'STORE_FAILED', message: /no answer within 4 s/ };

test('a server whose answers are lost is an error in time for all who ask, and works again when it is heard', async (t) => {
  const { proxy, store } = await behindProxy(t);
  await store.append(slotOf(0, ODD));
  const before = await everythingIn(store);
  proxy.isSwallowing = true;
  const asked = [store.append(slotOf(1, ODD)), store.anomalies({}), store.progress('wifi'), store.announcedSeq()];
  await Promise.all(asked.map((answer) => assert.rejects(answer, NO_ANSWER)));
  proxy.isSwallowing = false;
  assert.deepEqual(await everythingIn(store), before);
  await untilStored(store, 1);
  assert.equal((await store.anomalies({})).length, 2);
});

test('a server that falls silent in the middle of a transaction does not keep its lock for ever', async (t) => {
  const { proxy, store, open } = await behindProxy(t);
  const other = opened(t, open());
  await store.append(slotOf(0, ODD));
  const slots = Array.from({ length: 200 }, (_, n) => slotOf(n + 1, ODD));
  const storing = (async () => {
    for (const slot of slots) await store.append(slot);
  })();
  const refused = assert.rejects(storing, NO_ANSWER);
  while ((await other.changes(0, 1)).length === 0) await soon();
  proxy.isSwallowing = true;
  await refused;
  assert.ok((await other.append(slotOf(1_000, ODD))).length > 0);
  proxy.isSwallowing = false;
  await untilStored(store, 1_001);
});

test('a store that nobody hears of is closed in time', async (t) => {
  const { proxy, store } = await behindProxy(t);
  await store.append(slotOf(0, ODD));
  proxy.isSwallowing = true;
  const refused = assert.rejects(store.append(slotOf(1, ODD)), { code: 'STORE_FAILED', message: /was closed/ });
  await soon();
  await store.close();
  await refused;
});

test('the server undoes what a service has begun and does not go on with', async (t) => {
  const { schema, open } = newSchema();
  const limits = { ...IMPATIENT, idleMs: 100, transactionMs: 60_000 };
  const frozen = new PostgresDatabase(postgresConnection(server.url, {}), schema, limits);
  t.after(() => frozen.close());
  const begun = Promise.withResolvers<void>();
  const thawing = Promise.withResolvers<void>();
  const refused = assert.rejects(
    frozen.transaction(true, async (session) => {
      begun.resolve();
      await thawing.promise;
      await session.query('SELECT 1');
    }),
    { code: 'STORE_FAILED' },
  );
  await begun.promise;
  const other = opened(t, open());
  await other.append(slotOf(0, ODD));
  thawing.resolve();
  await refused;
});

test('two services may write to one store at the same time: every number is given once', async (t) => {
  const { open } = newSchema();
  const stores = [opened(t, open()), opened(t, open())];
  const slots = Array.from({ length: 20 }, (_, n) => n);
  await Promise.all(stores.flatMap((store, at) => slots.map((n) => store.append(slotOf(n, ODD, `agent${at}`)))));
  const changes = (await stores[0]?.changes(0, 1_000)) ?? [];
  assert.deepEqual(
    changes.map(({ seq }) => seq),
    Array.from({ length: 80 }, (_, at) => at + 1),
  );
});

test('two services may store the same slots at the same time: each is stored once', async (t) => {
  const { open } = newSchema();
  const stores = [opened(t, open()), opened(t, open())];
  const slots = Array.from({ length: 20 }, (_, n) => slotOf(n, ODD));
  await Promise.all(
    stores.map(async (store) => {
      for (const slot of slots) await store.append(slot);
    }),
  );
  const [first] = stores;
  assert.deepEqual([(await first?.anomalies({}))?.length, (await first?.changes(0, 1_000))?.length], [20, 40]);
});

test('a role that may not make tables is told so; it works with those that somebody has made for it', async (t) => {
  const { name, open } = newSchema();
  const store = opened(t, open(urlOf('keeper')));
  await assert.rejects(store.progress('wifi'), {
    code: 'STORE_FAILED',
    message: /has no tables of Edgewood, and its role may not make them; docs\/database\.md .*permission denied/,
  });
  await opened(t, open()).append(slotOf(0, ODD));
  await assert.rejects(store.progress('wifi'), { code: 'STORE_FAILED' });
  await execute(
    server.url,
    `GRANT USAGE ON SCHEMA ${name} TO keeper; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${name} TO keeper`,
  );
  assert.equal((await store.append(slotOf(1, ODD))).length, 2);
  assert.ok((await store.prune({ maxAgeMs: 0, maxBytes: 1 }, 1e12)) > 0);
});

test('a role that owns the schema makes the tables itself', async (t) => {
  const { name, open } = newSchema();
  await execute(server.url, `CREATE SCHEMA ${name} AUTHORIZATION keeper`);
  assert.equal((await opened(t, open(urlOf('keeper'))).append(slotOf(0, ODD))).length, 2);
});

test('tables of another release, and a database that lacks characters, are errors that say so', async (t) => {
  const { name, open } = newSchema();
  await opened(t, open()).progress('wifi');
  await execute(server.url, `UPDATE ${name}.edgewood_numbers SET value = 99 WHERE name = 'schema'`);
  await assert.rejects(opened(t, open()).progress('wifi'), { message: /of another Edgewood \(schema 99, here 3\)/ });
  await execute(server.url, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
  await assert.rejects(opened(t, open(urlOf('postgres', 'latin'))).progress('wifi'), { message: /encoding LATIN1/ });
});

/** Makes tables what schema 2 had. */
const TO_SCHEMA_2 = (name: string) => `
  DROP VIEW ${name}.edgewood_scores;
  ALTER TABLE ${name}.edgewood_windows DROP COLUMN surprise, DROP COLUMN anomalous;
  CREATE VIEW ${name}.edgewood_scores AS
    SELECT agent, CASE WHEN device <> '*' THEN substr(device, 2) END AS device_id,
      to_timestamp(from_ms / 1000.0) AS from_time, to_timestamp(to_ms / 1000.0) AS to_time,
      entries, score, decision, model_version, failure
    FROM ${name}.edgewood_windows JOIN ${name}.edgewood_series ON edgewood_series.id = series
      JOIN ${name}.edgewood_origins ON edgewood_origins.id = origin;
  UPDATE ${name}.edgewood_numbers SET value = 2 WHERE name = 'schema'`;

test('tables of schema 2 are brought up to date by whoever owns them, and by nobody else', async (t) => {
  const { name, open } = newSchema();
  await opened(t, open()).append(slotOf(0, { a: { odd: true }, b: {} }));
  await execute(server.url, TO_SCHEMA_2(name));
  await execute(
    server.url,
    `GRANT USAGE ON SCHEMA ${name} TO keeper; GRANT ALL ON ALL TABLES IN SCHEMA ${name} TO keeper`,
  );
  await assert.rejects(opened(t, open(urlOf('keeper'))).progress('wifi'), {
    message: /of an earlier Edgewood, and its role may not change them; docs\/database\.md/,
  });
  const store = opened(t, open());
  await store.append(slotOf(1, { a: { odd: true }, b: {} }));
  const windows = await store.windows({ agent: 'wifi', sinceMs: 0, untilMs: 2 * WINDOW_MS });
  assert.deepEqual(
    windows.map(({ deviceId, surprise, anomalous }) => [deviceId, surprise, anomalous]),
    [
      ['a', null, true],
      ['b', null, false],
      ['a', 1.25, true],
      ['b', 1.25, false],
    ],
  );
  const [shown] = await execute(server.url, `SELECT sum(anomalous::int) AS odd FROM ${name}.edgewood_scores`);
  assert.equal(Number((shown as { odd: unknown }).odd), 2);
});

test('tables that somebody drops are made again, empty', async (t) => {
  const { name, open } = newSchema();
  const store = opened(t, open());
  await store.append(slotOf(0, ODD));
  await execute(server.url, `DROP SCHEMA ${name} CASCADE`);
  await assert.rejects(store.append(slotOf(1, ODD)), { code: 'STORE_FAILED', message: /edgewood_cursors/ });
  assert.equal(await store.progress('wifi'), undefined);
});

test('a judgement that is refused costs no connection', async (t) => {
  const { open } = newSchema();
  const store = opened(t, open());
  await store.append(slotOf(0, ODD));
  const backends = async () => {
    const rows = await execute(
      server.url,
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'edgewood' ORDER BY pid",
    );
    return JSON.stringify(rows);
  };
  const before = await backends();
  await assert.rejects(store.review({ of: 'anomaly', id: 99, state: 'open', note: null, atMs: 1 }), {
    code: 'NOT_FOUND',
  });
  assert.equal((await store.anomalies({})).length, 1);
  assert.equal(await backends(), before);
});

test('text with what PostgreSQL cannot hold is stored with a picture of it', async (t) => {
  const store = opened(t, newSchema().open());
  await store.append(slotOf(0, { 'a\0b': { odd: { why: 'a \0 came' } }, c: { failure: '\0' } }));
  assert.deepEqual((await store.progress('wifi'))?.devices, ['a␀b', 'c']);
  assert.equal((await store.anomalies({}))[0]?.why, 'a \0 came');
});

test('people find times as times and devices by their names', async (t) => {
  const { name, open } = newSchema();
  await opened(t, open()).append(slotOf(1, { ...ODD, '*': { odd: true }, b: {} }));
  const rows = await execute(
    server.url,
    `SELECT device_id, from_time AT TIME ZONE 'UTC' FROM ${name}.edgewood_anomalies ORDER BY id`,
  );
  assert.deepEqual(
    rows.map((row) => Object.values(row as object)[0]),
    ['a', null],
  );
  const scores = await execute(
    server.url,
    `SELECT device_id, to_time::text, score, model_version FROM ${name}.edgewood_scores`,
  );
  assert.equal(scores.length, 3);
});

test('tables that are too large lose their oldest part once, and again when they have grown', async (t) => {
  const { name, open } = newSchema();
  const store = opened(t, open());
  const count = async () => (await everythingIn(store)).windows.length;
  const fill = async (from: number, to: number) => {
    for (let n = from; n < to; n += 1) await store.append(slotOf(n, { a: {}, b: {}, c: {}, d: {}, e: {} }));
  };
  await fill(0, 400);
  const limits = { maxAgeMs: 1e15, maxBytes: 600_000 };
  const removed = await store.prune(limits, 400 * WINDOW_MS);
  const left = await count();
  assert.ok(removed > 100 && left > 500 && removed + left === 2_000, `${removed} removed, ${left} left`);
  assert.equal(await store.prune(limits, 400 * WINDOW_MS), 0);
  await execute(server.url, `VACUUM ${name}.edgewood_windows`);
  await fill(400, 800);
  assert.ok((await store.prune(limits, 800 * WINDOW_MS)) > 100);
  assert.equal((await everythingIn(store)).windows.at(-1)?.toMs, 800 * WINDOW_MS);
});

test('a server that is away is an error that names the place, without the password', async () => {
  const away = openPostgresAnomalyStore(postgresConnection('postgresql://me:hunter2@127.0.0.1:1/logs', {}), 'public');
  await assert.rejects(away.progress('wifi'), (error: Error) => {
    assert.match(error.message, /^the anomaly store postgresql:\/\/me@127\.0\.0\.1:1\/logs, schema public failed: /);
    assert.doesNotMatch(error.message, /hunter2/);
    return true;
  });
  await away.close();
  await assert.rejects(away.progress('wifi'), { code: 'STORE_FAILED', message: /is closed$/ });
});
