/** A service and whoever deploys to its model directory: the report, and what becomes of a trial that nobody watches. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  activate,
  deploymentFile,
  deploymentLogFile,
  hasFile,
  LocalModelFiles,
  parseAgentName,
  parseDeploymentLog,
  parseServiceReport,
  SERVICE_REPORT_FILE,
} from '@edgewood/models';
import { MemoryLogSource } from '../../logs/src/testing/memory-log-source.ts';
import { DrivenClock } from './clock.ts';
import { parseConfig } from './config.ts';
import type { ServiceEventMap } from './events.ts';
import { PrometheusMetrics } from './metrics/prometheus-metrics.ts';
import { Service } from './service.ts';
import { deploymentOf, writeDeployment } from './testing/deployment-on-trial.ts';
import { MemoryAnomalyStore } from './testing/memory-anomaly-store.ts';
import { RecordingLog } from './testing/recording-log.ts';
import { addModel, quietLog, START_MS, WINDOW_MS } from './testing/wifi-models.ts';

const wifi = parseAgentName('wifi');
const WINDOWS = 12;

/** A service on a real directory that analyses two devices with a storm at one of them. */
function setUp(t: TestContext, models = '{poll_interval: 100ms}') {
  const directory = mkdtempSync(join(tmpdir(), 'edgewood-deployment-'));
  const files = new LocalModelFiles(directory);
  const log = new RecordingLog();
  const metrics = new PrometheusMetrics();
  const service = new Service({
    config: parseConfig(`http: {port: 0}\nagents: [{name: wifi}, {name: silence}]\nmodels: ${models}`, 'test', {}),
    source: new MemoryLogSource(quietLog(WINDOWS, { storms: [3] })),
    store: new MemoryAnomalyStore(),
    files,
    metrics,
    log,
    loadAgent: () => assert.fail('no agent of a third party here'),
    clock: new DrivenClock(START_MS),
  });
  t.after(async () => {
    await service.stop();
    rmSync(directory, { recursive: true });
  });
  const next = <Name extends keyof ServiceEventMap>(name: Name): Promise<ServiceEventMap[Name]> => {
    return new Promise((resolve) => {
      const end = service.events.on(name, (event) => {
        end();
        resolve(event);
      });
    });
  };
  const fetchReport = async () => {
    const answer = await fetch(new URL('/api/report', service.address));
    return parseServiceReport(await answer.text(), '/api/report');
  };
  const readReport = async () => {
    return parseServiceReport(new TextDecoder().decode(await files.read(SERVICE_REPORT_FILE)), 'file');
  };
  return { service, files, log, metrics, next, fetchReport, readReport };
}

test('the report says what the version in use has done, the same over HTTP and in the directory', async (t) => {
  const { service, files, fetchReport, readReport } = setUp(t);
  const version = await addModel(files);
  await service.open();
  await service.replay({ fromMs: START_MS, toMs: START_MS + WINDOWS * WINDOW_MS });
  const { models, trusted_keys } = await fetchReport();
  assert.deepEqual(trusted_keys, []);
  const [{ since_loaded, ...of } = assert.fail('there is one')] = models;
  assert.deepEqual([models.length, of], [1, { agent: 'wifi', model: 'wifi', version, problem: null }]);
  const { scores, ...counts } = since_loaded;
  assert.deepEqual(counts, { cycles: WINDOWS, failed_cycles: 0, last_error: null, windows: 24, anomalies: 1 });
  assert.ok(scores !== null && scores.p05 > -0.7 && scores.p05 <= scores.p50 && scores.p95 < -0.3);

  const newer = await addModel(files, { trainedAtMs: START_MS + 60_000, randomState: 7 });
  const [afterwards] = (await fetchReport()).models;
  assert.deepEqual([afterwards?.version, afterwards?.since_loaded.cycles], [newer, 0]);
  await service.stop();
  assert.equal((await readReport()).models[0]?.version, newer);
});

test('models.report: false leaves the file out, not the answer', async (t) => {
  const { service, files, fetchReport } = setUp(t, '{report: false}');
  await addModel(files);
  await service.open();
  assert.equal((await fetchReport()).models.length, 1);
  await service.stop();
  assert.equal(await hasFile(files, SERVICE_REPORT_FILE), false);
});

test('whether a version would be accepted is asked of the agent; one without a model accepts none', async (t) => {
  const { service } = setUp(t);
  assert.equal(service.checkMetadata('wifi', '{}').accepted, false);
  assert.equal(service.checkMetadata('silence', '{}').problem, 'the silence agent judges by no model');
  assert.throws(() => service.checkMetadata('dns', '{}'), { code: 'NOT_FOUND' });
});

test('a version on trial whose deployer is cut off is replaced by the one before, all by the service', async (t) => {
  const { service, files, log, metrics, next, fetchReport } = setUp(t);
  const older = await addModel(files);
  await service.open();
  const newer = await addModel(files, { trainedAtMs: START_MS + 60_000, randomState: 7, activated: false });
  await writeDeployment(files, deploymentOf(newer, older, { lease_seconds: 5 }));
  const loaded = next('model:loaded');
  const takenBack = next('model:taken-back');
  await activate(files, wifi, newer);
  assert.equal((await loaded).version, newer);
  const reloaded = next('model:loaded');
  assert.deepEqual([(await takenBack).version, (await reloaded).version], [newer, older]);
  assert.equal((await fetchReport()).models[0]?.version, older);
  assert.match(await metrics.expose(), /^edgewood_model_trials_taken_back_total\{agent="wifi"\} 1$/m);
  await service.stop();
  assert.equal(await hasFile(files, deploymentFile(wifi)), false);
  const [ended] = parseDeploymentLog(await files.read(deploymentLogFile(wifi)), 'log');
  assert.deepEqual([ended?.outcome, ended?.ended_by], ['rolled-back', 'the service']);
  assert.deepEqual(
    log.lines.filter((line) => /deploys|taken back/.test(line)),
    [
      `info: wifi: anna@laptop deploys ${newer}`,
      `warn: wifi: ${newer} is taken back, ${older} is live again: anna@laptop, who deployed ${newer}, has not been heard of for 5 s`,
    ],
  );
});
