import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AnomalyStore } from '../anomalies/anomaly-store.ts';
import { openSqliteAnomalyStore } from '../anomalies/sqlite-anomaly-store.ts';
import { ServiceError } from '../errors.ts';
import { slotOf, testAnomalyStore } from '../testing/anomaly-store-contract.ts';
import { MemoryAnomalyStore } from '../testing/memory-anomaly-store.ts';
import { watchStore } from './watch-store.ts';

const FULL = new ServiceError('STORE_FAILED', 'disk full');

/** A store on a disk that a test can fill up. */
class FullStore extends MemoryAnomalyStore {
  isFull = false;
  override append(...slot: Parameters<AnomalyStore['append']>) {
    return this.isFull ? Promise.reject(FULL) : super.append(...slot);
  }
}

function setUp() {
  const store = new FullStore();
  const told: boolean[] = [];
  return { store, told, watched: watchStore(store, (isUp) => told.push(isUp)) };
}

testAnomalyStore('one that is watched', (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewood-watched-'));
  const store = watchStore(openSqliteAnomalyStore(join(folder, 'found.sqlite')), () => {});
  t.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  return store;
});

test('a store whose calls succeed is up', async () => {
  const { watched, told } = setUp();
  await watched.append(slotOf(0, {}));
  await watched.incidents({});
  assert.deepEqual(told, [true, true]);
});

test('a store that keeps nothing is down although it can be read, until something is kept again', async () => {
  const { store, watched, told } = setUp();
  store.isFull = true;
  await assert.rejects(watched.append(slotOf(0, {})), { code: 'STORE_FAILED' });
  await watched.incidents({});
  store.isFull = false;
  await watched.append(slotOf(0, {}));
  assert.deepEqual(told, [false, false, true]);
});

test('a judgement that is refused says nothing against the store', async () => {
  const { watched, told } = setUp();
  const judgement = { of: 'anomaly', id: 99, state: 'open', note: null, atMs: 1 } as const;
  await assert.rejects(watched.review(judgement), { code: 'NOT_FOUND' });
  assert.deepEqual(told, [true]);
});

test('a store that was closed is told of no more', async () => {
  const { store, watched, told } = setUp();
  await watched.close();
  store.isFull = true;
  await assert.rejects(watched.append(slotOf(0, {})));
  assert.deepEqual(told, []);
});
