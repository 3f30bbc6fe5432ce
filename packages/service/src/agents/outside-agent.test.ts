/** What a third party's agent may do wrong at work, each tried with a real process. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import type { LogEntry } from '@edgewood/logs';
import { MemoryLogSource } from '../../../logs/src/testing/memory-log-source.ts';
import type { JsonValue } from '../anomalies/anomaly-store.ts';
import { type Clock, DrivenClock } from '../clock.ts';
import { createServiceEvents } from '../events.ts';
import { type AgentAtHand, agentText, openAgent } from '../testing/agent-folder.ts';
import { inspectContext } from '../testing/inspect-context.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { MemoryAnomalyStore } from '../testing/memory-anomaly-store.ts';
import type { Agent, SlotVerdict } from './agent.ts';
import type { AgentLimits } from './agent-limits.ts';
import { AgentRunner } from './agent-runner.ts';

const WINDOW_MS = 300_000;
const FINDING = `{ kind: 'odd', severity: 0.4, why: 'it is odd' }`;

const LINE: LogEntry = { timeMs: 1, deviceId: '1', program: 'sshd', level: 'info', message: 'Failed password' };

interface Asking {
  readonly devices?: readonly string[];
  readonly memory?: JsonValue | undefined;
  readonly late?: boolean;
  readonly signal?: AbortSignal;
}

/** Asks about the `n`-th slot, in which each device wrote one line. */
async function inspect(agent: Agent, n = 0, asking: Asking = {}): Promise<SlotVerdict> {
  const { devices = ['1'], memory, late = false, signal = new AbortController().signal } = asking;
  const inspection = agent.takeUp();
  assert.ok(inspection, agent.problem);
  const slot = devices.map((deviceId) => {
    return { fromMs: n * WINDOW_MS, toMs: (n + 1) * WINDOW_MS, deviceId, entries: [{ ...LINE, deviceId }] };
  });
  return inspection.inspect(slot, inspectContext({ memory, late, nowMs: 7, signal }));
}

function inspecting(t: TestContext, body: string, limits: Partial<AgentLimits> = {}, more = ''): Promise<AgentAtHand> {
  return openAgent(t, { 'agent.js': agentText(body, more) }, { limits });
}

test('what an agent finds becomes anomalies, and every window has been judged', async (t) => {
  const { agent } = await inspecting(
    t,
    `return window.deviceId === '2' ? { kind: 'odd', severity: 0.6, why: 'two', lines: window.entries } : undefined;`,
  );
  const { windows, anomalies } = await inspect(agent, 3, { devices: ['1', '2', '3'] });
  const judged = { entries: 1, score: null, decision: null, surprise: null, modelVersion: null };
  assert.deepEqual(windows, [
    { deviceId: '1', ...judged, anomalous: false },
    { deviceId: '2', ...judged, anomalous: true },
    { deviceId: '3', ...judged, anomalous: false },
  ]);
  assert.deepEqual(
    anomalies.map(({ agent: name, deviceId, fromMs, why, level, exampleLines, detectedAtMs }) => {
      return [name, deviceId, fromMs, why, level, exampleLines, detectedAtMs];
    }),
    [['test', '2', 3 * WINDOW_MS, 'two', 'high', ['sshd: Failed password'], 7]],
  );
});

test('an agent remembers each device by itself, also in another process', async (t) => {
  const body = 'memory.n += window.entries.length; return { kind: "odd", severity: 0, why: String(memory.n) };';
  const text = agentText(`const { memory } = context; ${body}`, 'memory: () => ({ n: 0 }),');
  const first = await openAgent(t, { 'agent.js': text });
  const once = await inspect(first.agent, 0, { devices: ['1', '2'] });
  const twice = await inspect(first.agent, 1, { devices: ['1'], memory: once.memory });
  const second = await openAgent(t, { 'agent.js': text });
  const thrice = await inspect(second.agent, 2, { devices: ['1', '2', '3'], memory: twice.memory });
  assert.deepEqual(
    thrice.anomalies.map(({ deviceId, why }) => `${deviceId}:${why}`),
    ['1:3', '2:2', '3:1'],
  );
});

