import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { anomalyOf, slotOf, testAnomalyStore } from '../testing/anomaly-store-contract.ts';
import { MemoryAnomalyStore } from '../testing/memory-anomaly-store.ts';
import { openSqliteAnomalyStore } from './sqlite-anomaly-store.ts';

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

test('what was stored is there after opening the file again', (t) => {
  const file = storeFile(t);
  const first = openSqliteAnomalyStore(file);
  first.append(slotOf(0, anomalyOf('2', 0)));
  first.close();
  first.close();
  const second = openSqliteAnomalyStore(file);
  assert.equal(second.list({}).length, 1);
  assert.equal(second.cursorMs('wifi'), 300_000);
  second.close();
});

test('a file that is no database, or of a newer release, is an error that names it', (t) => {
  const file = storeFile(t);
  writeFileSync(file, 'not a database, but long enough to be taken for one'.repeat(100));
  assert.throws(() => openSqliteAnomalyStore(file), { code: 'STORE_FAILED', message: /anomalies\.sqlite failed: / });
  rmSync(file);
  const newer = new DatabaseSync(file);
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  assert.throws(() => openSqliteAnomalyStore(file), { code: 'STORE_FAILED', message: /newer Edgewood \(schema 99/ });
});

test('a file that cannot be made is an error that names it', () => {
  assert.throws(() => openSqliteAnomalyStore('/nonexistent/found.sqlite'), {
    name: 'ServiceError',
    code: 'STORE_FAILED',
    message: /^the anomaly store \/nonexistent\/found\.sqlite failed: unable to open/,
  });
});

test('a slot of which a part cannot be stored is not stored at all, and the store goes on', (t) => {
  const file = storeFile(t);
  const store = openSqliteAnomalyStore(file);
  t.after(() => store.close());
  store.append(slotOf(0, anomalyOf('a', 0)));
  const saboteur = new DatabaseSync(file);
  t.after(() => saboteur.close());
  saboteur.exec("CREATE TRIGGER full BEFORE UPDATE ON cursors BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END");
  assert.throws(() => store.append(slotOf(1, anomalyOf('b', 1))), { code: 'STORE_FAILED', message: /: disk full$/ });
  assert.deepEqual([store.list({}).length, store.devices('wifi'), store.cursorMs('wifi')], [1, ['a'], 300_000]);
  saboteur.exec('DROP TRIGGER full');
  assert.equal(store.append(slotOf(1, anomalyOf('b', 1))).length, 1);
});

test('two processes may open a new file and write at the same time', (t) => {
  const file = storeFile(t);
  const stores = [openSqliteAnomalyStore(file), openSqliteAnomalyStore(file)];
  t.after(() => stores.map((store) => store.close()));
  stores.forEach((store, n) => {
    store.append(slotOf(n, anomalyOf('a', n)));
  });
  assert.deepEqual(
    stores.map((store) => store.list({}).length),
    [2, 2],
  );
});

test('a store that was closed fails as a store, not otherwise', (t) => {
  const store = openSqliteAnomalyStore(storeFile(t));
  store.close();
  for (const use of [() => store.list({}), () => store.cursorMs('wifi'), () => store.append(slotOf(0))]) {
    assert.throws(use, { code: 'STORE_FAILED' });
  }
});

const KILLS = 20;

test(`a process that is killed ${KILLS} times while it stores neither loses nor doubles an anomaly`, async (t) => {
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
    const store = openSqliteAnomalyStore(file);
    const stored = (store.cursorMs('wifi') ?? 0) / 300_000;
    const counted = countAnomalies(file);
    store.close();
    assert.equal(counted, stored * 2, `after kill ${kill + 1}`);
  }
});

function countAnomalies(file: string): number {
  const database = new DatabaseSync(file);
  const row = database
    .prepare('SELECT count(*) AS n, count(DISTINCT from_ms || device_key) AS different FROM anomalies')
    .get();
  const integrity = database.prepare('PRAGMA integrity_check').get();
  database.close();
  assert.equal(integrity?.integrity_check, 'ok');
  assert.equal(row?.n, row?.different);
  return Number(row?.n);
}
