import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LocalModelFiles } from '@edgewood/models';
import { openSqliteAnomalyStore, PrometheusMetrics, parseConfig, Service } from '@edgewood/service';
import { MemoryLogSource } from '../../logs/src/testing/memory-log-source.ts';
import { createHttpServer } from '../../service/src/http/http-server.ts';
import { createHttpParts, DEVICES, fill, slotAt } from '../../service/src/testing/http-parts.ts';
import { ManualClock } from '../../service/src/testing/manual-clock.ts';
import { RecordingLog } from '../../service/src/testing/recording-log.ts';
import { addModel, quietLog, START_MS, WINDOW_MS } from '../../service/src/testing/wifi-models.ts';
import { hashOfToken } from './access-token.ts';
import { runEdgewood } from './testing/run-edgewood.ts';

const CURRENT = '20250607_230000';
const CANDIDATE = '20250608_230000';

/** Of 12 windows of two devices the live version found the first three odd; the candidate those of one device, and another. */
async function serveComparison(t: TestContext, settings: { tokens?: string[]; readWithoutToken?: boolean } = {}) {
  const parts = createHttpParts(settings);
  await fill(parts, 12);
  const [first, other] = DEVICES;
  for (let n = 0; n < 12; n += 1) {
    const slot = slotAt(n, n < 3 ? [first] : n === 11 ? [other] : []);
    const windows = slot.windows.map((window) => ({ ...window, modelVersion: CANDIDATE }));
    await parts.store.append({ ...slot, agent: 'wifi~shadow', windows, anomalies: [] });
  }
  parts.control.versions = [CURRENT];
  parts.control.shadow = { version: CANDIDATE, problem: undefined, analysedUntilMs: 0 };
  const server = createHttpServer(parts);
  t.after(() => server.close());
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const span = ['--since', '1970-01-01T00:00:00Z', '--until', '1970-01-02T00:00:00Z'];
  return (...args: string[]) => runEdgewood(['models', 'compare', 'wifi', '--url', url, ...span, ...args]);
}

test('a comparison is printed: agreement, alerts avoided and new with examples, and how to activate', async (t) => {
  const compare = await serveComparison(t);
  const { code, stdout } = await compare();
  assert.equal(code, 0);
  const lines = stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' ').trim());
  assert.deepEqual(lines, [
    `wifi: ${CANDIDATE} in the shadow of ${CURRENT}, 1970-01-01 00:00:00Z to 1970-01-01 01:00:00Z, 0.0119 weeks of a device`,
    `${CURRENT} has 2 episodes, 1 of which ${CANDIDATE} does not have; ${CANDIDATE} has 2, 1 of which ${CURRENT} does not have.`,
    `They judge alike 83.33 % of 24 windows, kappa 0.50: 3 windows are an alarm to both, 3 to ${CURRENT}, 1 to ${CANDIDATE}.`,
    'They put windows into the same order (Spearman): 0.894 by forest scores, 1.000 by surprise.',
    'Alerts for each device and week: 168 now, 168 with the candidate; 1 avoided, 1 new.',
    '',
    'only from to device surprise forest score because of',
    `${CURRENT} 1970-01-01 00:00:00Z 1970-01-01 00:15:00Z ap "süd" 0.50 -0.7000 log_count 40 (usually 0–9)`,
    `${CANDIDATE} 1970-01-01 00:55:00Z 1970-01-01 01:00:00Z ap "süd" 2.75 -0.7000`,
    '',
    `to make it live: edgewood models activate wifi ${CANDIDATE}`,
    '',
  ]);
});

test('--json gives what the service says', async (t) => {
  const compare = await serveComparison(t);
  const { alerts } = JSON.parse((await compare('--json')).stdout).comparison;
  assert.deepEqual(alerts, { current: 2, candidate: 2, avoided: 1, added: 1 });
});

test('a token is read from a file, and without one the refusal of the service is told', async (t) => {
  const compare = await serveComparison(t, { tokens: [hashOfToken('token-of-a-test')], readWithoutToken: false });
  const refused = await compare();
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /answers with HTTP 401: .*NO_ANSWER/);
  const folder = await mkdtemp(join(tmpdir(), 'edgewood-compare-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'token'), 'token-of-a-test\n');
  assert.equal((await compare('--token-file', join(folder, 'token'))).code, 0);
});

test('a candidate goes into the shadow of a running service, is compared, and is made live', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-compare-'));
  const dir = join(directory, 'models');
  await mkdir(dir);
  const files = new LocalModelFiles(dir);
  const live = await addModel(files);
  const candidate = await addModel(files, { trainedAtMs: START_MS + 60_000, activated: false, randomState: 7 });
  const dueMs = (window: number) => START_MS + (window + 1) * WINDOW_MS + 120_000;
  const clock = new ManualClock(dueMs(0));
  const service = new Service({
    config: parseConfig('http: {port: 0}\nagents: [{name: wifi}]\nmodels: {report: false}', 'test', {}),
    source: new MemoryLogSource(quietLog(12, { storms: [3] })),
    store: openSqliteAnomalyStore(join(directory, 'store.sqlite')),
    files,
    metrics: new PrometheusMetrics(),
    log: new RecordingLog(),
    loadAgent: () => assert.fail('no agent of a third party here'),
    clock,
  });
  t.after(async () => {
    await service.stop();
    await rm(directory, { recursive: true });
  });
  await service.start();
  await runEdgewood(['models', 'shadow', 'wifi', 'latest', '--dir', dir]);
  await service.reloadModels();
  for (let nextMs = await clock.asleep(2); nextMs <= dueMs(5); nextMs = await clock.asleep(2)) clock.set(nextMs);

  const compare = async () => {
    const { stdout } = await runEdgewood(['models', 'compare', 'wifi', '--url', service.address ?? '']);
    return stdout;
  };
  const compared = await compare();
  assert.match(compared, new RegExp(`^wifi: ${candidate} in the shadow of ${live}, `));
  assert.match(compared, /They judge alike 100.00 % of 12 windows, kappa 1.00/);
  assert.match(compared, /They put windows into the same order \(Spearman\): 1\.000 by forest scores\./);
  await runEdgewood(['models', 'activate', 'wifi', candidate, '--dir', dir]);
  await service.reloadModels();
  assert.equal(await compare(), 'wifi: nothing can be compared: no version of wifi is in the shadow\n');
});
