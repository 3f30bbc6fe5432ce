import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { activate, activeVersion, LocalModelFiles, parseAgentName, saveModel } from '@edgewood/models';
import { forestToSave } from '../../models/src/testing/forest-to-save.ts';
import { createKeyPair } from '../../models/src/testing/key-pair.ts';
import { runEdgewood } from './testing/run-edgewood.ts';

const WIFI = parseAgentName('wifi');
const folder = mkdtempSync(join(tmpdir(), 'edgewood-deploy-command-'));
after(() => rmSync(folder, { recursive: true }));

const models = directory('models');
const [OLD, NEW] = [await savedOn('2025-06-06'), await savedOn('2025-06-07')];

function directory(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

function savedOn(day: string) {
  const trainedAtMs = Date.parse(`${day}T23:00:00Z`);
  return saveModel(new LocalModelFiles(models), WIFI, forestToSave({ trainedAtMs }));
}

/** A target on which the old version is live. */
async function targetWithOld(name: string): Promise<string> {
  const path = directory(name);
  assert.equal((await deploy(OLD, '--to', path, '--no-watch')).code, 0);
  return path;
}

function deploy(...args: string[]) {
  return runEdgewood(['deploy', 'wifi', ...args, '--dir', models]);
}

function live(path: string): Promise<string> {
  return activeVersion(new LocalModelFiles(path), WIFI);
}

/** As a service leaves it in its directory. */
function report(path: string, sequence: number, version: string | null, cycles: number): void {
  const since = { cycles, failed_cycles: 0, last_error: null, windows: cycles, anomalies: 0, scores: null };
  const text = JSON.stringify({
    schema_version: 1,
    service_version: '0.1.0',
    started_at: '2025-06-08T00:00:00.000Z',
    written_at: '2025-06-08T00:00:00.000Z',
    sequence,
    trusted_keys: [],
    models: [{ agent: 'wifi', model: 'wifi', version, problem: null, since_loaded: since }],
  });
  writeFileSync(join(path, 'service_report.json'), text);
}

test('a version is deployed to a directory, each step on standard error, and a second run finds it live', async () => {
  const path = directory('first');
  const { code, stdout, stderr } = await deploy('--to', path, '--no-watch');
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`^wifi ${NEW} committed at ${path} \\(not watched: there is no service_report.json`));
  assert.deepEqual(stderr.match(/(?<=✓ )\S+/g), ['preflight', 'lock', 'upload', 'activate', 'watch', 'commit']);
  assert.equal(await live(path), NEW);
  const again = await deploy('--to', path, '--no-watch');
  assert.deepEqual([again.code, again.stdout], [0, `wifi ${NEW} already live at ${path}\n`]);
});

