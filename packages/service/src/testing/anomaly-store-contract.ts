import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Anomaly } from '../anomalies/anomaly.ts';
import type {
  AnalysedSlot,
  AnalysedWindow,
  AnomalyStore,
  JsonValue,
  StoredChange,
} from '../anomalies/anomaly-store.ts';

export const WINDOW_MS = 300_000;
/** Two ordinary windows between do not end an incident, three do. */
const QUIET_MS = 3 * WINDOW_MS;
const FEATURES = ['log_count', 'station_count'];

/** An anomaly of a device in the `n`-th window. */
export function anomalyOf(deviceId: string | null, n: number, overrides: Partial<Anomaly> = {}): Anomaly {
  return {
    agent: 'wifi',
    deviceId,
    fromMs: n * WINDOW_MS,
    toMs: (n + 1) * WINDOW_MS,
    kind: 'unusual',
    score: -0.7,
    decision: -0.1,
    detectors: ['forest'],
    surprise: null,
    severity: 0.3,
    level: 'medium',
    why: 'disassociation_events 38 (usually 0–2)',
    modelVersion: '20250607_230000',
    features: [
      { feature: 'log_count', value: 40, expected: { low: 0, high: 9 }, contribution: -1.5 },
      { feature: 'station_count', value: 0.1, expected: undefined, contribution: 0.5 },
    ],
    exampleLines: ['hostapd: wlan0: "AP-STA-DISCONNECTED" 00:00:5e:00:53:01 … ünï'],
    detectedAtMs: (n + 2) * WINDOW_MS,
    ...overrides,
  };
}

/** What a device did in a window: how many entries, and whether that was odd. */
export interface Given {
  readonly entries?: number;
  readonly odd?: Partial<Anomaly> | boolean;
  readonly failure?: string;
}

/** The slot of the `n`-th window; devices by name, `*` for all of them. */
export function slotOf(
  n: number,
  devices: Readonly<Record<string, Given>>,
  agent = 'wifi',
  memory?: JsonValue,
): AnalysedSlot {
  const given = Object.entries(devices).map(([name, of]) => ({ ...of, deviceId: name === '*' ? null : name }));
  return {
    agent,
    fromMs: n * WINDOW_MS,
    toMs: (n + 1) * WINDOW_MS,
    windows: given.map(({ deviceId, entries = 5, odd = false, failure }) => ({
      deviceId,
      entries,
      score: failure === undefined ? -0.4 : null,
      decision: failure === undefined ? 0.2 : null,
      surprise: failure === undefined ? entries / 4 : null,
      anomalous: odd !== false,
      modelVersion: '20250607_230000',
      ...(failure === undefined ? { vector: Float64Array.of(entries, 0.1) } : { failure }),
    })),
    features: FEATURES,
    anomalies: given
      .filter(({ odd = false }) => odd !== false)
      .map(({ deviceId, odd }) => anomalyOf(deviceId, n, { agent, ...(typeof odd === 'object' && odd) })),
    memory,
    quietMs: QUIET_MS,
    analysedAtMs: (n + 2) * WINDOW_MS,
  };
}

/**
 * What a service stores at the end of the `n`-th window: now and then late entries first, of the window four before, which
 * make an anomaly worse or explain it; then the slot itself. Whoever is killed repeats it from the cursor on.
 */
export function slotsOfStep(n: number): readonly AnalysedSlot[] {
  const slot = slotOf(n, { a: { odd: n % 3 > 0 }, b: { odd: n % 11 < 3 }, c: {} }, 'wifi', { step: n });
  if (n < 4 || n % 4 !== 0) return [slot];
  const late = slotOf(n - 4, {
    a: { entries: 9, odd: n % 8 === 0 && { severity: 0.9 } },
    c: { entries: 9, odd: n % 12 === 0 },
  });
  return [late, slot];
}

const ODD = { odd: true };
const kinds = (changes: readonly StoredChange[]) => changes.map(({ kind }) => kind);

/** Everything that a store tells about what was found. */
export async function everythingIn(store: AnomalyStore) {
  return {
    anomalies: await store.anomalies({ limit: 1_000 }),
    incidents: await store.incidents({ limit: 1_000 }),
    changes: await store.changes(0, 10_000),
    windows: await store.windows({ agent: 'wifi', sinceMs: 0, untilMs: 1e15, vectors: true, limit: 50_000 }),
  };
}

type Create = (t: TestContext) => AnomalyStore | Promise<AnomalyStore>;

/** What every implementation of {@link AnomalyStore} does. */
export function testAnomalyStore(kind: string, create: Create): void {
  testSlots(kind, create);
  testIncidents(kind, create);
  testReviews(kind, create);
  testQueries(kind, create);
}

