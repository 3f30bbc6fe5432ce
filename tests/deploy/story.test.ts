/**
 * From training to a running service and back: a good version is taken up, a bad one is refused or taken back by itself, and
 * the service is never without a model. By the public command, over a real sshd. Needs root, sshd and ssh.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type Outcome, runEdgewood } from '../../packages/cli/src/testing/run-edgewood.ts';
import { createLogTable } from '../../packages/logs/src/testing/log-table.ts';
import { type PostgresServer, startPostgres } from '../../packages/logs/src/testing/postgres-server.ts';
import { trafficOf, WINDOW_MS } from '../faults/access-points.ts';
import { nextWindowMs } from '../faults/fault-bench.ts';
import { RowStream } from '../faults/row-stream.ts';
import { EdgeDevice } from './edge-device.ts';
import { type SshdServer, startSshd } from './sshd-server.ts';

const COMMAND = join(import.meta.dirname, '../../packages/cli/src/testing/edgewood.ts');
const TRAINED_FROM_MS = Date.parse('2025-05-01T00:00:00Z');
const TRAINING_WINDOWS = 400;
const SEED = 5;
/** After so long without a sign of life a trial is taken back, in seconds: the shortest. */
const LEASE_SECONDS = 5;
/** So much later it is, at most, also on a machine that is busy. */
const LATE_SECONDS = 15;

const folder = mkdtempSync(join(tmpdir(), 'edgewood-story-'));
const models = join(folder, 'models');
const key = join(folder, 'training');
const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') };

let sshd: SshdServer;
let postgres: PostgresServer;
let databaseUrl = '';
let stream: RowStream;
/** Versions by what is the matter with them. */
let versions: Record<'first' | 'second' | 'third' | 'otherFeatures' | 'shifted' | 'unsigned', string>;
const summary: string[] = [];

before(async () => {
  mkdirSync(models);
  [sshd, postgres] = await Promise.all([startSshd(), startPostgres()]);
  databaseUrl = await createLogTable(postgres.url);
  stream = new RowStream({ url: postgres.url, fromMs: nextWindowMs() - 10 * WINDOW_MS, seed: SEED });
  await stream.start();
  versions = await trainVersions();
});
after(async () => {
  stream.abandon();
  await Promise.all([sshd.stop(), postgres.stop()]);
  rmSync(folder, { recursive: true, force: true });
  for (const line of summary) console.log(line);
});

async function succeed(...args: string[]): Promise<Outcome> {
  const outcome = await runEdgewood(args, { env });
  assert.equal(outcome.code, 0, `edgewood ${args.join(' ')}: ${outcome.stderr}`);
  return outcome;
}

async function trainVersions(): Promise<typeof versions> {
  await succeed('keys', 'create', key);
  const [usual, absurd] = [join(folder, 'usual.csv'), join(folder, 'absurd.csv')];
  writeFileSync(
    usual,
    csvOf((fromMs) => trafficOf(fromMs, SEED).inTime),
  );
  writeFileSync(absurd, csvOf(stormsEverywhere));
  const signed = ['--sign-key', key];
  const train = async (csv: string, agent: string, ...args: string[]) => {
    const before = new Set(readdirSync(models));
    const trees = ['--window', '1s', '--contamination', '0.05', '--n-estimators', '50'];
    const place = ['--input-file', csv, '--output-dir', models, '--model-name', 'wifi'];
    await succeed('train', '--agent', agent, ...place, ...trees, ...args);
    const name = readdirSync(models).find((one) => one.endsWith('.joblib') && !before.has(one)) ?? '';
    return /\d{8}_\d{6}/.exec(name)?.[0] ?? assert.fail(`no version in ${name}`);
  };
  return {
    first: await train(usual, 'wifi', ...signed),
    second: await train(usual, 'wifi', '--random-state', '7', ...signed),
    third: await train(usual, 'wifi', '--random-state', '8', ...signed),
    otherFeatures: await train(usual, 'dns', '--programs', 'hostapd,wpa_supplicant', ...signed),
    shifted: await train(absurd, 'wifi', ...signed),
    unsigned: await train(usual, 'wifi', '--random-state', '9'),
  };
}

