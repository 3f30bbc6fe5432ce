/**
 * Reloads versions in turn and prints the memory after each as JSON, {@link MemoryReading}s:
 * `node --expose-gc models-reloader.ts <directory> <reloads> <version>…`.
 */
import assert from 'node:assert/strict';
import { agentProfile } from '@edgewood/features';
import { activate, LocalModelFiles, parseVersion } from '@edgewood/models';
import { createServiceEvents } from '../../packages/service/src/events.ts';
import { ModelManager } from '../../packages/service/src/models/model-manager.ts';
import { SAMPLES, WIFI } from './models-directory.ts';

export interface MemoryReading {
  readonly rssBytes: number;
  readonly heapBytes: number;
}

const [directory = '', count = '', ...versions] = process.argv.slice(2);
const { gc } = globalThis;
assert(gc !== undefined, 'run it with --expose-gc');
const files = new LocalModelFiles(directory);
const settings = { files, agent: agentProfile('wifi'), settings: {}, events: createServiceEvents() };
const manager = new ModelManager({ ...settings, pollIntervalMs: 3_600_000 });
const readings: MemoryReading[] = [];
for (let reload = 0; reload < Number(count); reload += 1) {
  const version = parseVersion(versions[reload % versions.length] ?? '');
  await activate(files, WIFI, version);
  await manager.check();
  assert.equal(manager.infer(SAMPLES)?.version, version);
  gc();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  readings.push({ rssBytes: rss, heapBytes: heapUsed + arrayBuffers });
}
console.log(JSON.stringify(readings));