test('a window that is looked at again sees the memory, and leaves it as it was', async (t) => {
  const { agent } = await inspecting(
    t,
    `context.memory.n = 1; if (!context.late) return undefined; return ${FINDING};`,
  );
  const { memory } = await inspect(agent);
  const late = await inspect(agent, 0, { memory, late: true });
  assert.equal(late.memory, undefined);
  assert.equal(late.anomalies.length, 1);
});

test('more memory of a device than is allowed is forgotten, said, and the findings stay', async (t) => {
  const body = `context.memory.text = 'x'.repeat(100); return ${FINDING};`;
  const { agent, log } = await inspecting(t, body, { deviceMemoryLength: 50 });
  const { memory, anomalies } = await inspect(agent);
  assert.deepEqual(memory, []);
  assert.equal(anomalies.length, 1);
  assert.equal(log.lines[1], 'warn: test: it wanted to remember 111 characters about device 1: it was forgotten');
});

test('more memory than is allowed altogether is forgotten device by device', async (t) => {
  const body = `context.memory.text = 'x'.repeat(100 + Number(window.deviceId));`;
  const { agent, log } = await inspecting(t, body, { memoryLength: 300 });
  const { memory } = await inspect(agent, 0, { devices: ['1', '20', '3'] });
  assert.deepEqual(
    (memory as [string, object][]).map(([device]) => device),
    ['1', '3'],
  );
  assert.match(log.lines[1], /about device 20: it was forgotten$/);
});

test('the service does not hand over its environment', async (t) => {
  process.env.EDGEWOOD_TEST_SECRET = 'secret';
  t.after(() => delete process.env.EDGEWOOD_TEST_SECRET);
  const body = `return { kind: 'odd', severity: 0, why: JSON.stringify(process.env) };`;
  const { agent } = await inspecting(t, body);
  assert.equal((await inspect(agent)).anomalies[0].why, '{}');
});

test('of ten thousand findings the worst stays, and their number is said', async (t) => {
  const body = `return Array.from({ length: 10_000 }, (_, n) => {
    return { kind: 'odd', severity: n / 10_000, why: 'n is ' + n, lines: Array(1_000).fill('x'.repeat(100)) };
  });`;
  const { agent } = await inspecting(t, body);
  const [anomaly, ...others] = (await inspect(agent)).anomalies;
  assert.deepEqual(others, []);
  assert.equal(anomaly.severity, 0.9999);
  assert.equal(anomaly.why, 'n is 9999; n is 9998; n is 9997; n is 9996 and 9996 more');
});

const NO_FINDINGS = [
  '5',
  '"odd"',
  'true',
  '() => {}',
  'Symbol("x")',
  '10n',
  '[[[]]]',
  'new Map()',
  '[null]',
  'new Date()',
];
const MORE = [
  '{ severity: NaN }',
  '{ a: 1n }',
  '(() => { const a = {}; a.a = a; return a; })()',
  'new Proxy({}, { get() { throw 1; } })',
];
for (const garbage of [...NO_FINDINGS, ...MORE]) {
  test(`an agent that gives ${garbage} is told what is allowed, and the next window is judged`, async (t) => {
    const { agent } = await inspecting(t, `return window.fromMs === 0 ? ${garbage} : ${FINDING};`);
    await assert.rejects(inspect(agent), { name: 'ServiceError', code: /^(BAD_AGENT|AGENT_FAILED)$/ });
    assert.equal((await inspect(agent, 1)).anomalies.length, 1);
  });
}

test('a memory that JSON cannot say is a failure that names it', async (t) => {
  const { agent } = await inspecting(t, 'context.memory.sources = new Map();');
  await assert.rejects(
    inspect(agent),
    /failed at device 1, 1970-01-01T00:00:00.000Z: TypeError: sources is a Map: JSON has no such/,
  );
});

