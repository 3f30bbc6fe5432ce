/**
 * Models are switched ten thousand times under load, and reloaded two hundred times: nobody ever sees half of one and half
 * of another, nobody goes without, and nothing is left behind in memory.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { agentProfile } from '@edgewood/features';
import { LocalModelFiles } from '@edgewood/models';
import { createServiceEvents } from '../../packages/service/src/events.ts';
import { ModelManager } from '../../packages/service/src/models/model-manager.ts';
import type { ActivatorReport } from './models-activator.ts';
import { addVersions, expectedScores, SAMPLES } from './models-directory.ts';
import type { MemoryReading } from './models-reloader.ts';

const run = promisify(execFile);

const ACTIVATIONS = 10_000;
const RELOADS = 200;
/** How much more memory the last fifty reloads may take than the second fifty, in bytes; a leak would take far more. */
const RSS_GROWTH_BYTES = 20 * 1024 ** 2;
const HEAP_GROWTH_BYTES = 4 * 1024 ** 2;

const summary: string[] = [];
after(() => console.log(`models: ${summary.join('; ')}`));

async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-switching-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

/** Runs a script of this folder in a process of its own. */
async function runScript<Report>(
  script: string,
  args: readonly string[],
  options: readonly string[] = [],
): Promise<Report> {
  const command = ['--conditions=source', ...options, join(import.meta.dirname, script), ...args];
  const { stdout } = await run(process.execPath, command, { maxBuffer: 64 * 1024 ** 2 });
  return JSON.parse(stdout);
}

test(`${ACTIVATIONS} activations beside inference: none fails, and each is by one version and no other`, async (t) => {
  const directory = await temporaryDirectory(t);
  const versions = await addVersions(directory, 3, 20);
  const expected = await expectedScores(directory, versions);
  assert.equal(new Set(expected.values()).size, versions.length, 'versions can be told apart');
  const events = createServiceEvents();
  const [loaded, rejected]: [string[], string[]] = [[], []];
  events.on('model:loaded', ({ version }) => loaded.push(version));
  events.on('model:rejected', ({ reason }) => rejected.push(reason));
  const settings = { files: new LocalModelFiles(directory), agent: agentProfile('wifi'), settings: {}, events };
  const manager = new ModelManager({ ...settings, pollIntervalMs: 100 });
  t.after(() => manager.stop());
  await manager.start();

  let switching = true;
  const activating = runScript<ActivatorReport>('models-activator.ts', [directory, `${ACTIVATIONS}`, ...versions]);
  const ending = activating.finally(() => {
    switching = false;
  });
  const count = { inferences: 0, failed: 0, torn: 0, longestPauseMs: 0 };
  for (let lastMs = performance.now(); switching; count.inferences += 1) {
    const inference = manager.infer(SAMPLES);
    if (inference === null) count.failed += 1;
    else if (inference.scores.join() !== expected.get(inference.version)) count.torn += 1;
    count.longestPauseMs = Math.max(count.longestPauseMs, performance.now() - lastMs);
    lastMs = performance.now();
    await setTimeout(1); // the machine is needed for the rest
  }
  const report = await ending;
  await manager.check();
  const { inferences, failed, torn, longestPauseMs } = count;
  summary.push(
    `${report.activations} activations, ${inferences} inferences, ${failed} failed, ${torn} torn, largest pause ${longestPauseMs.toFixed(1)} ms` +
      `, ${loaded.length} models loaded beside, ${report.loads} by a reader, ${rejected.length + report.failures.length} refused`,
  );
  assert.deepEqual({ failed, torn, rejected }, { failed: 0, torn: 0, rejected: [] });
  assert.deepEqual(report, { ...report, activations: ACTIVATIONS, torn: 0, failures: [] });
  assert.ok(inferences > ACTIVATIONS / 10 && loaded.length > 100 && report.loads > 100, summary.join());
  assert.equal(manager.infer(SAMPLES)?.version, versions[(ACTIVATIONS - 1) % versions.length]);
});

test(`${RELOADS} reloads leave the memory as it was`, async (t) => {
  const directory = await temporaryDirectory(t);
  const versions = await addVersions(directory, 2, 100);
  const readings = await runScript<MemoryReading[]>(
    'models-reloader.ts',
    [directory, `${RELOADS}`, ...versions],
    ['--expose-gc'],
  );
  assert.equal(readings.length, RELOADS);
  const rssBytes = growth(readings.map((reading) => reading.rssBytes));
  const heapBytes = growth(readings.map((reading) => reading.heapBytes));
  summary.push(`${RELOADS} reloads, rss ${megabytes(rssBytes)}, heap ${megabytes(heapBytes)}`);
  assert.ok(rssBytes < RSS_GROWTH_BYTES, summary.at(-1));
  assert.ok(heapBytes < HEAP_GROWTH_BYTES, summary.at(-1));
});

/** The median of the last fifty less that of the second fifty: before, memory still finds its size. */
function growth(values: readonly number[]): number {
  return median(values.slice(-50)) - median(values.slice(50, 100));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function megabytes(bytes: number): string {
  return `${bytes < 0 ? '' : '+'}${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
