import { readFile } from 'node:fs/promises';
import { LogError, readLogCsv } from '@edgewood/logs';
import { LocalModelFiles } from '@edgewood/models';
import {
  type Alarm,
  type IncidentLabels,
  joinAgents,
  joinDetectors,
  parseLabels,
  writeAlarmCsv,
} from '@edgewood/trainer';
import { type AgentBacktest, backtestAgent, type Detector } from './backtest-agent.ts';
import { type BacktestModel, loadBacktestModels } from './backtest-models.ts';
import { UsageError } from './failure.ts';
import { printBacktest } from './print-backtest.ts';
import { printLate } from './print-late.ts';
import { printQuality } from './print-quality.ts';
import { formatNumber, ProgressLine, printLine, printWarning } from './terminal.ts';
import { parseBounds } from './time-bounds.ts';

export interface BacktestOptions {
  readonly agent: string;
  readonly dir: string;
  readonly version?: string;
  readonly inputFile: string;
  readonly startDate?: string;
  readonly endDate?: string;
  readonly timeZone: string;
  readonly detector: Detector | 'both';
  readonly surpriseThreshold: number;
  readonly labels?: string;
  readonly alarmsFile?: string;
}

/** `edgewood backtest`. */
export async function backtestLog(options: BacktestOptions): Promise<void> {
  const bounds = parseBounds(options);
  const labels = options.labels === undefined ? undefined : await readLabels(options.labels);
  const models = await loadBacktestModels(new LocalModelFiles(options.dir), options.agent, options.version);
  const detectors = models.map((tested) => chosenDetectors(tested, options.detector));
  const runs: AgentBacktest[] = [];
  for (const [at, tested] of models.entries()) {
    for (const warning of tested.model.warnings) printWarning(warning);
    runs.push(await replayWithProgress(options, tested, { detectors: detectors[at] ?? [], ...bounds }));
  }
  const used = new Set(detectors.flat());
  printBacktest(runs, [...used], options.surpriseThreshold);
  if (labels !== undefined) printQuality(runs, [...used], labels, bounds);
  if (options.alarmsFile === undefined) return;
  const alarms = joinAgents(runs.map(alarmsOf));
  await writeAlarmCsv(options.alarmsFile, alarms);
  printLine();
  printLine(`${formatNumber(alarms.length)} windows that are a little odd, or more → ${options.alarmsFile}`);
}

/** @throws {UsageError} if nothing is left to judge by. */
function chosenDetectors({ model, baseline }: BacktestModel, chosen: Detector | 'both'): readonly Detector[] {
  if (chosen === 'forest' || (chosen === 'surprise' && baseline !== undefined)) return [chosen];
  if (baseline !== undefined) return ['forest', 'surprise'];
  const missing = `${model.agent} ${model.version} was saved without a baseline, which the surprise detector needs`;
  if (chosen === 'surprise') throw new UsageError(`${missing}; train it again, or use --detector forest`);
  printWarning(`${missing}; only the forest judges`);
  return ['forest'];
}

async function readLabels(path: string): Promise<IncidentLabels> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new LogError('FILE_UNREADABLE', `cannot read ${path}: ${cause.message}`, { cause });
  });
  return parseLabels(text, path);
}

async function replayWithProgress(
  { inputFile, timeZone, surpriseThreshold }: BacktestOptions,
  tested: BacktestModel,
  chosen: {
    readonly detectors: readonly Detector[];
    readonly fromMs: number | undefined;
    readonly toMs: number | undefined;
  },
): Promise<AgentBacktest> {
  const progress = new ProgressLine();
  let read = 0;
  const onEntries = (entries: number) => {
    read += entries;
    progress.show(() => `${tested.model.agent}: ${formatNumber(read)} entries`);
  };
  const chunks = readLogCsv(inputFile, { timeZone });
  const run = await backtestAgent(chunks, tested, { ...chosen, surpriseThreshold, onEntries }).finally(() =>
    progress.end(),
  );
  printLate(run.late);
  return run;
}

/** Both detectors' scores of a window as one, unless only one of them judged. */
function alarmsOf({ findings, windows }: AgentBacktest): readonly Alarm[] {
  const of = (detector: Detector) => findings.filter((finding) => finding.detector === detector);
  if (windows.surprise === 0) return of('forest');
  if (windows.forest === 0) return of('surprise');
  return joinDetectors(of('surprise'), of('forest'));
}
