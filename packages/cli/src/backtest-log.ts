import { DETECTORS, type DetectionModel, type Detector } from '@edgewood/detection';
import { type LogEntry, writeLines } from '@edgewood/logs';
import { LocalModelFiles } from '@edgewood/models';
import { MOST_NEW_DEVICES, MOST_UNJUDGED_DEVICES } from '@edgewood/surprise';
import { type Alarm, joinAgents, joinDetectors, writeAlarmCsv } from '@edgewood/trainer';
import { type AgentBacktest, backtestAgent } from './backtest-agent.ts';
import { fanOut } from './backtest-fan-out.ts';
import { loadBacktestModels } from './backtest-models.ts';
import { readForBacktest } from './backtest-reading.ts';
import { UsageError } from './failure.ts';
import { type BacktestSide, printBacktest } from './print-backtest.ts';
import { compareSides, printComparison } from './print-comparison.ts';
import { printLate } from './print-late.ts';
import { printQuality } from './print-quality.ts';
import { readLabels } from './read-labels.ts';
import { type ReportInput, reportPage } from './report-page.ts';
import { formatNumber, ProgressLine, printLine, printWarning } from './terminal.ts';
import { type Bounds, parseBounds } from './time-bounds.ts';

export interface BacktestOptions {
  readonly agent: string;
  readonly dir: string;
  readonly version?: string;
  /** A second version of the agent. */
  readonly against?: string;
  readonly inputFile?: string;
  readonly config?: string;
  readonly startDate?: string;
  readonly endDate?: string;
  readonly timeZone: string;
  readonly detector: Detector | 'both';
  readonly surpriseThreshold?: number;
  readonly forestThreshold?: number;
  readonly labels?: string;
  readonly alarmsFile?: string;
  readonly reportFile?: string;
}

/** `edgewood backtest`. */
export async function backtestLog(options: BacktestOptions): Promise<void> {
  const bounds = parseBounds(options);
  const labels = options.labels === undefined ? undefined : await readLabels(options.labels);
  const models = await modelsOf(options);
  const detectors = models.map((tested) => chosenDetectors(tested, options.detector));
  for (const { model } of models) for (const warning of model.warnings) printWarning(warning);
  const runs = await replayAll(options, models, detectors, bounds);
  const used = [...new Set(detectors.flat())];
  const sides = sidesOf(runs, options.against !== undefined);
  printBacktest(sides, used);
  if (labels !== undefined) printQuality(sides, used, labels, bounds);
  const [one, other] = sides;
  const comparison = one && other && compareSides(one, other);
  if (other !== undefined) printComparison(comparison);
  if (options.reportFile !== undefined)
    await writeReport(options.reportFile, { sides, detectors: used, labels, bounds, comparison });
  if (options.alarmsFile === undefined) return;
  const alarms = joinAgents(one?.runs.map(alarmsOf) ?? []);
  await writeAlarmCsv(options.alarmsFile, alarms);
  printLine();
  printLine(`${formatNumber(alarms.length)} windows that are a little odd, or more → ${options.alarmsFile}`);
}

async function writeReport(path: string, input: ReportInput): Promise<void> {
  const lines = (async function* () {
    yield reportPage(input).trimEnd();
  })();
  await writeLines(path, lines);
  printLine();
  printLine(`a report to look at → ${path}`);
}

/** The versions that are meant; the one that another is compared with stands last. */
async function modelsOf({ dir, agent, version, against }: BacktestOptions): Promise<readonly DetectionModel[]> {
  if (agent === 'all' && against !== undefined) throw new UsageError('--against is of one agent, not of all');
  const files = new LocalModelFiles(dir);
  const models = await loadBacktestModels(files, agent, version);
  return against === undefined ? models : [...models, ...(await loadBacktestModels(files, agent, against))];
}

function sidesOf(runs: readonly AgentBacktest[], isComparison: boolean): readonly BacktestSide[] {
  if (!isComparison) return [{ name: undefined, runs }];
  return runs.map((run, at) => ({ name: 'AB'[at], runs: [run] }));
}

/** @throws {UsageError} if nothing is left to judge by. */
function chosenDetectors({ model, baseline }: DetectionModel, chosen: Detector | 'both'): readonly Detector[] {
  if (chosen === 'forest' || (chosen === 'surprise' && baseline !== undefined)) return [chosen];
  if (baseline !== undefined) return DETECTORS;
  const missing = `${model.agent} ${model.version} was saved without a baseline, which the surprise detector needs`;
  if (chosen === 'surprise') throw new UsageError(`${missing}; train it again, or use --detector forest`);
  printWarning(`${missing}; only the forest judges`);
  return ['forest'];
}

/** Replays the log through all models at once: it is read one time only. */
async function replayAll(
  options: BacktestOptions,
  models: readonly DetectionModel[],
  detectors: readonly (readonly Detector[])[],
  bounds: Bounds,
): Promise<readonly AgentBacktest[]> {
  const { inputFile, config, timeZone, surpriseThreshold, forestThreshold } = options;
  const programs = [...new Set(models.flatMap(({ extractor }) => extractor.programs))];
  const thresholds = { forest: forestThreshold, surprise: surpriseThreshold };
  const progress = new ProgressLine();
  const chunks = withProgress(readForBacktest({ inputFile, config, timeZone, programs, ...bounds }), progress);
  const readers = fanOut(chunks, models.length);
  try {
    const runs = await Promise.all(
      models.map((tested, at) => {
        const reader = readers[at] as (typeof readers)[number];
        return backtestAgent(reader, tested, { detectors: detectors[at] ?? [], thresholds, ...bounds }).finally(() =>
          reader.return(),
        );
      }),
    );
    for (const { late, unjudgedDevices } of runs) {
      printLate(late);
      printUnjudged(unjudgedDevices);
    }
    return runs;
  } finally {
    progress.end();
  }
}

function printUnjudged(devices: number): void {
  if (devices === 0) return;
  const count = `${formatNumber(devices)}${devices === MOST_UNJUDGED_DEVICES ? ' or more' : ''}`;
  const limit = formatNumber(MOST_NEW_DEVICES);
  printWarning(
    `devices that the surprise detector did not judge: ${count}; of those that training did not have it judges ${limit} at a time`,
  );
}

async function* withProgress(
  chunks: AsyncIterable<readonly LogEntry[]>,
  progress: ProgressLine,
): AsyncGenerator<readonly LogEntry[]> {
  let read = 0;
  for await (const chunk of chunks) {
    read += chunk.length;
    progress.show(() => `${formatNumber(read)} entries`);
    yield chunk;
  }
}

/** Both detectors' scores of a window as one, unless only one of them judged. */
function alarmsOf({ findings, windows }: AgentBacktest): readonly Alarm[] {
  const of = (detector: Detector) => findings.filter((finding) => finding.detector === detector);
  if (windows.surprise === 0) return of('forest');
  if (windows.forest === 0) return of('surprise');
  return joinDetectors(of('surprise'), of('forest'));
}
