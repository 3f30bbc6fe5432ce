/** A third party's agent beside the service in one file, where there is no node_modules. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { agentHost } from '../scripts/bundle-agent-host.ts';

const root = join(import.meta.dirname, '..');

/** Loads an agent and asks it about one window, as the service does. */
const MAIN = `
  import { loadAgent } from './packages/service/src/agents/load-agent.ts';
  const log = { info() {}, warn() {}, error: (fields, text) => console.log(text) };
  const config = { name: 'test', use: './agent.ts', options: {}, severity: { medium: 0.2, high: 0.5, rules: [] }, timeLimitMs: 60_000 };
  const agent = loadAgent(config, { baseDirectory: process.argv[2], log });
  await agent.open();
  const slot = [{ fromMs: 0, toMs: 60_000, deviceId: '1', entries: [] }];
  const context = { memory: undefined, late: false, nowMs: 0, signal: new AbortController().signal };
  const { anomalies } = await agent.takeUp().inspect(slot, context);
  console.log(anomalies[0].why);
  await agent.stop();`;

const AGENT = `
  import { defineAgent } from '@edgewood/service/agent';
  export default defineAgent({
    name: 'silent', programs: 'all', window: '1m',
    inspect: ({ entries }) => ({ kind: 'silent', severity: 0.5, why: entries.length + ' entries' as string }),
  });`;

test('the service in one file loads agents, and gives them defineAgent', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewood-bundle-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  await build({
    stdin: { contents: MAIN, resolveDir: root, sourcefile: 'main.js' },
    outfile: join(folder, 'main.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
    banner: { js: `import { createRequire } from 'node:module';const require = createRequire(import.meta.url);` },
    plugins: [agentHost],
    minify: true,
    keepNames: true,
  });
  writeFileSync(join(folder, 'agent.ts'), AGENT);
  const printed = execFileSync(process.execPath, ['main.mjs', folder], { cwd: folder, encoding: 'utf8' });
  assert.equal(printed, '0 entries\n');
});
