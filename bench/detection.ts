/**
 * What the detectors find, on labelled months that nobody has looked at: `npm run bench:detection -- --seeds 5,6`.
 *
 * For every seed the generator makes a month with incidents and its twin without. Models of all agents are trained on the
 * first 21 days, the last ten are replayed by `edgewood backtest`, and the alarms are judged by evaluate.py. Its threshold is
 * the one at which the twin has so many false episodes per device and week (the column "false" is what it has in fact), or
 * the one that `edgewood backtest` has without being told ("known in advance").
 *
 * Generator and judge are not part of this repository: `--data` names their folder, by default ../shared/data. Chosen on
 * seeds 1 and 3; report others.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5,6' },
    data: { type: 'string', default: join(root, '../shared/data') },
    work: { type: 'string', default: join(root, '.edgewood/bench/detection') },
  },
});
const data = resolve(options.data);
const work = resolve(options.work);

const MONTH = ['--rows-target', '1572030', '--stations', '174', '--quiet'];
const TRAINED_UNTIL = '2025-05-22T01:55';
const END = '2025-06-01';
/** False episodes per device and week, and what they are called. */
const BUDGETS = { 'one per device and day': 7, 'one per device and week': 1 };
const SPECIFIED = 'log_count,error_log_ratio,unique_program_count,disassociation_events';
type Judges = 'forest' | 'surprise' | 'both';
const AGENTS = ['wifi', 'dns', 'firewall', 'system'];

interface Judgement {
  readonly recall: Readonly<Record<string, string>>;
  readonly median_delay_s: number | null;
  readonly missed: readonly string[];
  readonly falsePerWeek: number;
}

