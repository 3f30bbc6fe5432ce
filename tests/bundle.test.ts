/** The one file that `npm run bundle` makes is the whole command: alone in a folder it does what the clone does. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { writeBundle } from '../scripts/bundle.ts';

const root = join(import.meta.dirname, '..');
const built = mkdtempSync(join(tmpdir(), 'edgewood-bundle-'));
const alone = mkdtempSync(join(tmpdir(), 'edgewood-alone-'));
const bundle = join(alone, 'edgewood.mjs');

before(async () => {
  await writeBundle(built);
  copyFileSync(join(built, 'edgewood.mjs'), bundle);
});
after(() => {
  for (const folder of [built, alone]) rmSync(folder, { recursive: true, force: true });
});

async function edgewood(...args: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [bundle, ...args], { cwd: alone })).stdout;
}

/** Two days with an access point at which one or two stations come in five minutes, and once thirty leave. */
function quietLog(): string {
  const lines = ['timestamp,device_id,log_level,program,message'];
  for (let window = 0; window < 576; window += 1) {
    const storm = window === 400;
    for (let station = 0; station < (storm ? 30 : 1 + (window % 2)); station += 1) {
      const time = new Date(Date.parse('2025-05-01T00:00:00Z') + window * 300_000 + station * 1000).toISOString();
      const mac = `00:00:5e:00:53:${station.toString(16).padStart(2, '0')}`;
      lines.push(`${time},1,notice,hostapd,wlan0: ${storm ? 'AP-STA-DISCONNECTED' : 'AP-STA-CONNECTED'} ${mac}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

test('it tells its version and lists its commands', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));
  assert.equal(await edgewood('--version'), `${version}\n`);
  assert.match(await edgewood('--help'), /serve \[options\]/);
});

test('it trains, activates and scores, and finds the window that is odd', async () => {
  writeFileSync(join(alone, 'logs.csv'), quietLog());
  mkdirSync(join(alone, 'models'));
  await edgewood('train', '--agent', 'wifi', '--input-file', 'logs.csv', '--output-dir', 'models');
  await edgewood('models', 'activate', 'wifi', 'latest', '--dir', 'models');
  const scores = await edgewood('score', '--input-file', 'logs.csv', '--model', 'models', '--only-anomalies');
  assert.match(scores, /^2025-05-02T09:20:00/m);
});

test('it serves: answers, and stops when told to', async () => {
  writeFileSync(join(alone, 'edgewood.yaml'), 'http: {port: 0}\nstore: {file: anomalies.sqlite}\n');
  const env = { ...process.env, DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' };
  const args = [bundle, 'serve', '--config', 'edgewood.yaml'];
  const child = spawn(process.execPath, args, { cwd: alone, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let metrics = '';
  const statuses: Record<string, number> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const { address } = JSON.parse(line);
    if (address === undefined) continue;
    metrics = await (await fetch(`${address}/metrics`)).text();
    for (const path of [
      '/healthz',
      '/api/anomalies?limit=1',
      '/api/anomalies?limit=none',
      '/api/openapi.json',
      '/none',
    ]) {
      statuses[path] = (await fetch(`${address}${path}`)).status;
    }
    child.kill('SIGTERM');
  }
  assert.match(metrics, /^edgewood_model_info\{agent="wifi",version="\d{8}_\d{6}"\} 1$/m);
  assert.deepEqual(Object.values(statuses), [200, 200, 400, 200, 404], JSON.stringify(statuses));
  assert.equal(await ended, 0);
});

test('an error keeps its name, by which callers and logs know it', () => {
  assert.doesNotMatch(readFileSync(bundle, 'latin1'), /class _\w*Error\b/);
});

test("Node's own modules are loaded by who uses them, not all at the start", () => {
  const imports = readFileSync(bundle, 'latin1').match(/^import .*|;import[ {*].*?from"node:[^"]*"/gm) ?? [];
  assert.deepEqual(imports.map((line) => /node:\w+/.exec(line)?.[0]).sort(), ['node:module', 'node:url']);
});

test('all of it is ASCII, of which V8 keeps one byte a character', () => {
  assert.doesNotMatch(readFileSync(bundle, 'latin1'), /[^\0-\x7f]/);
});

test('the licence of everything in it lies beside it', () => {
  const licences = readFileSync(join(built, 'LICENSES.txt'), 'utf8');
  for (const name of ['edgewood-workspace', 'fastify', 'pg', 'zod']) {
    assert.match(licences, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+, [A-Z]`, 'm'));
  }
});
