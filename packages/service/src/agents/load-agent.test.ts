import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentIn, agentText as inspecting, openAgent } from '../testing/agent-folder.ts';
import type { Agent } from './agent.ts';

const FINDING = `{ kind: 'odd', severity: 0.4, why: 'it is odd' }`;

test('a file is loaded, and says whose entries it looks at and in which windows', async (t) => {
  const { agent, log } = await openAgent(t, { 'agent.js': inspecting('', "groupBy: 'global',") });
  assert.equal(agent.problem, undefined);
  assert.deepEqual(agent.programs, ['sshd']);
  const { windowMs, groupBy, devices, features } = agent.takeUp() ?? {};
  assert.deepEqual([windowMs, groupBy, devices, features], [300_000, 'global', [], []]);
  assert.deepEqual(log.lines, [
    'info: test: ./agent.js is loaded: test, which looks at sshd in windows of 300 s, one for all devices',
  ]);
});

test('the configuration overrules programs, window and grouping', async (t) => {
  const config = { programs: ['dropbear'], windowMs: 60_000, groupBy: 'global' as const };
  const { agent } = await openAgent(t, { 'agent.js': inspecting('') }, config);
  assert.deepEqual(agent.programs, ['dropbear']);
  assert.deepEqual([agent.takeUp()?.windowMs, agent.takeUp()?.groupBy], [60_000, 'global']);
});

const TYPED = `
  import { defineAgent, type Finding, type LogEntry } from '@edgewood/service/agent';
  interface Options { most: number }
  export default defineAgent({
    name: 'typed', programs: 'all', window: 60,
    options: (given): Options => ({ most: Number(given.most) }),
    memory: () => ({ seen: 0 as number }),
    inspect({ entries }, { options, memory }): Finding[] {
      memory.seen += (entries as LogEntry[]).length;
      return memory.seen > options.most ? [${FINDING}] : [];
    },
  });`;

test('TypeScript is loaded as it is, and defineAgent is there without being installed', async (t) => {
  const { agent } = await openAgent(t, { 'agent.ts': TYPED }, { use: './agent.ts', options: { most: 3 } });
  assert.equal(agent.problem, undefined);
  assert.equal(agent.programs, 'all');
});

test('a plain object will do, from a module in CommonJS too', async (t) => {
  const text = `module.exports = { name: 'old', programs: ['a'], window: '1h', inspect: () => [] };`;
  const { agent } = await openAgent(t, { 'agent.cjs': text }, { use: './agent.cjs' });
  assert.equal(agent.problem, undefined);
});

test('a package is found beside the configuration, and our own module stands before one it may bring along', async (t) => {
  const files = {
    'node_modules/@example/ssh/package.json': `{"exports": {"import": "./main.js"}, "type": "module"}`,
    'node_modules/@example/ssh/main.js': `import { defineAgent } from '@edgewood/service/agent';
      export default defineAgent({ name: 'ssh', programs: ['sshd'], window: '5m', inspect: () => [] });`,
    'node_modules/@edgewood/service/package.json': `{"name": "@edgewood/service", "exports": {"./agent": "./none.js"}}`,
  };
  const { agent } = await openAgent(t, files, { use: '@example/ssh' });
  assert.equal(agent.problem, undefined);
});

const REFUSED: readonly [what: string, text: string, problem: RegExp][] = [
  [
    'has no default export',
    'export const a = 1, b = 2;',
    /default export must be an agent's definition, got none, but a, b$/,
  ],
  ['exports a function', 'export default () => {};', /default export must be an agent's definition, got function$/],
  ['exports nothing', 'export {};', /default export must be an agent's definition, got none, but nothing else either$/],
  [
    'is wrong in many ways',
    `export default { window: '7m', inspect: 3 };`,
    /name: must .*programs: must .*window: a window must .*inspect: must be a function/,
  ],
  ['has a number that is none', `export default { window: NaN };`, /window is NaN: JSON has no such number/],
  ['imports what is missing', `import 'nothing-of-that-name';`, /Cannot find package 'nothing-of-that-name'/],
  ['is not JavaScript', 'export default {', /SyntaxError: Unexpected end of input/],
  ['throws', `throw new Error('no licence');`, /Error: no licence \(agent.js:1:7\)$/],
  ['throws nonsense', 'throw Object.create(null);', /something was thrown that cannot be shown$/],
  ['ends its process', 'process.exit(7);', /its process ended with exit code 7$/],
  ['loads for ever', 'for (;;);', /it takes more than 2 s$/],
  ['waits for ever', 'await new Promise(() => {});', /it takes more than 2 s$/],
  ['has a memory that is no object', inspecting('', 'memory: () => 5,'), /memory must give an object, got number$/],
  [
    'refuses its options',
    inspecting('', `options: (given) => { throw new Error('most must be a number, got ' + given.most); },`),
    /options refused what it was given: Error: most must be a number, got few \(agent.js:\d+:\d+\)$/,
  ],
];

for (const [what, text, problem] of REFUSED) {
  test(`an agent that ${what} is refused with the reason, and takes up nothing`, async (t) => {
    const options = { most: 'few' };
    const { agent, log, folder } = await openAgent(t, { 'agent.js': text }, { options, limits: { loadMs: 2_000 } });
    assert.ok(
      agent.problem?.startsWith(`the test agent cannot be loaded from ${join(folder, 'agent.js')}: `),
      agent.problem,
    );
    assert.match(String(agent.problem), problem);
    assert.equal(agent.takeUp(), undefined);
    assert.deepEqual(log.lines, [`error: ${agent.problem}; again in 5 s`]);
  });
}

test('a file that is not there is refused; one without ./ was taken for a package', async (t) => {
  const { agent } = await openAgent(t, {});
  assert.match(agent.problem ?? '', /Cannot find module '.*agent\.js'/);
  const other = await openAgent(t, { 'ssh.js': inspecting('') }, { use: 'ssh.js' });
  assert.match(
    other.agent.problem ?? '',
    /the package ssh\.js, from .*Cannot find package 'ssh\.js'.*\(a file is written \.\/ssh\.js\)$/,
  );
});

/** Asks an agent to take up its work until it does. */
async function takenUp(agent: Agent) {
  for (;;) {
    const inspection = agent.takeUp();
    if (inspection !== undefined) return inspection;
    await agent.open?.();
  }
}

test('an agent that could not be loaded tries again when it is asked for, and not before it is time', async (t) => {
  const reload = { firstMs: 60_000, longestMs: 60_000 };
  const patient = await openAgent(t, { 'agent.js': 'export default {' }, { limits: { reload } });
  patient.agent.takeUp();
  assert.equal(patient.log.lines.length, 1);

  const eager = await openAgent(
    t,
    { 'agent.js': 'export default {' },
    { limits: { reload: { firstMs: 0, longestMs: 0 } } },
  );
  writeFileSync(join(eager.folder, 'agent.js'), inspecting(''));
  await takenUp(eager.agent);
  assert.equal(eager.agent.problem, undefined);
  assert.match(eager.log.lines.at(-1) ?? '', /^info: test: .* is loaded/);
});

test('an agent that is stopped while it loads is stopped', { timeout: 10_000 }, async (t) => {
  const { agent, log } = agentIn(t, { 'agent.js': 'for (;;);' });
  const opening = agent.open?.();
  await agent.stop();
  await opening;
  await agent.stop();
  assert.equal(agent.takeUp(), undefined);
  assert.deepEqual(log.lines, []);
});
