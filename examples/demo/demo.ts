/**
 * The demo: one model through its whole life, on three days of sample logs, by the public commands.
 *
 * The sample begins on 2025-05-01. A model is trained on its first day and a half; then the service analyses the last day
 * and a half by a driven clock: its cycles run one after another as if that time had come, as fast as they can.
 *
 *   npm run demo                 ends with a table of what was found
 *   npm run demo -- --keep       leaves the service running and prints its address
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { openDemoDatabase } from './demo-database.ts';
import { cloneRoot, runEdgewood, startEdgewood } from './edgewood-command.ts';
import { printFindings } from './findings.ts';
import { readLabels } from './labelled-incidents.ts';
import { replayOf } from './replay-log.ts';

const SAMPLE = { start: '2025-05-01', trainedUntil: '2025-05-02T12:00', end: '2025-05-04' };
const DIRECTORY = join('.edgewood', 'demo');
const MODELS = join(DIRECTORY, 'models');
const LOGS = join(DIRECTORY, 'training_data_wifi.csv');
const CONFIG = join(DIRECTORY, 'edgewood.yaml');

const CONFIGURATION = `# The demo's service. The database comes from DATABASE_URL.
models:
  directory: ${MODELS}
store:
  file: ${join(DIRECTORY, 'anomalies.sqlite')}
http:
  port: 0            # any free port
agents:
  - name: wifi
    window: 300s
    group_by: device
  - name: silence    # needs no model
log:
  level: info
`;

function heading(text: string): void {
  console.log(`\n${styleText('bold', text)}`);
}

async function main(keep: boolean): Promise<void> {
  rmSync(join(cloneRoot, DIRECTORY), { recursive: true, force: true });
  mkdirSync(join(cloneRoot, MODELS), { recursive: true });
  writeFileSync(join(cloneRoot, CONFIG), CONFIGURATION);

  heading('A PostgreSQL with the sample: three days of three access points, 19 incidents in them');
  await using database = await openDemoDatabase();
  console.log(database.description);
  const env = { ...process.env, DATABASE_URL: database.url };

  heading('1. Export the first day and a half');
  const span = ['--start-date', SAMPLE.start, '--end-date', SAMPLE.trainedUntil];
  await runEdgewood(['export', '--agent', 'wifi', ...span, '--output-file', LOGS], env);

  heading('2. Train');
  const training = ['--contamination', '0.02'];
  await runEdgewood(['train', '--agent', 'wifi', '--input-file', LOGS, '--output-dir', MODELS, ...training], env);

  heading('3. Activate');
  await runEdgewood(['models', 'activate', 'wifi', 'latest', '--dir', MODELS], env);
  await runEdgewood(['models', 'list', '--dir', MODELS], env);

  heading('4. Serve: the last day and a half, by a driven clock');
  const replay = ['--replay-from', SAMPLE.trainedUntil, '--replay-to', SAMPLE.end];
  const service = startEdgewood(['serve', '--config', CONFIG, ...replay], env);
  try {
    const { address } = await replayOf(service);
    await printFindings(address, readLabels(new URL('../sample/labels.json', import.meta.url)), SAMPLE);
    if (keep) await keepRunning(address, service.ended);
  } finally {
    service.process.kill('SIGTERM');
    await service.ended;
  }
}

async function keepRunning(address: string, ended: Promise<unknown>): Promise<void> {
  console.log(`\nThe service is running: ${styleText('bold', address)}   (Ctrl-C stops it)`);
  await Promise.race([ended, new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))]);
}

await main(process.argv.includes('--keep'));
