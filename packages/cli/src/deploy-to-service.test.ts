/** A running service, and what is deployed to its model directory: taken up and watched, or refused and taken back. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { activeVersion, LocalModelFiles, parseAgentName, saveModel } from '@edgewood/models';
import { DrivenClock, PrometheusMetrics, parseConfig, Service } from '@edgewood/service';
import { MemoryLogSource } from '../../logs/src/testing/memory-log-source.ts';
import { forestToSave } from '../../models/src/testing/forest-to-save.ts';
import { MemoryAnomalyStore } from '../../service/src/testing/memory-anomaly-store.ts';
import { RecordingLog } from '../../service/src/testing/recording-log.ts';
import { addModel, quietLog, START_MS, WINDOW_MS } from '../../service/src/testing/wifi-models.ts';
import { runEdgewood } from './testing/run-edgewood.ts';

const WIFI = parseAgentName('wifi');
const WINDOWS = 5_000;

/** A service that analyses a window now and then, with one version live; and another version here. */
async function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'edgewood-deploy-service-'));
  const [here, there] = [join(folder, 'here'), join(folder, 'there')];
  for (const path of [here, there]) mkdirSync(path);
  const service = new Service({
    config: parseConfig('http: {port: 0}\nagents: [{name: wifi}]\nmodels: {poll_interval: 100ms}', 'test', {}),
    source: new MemoryLogSource(quietLog(WINDOWS)),
    store: new MemoryAnomalyStore(),
    files: new LocalModelFiles(there),
    metrics: new PrometheusMetrics(),
    log: new RecordingLog(),
    loadAgent: () => assert.fail('no agent of a third party here'),
    clock: new DrivenClock(START_MS),
  });
  const old = await addModel(new LocalModelFiles(there));
  const files = new LocalModelFiles(here);
  const good = await addModel(files, { trainedAtMs: START_MS + 60_000, randomState: 7, activated: false });
  const bad = await saveModel(files, WIFI, forestToSave({ trainedAtMs: START_MS + 120_000 })); // of other features
  await service.open();
  const ending = new AbortController();
  const working = (async () => {
    for (let n = 0; n < WINDOWS && !ending.signal.aborted; n++) {
      await service.replay({ fromMs: START_MS + n * WINDOW_MS, toMs: START_MS + (n + 1) * WINDOW_MS });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  t.after(async () => {
    ending.abort();
    await working;
    await service.stop();
    rmSync(folder, { recursive: true });
  });
  const config = join(folder, 'edgewood.yaml');
  writeFileSync(config, JSON.stringify({ deploy: { targets: [{ name: 'edge-7', to: there, api: service.address }] } }));
  const deploy = (version: string, ...to: string[]) => {
    return runEdgewood(['deploy', 'wifi', version, '--dir', here, '--watch', '2', '--wait', '20', ...to]);
  };
  const names = () => readdirSync(there).filter((name) => name !== 'service_report.json');
  return {
    here,
    there,
    config,
    old,
    good,
    bad,
    deploy,
    names,
    live: () => activeVersion(new LocalModelFiles(there), WIFI),
  };
}

test('a service takes up what is deployed, and it is committed by what its report says', async (t) => {
  const { there, good, deploy, live } = await setUp(t);
  const { code, stdout, stderr } = await deploy(good, '--to', there);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /committed at .*\(\d+ cycles; \d+ of \d+ windows are anomalies/);
  assert.match(stderr, /service \d+\.\d+\.\d+ \(service_report\.json\)/);
  assert.equal(await live(), good);
});

test('seen over HTTP, what the service would refuse is not even copied', async (t) => {
  const { config, old, good, bad, deploy, names, live } = await setUp(t);
  const before = names();
  const refused = await deploy(bad, '--to', 'edge-7', '--config', config);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /wifi of the service there would refuse .*\[VERSION_REFUSED\]/);
  assert.deepEqual([names(), await live()], [before, old]);
  const { code, stderr } = await deploy(good, '--to', 'edge-7', '--config', config);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /service \d+\.\d+\.\d+ \(http/);
});

test('seen by its file only, what the service refuses is taken back, and the old version goes on', async (t) => {
  const { there, old, bad, deploy, names, live } = await setUp(t);
  const { code, stderr } = await deploy(bad, '--to', there);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`the service refused it: .*; ${old} is live \\[VERSION_REFUSED\\]`));
  assert.equal(await live(), old);
  assert.ok(!names().some((name) => name.includes(bad) || name === 'wifi_deployment.json'), names().join(' '));
});

test('if the deployer is killed while a version is on trial, the service takes it back and nothing is left', async (t) => {
  const { there, here, old, good, names, live } = await setUp(t);
  const command = ['--conditions=source', join(import.meta.dirname, 'testing/edgewood.ts'), 'deploy', 'wifi', good];
  const args = [...command, '--dir', here, '--to', there, '--watch', '1000', '--lease', '5'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    if (piece.includes('✓ wait')) child.kill('SIGKILL');
  });
  await once(child, 'close');
  while (names().includes('wifi_deployment.json')) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await live(), old);
  const history = await runEdgewood(['deploy', 'history', 'wifi', '--to', there, '--json']);
  const { outcome, ended_by, version } = JSON.parse(history.stdout);
  assert.deepEqual([outcome, ended_by, version], ['rolled-back', 'the service', good]);
});
