import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import {
  anomalyOf,
  everythingIn,
  slotOf,
  slotsOfStep,
  testAnomalyStore,
  WINDOW_MS,
} from '../testing/anomaly-store-contract.ts';
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
    message: /^the anomaly store \/nonexistent\/found\.sqlite failed: ENOENT/,
  });
});

const FIRST_SCHEMA = `
  CREATE TABLE anomalies (id INTEGER PRIMARY KEY, agent TEXT NOT NULL, device_key TEXT NOT NULL,
    from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, anomaly TEXT NOT NULL,
    UNIQUE (agent, from_ms, to_ms, device_key)) STRICT;
  CREATE TABLE cursors (agent TEXT PRIMARY KEY, to_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE devices (agent TEXT, device TEXT, PRIMARY KEY (agent, device)) STRICT, WITHOUT ROWID;
  INSERT INTO cursors VALUES ('wifi', 600000);
  INSERT INTO devices VALUES ('wifi', '2');
  PRAGMA user_version = 1`;

test('a file of the first release is taken over with all that it has', async (t) => {
  const file = storeFile(t);
  const old = new DatabaseSync(file);
  old.exec(FIRST_SCHEMA);
  const insert = old.prepare("INSERT INTO anomalies VALUES (?, 'wifi', ?, ?, ?, ?)");
  for (const [id, device, n] of [
    [3, '2', 1],
    [4, null, 1],
    [7, '2', 0],
    [9, '2', 8],
  ] as const) {
    const {
      kind: _,
      level: __,
      detectors: ___,
      surprise: ____,
      ...anomaly
    } = anomalyOf(device, n, { severity: id / 10 });
    insert.run(id, device === null ? '*' : `=${device}`, anomaly.fromMs, anomaly.toMs, JSON.stringify(anomaly));
  }
  old.close();
  const store = openSqliteAnomalyStore(file, () => assert.fail('it is sound'));
  t.after(() => store.close());
  const [, device2, all] = await store.anomalies({});
  const { id, incidentId, revision, review, ...found } = device2 ?? assert.fail();
  assert.deepEqual([id, incidentId, revision, review.state], [4, 4, 1, 'resolved']);
  assert.deepEqual(found, anomalyOf(null, 1, { severity: 0.4 }));
  assert.equal(all?.deviceId, '2');
  assert.deepEqual(
    (await store.incidents({})).map((incident) => [incident.deviceId, incident.anomalies, incident.severity]),
    [
      ['2', 1, 0.9],
      [null, 1, 0.4],
      ['2', 2, 0.7],
    ],
  );
  const progress = await store.progress('wifi');
  assert.deepEqual([progress?.cursorMs, progress?.devices], [600_000, ['2']]);
  const [change] = await store.append(slotOf(20, { '2': ODD }));
  assert.deepEqual([change?.seq, change?.anomaly?.id, change?.incident?.id], [10, 10, 10]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a file of schema 2 is brought up to date: its windows are anomalous that have an anomaly', async (t) => {
  const file = storeFile(t);
  const before = openSqliteAnomalyStore(file);
  await before.append(slotOf(0, { a: ODD, b: ODD, c: {} }));
  await before.append(slotOf(0, { b: { entries: 6 } }));
  await before.close();
  const old = new DatabaseSync(file);
  old.exec(`ALTER TABLE edgewood_windows DROP COLUMN surprise; ALTER TABLE edgewood_windows DROP COLUMN anomalous;
    UPDATE edgewood_anomalies SET record = json_remove(record, '$.detectors', '$.surprise'); PRAGMA user_version = 2`);
  old.close();
  for (const n of [1, 2]) {
    const store = openSqliteAnomalyStore(file, () => assert.fail('it is sound'));
    await store.append(slotOf(n, { a: ODD }));
    const windows = await store.windows({ agent: 'wifi', sinceMs: 0, untilMs: WINDOW_MS });
    assert.deepEqual(
      windows.map(({ deviceId, surprise, anomalous }) => [deviceId, surprise, anomalous]),
      [
        ['a', null, true],
        ['b', null, false],
        ['c', null, false],
      ],
    );
    const { detectors, surprise } = (await store.anomaly(1)) ?? assert.fail();
    assert.deepEqual([detectors, surprise], [['forest'], null]);
    await store.close();
  }
});

/** Ways in which a file can be damaged, once it holds some hundred pages. */
const DAMAGES: Readonly<Record<string, (file: string) => void>> = {
  'is no database at all': (file) =>
    writeFileSync(file, 'not a database, but long enough to be taken for one'.repeat(100)),
  'has lost its header': (file) => overwrite(file, 0, 100),
  'has lost pages in the middle': (file) => overwrite(file, 5 * 4096, 40 * 4096),
  'was cut off': (file) => truncateSync(file, 20 * 4096 + 17),
  'is a database of something else': (file) => {
    rmSync(file);
    const other = new DatabaseSync(file);
    other.exec("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('https://example.org')");
    other.close();
  },
  'lacks one of its tables': (file) => {
    const other = new DatabaseSync(file);
    other.exec('DROP TABLE edgewood_changes');
    other.close();
  },
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
    const nowMs = Date.parse('2025-06-07T23:00:00.123Z');
    const store = openSqliteAnomalyStore(
      file,
      (setAside) => told.push(setAside),
      () => nowMs,
    );
    t.after(() => store.close());
    assert.deepEqual(told, [`${file}.corrupt-20250607T230000Z`]);
    assert.equal(statSync(told[0] ?? '').size, damaged);
    assert.equal(await store.progress('wifi'), undefined);
    const [change] = await store.append(slotOf(0, { a: ODD }));
    assert.deepEqual([change?.seq, change?.anomaly?.id], Array(2).fill(Math.floor(nowMs / 1_000)));
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });
}

