import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Anomaly } from '../anomalies/anomaly.ts';
import type { AnomalyStore } from '../anomalies/anomaly-store.ts';

const WINDOW_MS = 300_000;

/** An anomaly of a device in the `n`-th window. */
export function anomalyOf(deviceId: string | null, n: number, overrides: Partial<Anomaly> = {}): Anomaly {
  return {
    agent: 'wifi',
    deviceId,
    fromMs: n * WINDOW_MS,
    toMs: (n + 1) * WINDOW_MS,
    score: -0.7,
    decision: -0.1,
    severity: 0.3,
    why: 'disassociation_events 38 (usually 0–2)',
    modelVersion: '20250607_230000',
    features: [{ feature: 'log_count', value: 40, expected: { low: 0, high: 9 }, contribution: -1.5 }],
    exampleLines: ['hostapd: wlan0: "AP-STA-DISCONNECTED" 00:00:5e:00:53:01 … ünï'],
    detectedAtMs: (n + 2) * WINDOW_MS,
    ...overrides,
  };
}

/** The slot that ends the `n`-th window. */
export function slotOf(n: number, ...anomalies: Anomaly[]) {
  const devices = anomalies.map(({ deviceId }) => deviceId).filter((device) => device !== null);
  return { agent: 'wifi', toMs: (n + 1) * WINDOW_MS, anomalies, devices };
}

/** What every implementation of {@link AnomalyStore} does. */
export function testAnomalyStore(kind: string, create: (t: TestContext) => AnomalyStore): void {
  test(`${kind}: a slot moves the cursor and its anomalies are listed as they were found`, (t) => {
    const store = create(t);
    assert.equal(store.cursorMs('wifi'), undefined);
    const [stored] = store.append(slotOf(0, anomalyOf('2', 0)));
    assert.equal(store.cursorMs('wifi'), WINDOW_MS);
    assert.equal(store.cursorMs('dns'), undefined);
    assert.deepEqual(store.list({}), [stored]);
    assert.deepEqual({ ...stored, id: undefined }, { ...anomalyOf('2', 0), id: undefined });
  });

  test(`${kind}: the same window and device is stored once, as it was first found`, (t) => {
    const store = create(t);
    store.append(slotOf(0, anomalyOf('2', 0)));
    assert.deepEqual(store.append(slotOf(0, anomalyOf('2', 0, { score: -0.9 }))), []);
    assert.deepEqual(store.append(slotOf(0, anomalyOf(null, 0), anomalyOf('*', 0))).length, 2);
    assert.equal(store.list({ deviceId: '2' })[0]?.score, -0.7);
  });

  test(`${kind}: a longer window that begins with a shorter one is another window`, (t) => {
    const store = create(t);
    store.append(slotOf(0, anomalyOf('2', 0)));
    const longer = { ...slotOf(1, anomalyOf('2', 0, { toMs: 2 * WINDOW_MS })), toMs: 2 * WINDOW_MS };
    assert.equal(store.append(longer).length, 1);
    assert.equal(store.append(longer).length, 0);
  });

  test(`${kind}: a cursor never moves back`, (t) => {
    const store = create(t);
    store.append(slotOf(5));
    store.append(slotOf(3));
    assert.equal(store.cursorMs('wifi'), 6 * WINDOW_MS);
  });

  test(`${kind}: devices that were seen stay known`, (t) => {
    const store = create(t);
    store.append({ ...slotOf(0), devices: ['b', 'a'] });
    store.append({ ...slotOf(1), devices: ['b'] });
    assert.deepEqual(store.devices('wifi'), ['a', 'b']);
    assert.deepEqual(store.devices('dns'), []);
  });

  test(`${kind}: a query chooses by agent, device and time, the newest window first`, (t) => {
    const store = create(t);
    for (const n of [0, 1, 2]) store.append(slotOf(n, anomalyOf('a', n), anomalyOf('b', n)));
    const found = (query: object) =>
      store.list(query).map(({ deviceId, fromMs }) => `${deviceId}${fromMs / WINDOW_MS}`);
    assert.deepEqual(found({}), ['a2', 'b2', 'a1', 'b1', 'a0', 'b0']);
    assert.deepEqual(found({ deviceId: 'b' }), ['b2', 'b1', 'b0']);
    assert.deepEqual(found({ sinceMs: WINDOW_MS, untilMs: 2 * WINDOW_MS }), ['a1', 'b1']);
    assert.deepEqual(found({ agent: 'dns' }), []);
    assert.deepEqual(found({ limit: 1 }), ['a2']);
  });

  test(`${kind}: within a window all devices come first, then each by its name`, (t) => {
    const store = create(t);
    store.append(slotOf(0, ...['b', 'ä', 'B', null, '10', '9'].map((device) => anomalyOf(device, 0))));
    const devices = store.list({}).map(({ deviceId }) => deviceId);
    assert.deepEqual(devices, [null, '10', '9', 'B', 'b', 'ä']);
  });

  test(`${kind}: agents do not see each other's cursors, devices and anomalies`, (t) => {
    const store = create(t);
    store.append(slotOf(4, anomalyOf('a', 4)));
    store.append({ ...slotOf(2, anomalyOf('a', 4, { agent: 'dns' })), agent: 'dns' });
    assert.deepEqual([store.cursorMs('wifi'), store.cursorMs('dns')], [5 * WINDOW_MS, 3 * WINDOW_MS]);
    assert.equal(store.list({}).length, 2);
    assert.equal(store.list({ agent: 'dns' }).length, 1);
  });

  test(`${kind}: a query gives a hundred unless told otherwise, and never more than a thousand`, (t) => {
    const store = create(t);
    const devices = Array.from({ length: 1_001 }, (_, n) => String(n));
    store.append(slotOf(0, ...devices.map((device) => anomalyOf(device, 0))));
    assert.deepEqual(
      [undefined, 1, 1_000, 5_000].map((limit) => store.list({ limit }).length),
      [100, 1, 1_000, 1_000],
    );
  });
}
