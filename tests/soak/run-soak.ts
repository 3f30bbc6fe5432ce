import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { growthOf } from './memory-curve.ts';
import { type ClientCounts, SoakClients } from './soak-clients.ts';
import type { SoakHour, SoakReady } from './soak-service.ts';

/** A version is made live once in so many hours. */
const ACTIVATE_EVERY = 3;
/** Once in so many hours an agent is switched off, and on after the next. */
const SWITCH_EVERY = 11;
/** Of each half of the young generation, in megabytes, as the image and the unit have it: what was let go is not held. */
const YOUNG_MB = 1;
/** What memory may grow by, from the second seventh of a soak to its last, in bytes. */
const MOST_GROWTH_BYTES = 15e6;
/** What open files and handles may grow by: connections come and go. */
const MOST_HANDLES_MORE = 8;
/** What the store's files may have beyond its limit, in bytes: the log beside it, and what an hour adds. */
const STORE_ROOM_BYTES = 6e6;
/** Four devices, two agents, twelve windows an hour; those of the last hours may be under way. */
const WINDOWS = { perHour: 4 * 2 * 12, hoursUnderWay: 3 };

export interface SoakReport {
  readonly hours: readonly SoakHour[];
  /** What the store was limited to. */
  readonly storeLimitBytes: number;
  readonly clients: ClientCounts;
}

/**
 * A service that lives for so many hours of a driven clock, with all that happens to it in that time.
 *
 * @param hours at least 14.
 * @throws {AssertionError} if it loses or doubles a window, or answers wrongly.
 */
export async function runSoak(hours: number): Promise<SoakReport> {
  const token = randomBytes(24).toString('base64url');
  const tokenHash = `sha256:${createHash('sha256').update(token).digest('hex')}`;
  const child = fork(join(import.meta.dirname, 'soak-service.ts'), [String(hours), tokenHash], {
    execArgv: ['--conditions=source', '--expose-gc', `--max-semi-space-size=${YOUNG_MB}`],
  });
  const exit = once(child, 'exit');
  const next = <Message>() => heard<Message>(child, exit);
  const done = new AbortController();
  try {
    const ready = await next<SoakReady>();
    const clients = new SoakClients(ready.address, token);
    const asking = clients.run(done.signal);
    const seen: SoakHour[] = [];
    while (seen.length < hours) {
      if (seen.length > 0) child.send('go on');
      const hour = await Promise.race([next<SoakHour>(), asking.then(() => assert.fail('nobody asks any more'))]);
      seen.push(hour);
      await happen(hour.hour, ready.versions, clients);
    }
    done.abort();
    await asking;
    child.send('go on');
    const [code] = await exit;
    assert.deepEqual([code, clients.problems], [0, []]);
    return { hours: seen, storeLimitBytes: ready.storeLimitBytes, clients: clients.counts };
  } finally {
    done.abort();
    if (child.connected) child.disconnect();
  }
}

/** What a service process says next. */
async function heard<Message>(child: ChildProcess, exit: Promise<unknown>): Promise<Message> {
  const heeding = new AbortController();
  const died = exit.then(() => assert.fail('the service died: see what it said above'));
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: heeding.signal }), died]);
    return message as Message;
  } finally {
    heeding.abort();
  }
}

/** What people do to a service at the end of an hour. */
async function happen(hour: number, versions: readonly string[], clients: SoakClients): Promise<void> {
  await clients.askAll();
  clients.comeAgain(hour);
  if (hour % ACTIVATE_EVERY === 0) {
    const version = versions[(hour / ACTIVATE_EVERY) % versions.length];
    await clients.tell('/api/models/wifi/activate', { version });
  }
  const agent = Math.floor(hour / SWITCH_EVERY) % 2 === 0 ? 'silence' : 'wifi';
  if (hour % SWITCH_EVERY === SWITCH_EVERY - 1) await clients.tell(`/api/agents/${agent}/disable`);
  if (hour % SWITCH_EVERY === 0) await clients.tell('/api/agents/wifi/enable');
  if (hour % SWITCH_EVERY === 0) await clients.tell('/api/agents/silence/enable');
}

/** @throws {AssertionError} if the service grew, or if what should have happened to it did not. */
export function judgeSoak({ hours, storeLimitBytes }: SoakReport): void {
  for (const held of ['rssBytes', 'heapBytes', 'externalBytes'] as const) {
    const { before, after } = growthOf(hours, (hour) => hour[held]);
    assert.ok(after - before <= MOST_GROWTH_BYTES, `${held} grew from ${before} to ${after}`);
  }
  for (const held of ['files', 'handles'] as const) {
    const { before, after } = growthOf(hours, (hour) => hour[held]);
    assert.ok(after - before <= MOST_HANDLES_MORE, `${held} grew from ${before} to ${after}`);
  }
  for (const { hour, storeBytes } of hours) {
    assert.ok(storeBytes <= storeLimitBytes + STORE_ROOM_BYTES, `after ${hour} h the store has ${storeBytes} bytes`);
  }
  const last = hours.at(-1);
  assert.ok(last !== undefined);
  assert.ok(last.windows >= (last.hour - WINDOWS.hoursUnderWay) * WINDOWS.perHour, 'windows were not looked at');
  const happened = [last.lateSlots, last.sourceFailures, last.anomalies, last.modelSwitches];
  assert.ok(!happened.includes(0), `late slots, failures, anomalies, switched models: ${happened.join(', ')}`);
}