function testSlots(kind: string, create: Create): void {
  test(`${kind}: a slot moves the cursor, and its windows and anomalies are given as they were found`, async (t) => {
    const store = await create(t);
    assert.equal(await store.progress('wifi'), undefined);
    const changes = await store.append(slotOf(0, { '2': ODD, '10': {} }, 'wifi', { seen: [1, 'x', null] }));
    assert.deepEqual(kinds(changes), ['anomaly:detected', 'incident:opened']);
    assert.deepEqual(await store.progress('wifi'), {
      cursorMs: WINDOW_MS,
      furthestMs: WINDOW_MS,
      skippedFromMs: undefined,
      memory: { seen: [1, 'x', null] },
      devices: ['10', '2'],
    });
    assert.equal(await store.progress('dns'), undefined);
    const [anomaly] = await store.anomalies({});
    const { id, incidentId, revision, review, ...found } = anomaly ?? assert.fail();
    assert.deepEqual(found, anomalyOf('2', 0));
    assert.deepEqual([revision, review], [1, { state: 'open', note: null, by: 'service', atMs: 2 * WINDOW_MS }]);
    assert.deepEqual([await store.anomaly(id), (await store.incident(incidentId))?.anomalies], [anomaly, 1]);
    const windows = await store.windows({ agent: 'wifi', sinceMs: 0, untilMs: WINDOW_MS, vectors: true });
    assert.deepEqual(
      windows.map(({ deviceId, entries, vector, features }) => [deviceId, entries, vector, features]),
      ['10', '2'].map((device) => [device, 5, Float64Array.of(5, 0.1), FEATURES]),
    );
  });

  test(`${kind}: a slot that is stored again changes nothing, whatever is said of it then`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD, b: {} }));
    const before = await everythingIn(store);
    assert.deepEqual(await store.append(slotOf(0, { a: ODD, b: {} })), []);
    assert.deepEqual(await store.append(slotOf(0, { a: { odd: { score: -0.9 } }, b: ODD })), []);
    assert.deepEqual(await everythingIn(store), before);
  });

  test(`${kind}: with more entries a window is replaced: its anomaly is updated, not doubled`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD, b: {} }));
    const changes = await store.append(slotOf(0, { a: { entries: 9, odd: { severity: 0.8, why: 'worse' } } }));
    assert.deepEqual(kinds(changes), ['anomaly:updated', 'incident:updated']);
    const [anomaly, ...others] = await store.anomalies({});
    assert.deepEqual([anomaly?.revision, anomaly?.severity, others.length], [2, 0.8, 0]);
    assert.equal((await store.incidents({}))[0]?.why, 'worse');
    const windows = await store.windows({ agent: 'wifi', sinceMs: 0, untilMs: WINDOW_MS });
    assert.deepEqual(
      windows.map(({ deviceId, entries }) => [deviceId, entries]),
      [
        ['a', 9],
        ['b', 5],
      ],
    );
  });

  test(`${kind}: a window that is judged again is news where the judgement is another, and of the same version`, async (t) => {
    const store = await create(t);
    const again = (of: Partial<AnalysedWindow>, odd: Given['odd'] = false) => {
      const slot = slotOf(0, { a: { odd } });
      return { ...slot, judgedAgain: true, windows: slot.windows.map((window) => ({ ...window, ...of })) };
    };
    await store.append(slotOf(0, { a: {} }));
    const told = async (slot: AnalysedSlot) => kinds(await store.append(slot));
    assert.deepEqual(await told(again({ surprise: 6, modelVersion: '20260101_000000' }, true)), []);
    assert.deepEqual(await told({ ...again({ surprise: 6 }, true), judgedAgain: false }), []);
    assert.deepEqual(await told(again({ surprise: 6 }, true)), ['anomaly:detected', 'incident:opened']);
    assert.deepEqual(await told(again({ surprise: 6 }, true)), []);
    assert.deepEqual(await told(again({ surprise: 7 }, { severity: 0.9 })), ['anomaly:updated', 'incident:updated']);
    assert.deepEqual(await told(again({ surprise: 2 })), ['anomaly:withdrawn', 'incident:resolved']);
    const [window] = await store.windows({ agent: 'wifi', sinceMs: 0, untilMs: WINDOW_MS });
    assert.deepEqual([window?.surprise, window?.anomalous], [2, false]);
  });

  test(`${kind}: an anomaly that late entries explain is withdrawn, and its incident with it`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD }));
    const changes = await store.append(slotOf(0, { a: { entries: 9 } }));
    assert.deepEqual(kinds(changes), ['anomaly:withdrawn', 'incident:resolved']);
    const [anomaly] = await store.anomalies({});
    assert.deepEqual([anomaly?.review.state, anomaly?.review.by], ['resolved', 'service']);
    assert.match(anomaly?.review.note ?? '', /late/);
    assert.equal((await store.incidents({}))[0]?.ongoing, false);
  });

  test(`${kind}: a window that late entries make odd is an anomaly then`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: {} }));
    await store.append(slotOf(1, { a: {} }));
    assert.deepEqual(kinds(await store.append(slotOf(0, { a: { entries: 9, odd: true } }))), [
      'anomaly:detected',
      'incident:opened',
    ]);
    assert.equal((await store.progress('wifi'))?.cursorMs, 2 * WINDOW_MS);
  });

  test(`${kind}: a window that failed is kept with its reason`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: { failure: 'it threw' } }));
    const [window] = await store.windows({ agent: 'wifi', sinceMs: 0, untilMs: WINDOW_MS, vectors: true });
    assert.deepEqual([window?.failure, window?.score, window?.vector], ['it threw', null, undefined]);
  });

  test(`${kind}: a cursor moves back only when it is sent`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(5, { a: {} }, 'wifi', 'kept'));
    await store.append(slotOf(3, { a: {} }, 'wifi', 'late'));
    assert.deepEqual((await store.progress('wifi'))?.cursorMs, 6 * WINDOW_MS);
    assert.equal((await store.progress('wifi'))?.memory, 'kept');
    await store.moveCursor('wifi', 90 * WINDOW_MS, 6 * WINDOW_MS);
    await store.moveCursor('wifi', 2 * WINDOW_MS);
    const { devices: _, ...progress } = (await store.progress('wifi')) ?? assert.fail();
    assert.deepEqual(progress, {
      cursorMs: 2 * WINDOW_MS,
      furthestMs: 90 * WINDOW_MS,
      skippedFromMs: 6 * WINDOW_MS,
      memory: 'kept',
    });
    await store.append(slotOf(2, { a: {} }));
    assert.equal((await store.progress('wifi'))?.cursorMs, 3 * WINDOW_MS);
  });

  test(`${kind}: windows of all devices, and devices of any name, are told apart; agents as well`, async (t) => {
    const store = await create(t);
    const odd = Object.fromEntries(['', '=', '**', 'null', 'd\'A"', 'ü', '__proto__'].map((name) => [name, ODD]));
    await store.append({ ...slotOf(0, { ...odd, '*': ODD }) });
    await store.append(slotOf(4, { a: ODD }, 'dns'));
    const devices = (await store.anomalies({ agent: 'wifi' })).map(({ deviceId }) => deviceId);
    assert.deepEqual(new Set(devices), new Set([null, ...Object.keys(odd)]));
    assert.equal((await store.anomalies({ deviceId: '' })).length, 1);
    assert.deepEqual(
      [(await store.progress('wifi'))?.cursorMs, (await store.progress('dns'))?.cursorMs],
      [WINDOW_MS, 5 * WINDOW_MS],
    );
  });

  test(`${kind}: a window that failed is judged when it can be; one that failed late leaves its anomaly alone`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: { failure: 'it threw' }, b: ODD }));
    assert.deepEqual(kinds(await store.append(slotOf(0, { a: ODD, b: { failure: 'it hung' } }))), [
      'anomaly:detected',
      'incident:opened',
    ]);
    assert.deepEqual(await store.append(slotOf(0, { a: { failure: 'it threw' } })), []);
    assert.deepEqual(await store.append(slotOf(0, { b: { entries: 9, failure: 'it hung' } })), []);
    const windows = await store.windows({ agent: 'wifi', sinceMs: 0, untilMs: WINDOW_MS });
    assert.deepEqual(
      windows.map(({ deviceId, entries, failure }) => [deviceId, entries, failure]),
      [
        ['a', 5, undefined],
        ['b', 9, 'it hung'],
      ],
    );
    assert.deepEqual(
      (await store.anomalies({})).map(({ deviceId, review }) => [deviceId, review.state]),
      [
        ['a', 'open'],
        ['b', 'open'],
      ],
    );
  });

  test(`${kind}: late entries that leave an anomaly what it was are no change`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD }));
    assert.deepEqual(await store.append(slotOf(0, { a: { entries: 9, odd: { detectedAtMs: 99 } } })), []);
    const [anomaly] = await store.anomalies({});
    assert.deepEqual([anomaly?.revision, anomaly?.detectedAtMs], [1, 2 * WINDOW_MS]);
    assert.equal((await store.windows({ agent: 'wifi', sinceMs: 0, untilMs: 1 }))[0]?.entries, 9);
  });

  test(`${kind}: a longer window that begins with a shorter one is another window`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD }));
    const toMs = 2 * WINDOW_MS;
    const longer = { ...slotOf(0, { a: { odd: { toMs } } }), toMs };
    assert.deepEqual(kinds(await store.append(longer)), ['anomaly:detected', 'incident:updated']);
    assert.deepEqual(await store.append(longer), []);
    const windows = await store.windows({ agent: 'wifi', sinceMs: 0, untilMs: WINDOW_MS });
    assert.deepEqual(
      windows.map((window) => window.toMs),
      [WINDOW_MS, toMs],
    );
  });

  test(`${kind}: a vector comes back bit for bit, with the names of its own slot`, async (t) => {
    const store = await create(t);
    const vector = Float64Array.of(0, -0, 252, 253, 65_536, 0.1 + 0.2, Number.MIN_VALUE, Number.POSITIVE_INFINITY);
    const features = Array.from(vector, (_, at) => `feature_${at}`);
    const slot = slotOf(0, { a: {} });
    await store.append({ ...slot, features, windows: slot.windows.map((window) => ({ ...window, vector })) });
    await store.append(slotOf(1, { a: {} }));
    const query = { agent: 'wifi', sinceMs: 0, untilMs: 2 * WINDOW_MS };
    const [first, second] = await store.windows({ ...query, vectors: true });
    assert.deepEqual([first?.vector, first?.features, second?.features], [vector, features, FEATURES]);
    assert.ok((await store.windows(query)).every((window) => window.vector === undefined));
  });

  test(`${kind}: whatever is repeated of a history, also of what came late, it is stored once`, async (t) => {
    await fc.assert(
      fc.asyncProperty(histories, fc.array(fc.nat(30), { maxLength: 10 }), async (slots, again) => {
        const [once, repeated] = [await create(t), await create(t)];
        for (const [at, slot] of slots.entries()) {
          const changes = await once.append(slot);
          assert.deepEqual(await repeated.append(slot), changes);
          const done = slots.slice(0, at + 1);
          const valid = again.filter((earlier) => earlier <= at && isNewestOfAll(done, earlier));
          for (const earlier of valid) assert.deepEqual(await repeated.append(slots[earlier] ?? slot), []);
        }
        assert.deepEqual(await everythingIn(repeated), await everythingIn(once));
        for (const agent of ['wifi', 'dns'])
          assert.deepEqual(await repeated.progress(agent), await once.progress(agent));
        await Promise.all([once.close(), repeated.close()]);
      }),
      { numRuns: 25 },
    );
  });
}

