import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile } from '@edgewood/features';
import { activate, modelFile, parseAgentName } from '@edgewood/models';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import { createServiceEvents } from '../events.ts';
import { ModelManager } from '../models/model-manager.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { addModel, START_MS } from '../testing/wifi-models.ts';
import { ReportMaker } from './report-maker.ts';

const wifi = parseAgentName('wifi');

/** Two agents on the model `wifi`, of which the second wants other windows; nobody looks but when a report is made. */
async function setUp() {
  const files = new MemoryModelFiles();
  const events = createServiceEvents();
  const common = {
    files,
    agent: agentProfile('wifi'),
    events,
    clock: new ManualClock(START_MS),
    pollIntervalMs: 2_000,
  };
  const users = [
    { name: 'wifi', settings: {} },
    { name: 'minutes', settings: { windowMs: 60_000 } },
  ].map(({ name, settings }) => ({ name, model: 'wifi', models: new ModelManager({ ...common, name, settings }) }));
  const times = { startedMs: START_MS, nowMs: () => START_MS };
  const maker = new ReportMaker({ users, trustedKeys: [], events, ...times });
  maker.listen();
  const told = async () => {
    return (await maker.make()).models.map(({ agent, version, problem }) => [agent, version, codeIn(problem)]);
  };
  return { files, maker, told };
}

/** `HASH_MISMATCH` of `…: it is damaged [HASH_MISMATCH]`. */
function codeIn(problem: string | null): string | null | undefined {
  return problem === null ? null : /\[(\w+)\]$/.exec(problem)?.[1];
}

test('each agent has its own version and its own problem', async () => {
  const { files, told } = await setUp();
  const none = 'NO_ACTIVE_MODEL';
  assert.deepEqual(await told(), [
    ['wifi', null, none],
    ['minutes', null, none],
  ]);
  const version = await addModel(files);
  assert.deepEqual(await told(), [
    ['wifi', version, null],
    ['minutes', null, 'EXTRACTOR_MISMATCH'],
  ]);
});

test('a problem is of the version that is active now, not of one that was before', async () => {
  const { files, told } = await setUp();
  const good = await addModel(files);
  const broken = await addModel(files, { trainedAtMs: START_MS + 60_000 });
  await files.replaceFile(modelFile(wifi, broken), new Uint8Array(100));
  const of = async () => (await told())[0];
  assert.deepEqual(await of(), ['wifi', null, 'HASH_MISMATCH']);
  await activate(files, wifi, good);
  assert.deepEqual(await of(), ['wifi', good, null]);
  await activate(files, wifi, broken);
  assert.deepEqual(await of(), ['wifi', good, 'HASH_MISMATCH']);
});

test('every report has a higher number', async () => {
  const { maker } = await setUp();
  assert.deepEqual([(await maker.make()).sequence, (await maker.make()).sequence], [1, 2]);
});