function edgewood(...args: string[]): void {
  const command = ['--conditions=source', join(root, 'packages/cli/bin/edgewood.js'), ...args];
  execFileSync(process.execPath, command, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function generate(name: string, seed: string, incidents: readonly string[]): void {
  const [csv, labels] = [join(work, `${name}.csv`), join(work, `${name}.json`)];
  if (existsSync(labels)) return;
  const args = [...MONTH, '--seed', seed, '--incidents', ...incidents, '--out', csv, '--labels', labels];
  execFileSync('python3', [join(data, 'generate.py'), ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/**
 * The threshold that training chose by its alert budget. In a list of alarms 0.5 is that of every forest, and both count as
 * surprises: what only a forest found is not among them.
 */
/** Undefined for forests: each has a threshold of its own, and a list of alarms has them on one scale. */
function knownThreshold(models: string, detector: Judges): number | undefined {
  if (detector === 'forest') return undefined;
  const name = readdirSync(models).find((file) => file.startsWith('wifi_metadata_2')) ?? '';
  return JSON.parse(readFileSync(join(models, name), 'utf8')).alert_budget.thresholds.surprise;
}

/** Trains on the month's first part; gives the model directory. */
function train(month: string, what: 'all' | 'four'): string {
  const models = join(work, `${month}-${what}`);
  rmSync(models, { recursive: true, force: true });
  mkdirSync(models, { recursive: true });
  const agents = what === 'all' ? ['--agent', 'all'] : ['--agent', 'wifi', '--features', SPECIFIED, '--no-baseline'];
  const input = ['--input-file', join(work, `${month}.csv`), '--output-dir', models, '--end-date', TRAINED_UNTIL];
  edgewood('train', ...agents, ...input);
  for (const agent of AGENTS) {
    const isThere = readdirSync(models).some((name) => name.startsWith(`${agent}_model_`));
    if (isThere) edgewood('models', 'activate', agent, 'latest', '--dir', models);
  }
  return models;
}

/** Replays the month's last part; gives the file of alarms. */
function replay(month: string, models: string, agent: string, detector: Judges): string {
  const alarms = join(work, `${month}-alarms.csv`);
  const span = ['--start-date', TRAINED_UNTIL, '--end-date', END, '--alarms-file', alarms];
  const input = ['--dir', models, '--input-file', join(work, `${month}.csv`)];
  edgewood('backtest', '--agent', agent, '--detector', detector, ...input, ...span);
  return alarms;
}

function evaluate(...args: string[]): string[] {
  return execFileSync('python3', [join(data, 'evaluate.py'), ...args], { encoding: 'utf8' }).split(/\n(?=\{)/);
}

/** @param chosen how the threshold is: by the twin's false episodes, or told. */
function judge(seed: string, alarms: string, twin: string, chosen: readonly string[]): Judgement {
  const [labels, twinLabels] = [join(work, `s${seed}.json`), join(work, `c${seed}.json`)];
  const clean = ['--clean-labels', twinLabels, '--clean-alarms', twin];
  const [first = '', second = ''] = evaluate(labels, alarms, ...clean, ...chosen);
  return { ...JSON.parse(second), falsePerWeek: JSON.parse(first).clean_run.fa_per_device_week };
}

/** Of several seeds together. */
function sumOf(judgements: readonly Judgement[], of: string): string {
  const counts = judgements.map(({ recall }) => (recall[of] ?? '0/0').split('/').map(Number));
  const [found, all] = [0, 1].map((at) => counts.reduce((sum, count) => sum + (count[at] ?? 0), 0));
  return `${found}/${all}`;
}

function row(detector: string, threshold: string, judgements: readonly Judgement[]): string {
  const mean = judgements.reduce((sum, { falsePerWeek }) => sum + falsePerWeek, 0) / judgements.length;
  const delays = judgements.map(({ median_delay_s }) => Math.round((median_delay_s ?? Number.NaN) / 60));
  const cells = ['easy', 'medium', 'hard'].map((difficulty) => sumOf(judgements, difficulty).padStart(7));
  const rest = [mean.toFixed(2).padStart(7), `${delays.join(', ')} min`.padStart(14)];
  return [detector.padEnd(14), threshold.padEnd(24), ...cells, ...rest].join(' ');
}

const seeds = options.seeds.split(',');
mkdirSync(work, { recursive: true });
const judged = new Map<string, Judgement[]>();
for (const seed of seeds) {
  const months = { incidents: `s${seed}`, twin: `c${seed}` };
  generate(months.incidents, seed, ['default', '--difficulties', 'easy,medium,hard']);
  generate(months.twin, seed, ['none']);
  for (const [name, agent, detector] of [
    ['four features', 'wifi', 'forest'],
    ['forest', 'all', 'forest'],
    ['surprise', 'all', 'surprise'],
    ['both', 'all', 'both'],
  ] as const) {
    const what = agent === 'all' ? 'all' : 'four';
    const models = join(work, `${months.incidents}-${what}`);
    if (name === 'four features' || name === 'forest') train(months.incidents, what);
    const alarms = replay(months.incidents, models, agent, detector);
    const twin = replay(months.twin, models, agent, detector);
    const known = knownThreshold(models, detector);
    const thresholds = Object.entries(BUDGETS).map(([budget, limit]) => [budget, ['--fa-week', `${limit}`]] as const);
    const learnt = known === undefined ? [] : [['known in advance', ['--threshold', `${known}`]] as const];
    for (const [budget, chosen] of [...thresholds, ...learnt]) {
      const key = `${name}\n${budget}`;
      judged.set(key, [...(judged.get(key) ?? []), judge(seed, alarms, twin, chosen)]);
    }
    console.error(`seed ${seed}: ${name}`);
  }
}

const title = [
  'detector'.padEnd(14),
  'threshold'.padEnd(24),
  '   easy',
  ' medium',
  '   hard',
  '  false',
  'median delay'.padStart(14),
];
console.log(`\nSeeds ${seeds.join(', ')}: incidents found, false episodes per device and week on the twin\n`);
console.log(title.join(' '));
for (const [key, judgements] of judged) {
  const [name = '', budget = ''] = key.split('\n');
  console.log(row(name, budget, judgements));
}
const both = judged.get('both\none per device and week') ?? [];
const kinds = Object.keys(both[0]?.recall ?? {}).filter((name) => !['easy', 'medium', 'hard', 'all'].includes(name));
console.log('\nBy kind, both, at one per device and week');
for (const kind of kinds.sort()) console.log(`${kind.padEnd(20)} ${sumOf(both, kind)}`);
console.log(`missed: ${both.flatMap(({ missed }) => missed).join(', ') || 'none'}`);
