import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { everythingIn, slotOf, testAnomalyStore, WINDOW_MS } from '../testing/anomaly-store-contract.ts';
import { MemoryAnomalyStore } from '../testing/memory-anomaly-store.ts';
import { openSqliteAnomalyStore } from './sqlite-anomaly-store.ts';

const ODD = { odd: true };

function storeFile(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'edgewood-store-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, 'anomalies.sqlite');
}

testAnomalyStore('SQLite', (t) => {
  const store = openSqliteAnomalyStore(storeFile(t));
  t.after(() => store.close());
  return store;
});
testAnomalyStore('the fake', () => new MemoryAnomalyStore());

test('what was stored is there after opening the file again, and only its owner may read it', async (t) => {
  const file = storeFile(t);
  const first = openSqliteAnomalyStore(file);
  await first.append(slotOf(0, { a: ODD, b: {} }, 'wifi', [1]));
  const before = await everythingIn(first);
  await first.close();
  const second = openSqliteAnomalyStore(file);
  assert.deepEqual(await everythingIn(second), before);
  assert.deepEqual((await second.progress('wifi'))?.memory, [1]);
  await second.close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a file of a newer release, or that cannot be made, is an error that names it', (t) => {
  const file = storeFile(t);
  const newer = new DatabaseSync(file);
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  assert.throws(() => openSqliteAnomalyStore(file), { code: 'STORE_FAILED', message: /newer Edgewood \(schema 99/ });
  assert.throws(() => openSqliteAnomalyStore('/nonexistent/found.sqlite'), {
    name: 'ServiceError',
    code: 'STORE_FAILED',
    message: /^the anomaly store \/nonexistent\/found\.sqlite failed: unable to open/,
  });
});

const FIRST_SCHEMA = `
  CREATE TABLE anomalies (id INTEGER PRIMARY KEY, agent TEXT NOT NULL, device_key TEXT NOT NULL,
    from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, anomaly TEXT NOT NULL,
    UNIQUE (agent, from_ms, to_ms, device_key)) STRICT;
  CREATE TABLE cursors (agent TEXT PRIMARY KEY, to_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE devices (agent TEXT, device TEXT, PRIMARY KEY (agent, device)) STRICT, WITHOUT ROWID;
  INSERT INTO cursors VALUES ('wifi', 600000);
  INSERT INTO devices VALUES ('wifi', 'a');
  PRAGMA user_version = 1`;

test('a file of the first release is taken over with all that it has', async (t) => {
  const file = storeFile(t);
  const old = new DatabaseSync(file);
  old.exec(FIRST_SCHEMA);
  const anomaly = {
    agent: 'wifi',
    deviceId: 'a',
    fromMs: 0,
    toMs: WINDOW_MS,
    score: -0.7,
    decision: -0.1,
    severity: 0.3,
  };
  const rest = { why: 'it was odd', modelVersion: '20250607_230000', features: [], exampleLines: [], detectedAtMs: 9 };
  old
    .prepare("INSERT INTO anomalies VALUES (7, 'wifi', '=a', 0, 300000, ?)")
    .run(JSON.stringify({ ...anomaly, ...rest }));
  old.close();
  const store = openSqliteAnomalyStore(file);
  t.after(() => store.close());
  const [found] = await store.anomalies({});
  assert.deepEqual([found?.id, found?.why, found?.kind, found?.review.state], [7, 'it was odd', 'unusual', 'resolved']);
  assert.equal((await store.incident(7))?.anomalies, 1);
  const progress = await store.progress('wifi');
  assert.deepEqual([progress?.cursorMs, progress?.devices], [600_000, ['a']]);
  const [change] = await store.append(slotOf(2, { a: ODD }));
  assert.equal(change?.anomaly?.id, 8);
});

/** Ways in which a file can be damaged, once it holds some hundred pages. */
const DAMAGES: Readonly<Record<string, (file: string) => void>> = {
  'is no database at all': (file) =>
    writeFileSync(file, 'not a database, but long enough to be taken for one'.repeat(100)),
  'has lost its header': (file) => overwrite(file, 0, 100),
  'has lost pages in the middle': (file) => overwrite(file, 5 * 4096, 40 * 4096),
  'was cut off': (file) => truncateSync(file, 20 * 4096 + 17),
};

function overwrite(file: string, at: number, bytes: number): void {
  writeSync(openSync(file, 'r+'), new Uint8Array(bytes).fill(0xa5), 0, bytes, at);
}

for (const [damage, inflict] of Object.entries(DAMAGES)) {
  test(`a file that ${damage} is set aside, said to be, and a new one is begun`, async (t) => {
    const file = storeFile(t);
    const first = openSqliteAnomalyStore(file);
    for (let n = 0; n < 300; n += 1) await first.append(slotOf(n, { a: ODD, b: {} }));
    await first.close();
    inflict(file);
    const damaged = statSync(file).size;
    const told: string[] = [];
    const store = openSqliteAnomalyStore(file, (setAside) => told.push(setAside));
    t.after(() => store.close());
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /anomalies\.sqlite\.corrupt-\d{8}T\d{6}Z$/);
    assert.equal(statSync(told[0] ?? '').size, damaged);
    assert.equal(await store.progress('wifi'), undefined);
    assert.equal((await store.append(slotOf(0, { a: ODD }))).length, 2);
  });
}