test('what is done with a version is watched in the report that the service leaves in the directory', async () => {
  const path = await targetWithOld('watched');
  report(path, 1, OLD, 90);
  let sequence = 1;
  const service = setInterval(async () => {
    const version = await live(path);
    sequence += 1;
    report(path, sequence, version, version === NEW ? sequence : 0);
  }, 500);
  const { code, stdout, stderr } = await deploy(NEW, '--to', path, '--watch', '2').finally(() =>
    clearInterval(service),
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /committed .*\(\d+ cycles; 0 of \d+ windows are anomalies/);
  assert.match(stderr, /✓ wait +the service uses it\n/);
});

test('Ctrl-C while a version is watched takes it back, and says what is live', async () => {
  const path = await targetWithOld('interrupted');
  report(path, 1, OLD, 90);
  const command = ['--conditions=source', join(import.meta.dirname, 'testing/edgewood.ts'), 'deploy', 'wifi', NEW];
  const child = spawn(process.execPath, [...command, '--dir', models, '--to', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
    if (/✓ activate/.test(piece)) child.kill('SIGINT');
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 130, said);
  assert.match(said, new RegExp(`${OLD} is live \\[INTERRUPTED\\]\\n$`));
  assert.equal(await live(path), OLD);
  assert.ok(!readdirSync(path).includes('wifi_deployment.json'));
});

test('one of several fails: the table says which, the command fails, and a second run completes', async () => {
  const paths = ['fleet-1', 'fleet-2', 'fleet-3'].map((name) => join(folder, name));
  for (const path of [paths[0], paths[2]]) mkdirSync(path ?? '');
  const to = paths.flatMap((path) => ['--to', path]);
  const { code, stdout, stderr } = await deploy(...to, '--no-watch', '--parallel', '2');
  assert.equal(code, 1);
  assert.deepEqual(stdout.match(/(committed|failed)(?= )/g), ['committed', 'failed', 'committed']);
  assert.match(stdout, /fleet-2 +failed +cannot read/);
  assert.match(stderr, /1 of 3 targets failed; a second run passes over the others \[SOME_FAILED\]\n$/);
  mkdirSync(paths[1] ?? '');
  const again = await deploy(...to, '--no-watch');
  assert.equal(again.code, 0);
  assert.deepEqual(again.stdout.match(/committed|already live/g), ['already live', 'committed', 'already live']);
});

test('a canary that fails keeps the others of the configuration from beginning', async () => {
  const config = join(folder, 'edgewood.yaml');
  const [gone, there] = [join(folder, 'gone'), directory('there')];
  writeFileSync(
    config,
    JSON.stringify({
      deploy: {
        targets: [
          { name: 'a', to: gone },
          { name: 'b', to: there },
        ],
      },
    }),
  );
  const { code, stdout } = await deploy('--config', config, '--canary', 'a', '--then', 'all', '--no-watch');
  assert.equal(code, 1);
  assert.match(stdout, /^a +failed /m);
  assert.match(stdout, /^b +not begun +a canary failed$/m);
  assert.deepEqual(readdirSync(there), []);
});

test('a try changes nothing, and a copy makes nothing live', async () => {
  const path = await targetWithOld('tried');
  const names = readdirSync(path);
  const tried = await deploy(NEW, '--to', path, '--no-watch', '--dry-run');
  assert.match(tried.stdout, new RegExp(`possible at .*2 files, \\d+ bytes to copy; ${OLD} is live; no service seen`));
  assert.deepEqual(readdirSync(path), names);
  assert.match((await deploy(NEW, '--to', path, '--no-activate')).stdout, /copied at/);
  assert.equal(await live(path), OLD);
  assert.ok(readdirSync(path).includes(`wifi_model_${NEW}.joblib`));
});

test('status, rollback and history tell of a target, for programs too', async () => {
  const path = await targetWithOld('told');
  await deploy(NEW, '--to', path, '--no-watch');
  report(path, 1, NEW, 7);
  const status = JSON.parse((await runEdgewood(['deploy', 'status', 'wifi', '--to', path, '--json'])).stdout);
  assert.deepEqual([status.live, status.deployment, status.problem], [NEW, null, null]);
  assert.match(status.service, /0\.1\.0 at 2025.*: wifi uses .*: 7 cycles, 0 of 7 windows anomalies/);
  rmSync(join(path, 'service_report.json'));
  const back = await runEdgewood(['deploy', 'rollback', 'wifi', '--to', path, '--no-watch']);
  assert.equal(back.code, 0, back.stderr);
  assert.match(back.stdout, new RegExp(`^wifi rollback committed at .*\\(${OLD}: not watched`));
  assert.equal(await live(path), OLD);
  const history = await runEdgewood(['deploy', 'history', 'wifi', '--to', path]);
  const rows = history.stdout.trimEnd().split('\n').slice(1);
  assert.equal(rows.length, 3);
  assert.match(rows[0] ?? '', new RegExp(`^\\S+ +[0-9-]+ [0-9:]+ +${OLD} +${NEW} +committed `), 'the newest first');
});

test('what is not signed by a trusted key is not deployed', async () => {
  const key = join(folder, 'trusted.pem');
  writeFileSync(key, createKeyPair().publicPem);
  chmodSync(key, 0o644);
  const path = directory('signed');
  const { code, stderr } = await deploy('--to', path, '--no-watch', '--trusted-key', key);
  assert.equal(code, 1);
  assert.match(stderr, /is not signed.*\[SIGNATURE_MISSING\]/);
  assert.deepEqual(readdirSync(path), []);
});

test('what is old at a target can be pruned, but not what is live or was before', async () => {
  const path = directory('pruned');
  for (const version of [OLD, NEW]) await deploy(version, '--to', path, '--no-activate');
  await activate(new LocalModelFiles(path), WIFI, OLD);
  const pruned = await runEdgewood(['models', 'prune', 'wifi', '--on', path, '--keep', '0']);
  assert.equal(pruned.stdout, `removed wifi ${NEW} at ${path}\n`);
  assert.equal(await live(path), OLD);
});

/** Command lines that are refused, and why. */
const WRONG: [string[], RegExp][] = [
  [[], /^edgewood: where\? --to/],
  [['--to', 'edge-7'], /edge-7 is no address, and no target or group: name a configuration/],
  [['--to', '/tmp', '--then', 'all'], /--then goes together with --canary/],
  [['--to', '/tmp', '--parallel', '0'], /--parallel must be 1 to 64/],
  [['--to', '/tmp', '--lease', '1'], /--lease must be 5 to 3600 seconds/],
  [['--to', '/tmp', '--watch', '-1'], /--watch must be 0 or more cycles/],
];

test('a command line that cannot be meant is refused before anything is done', async () => {
  for (const [args, words] of WRONG) {
    const { code, stderr } = await deploy(...args);
    assert.deepEqual([code, words.test(stderr)], [2, true], `${args.join(' ')}: ${stderr}`);
  }
});