/** Slots of two agents, on the whole one after another; some come again, with other entries. */
const histories = fc
  .array(
    fc.record({
      agent: fc.constantFrom('wifi', 'dns'),
      back: fc.oneof(
        { weight: 3, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) },
      ),
      devices: fc.dictionary(
        fc.constantFrom('a', 'b', '*'),
        fc.record({ odd: fc.boolean(), failed: fc.nat(9), severity: fc.nat(3) }),
        { minKeys: 1 },
      ),
    }),
    { maxLength: 14 },
  )
  .map((steps) => {
    const next = new Map<string, number>();
    return steps.map(({ agent, back, devices }, at) => {
      const due = next.get(agent) ?? 0;
      const n = Math.max(0, due - back);
      next.set(agent, Math.max(due, n + 1));
      const given = Object.entries(devices).map(([name, { odd, failed, severity }]): [string, Given] => {
        if (failed === 0) return [name, { entries: at, failure: 'it threw' }];
        return [name, { entries: at, odd: odd && { severity: severity / 4 } }]; // never the same number of entries twice
      });
      return slotOf(n, Object.fromEntries(given), agent, at);
    });
  });

/** Whether no later slot had any of this slot's windows: only then may it come again without being news. */
function isNewestOfAll(slots: readonly AnalysedSlot[], at: number): boolean {
  const of = slots[at];
  return slots.slice(at + 1).every(({ agent, fromMs, windows }) => {
    const other = agent !== of?.agent || fromMs !== of.fromMs;
    return other || windows.every(({ deviceId }) => of.windows.every((window) => window.deviceId !== deviceId));
  });
}