/** As the log table is exported: the traffic of access points in windows of a second. */
function csvOf(traffic: (fromMs: number) => ReturnType<typeof trafficOf>['inTime']): string {
  const lines = ['timestamp,device_id,program,log_level,message'];
  for (let n = 0; n < TRAINING_WINDOWS; n += 1) {
    const entries = traffic(TRAINED_FROM_MS + n * WINDOW_MS);
    for (const { timeMs, deviceId, program, level, message } of entries.toSorted((a, b) => a.timeMs - b.timeMs)) {
      lines.push([new Date(timeMs).toISOString(), deviceId, program, level, message].join());
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A day on which at all access points stations come and leave at once, without an end. */
function stormsEverywhere(fromMs: number) {
  const n = fromMs / WINDOW_MS;
  return ['1', '2', '3', '4'].flatMap((deviceId, device) =>
    Array.from({ length: 60 + ((n * 7 + device * 13) % 30) }, (_, at) => ({
      timeMs: fromMs + 10 * (at + 1),
      deviceId,
      program: 'hostapd',
      level: 'notice',
      message: `wlan0: ${at % 2 === 0 ? 'AP-STA-DISCONNECTED' : 'AP-STA-CONNECTED'} 00:00:5e:00:53:${(at + 16).toString(16)}`,
    })),
  );
}

function deployArguments(device: EdgeDevice, version: string): readonly string[] {
  const target = ['--to', 'edge-7', '--config', device.config, '--ssh-config', sshd.configFile];
  return ['deploy', 'wifi', version, '--dir', models, ...target, '--wait', '60s', '--lease', `${LEASE_SECONDS * 4}`];
}

function deploy(device: EdgeDevice, version: string): Promise<Outcome> {
  return runEdgewood([...deployArguments(device, version), '--watch', '3'], { env });
}

async function assertDeployed(device: EdgeDevice, version: string): Promise<void> {
  const { code, stdout, stderr } = await deploy(device, version);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /committed at edge-7 \(\d+ cycles; \d+ of \d+ windows are anomalies .*median score/);
  assert.equal(await device.live(), version);
  await device.untilInUse(version);
}

/** It fails with a reason; what was live is live, nothing of the bad version is left, and the service goes on. */
async function assertRefused(device: EdgeDevice, version: string, live: string, reason: RegExp): Promise<void> {
  const { code, stderr } = await deploy(device, version);
  assert.equal(code, 1, stderr);
  assert.match(stderr, reason);
  await assertLeftWith(device, live);
  assert.ok(!readdirSync(device.path).some((name) => name.includes(version)), `${version} is left`);
}

async function assertLeftWith(device: EdgeDevice, live: string): Promise<void> {
  assert.equal(await device.live(), live);
  await device.untilInUse(live);
  const litter = readdirSync(device.path).filter((name) => name.startsWith('.') || name === 'wifi_deployment.json');
  assert.deepEqual(litter, []);
}

/** Kills the deployer with -9 when the service uses the version. */
async function killDuringWatch(device: EdgeDevice, version: string): Promise<void> {
  const args = [...deployArguments(device, version), '--watch', '1000', '--lease', `${LEASE_SECONDS}`];
  const child = spawn(process.execPath, ['--conditions=source', COMMAND, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
    if (said.includes('✓ wait')) child.kill('SIGKILL');
  });
  const [code] = await once(child, 'close');
  assert.equal(code, null, said);
}

async function startDevice(t: TestContext, name: string, hasApi: boolean): Promise<EdgeDevice> {
  const directory = await sshd.makeDirectory('jailed', name);
  const places = { folder: join(folder, name), directory, databaseUrl, trustedKey: `${key}.pub` };
  const device = await EdgeDevice.start({ ...places, hasApi });
  t.after(() => device.stop());
  return device;
}

/** Where it shows that a version is bad, and the words for it; seen over HTTP more is known before. */
const STORIES = [
  {
    seen: 'over HTTP',
    name: 'api',
    hasApi: true,
    otherFeatures: /the service there would refuse .*feature.*\[VERSION_REFUSED\]\n$/,
  },
  {
    seen: 'by its report in the directory only',
    name: 'report',
    hasApi: false,
    otherFeatures: /the service refused it: .*feature.*; \d+_\d+ is live \[VERSION_REFUSED\]\n$/,
  },
];

for (const { seen, name, hasApi, otherFeatures } of STORIES) {
  test(`a service that is seen ${seen} takes up what is good, and is never without a model whatever is deployed`, async (t) => {
    const device = await startDevice(t, name, hasApi);
    await assertDeployed(device, versions.first);
    const asking = device.startAsking();
    t.after(() => asking.stop());
    await t.test('a better version follows', () => assertDeployed(device, versions.second));
    await t.test('a version of other features is refused', () =>
      assertRefused(device, versions.otherFeatures, versions.second, otherFeatures),
    );
    await t.test('a version whose scores are shifted is taken back', () =>
      assertRefused(
        device,
        versions.shifted,
        versions.second,
        /windows are anomalies \(\d.*training promised 5%.*is live \[TRIAL_FAILED\]\n$/,
      ),
    );
    await t.test('a version that is not signed is not even copied', () =>
      assertRefused(device, versions.unsigned, versions.second, /not signed, and must be signed by .*VERSION_REFUSED/),
    );
    await t.test('the service takes a version back whose deployer was killed during the trial', async () => {
      await killDuringWatch(device, versions.third);
      const killedAtMs = performance.now();
      await device.untilInUse(versions.second);
      const seconds = (performance.now() - killedAtMs) / 1000;
      assert.ok(seconds < LEASE_SECONDS + LATE_SECONDS, `after ${seconds} s`);
      summary.push(`story, seen ${seen}: taken back ${seconds.toFixed(1)} s after kill -9, lease ${LEASE_SECONDS} s`);
      await device.untilSaid(/has not been heard of/);
      await device.untilIdle();
      await assertLeftWith(device, versions.second);
    });
    const { answers, without, versions: used } = await asking.stop();
    assert.deepEqual(without, []);
    assert.ok(answers > 100, `${answers} answers`);
    assert.equal(used.at(-1), versions.second);
    summary.push(`story, seen ${seen}: ${answers} answers of the service, 0 without a model, ${used.length} switches`);
  });
}