test('of files that were set aside the newest three are kept, and always the last one', async (t) => {
  const file = storeFile(t);
  const setAsideAt = async (second: number) => {
    writeFileSync(file, 'no database');
    const told: string[] = [];
    await openSqliteAnomalyStore(
      file,
      (setAside) => told.push(setAside),
      () => second * 1_000,
    ).close();
    return told[0] ?? assert.fail();
  };
  const names: string[] = [];
  for (const second of [100, 100, 102, 103, 50]) names.push(await setAsideAt(second));
  assert.equal(new Set(names).size, 5);
  assert.deepEqual(
    names.map((name) => existsSync(name)),
    [false, false, true, true, true],
  );
});

test('of a file too large to be looked through, all tables but that of the windows are', async (t) => {
  const file = storeFile(t);
  const first = openSqliteAnomalyStore(file);
  await first.append(slotOf(0, { a: ODD }));
  await first.close();
  const blown = new DatabaseSync(file);
  blown.exec('CREATE TABLE ballast (bytes BLOB); INSERT INTO ballast VALUES (zeroblob(65000000))');
  const page = Number(
    blown.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'edgewood_changes'").get()?.rootpage,
  );
  blown.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  blown.close();
  const sound = openSqliteAnomalyStore(file, () => assert.fail('it is sound'));
  assert.equal((await sound.anomalies({})).length, 1);
  await sound.close();
  overwrite(file, (page - 1) * 4096, 4096);
  const told: string[] = [];
  await openSqliteAnomalyStore(file, (setAside) => told.push(setAside)).close();
  assert.equal(told.length, 1);
});

/** Overwrites a file that is in use, all but its header, and has whoever uses it look again. */
function damageAtWork(file: string): void {
  const other = new DatabaseSync(file);
  other.exec("INSERT INTO edgewood_settings VALUES ('x', '1'); PRAGMA wal_checkpoint(TRUNCATE)");
  other.close();
  overwrite(file, 4096, statSync(file).size - 4096);
}

test('damage that shows only at work is an error once, and then the store goes on with a new file', async (t) => {
  const file = storeFile(t);
  const told: string[] = [];
  const store = openSqliteAnomalyStore(file, (setAside) => told.push(setAside));
  t.after(() => store.close());
  const [before] = await store.append(slotOf(0, { a: ODD }));
  for (let n = 1; n < 300; n += 1) await store.append(slotOf(n, { a: ODD, b: {} }));
  damageAtWork(file);
  const asked = store.windows({ agent: 'wifi', sinceMs: 0, untilMs: 1e12, limit: 50_000 });
  await assert.rejects(asked, { code: 'STORE_FAILED', message: /was damaged \(.+\) and begins anew$/ });
  assert.equal(told.length, 1);
  assert.ok(existsSync(told[0] ?? ''));
  assert.equal(await store.progress('wifi'), undefined);
  const [after] = await store.append(slotOf(0, { a: ODD }));
  assert.ok((after?.seq ?? 0) > 600 && (after?.anomaly?.id ?? 0) > (before?.anomaly?.id ?? 0) + 300);
});

test('damage that shows while rows are removed is heeded as well', async (t) => {
  const file = storeFile(t);
  const told: string[] = [];
  const store = openSqliteAnomalyStore(file, (setAside) => told.push(setAside));
  t.after(() => store.close());
  for (let n = 0; n < 300; n += 1) await store.append(slotOf(n, { a: ODD, b: {} }));
  damageAtWork(file);
  await assert.rejects(store.prune({ maxAgeMs: 0, maxBytes: 1e9 }, 1e12), { code: 'STORE_FAILED' });
  assert.equal(told.length, 1);
  assert.equal(await store.prune({ maxAgeMs: 0, maxBytes: 1e9 }, 1e12), 0);
});