function testIncidents(kind: string, create: Create): void {
  test(`${kind}: anomalies that lie side by side, or nearly so, are one incident, which ends when it was quiet`, async (t) => {
    const store = await create(t);
    const told: string[][] = [];
    for (const n of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const odd = n === 0 || n === 1 || n === 4;
      told.push(kinds(await store.append(slotOf(n, { a: { odd: odd && { severity: n / 10 } }, b: {} }))));
    }
    assert.deepEqual(told, [
      ['anomaly:detected', 'incident:opened'],
      ['anomaly:detected', 'incident:updated'],
      [],
      [],
      ['anomaly:detected', 'incident:updated'],
      [],
      [],
      ['incident:resolved'],
    ]);
    const [incident, ...others] = await store.incidents({});
    assert.equal(others.length, 0);
    const { fromMs, toMs, anomalies, severity, ongoing, review } = incident ?? assert.fail();
    assert.deepEqual([fromMs, toMs, anomalies, severity, ongoing], [0, 5 * WINDOW_MS, 3, 0.4, false]);
    assert.deepEqual([review.state, review.by], ['resolved', 'service']);
    await store.append(slotOf(8, { a: ODD }));
    assert.equal((await store.incidents({})).length, 2);
    assert.equal((await store.anomalies({ incidentId: incident?.id })).length, 3);
  });

  test(`${kind}: an incident ends also if its device has no windows any more`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD }));
    for (const n of [1, 2]) assert.deepEqual(await store.append(slotOf(n, { b: {} })), []);
    assert.deepEqual(kinds(await store.append(slotOf(3, { b: {} }))), ['incident:resolved']);
  });

  test(`${kind}: each device and agent has its own incidents`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD, b: ODD }));
    await store.append(slotOf(1, { a: ODD, b: ODD }));
    await store.append(slotOf(1, { a: ODD }, 'dns'));
    assert.deepEqual(
      (await store.incidents({})).map(({ agent, deviceId, anomalies }) => [agent, deviceId, anomalies]).sort(),
      [
        ['dns', 'a', 1],
        ['wifi', 'a', 2],
        ['wifi', 'b', 2],
      ],
    );
  });

  test(`${kind}: an incident does without what is withdrawn: its span, its worst, its number`, async (t) => {
    const store = await create(t);
    for (const n of [0, 1, 2]) await store.append(slotOf(n, { a: { odd: { severity: 1 - n / 4, why: `why ${n}` } } }));
    assert.deepEqual(kinds(await store.append(slotOf(0, { a: { entries: 9 } }))), [
      'anomaly:withdrawn',
      'incident:updated',
    ]);
    const [incident] = await store.incidents({});
    const { fromMs, toMs, anomalies, severity, why, ongoing } = incident ?? assert.fail();
    assert.deepEqual([fromMs, toMs, anomalies], [WINDOW_MS, 3 * WINDOW_MS, 2]);
    assert.deepEqual([severity, why, ongoing], [0.75, 'why 1', true]);
  });

  test(`${kind}: an anomaly that was withdrawn and comes back is the same one, in an incident that goes on`, async (t) => {
    const store = await create(t);
    const [detected] = await store.append(slotOf(0, { a: ODD }));
    await store.append(slotOf(0, { a: { entries: 9 } }));
    const changes = await store.append(slotOf(0, { a: { entries: 10, odd: true } }));
    assert.deepEqual(kinds(changes), ['anomaly:updated', 'incident:updated']);
    const [anomaly, ...others] = await store.anomalies({});
    assert.deepEqual([anomaly?.id, anomaly?.revision, others.length], [detected?.anomaly?.id, 2, 0]);
    const [incident] = await store.incidents({});
    assert.deepEqual([anomaly?.review.state, incident?.review.state, incident?.ongoing], ['open', 'open', true]);
  });

  test(`${kind}: what late entries show of long ago is an incident that is over at once`, async (t) => {
    const store = await create(t);
    for (let n = 0; n < 9; n += 1) await store.append(slotOf(n, { a: { odd: n === 4 } }));
    assert.deepEqual(kinds(await store.append(slotOf(0, { a: { entries: 9, odd: true } }))), [
      'anomaly:detected',
      'incident:opened',
      'incident:resolved',
    ]);
    assert.deepEqual(kinds(await store.append(slotOf(3, { a: { entries: 9, odd: true } }))), [
      'anomaly:detected',
      'incident:updated',
      'incident:resolved',
    ]);
    const incidents = await store.incidents({});
    assert.deepEqual(
      incidents.map(({ fromMs, anomalies, ongoing, review }) => [fromMs / WINDOW_MS, anomalies, ongoing, review.state]),
      [
        [3, 2, false, 'resolved'],
        [0, 1, false, 'resolved'],
      ],
    );
  });

  test(`${kind}: an incident that lies ahead of an agent that was sent back is over`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(900, { a: ODD }));
    await store.moveCursor('wifi', 2 * WINDOW_MS);
    assert.deepEqual(kinds(await store.append(slotOf(2, { a: {} }))), ['incident:resolved']);
  });

  test(`${kind}: changes are numbered one after another, and stay to be announced until that is done`, async (t) => {
    const store = await create(t);
    const first = await store.append(slotOf(0, { a: ODD }));
    const second = await store.append(slotOf(1, { a: ODD }));
    assert.deepEqual(
      [...first, ...second].map(({ seq }) => seq),
      [1, 2, 3, 4],
    );
    assert.equal(await store.announcedSeq(), 0);
    assert.deepEqual(kinds(await store.changes(2, 1)), ['anomaly:detected']);
    await store.markAnnounced(3);
    await store.markAnnounced(1);
    assert.equal(await store.announcedSeq(), 3);
    const [last] = await store.changes(3, 10);
    assert.deepEqual([last?.seq, last?.kind, last?.incident?.anomalies], [4, 'incident:updated', 2]);
  });
}

