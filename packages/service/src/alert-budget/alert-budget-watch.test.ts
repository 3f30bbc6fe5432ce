import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ModelMetadata, parseVersion } from '@edgewood/models';
import { PrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { metadataOf } from '../testing/fake-service-control.ts';
import { DEVICES, slotAt } from '../testing/http-parts.ts';
import { MemoryAnomalyStore } from '../testing/memory-anomaly-store.ts';
import { RecordingLog } from '../testing/recording-log.ts';
import { AlertBudgetWatch } from './alert-budget-watch.ts';

const [OLD, NEW] = [parseVersion('20250607_230000'), parseVersion('20250614_230000')];
const SLOTS_A_DAY = 288;
const [FIRST] = DEVICES;

/** What a budget of so many a device and week becomes in the metadata. */
function promise(perDeviceAndWeek: number): ModelMetadata['alert_budget'] {
  const nothingMore = { thresholds: {}, expected_per_device_and_week: null, held_out: null };
  return { budget: `${perDeviceAndWeek}/device/week`, per_device_and_week: perDeviceAndWeek, ...nothingMore };
}

function modelOf(version: typeof OLD, perDeviceAndWeek?: number) {
  const budget = perDeviceAndWeek === undefined ? {} : { alert_budget: promise(perDeviceAndWeek) };
  return { version, metadata: { ...metadataOf(version), ...budget } };
}

/** A service that has two devices and judges by a version that promised two a device and week. */
function setUp() {
  const [store, metrics, log] = [new MemoryAnomalyStore(), new PrometheusMetrics(), new RecordingLog()];
  const inUse: { model: ReturnType<typeof modelOf> | undefined } = { model: modelOf(OLD, 2) };
  const users = [{ name: 'wifi', model: () => inUse.model }];
  const create = () => new AlertBudgetWatch({ users, store, metrics, log });
  /** The slot at a day, with an incident of its own or without. */
  const analyse = (day: number, isOdd: boolean) =>
    store.append(slotAt(Math.round(day * SLOTS_A_DAY), isOdd ? [FIRST] : []));
  const shown = async () => /^edgewood_alert_budget_ratio\{agent="wifi"\} (.*)$/m.exec(await metrics.expose())?.[1];
  return { store, log, inUse, watch: create(), create, analyse, shown };
}

test('incidents of the last seven days are measured by what the version in use promised', async () => {
  const { watch, analyse, shown } = setUp();
  await analyse(0, false);
  await watch.look();
  assert.equal(await shown(), '0');
  for (const day of [1, 2, 3, 4, 5, 6, 7]) await analyse(day, true);
  await watch.look();
  assert.equal(watch.useOf('wifi')?.incidents, 7);
  assert.ok(Math.abs(Number(await shown()) - 7 / 4) < 0.01);
  await analyse(20, false);
  await watch.look();
  assert.equal(await shown(), '0');
});

test('the log is warned once while the budget is exceeded more than twice, and again when that comes back', async () => {
  const { watch, log, analyse } = setUp();
  await analyse(0, false);
  await watch.look();
  for (let at = 0; at < 12; at += 1) await analyse(1 + at / 12, true);
  await watch.look();
  await watch.look();
  assert.equal(log.lines.length, 1);
  assert.match(
    log.lines[0] ?? '',
    /^warn: wifi: 12 incidents in a week or less, where its alert budget allows 1\.1: 11 times/,
  );
  await analyse(30, false);
  await watch.look();
  for (let at = 0; at < 12; at += 1) await analyse(31 + at / 12, true);
  await watch.look();
  assert.equal(log.lines.length, 2);
});

test('what was found before a version was in use is not held against it, over a restart too', async () => {
  const { watch, create, inUse, analyse } = setUp();
  await analyse(0, false);
  await watch.look();
  for (const day of [1, 2, 3]) await analyse(day, true);
  inUse.model = modelOf(NEW, 2);
  await watch.look();
  assert.equal(watch.useOf('wifi')?.incidents, 0);
  await analyse(4, true);
  const later = create();
  await later.look();
  assert.deepEqual([later.useOf('wifi')?.incidents, later.useOf('wifi')?.allowed], [1, 1]);
});

test('nothing is shown of a version without a budget, of no version, and before anything is judged', async () => {
  const { watch, inUse, analyse, shown } = setUp();
  await watch.look();
  assert.equal(await shown(), undefined);
  await analyse(0, true);
  for (const model of [modelOf(OLD), undefined]) {
    inUse.model = modelOf(OLD, 2);
    await watch.look();
    assert.notEqual(await shown(), undefined);
    inUse.model = model;
    await watch.look();
    assert.deepEqual([await shown(), watch.useOf('wifi')], [undefined, undefined]);
  }
});