/** What goes wrong at the first window; the process does not live on. */
const DEADLY: readonly [what: string, body: string, reason: RegExp][] = [
  ['loops for ever', 'for (;;);', /it gave no answer within 1 s, and was ended$/],
  ['loops for ever between two promises', 'for (;;) await null;', /it gave no answer within 1 s, and was ended$/],
  ['never answers', 'await new Promise(() => {});', /it gave no answer within 1 s, and was ended$/],
  [
    'has a hopeless regular expression',
    `/^(a+)+$/.test('a'.repeat(60) + 'b');`,
    /it gave no answer within 1 s, and was ended$/,
  ],
  [
    'waits outside of JavaScript',
    `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
    /no answer within 1 s/,
  ],
  ['ends its process', 'process.exit(3);', /its process ended with exit code 3$/],
  ['ends its process as if all were well', 'process.exit();', /its process ended with exit code 0$/],
  ['kills its process', `process.kill(process.pid, 'SIGKILL'); for (;;);`, /its process was ended by SIGKILL$/],
  ['aborts', 'process.abort();', /its process was ended by SIGABRT/],
  ['closes the channel', 'process.disconnect(); for (;;);', /its process |it gave no answer/],
  [
    'throws where nobody catches',
    `setTimeout(() => { throw new Error('late'); }); await new Promise(() => {});`,
    /ended by an exception: Error: late \(agent.js:\d+:\d+\)$/,
  ],
  [
    'leaves a rejection unhandled',
    `Promise.reject(new Error('lost')); await new Promise(() => {});`,
    /ended by an exception: Error: lost \(agent.js:\d+:\d+\)$/,
  ],
];

for (const [what, body, reason] of DEADLY) {
  test(`an agent that ${what} fails at that window, and a new process judges the next`, {
    timeout: 20_000,
  }, async (t) => {
    const text = `if (window.fromMs === 0) { ${body} } return ${FINDING};`;
    const { agent } = await inspecting(t, text, { slotMs: 1_000 });
    await assert.rejects(inspect(agent), (error: Error & { code: string }) => {
      assert.equal(error.code, 'AGENT_FAILED');
      assert.match(error.message, /^the test agent failed at device 1, 1970-01-01T00:00:00.000Z: /);
      assert.match(error.message, reason);
      return true;
    });
    assert.equal((await inspect(agent, 1)).anomalies.length, 1);
  });
}

const HOGS: readonly [what: string, body: string][] = [
  ['a list', 'for (const list = []; ; ) list.push(list.length + 0.5);'],
  ['a Map', 'for (const map = new Map(); ; ) map.set(map.size, 1);'],
  ['objects', 'for (const list = []; ; ) list.push({ list });'],
  ['lists of a million', 'for (const list = []; ; ) list.push(new Array(1e6).fill(0));'],
  ['buffers', 'for (const list = []; ; ) { list.push(Buffer.alloc(1e6, 1)); await new Promise(setImmediate); }'],
];

for (const [what, body] of HOGS) {
  test(`an agent that fills the memory with ${what} fails, and a new process goes on`, {
    timeout: 60_000,
  }, async (t) => {
    const text = `if (window.fromMs === 0) { ${body} } return ${FINDING};`;
    const { agent } = await inspecting(t, text, { heapMb: 48, processMb: 192, slotMs: 15_000 });
    await assert.rejects(
      inspect(agent),
      /was ended by SIGABRT, as it does if its objects need more than 48 MB$|used \d+ MB of memory, at most 192 are allowed$/,
    );
    assert.equal((await inspect(agent, 1)).anomalies.length, 1);
  });
}

test('an agent that throws at every third window fails at these and no others, in one and the same process', async (t) => {
  const body = `if (window.fromMs / ${WINDOW_MS} % 3 === 2) throw new RangeError('three'); return { kind: 'odd', severity: 0, why: String(process.pid) };`;
  const { agent } = await inspecting(t, body);
  const processes = new Set<string>();
  for (let n = 0; n < 9; n += 1) {
    if (n % 3 === 2) await assert.rejects(inspect(agent, n), /: RangeError: three \(agent.js:3:\d+\)$/);
    else processes.add((await inspect(agent, n)).anomalies[0].why);
  }
  assert.equal(processes.size, 1);
});

test('what an agent prints stands in the log, up to a limit, and the rest is counted', {
  timeout: 60_000,
}, async (t) => {
  const body = `
    if (window.fromMs === 0) { console.log('one'); console.error('two'); }
    else for (let n = 0; n < 100; n += 1) await new Promise((done) => process.stdout.write('x'.repeat(1_000_000), done));`;
  const { agent, log } = await inspecting(t, body, { outputLength: 20, slotMs: 60_000 });
  await inspect(agent);
  while (log.lines.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(log.lines.slice(1).sort(), ['info: test printed: one', 'info: test printed: two']);
  await inspect(agent, 1);
  await agent.stop();
  assert.match(log.lines[3], /^info: test printed: x{20}$/);
  const dropped = Number(/^warn: test printed (\d+) more characters, which are not shown$/.exec(log.lines[4])?.[1]);
  assert.ok(dropped > 99_000_000 && dropped <= 99_999_980, log.lines.join('\n'));
});

test('an agent whose process ends between two slots is started anew, and that is said', async (t) => {
  const body = `if (window.fromMs === 0) setTimeout(() => process.exit(5), 1); return ${FINDING};`;
  const { agent, log } = await inspecting(t, body);
  await inspect(agent);
  while (log.lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.match(
    log.lines[1],
    /^warn: test: its process ended with exit code 5, while nothing was asked of it; the next/,
  );
  assert.equal((await inspect(agent, 1)).anomalies.length, 1);
});

test('an agent that cannot be loaded any more is a problem, and its windows wait', async (t) => {
  const { agent, folder } = await inspecting(t, 'process.exit(1);');
  writeFileSync(join(folder, 'agent.js'), 'export default {');
  await assert.rejects(inspect(agent), /exit code 1/);
  await assert.rejects(inspect(agent), { code: 'AGENT_FAILED', message: /cannot be loaded from .*SyntaxError/ });
  assert.match(agent.problem ?? '', /SyntaxError/);
  assert.equal(agent.takeUp(), undefined);
});

test('an answer that nobody waits for any more ends the process at once', { timeout: 20_000 }, async (t) => {
  const { agent } = await inspecting(t, `if (window.fromMs === 0) for (;;); return ${FINDING};`);
  const stop = new AbortController();
  const asked = inspect(agent, 0, { signal: stop.signal });
  stop.abort(new Error('the cycle is over'));
  await assert.rejects(asked, /the cycle is over/);
  assert.equal((await inspect(agent, 1)).anomalies.length, 1);
});

test('an agent that hangs, floods or dies does not hold up the one beside it', { timeout: 60_000 }, async (t) => {
  const limits = { slotMs: 3_000, outputLength: 100 };
  const bad = ['for (;;);', `for (;;) process.stdout.write('x'.repeat(10_000));`, 'process.exit(1);'];
  const good = await inspecting(t, `return ${FINDING};`);
  const others = await Promise.all(bad.map((body) => inspecting(t, body, limits)));
  const failures = others.map(({ agent }) => assert.rejects(inspect(agent), { code: 'AGENT_FAILED' }));
  let busy = true;
  const over = Promise.all(failures).then(() => {
    busy = false;
  });
  let [slots, slowestMs] = [0, 0];
  for (; busy; slots += 1) {
    const startedMs = performance.now();
    assert.equal((await inspect(good.agent, slots)).anomalies.length, 1);
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
  }
  await over;
  assert.ok(slots > 20, `${slots} slots`);
  assert.ok(slowestMs < 2_000, `${slowestMs} ms`);
});

/** Finds a device that wrote more than twenty lines within the last four windows, which it remembers. */
const COUNTING = agentText(
  `const { memory } = context;
   memory.counts = [...memory.counts, window.entries.length].slice(-4);
   const sum = memory.counts.reduce((a, b) => a + b);
   return sum > 20 ? { kind: 'many', severity: sum / 100, why: memory.counts.join(' + '), lines: window.entries } : undefined;`,
  'memory: () => ({ counts: [] }),',
);

/** Two devices, which write 1 to 9 lines a window. */
const COUNTED_LOG = Array.from({ length: 60 }, (_, n) =>
  ['1', '2'].flatMap((deviceId, device) =>
    Array.from({ length: 1 + (((n + 3 * device) * 7) % 9) }, (_line, at): LogEntry => {
      return { ...LINE, timeMs: n * WINDOW_MS + at * 1_000, deviceId, message: `${n}/${at}` };
    }),
  ),
).flat();

async function countingRunner(t: TestContext, store: MemoryAnomalyStore, clock: Clock): Promise<AgentRunner> {
  const { agent } = await openAgent(t, { 'agent.js': COUNTING });
  const settings = {
    graceMs: 0,
    lateHorizonMs: 0,
    catchUpMaxMs: 86_400_000,
    timeLimitMs: 60_000,
    anomaliesPerSlot: 100,
    quietWindows: 3,
  };
  const source = new MemoryLogSource(COUNTED_LOG);
  return new AgentRunner({
    agent,
    source,
    store,
    events: createServiceEvents(),
    clock,
    settings,
    announce: async () => {},
  });
}

test('replay equals live for an agent that remembers, in one go or cut off and continued by a new process', async (t) => {
  const live = new MemoryAnomalyStore();
  const clock = new ManualClock(WINDOW_MS);
  const stop = new AbortController();
  const running = (await countingRunner(t, live, clock)).run(stop.signal);
  for (let nextMs = 0; nextMs <= 60 * WINDOW_MS; clock.set(nextMs)) nextMs = await clock.asleep();
  stop.abort();
  await running;

  const [whole, pieces] = [new MemoryAnomalyStore(), new MemoryAnomalyStore()];
  for (const [store, ends] of [
    [whole, [60]],
    [pieces, [1, 17, 18, 60]],
  ] as const) {
    for (const end of ends) {
      const runner = await countingRunner(t, store, new DrivenClock(0));
      await runner.replay({ fromMs: 0, toMs: end * WINDOW_MS }, new AbortController().signal);
    }
  }
  const found = async (store: MemoryAnomalyStore) =>
    (await store.anomalies({})).map(({ deviceId, fromMs, why, severity, exampleLines }) => {
      return { deviceId, fromMs, why, severity, exampleLines };
    });
  assert.ok((await found(live)).length > 20);
  assert.deepEqual(await found(whole), await found(live));
  assert.deepEqual(await found(pieces), await found(live));
});

/** Runs an agent that loops for ever, says its process's number, and is killed. */
const DOOMED = `
  import { loadAgent } from ${JSON.stringify(join(import.meta.dirname, 'load-agent.ts'))};
  const [folder] = process.argv.slice(1);
  const log = { info: (_, text) => console.log(text), warn() {}, error() {} };
  const config = { name: 'test', use: './agent.js', options: {}, severity: { medium: 0, high: 1, rules: [] }, timeLimitMs: 1e6 };
  const agent = loadAgent(config, { baseDirectory: folder, log });
  await agent.open();
  agent.takeUp().inspect([{ fromMs: 0, toMs: 1, deviceId: null, entries: [] }], { late: false, signal: new AbortController().signal });`;

test('a service that is killed leaves no agent behind, even one that loops for ever', {
  timeout: 30_000,
}, async (t) => {
  const { folder } = await inspecting(
    t,
    'console.log(process.pid); setImmediate(() => { for (;;); }); await new Promise(() => {});',
  );
  const args = ['--conditions=source', '--input-type=module', '-e', DOOMED, folder];
  const service = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: service.stdout })) {
    const pid = Number(/printed: (\d+)$/.exec(line)?.[1]);
    if (Number.isNaN(pid)) continue;
    assert.ok(isRunning(pid));
    service.kill('SIGKILL');
    while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
    return;
  }
  assert.fail('it never said its number');
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')); // nobody may have buried it yet
  } catch {
    return false;
  }
}