function testReviews(kind: string, create: Create): void {
  const by = (state: 'open' | 'acknowledged' | 'resolved' | 'false_positive', note: string | null = null) => {
    return { state, note, atMs: 7 };
  };

  test(`${kind}: a judgement of an incident is one of its anomalies, and is told once`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD }));
    await store.append(slotOf(1, { a: ODD }));
    const [incident] = await store.incidents({});
    const id = incident?.id ?? 0;
    const changes = await store.review({ of: 'incident', id, ...by('false_positive', 'the microwave') });
    assert.deepEqual(kinds(changes), ['incident:reviewed']);
    assert.deepEqual(await store.review({ of: 'incident', id, ...by('false_positive', 'the microwave') }), []);
    const states = (await store.anomalies({})).map(({ review }) => [review.state, review.note, review.by]);
    assert.deepEqual(states, Array(2).fill(['false_positive', 'the microwave', 'person']));
    await store.append(slotOf(2, { a: ODD }));
    assert.equal(
      (await store.anomalies({ state: 'false_positive' })).length,
      3,
      'what goes on stays what it was called',
    );
  });

  test(`${kind}: what a person has resolved stays so; what comes after is another incident`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD }));
    const [incident] = await store.incidents({});
    await store.review({ of: 'incident', id: incident?.id ?? 0, ...by('resolved') });
    await store.append(slotOf(1, { a: ODD }));
    assert.deepEqual(
      (await store.incidents({})).map(({ review, anomalies }) => [review.state, anomalies]),
      [
        ['open', 1],
        ['resolved', 1],
      ],
    );
  });

  test(`${kind}: a false positive that is over stays one, and nobody is told`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD }));
    await store.review({ of: 'incident', id: (await store.incidents({}))[0]?.id ?? 0, ...by('false_positive') });
    for (const n of [1, 2, 3]) assert.deepEqual(await store.append(slotOf(n, { a: {} })), []);
    const [incident] = await store.incidents({});
    assert.deepEqual([incident?.ongoing, incident?.review.state], [false, 'false_positive']);
  });

  test(`${kind}: what was acknowledged stays so while it goes on, and is resolved when it is over`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD }));
    await store.review({
      of: 'incident',
      id: (await store.incidents({}))[0]?.id ?? 0,
      ...by('acknowledged', 'I look'),
    });
    await store.append(slotOf(1, { a: ODD }));
    const states = (await store.anomalies({})).map(({ review }) => [review.state, review.note]);
    assert.deepEqual(states, Array(2).fill(['acknowledged', 'I look']));
    for (const n of [2, 3]) await store.append(slotOf(n, { a: {} }));
    assert.deepEqual(kinds(await store.append(slotOf(4, { a: {} }))), ['incident:resolved']);
    assert.equal((await store.incidents({}))[0]?.review.by, 'service');
  });

  test(`${kind}: what a person opens again after its end stays open`, async (t) => {
    const store = await create(t);
    for (const n of [0, 1, 2, 3]) await store.append(slotOf(n, { a: { odd: n === 0 } }));
    await store.review({ of: 'incident', id: (await store.incidents({}))[0]?.id ?? 0, ...by('open') });
    assert.deepEqual(await store.append(slotOf(4, { a: {} })), []);
    assert.equal((await store.incidents({}))[0]?.review.state, 'open');
  });

  test(`${kind}: what a person has closed keeps that judgement when late entries explain it`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD }));
    await store.review({
      of: 'incident',
      id: (await store.incidents({}))[0]?.id ?? 0,
      ...by('resolved', 'a new cable'),
    });
    assert.deepEqual(kinds(await store.append(slotOf(0, { a: { entries: 9 } }))), [
      'anomaly:withdrawn',
      'incident:updated',
    ]);
    assert.equal((await store.anomalies({}))[0]?.review.note, 'a new cable');
    assert.equal((await store.incidents({}))[0]?.review.note, 'a new cable');
  });

  test(`${kind}: a judgement of an incident leaves alone what was withdrawn, and what cannot take that state`, async (t) => {
    const store = await create(t);
    for (const n of [0, 1, 2]) await store.append(slotOf(n, { a: ODD }));
    await store.append(slotOf(0, { a: { entries: 9 } }));
    const [newest] = await store.anomalies({});
    await store.review({ of: 'anomaly', id: newest?.id ?? 0, ...by('false_positive', 'a test') });
    await store.review({ of: 'incident', id: newest?.incidentId ?? 0, ...by('acknowledged') });
    assert.deepEqual(
      (await store.anomalies({})).map(({ review }) => [review.state, review.by]),
      [
        ['false_positive', 'person'],
        ['acknowledged', 'person'],
        ['resolved', 'service'],
      ],
    );
  });

  test(`${kind}: one anomaly can be judged alone, and only as its state allows`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD }));
    const [anomaly] = await store.anomalies({});
    const id = anomaly?.id ?? 0;
    assert.deepEqual(kinds(await store.review({ of: 'anomaly', id, ...by('resolved') })), ['anomaly:reviewed']);
    await assert.rejects(store.review({ of: 'anomaly', id, ...by('acknowledged') }), {
      code: 'BAD_REVIEW',
      message: /is resolved: it can become open, false_positive, not acknowledged/,
    });
    await assert.rejects(store.review({ of: 'incident', id: 99, ...by('resolved') }), { code: 'NOT_FOUND' });
    assert.equal((await store.incidents({}))[0]?.review.state, 'open');
  });

  test(`${kind}: a setting is kept as it was written last`, async (t) => {
    const store = await create(t);
    assert.equal(await store.setting('x'), undefined);
    await store.setSetting('x', { a: [true, null] });
    await store.setSetting('x', false);
    assert.equal(await store.setting('x'), false);
  });
}