test('a damaged file that cannot be set aside is an error at each call, until somebody helps', async (t) => {
  const file = join(dirname(storeFile(t)), 'a'.repeat(240)); // the longer name would be too long
  const told: string[] = [];
  const store = openSqliteAnomalyStore(file, (setAside) => told.push(setAside));
  t.after(() => store.close());
  for (let n = 0; n < 300; n += 1) await store.append(slotOf(n, { a: ODD, b: {} }));
  damageAtWork(file);
  for (let n = 0; n < 3; n += 1) {
    await assert.rejects(store.anomalies({ limit: 1_000 }), { code: 'STORE_FAILED', message: /ENAMETOOLONG/ });
  }
  rmSync(file);
  assert.deepEqual(await store.anomalies({}), []);
  assert.deepEqual(told, []);
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

test('a store in memory that is told to fail fails at everything, and changes nothing', async () => {
  const store = new MemoryAnomalyStore();
  await store.append(slotOf(0, { a: ODD }));
  const before = await everythingIn(store);
  store.failing = true;
  for (const use of [
    () => store.append(slotOf(1, { a: ODD })),
    () => store.progress('wifi'),
    () => store.prune({ maxAgeMs: 0, maxBytes: 0 }, 1e12),
  ]) {
    await assert.rejects(use, { code: 'STORE_FAILED' });
  }
  store.failing = false;
  assert.deepEqual(await everythingIn(store), before);
});

test('a store that was closed fails as a store, not otherwise', async (t) => {
  const store = openSqliteAnomalyStore(storeFile(t));
  await store.close();
  for (const use of [() => store.anomalies({}), () => store.progress('wifi'), () => store.append(slotOf(0, {}))]) {
    await assert.rejects(use, { code: 'STORE_FAILED' });
  }
});

function sizeOf(file: string): number {
  return [file, `${file}-wal`].reduce((sum, part) => sum + (statSync(part, { throwIfNoEntry: false })?.size ?? 0), 0);
}

test('file and log stay below their size: the oldest windows go first, then the oldest anomalies', async (t) => {
  const file = storeFile(t);
  const store = openSqliteAnomalyStore(file);
  t.after(() => store.close());
  const limits = { maxAgeMs: 1e15, maxBytes: 400_000 };
  for (let n = 0; n < 1_500; n += 1) {
    await store.append(slotOf(n, { a: { odd: n % 10 === 0 }, b: {} }));
    if (n % 100 !== 99) continue;
    await store.prune(limits, n * WINDOW_MS);
    assert.ok(sizeOf(file) <= limits.maxBytes, `${sizeOf(file)} bytes after ${n} slots`);
  }
  const { windows, anomalies } = await everythingIn(store);
  assert.equal(windows.at(-1)?.toMs, 1_500 * WINDOW_MS);
  assert.ok(windows.length > 500 && windows.length < 3_000, `${windows.length} windows`);
  assert.equal(anomalies.length, 150, 'no anomaly went as long as there were windows');
  await store.prune({ ...limits, maxBytes: 250_000 }, 1_500 * WINDOW_MS);
  const left = await everythingIn(store);
  assert.equal(left.windows.length, 0);
  assert.ok(left.anomalies.length > 10 && left.anomalies.length < 150, `${left.anomalies.length} anomalies`);
  assert.deepEqual(left.anomalies, anomalies.slice(0, left.anomalies.length), 'the newest stay');
  assert.ok(sizeOf(file) <= 250_000, `${sizeOf(file)} bytes`);
});

test('the log before the file does not grow with what is stored', async (t) => {
  const file = storeFile(t);
  const store = openSqliteAnomalyStore(file);
  t.after(() => store.close());
  for (let n = 0; n < 600; n += 1) await store.append(slotOf(n, { a: ODD, b: ODD }));
  const logBytes = statSync(`${file}-wal`).size;
  assert.ok(logBytes < 5_000_000, `the log has ${logBytes} bytes`);
});

const KILLS = 30;

test(`a process that is killed ${KILLS} times while it stores neither loses nor doubles anything`, async (t) => {
  const file = storeFile(t);
  for (let kill = 0; kill < KILLS; kill += 1) await storeUntilKilled(file, Math.floor(Math.random() * 40));
  const store = openSqliteAnomalyStore(file, () => assert.fail('the file is damaged'));
  t.after(() => store.close());
  const undisturbed = new MemoryAnomalyStore();
  const steps = ((await store.progress('wifi'))?.cursorMs ?? 0) / WINDOW_MS;
  for (let n = 0; n < steps; n += 1) for (const slot of slotsOfStep(n)) await undisturbed.append(slot);
  // The kill may have come between the late entries of the next step and its slot.
  for (const slot of slotsOfStep(steps)) {
    await undisturbed.append(slot);
    await store.append(slot);
  }
  assert.ok(steps > KILLS, `${steps} slots were stored`);
  assert.deepEqual(await everythingIn(store), await everythingIn(undisturbed));
  assert.deepEqual(await store.progress('wifi'), await undisturbed.progress('wifi'));
});

/** Has another process store, and kills it at work on one of the slots after so many. */
async function storeUntilKilled(file: string, slots: number): Promise<void> {
  const writer = join(import.meta.dirname, '../testing/store-slots-for-ever.ts');
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, ['--conditions=source', writer, file], { stdio: [...stdio] });
  let stored = 0;
  for await (const _ of createInterface({ input: child.stdout as Readable })) {
    stored += 1;
    if (stored > slots) child.kill('SIGKILL');
  }
}