test('damage that shows only at work is an error once, and then the store goes on with a new file', async (t) => {
  const file = storeFile(t);
  const told: string[] = [];
  const store = openSqliteAnomalyStore(file, (setAside) => told.push(setAside));
  t.after(() => store.close());
  for (let n = 0; n < 300; n += 1) await store.append(slotOf(n, { a: ODD, b: {} }));
  await store.prune({ maxAgeMs: 1, maxBytes: 1e9 }, 0); // writes the log back into the file
  const other = new DatabaseSync(file);
  other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  other.close();
  overwrite(file, 4096, statSync(file).size - 4096);
  await assert.rejects(store.windows({ agent: 'wifi', sinceMs: 0, untilMs: 1e12, limit: 50_000 }), {
    code: 'STORE_FAILED',
  });
  assert.equal(told.length, 1);
  assert.equal(await store.progress('wifi'), undefined);
  assert.equal((await store.append(slotOf(0, { a: ODD }))).length, 2);
  assert.ok(existsSync(told[0] ?? ''));
});

test('a slot of which a part cannot be stored is not stored at all, and the store goes on', async (t) => {
  const file = storeFile(t);
  const store = openSqliteAnomalyStore(file);
  t.after(() => store.close());
  await store.append(slotOf(0, { a: ODD }));
  const before = await everythingIn(store);
  const saboteur = new DatabaseSync(file);
  t.after(() => saboteur.close());
  saboteur.exec("CREATE TRIGGER full BEFORE INSERT ON edgewood_changes BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END");
  await assert.rejects(store.append(slotOf(1, { b: ODD })), { code: 'STORE_FAILED', message: /: disk full$/ });
  assert.deepEqual(await everythingIn(store), before);
  assert.deepEqual((await store.progress('wifi'))?.devices, ['a']);
  saboteur.exec('DROP TRIGGER full');
  assert.equal((await store.append(slotOf(1, { b: ODD }))).length, 2);
});

test('two processes may open a new file and write at the same time', async (t) => {
  const file = storeFile(t);
  const stores = [openSqliteAnomalyStore(file), openSqliteAnomalyStore(file)];
  t.after(() => Promise.all(stores.map((store) => store.close())));
  for (const [n, store] of stores.entries()) await store.append(slotOf(n, { a: ODD }));
  for (const store of stores) assert.equal((await store.anomalies({})).length, 2);
});

test('many who ask at once each get their own answer', async (t) => {
  const store = openSqliteAnomalyStore(storeFile(t));
  t.after(() => store.close());
  const slots = Array.from({ length: 50 }, (_, n) => n);
  await Promise.all(slots.map(async (n) => [await store.append(slotOf(n, { a: ODD })), await store.anomalies({})]));
  const { changes, anomalies } = await everythingIn(store);
  assert.equal(anomalies.length, 50);
  assert.deepEqual(
    changes.map(({ seq }) => seq),
    changes.map((_, at) => at + 1),
  );
});

test('a store that was closed fails as a store, not otherwise', async (t) => {
  const store = openSqliteAnomalyStore(storeFile(t));
  await store.close();
  for (const use of [() => store.anomalies({}), () => store.progress('wifi'), () => store.append(slotOf(0, {}))]) {
    await assert.rejects(use, { code: 'STORE_FAILED' });
  }
});

test('a store stays below its size: the oldest windows go first, then the oldest anomalies', async (t) => {
  const file = storeFile(t);
  const store = openSqliteAnomalyStore(file);
  t.after(() => store.close());
  const limits = { maxAgeMs: 1e15, maxBytes: 300_000 };
  const largest = { bytes: 0, logBytes: 0 };
  for (let n = 0; n < 1_500; n += 1) {
    await store.append(slotOf(n, { a: { odd: n % 10 === 0 }, b: {} }));
    if (n % 100 !== 99) continue;
    await store.prune(limits, n * WINDOW_MS);
    largest.bytes = Math.max(largest.bytes, statSync(file).size);
    largest.logBytes = Math.max(largest.logBytes, statSync(`${file}-wal`).size);
  }
  assert.ok(largest.bytes < 2 * limits.maxBytes, `the file has ${largest.bytes} bytes`);
  assert.ok(largest.logBytes < 4_500_000, `the log before it has ${largest.logBytes} bytes`);
  const { windows, anomalies } = await everythingIn(store);
  assert.equal(windows.at(-1)?.toMs, 1_500 * WINDOW_MS);
  assert.ok(windows.length < 3_000);
  assert.equal(anomalies[0]?.fromMs, 1_490 * WINDOW_MS);
});

const KILLS = 20;

test(`a process that is killed ${KILLS} times while it stores neither loses nor doubles anything`, async (t) => {
  const file = storeFile(t);
  const writer = join(import.meta.dirname, '../testing/store-slots-for-ever.ts');
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child = spawn(process.execPath, ['--conditions=source', writer, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
  }
  const store = openSqliteAnomalyStore(file, () => assert.fail('the file is damaged'));
  t.after(() => store.close());
  const undisturbed = new MemoryAnomalyStore();
  const slots = ((await store.progress('wifi'))?.cursorMs ?? 0) / WINDOW_MS;
  for (let n = 0; n < slots; n += 1) await undisturbed.append(slotOf(n, { a: ODD, b: { odd: n % 7 < 3 }, c: {} }));
  assert.ok(slots > KILLS, `${slots} slots were stored`);
  assert.deepEqual(await everythingIn(store), await everythingIn(undisturbed));
});