function testQueries(kind: string, create: Create): void {
  test(`${kind}: a query chooses by agent, device, state, severity and time, the newest first`, async (t) => {
    const store = await create(t);
    for (const n of [0, 1, 2]) await store.append(slotOf(n, { a: { odd: { severity: n / 2 } }, b: ODD }));
    const found = async (query: object) =>
      (await store.anomalies(query)).map(({ deviceId, fromMs }) => `${deviceId}${fromMs / WINDOW_MS}`);
    assert.deepEqual(await found({}), ['b2', 'a2', 'b1', 'a1', 'b0', 'a0']);
    assert.deepEqual(await found({ deviceId: 'b' }), ['b2', 'b1', 'b0']);
    assert.deepEqual(await found({ sinceMs: WINDOW_MS, untilMs: 2 * WINDOW_MS }), ['b1', 'a1']);
    assert.deepEqual(await found({ minSeverity: 0.5 }), ['a2', 'a1']);
    assert.deepEqual(await found({ agent: 'dns' }), []);
    assert.deepEqual(await found({ state: 'resolved' }), []);
    assert.deepEqual(await found({ limit: 1 }), ['b2']);
    assert.deepEqual(await found({ limit: 0 }), []);
  });

  test(`${kind}: page after page gives each once`, async (t) => {
    const store = await create(t);
    for (let n = 0; n < 30; n += 1) await store.append(slotOf(n, { a: ODD, b: ODD, c: ODD }));
    const ids: number[] = [];
    let before: { fromMs: number; id: number } | undefined;
    for (;;) {
      const page = await store.anomalies({ limit: 7, before });
      const last = page.at(-1);
      if (last === undefined) break;
      ids.push(...page.map(({ id }) => id));
      before = { fromMs: last.fromMs, id: last.id };
    }
    assert.deepEqual([ids.length, new Set(ids).size], [90, 90]);
  });

  test(`${kind}: incidents are chosen and paged as anomalies are`, async (t) => {
    const store = await create(t);
    const devices = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const [n, device] of devices.entries())
      await store.append(slotOf(n, { [device]: { odd: { severity: n / 10 } } }));
    const found = async (query: object) => (await store.incidents(query)).map(({ deviceId }) => deviceId).join('');
    assert.equal(await found({}), 'fedcba');
    assert.equal(await found({ state: 'open' }), 'fed');
    assert.equal(await found({ minSeverity: 0.2, untilMs: 4 * WINDOW_MS }), 'dc');
    assert.equal(await found({ deviceId: 'b', agent: 'wifi' }), 'b');
    const [, , last] = await store.incidents({ limit: 3 });
    assert.equal(await found({ before: { fromMs: last?.fromMs ?? 0, id: last?.id ?? 0 }, limit: 2 }), 'cb');
  });

  test(`${kind}: an agent's windows are its own, also those of the same time and device`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: { entries: 1 } }, 'wifi'));
    await store.append(slotOf(0, { a: { entries: 2 } }, 'dns'));
    for (const [agent, entries] of [
      ['wifi', 1],
      ['dns', 2],
    ] as const) {
      for (const deviceId of [undefined, 'a']) {
        const windows = await store.windows({ agent, deviceId, sinceMs: 0, untilMs: WINDOW_MS });
        assert.deepEqual(
          windows.map((window) => window.entries),
          [entries],
        );
      }
    }
    assert.deepEqual(await store.windows({ agent: 'wifi', deviceId: 'b', sinceMs: 0, untilMs: WINDOW_MS }), []);
  });

  test(`${kind}: what the surprise detector said is given back as it was`, async (t) => {
    const store = await create(t);
    const reasons = [{ signal: 'errors', minutes: 15, count: 12, expected: 0.02, score: 5.75 }];
    const said = { detectors: ['forest', 'surprise'], surprise: { score: 5.75, threshold: 4.3, reasons } } as const;
    await store.append(slotOf(0, { a: { odd: said }, b: { failure: 'no' }, '*': {} }));
    const windows = await store.windows({ agent: 'wifi', sinceMs: 0, untilMs: WINDOW_MS });
    assert.deepEqual(
      windows.map(({ surprise, anomalous }) => [surprise, anomalous]),
      [
        [1.25, false],
        [1.25, true],
        [null, false],
      ],
    );
    const [anomaly] = await store.anomalies({});
    assert.deepEqual([anomaly?.detectors, anomaly?.surprise], [said.detectors, said.surprise]);
  });

  test(`${kind}: numbers beyond all times and rows choose nothing, or everything, and are no error`, async (t) => {
    const store = await create(t);
    await store.append(slotOf(0, { a: ODD }));
    const huge = Number.MAX_VALUE;
    assert.equal((await store.anomalies({ sinceMs: -huge, untilMs: huge, limit: huge })).length, 1);
    assert.equal((await store.anomalies({ sinceMs: 0.5, limit: -1 })).length, 0);
    assert.equal((await store.windows({ agent: 'wifi', sinceMs: Number.NEGATIVE_INFINITY, untilMs: huge })).length, 1);
    assert.deepEqual([await store.anomaly(1e300), await store.incident(0.5)], [undefined, undefined]);
    assert.deepEqual([(await store.changes(huge, 10)).length, (await store.changes(0, -1)).length], [0, 0]);
  });

  test(`${kind}: of windows the newest are given, oldest first`, async (t) => {
    const store = await create(t);
    for (let n = 0; n < 10; n += 1) await store.append(slotOf(n, { '*': {}, b: {}, a: {} }));
    const query = { agent: 'wifi', sinceMs: 2 * WINDOW_MS, untilMs: 9 * WINDOW_MS };
    const found = (windows: readonly { fromMs: number; deviceId: string | null }[]) =>
      windows.map(({ fromMs, deviceId }) => `${fromMs / WINDOW_MS}${deviceId}`);
    assert.deepEqual(found(await store.windows({ ...query, limit: 4 })), ['7b', '8null', '8a', '8b']);
    assert.equal((await store.windows(query)).length, 21);
    assert.equal((await store.windows({ ...query, deviceId: null })).length, 7);
    assert.deepEqual(found(await store.windows({ ...query, deviceId: 'a', limit: 2 })), ['7a', '8a']);
  });

  test(`${kind}: what is too old goes, with its incidents and changes; numbers are never given again`, async (t) => {
    const store = await create(t);
    for (let n = 0; n < 10; n += 1) await store.append(slotOf(n, { a: { odd: n === 0 || n === 9 } }));
    await store.markAnnounced(100);
    const limits = { maxAgeMs: 4 * WINDOW_MS, maxBytes: 1e9 };
    assert.ok((await store.prune(limits, 10 * WINDOW_MS)) > 0);
    const { anomalies, incidents, windows, changes } = await everythingIn(store);
    assert.deepEqual([anomalies.length, incidents.length, windows.length], [1, 1, 4]);
    assert.deepEqual(new Set(changes.map(({ incident }) => incident?.id)), new Set([2]));
    assert.equal((await store.progress('wifi'))?.cursorMs, 10 * WINDOW_MS);
    assert.equal(await store.prune(limits, 10 * WINDOW_MS), 0);
    await store.prune({ ...limits, maxAgeMs: 0 }, 20 * WINDOW_MS);
    const [change] = await store.append(slotOf(20, { a: ODD }));
    assert.equal(change?.anomaly?.id, 3);
  });

  test(`${kind}: for their age go neither ongoing incidents, nor cursors and settings, nor what is to be announced`, async (t) => {
    const store = await create(t);
    for (let n = 0; n < 5; n += 1) await store.append(slotOf(n, { a: { odd: { severity: 1 - n / 10 } } }));
    await store.setSetting('x', 1);
    const limits = { maxAgeMs: 1, maxBytes: 1e9 };
    await store.prune(limits, 4 * WINDOW_MS);
    const [incident] = await store.incidents({});
    assert.deepEqual([(await store.anomalies({})).length, incident?.anomalies], [1, 5]);
    await store.append(slotOf(5, { a: ODD }));
    await store.append(slotOf(4, { a: { entries: 9 } }));
    const [after] = await store.incidents({});
    const { fromMs, toMs, anomalies, severity } = after ?? assert.fail();
    assert.deepEqual([fromMs, toMs, anomalies, severity], [0, 6 * WINDOW_MS, 5, 1], 'it speaks for what has gone');
    await store.prune({ ...limits, maxAgeMs: 0 }, 1e12);
    const left = await everythingIn(store);
    assert.deepEqual([left.windows.length, left.anomalies.length, left.incidents.length], [0, 0, 1]);
    assert.deepEqual(
      kinds(left.changes),
      Array(6)
        .fill(0)
        .map((_, n) => (n === 0 ? 'incident:opened' : 'incident:updated'))
        .concat('incident:updated'),
    );
    assert.deepEqual([(await store.progress('wifi'))?.cursorMs, await store.setting('x')], [6 * WINDOW_MS, 1]);
  });

  test(`${kind}: beyond its size a store gives up the oldest windows, and keeps what is ongoing`, async (t) => {
    const store = await create(t);
    for (let n = 0; n < 30; n += 1) await store.append(slotOf(n, { a: { odd: n === 29 }, b: {} }));
    assert.ok((await store.prune({ maxAgeMs: 1e12, maxBytes: 0 }, 30 * WINDOW_MS)) >= 60);
    const { windows, incidents } = await everythingIn(store);
    assert.deepEqual([windows.length, incidents.length], [0, 1]);
    const { cursorMs, devices } = (await store.progress('wifi')) ?? assert.fail();
    assert.deepEqual([cursorMs, devices], [30 * WINDOW_MS, ['a', 'b']]);
    await store.append(slotOf(30, { a: ODD }));
    assert.equal((await store.incidents({}))[0]?.anomalies, 2);
  });

  test(`${kind}: it may be closed twice`, async (t) => {
    const store = await create(t);
    await store.close();
    await store.close();
  });
}
