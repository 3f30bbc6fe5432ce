import { basename } from 'node:path';
import type { FeatureExtractor } from '@edgewood/features';
import { DEFAULT_PARAMETERS, type IsolationForestParameters } from '@edgewood/isolation-forest';
import { readLogCsv } from '@edgewood/logs';
import {
  type AgentName,
  type ExtraFile,
  extraFile,
  LocalModelFiles,
  type ModelMetadata,
  type ModelVersion,
  metadataFile,
  modelFile,
  parseAgentName,
  type Signer,
  saveModel,
  signMetadataBy,
} from '@edgewood/models';
import { formatBaseline } from '@edgewood/surprise';
import {
  assertGoodQuality,
  manifestProblems,
  newRowCount,
  qualityProblems,
  type TrainedModel,
  trainModel,
} from '@edgewood/trainer';
import type { AlertBudgets } from './choose-alert-budget.ts';
import type { ExcludingOptions } from './excluded-spans.ts';
import { leftOutMetadata, printLeftOut } from './left-out-time.ts';
import { openSigner } from './open-signer.ts';
import { printLate } from './print-late.ts';
import {
  formatNumber,
  formatTable,
  formatTime,
  ProgressLine,
  printable,
  printLine,
  printWarning,
  styled,
} from './terminal.ts';
import { TOOL_VERSION } from './tool-version.ts';
import { type ResolvedTrainOptions, trainingInput } from './training-input.ts';

export interface TrainOptions extends ExcludingOptions {
  readonly agent: string;
  readonly modelName?: string;
  readonly inputFile: string;
  readonly outputDir: string;
  readonly nEstimators: number;
  readonly contamination: IsolationForestParameters['contamination'];
  readonly maxSamples: IsolationForestParameters['maxSamples'];
  readonly randomState: number;
  readonly programs?: readonly string[];
  readonly features?: readonly string[];
  readonly window?: number;
  readonly groupBy: 'device' | 'global';
  readonly startDate?: string;
  readonly endDate?: string;
  readonly timeZone: string;
  readonly sklearnVersion?: string;
  readonly signKey?: string;
  readonly baseline: boolean;
  /** Undefined: if the log is long enough. */
  readonly normalise?: boolean;
  readonly keepAll?: boolean;
  readonly force?: boolean;
  /** `false`: no thresholds are chosen; undefined: those of the usual budget if the log is long enough. */
  readonly alertBudget?: string | false;
}

/** How many vectors of the training data are stored with their scores, spread from the most abnormal to the least. */
const PROBES = 16;

/** Where versions go, and who signs them. */
export interface TrainingTarget {
  readonly files: LocalModelFiles;
  readonly signer: Signer | undefined;
}

/**
 * What is wrong with a target is said before the work, not after it.
 *
 * @throws {ModelError} of a directory that is not there, or of a key that cannot sign.
 */
export async function openTarget({ outputDir, signKey }: TrainOptions): Promise<TrainingTarget> {
  const files = new LocalModelFiles(outputDir);
  await files.list();
  return { files, signer: signKey === undefined ? undefined : await openSigner(signKey, process.env) };
}

/** Trains one agent's model and saves it as a version, which keeps to its budget if it has one. */
export async function trainAndSave(
  options: ResolvedTrainOptions,
  { files, signer }: TrainingTarget,
  budgets: AlertBudgets,
): Promise<void> {
  const input = trainingInput(options);
  const { extractor } = input;
  const name = parseAgentName(options.modelName ?? options.agent);
  const trainedAtMs = Date.now();
  const trained = await trainWithProgress({
    chunks: readLogCsv(options.inputFile, { timeZone: options.timeZone }),
    ...input,
  });
  const problems = qualityProblems({
    report: trained.report,
    contamination: options.contamination,
    manifestProblems: await manifestProblems(options.inputFile),
  });
  assertGoodQuality(problems, { force: options.force === true });
  const version = await saveModel(files, name, {
    forest: trained.forest.state,
    sklearnVersion: options.sklearnVersion,
    trainedAtMs,
    probeVectors: probeVectors(trained),
    extraFiles: baselineFiles(trained),
    metadata: {
      ...metadataOf(trained, extractor, basename(options.inputFile)),
      ...leftOutMetadata(trained.report),
      ...forcedBy(problems),
      alert_budget: budgets.get(options.agent),
    },
    sign: signer === undefined ? undefined : (metadata) => signMetadataBy(metadata, signer),
  });
  printReport(trained, extractor);
  printLeftOut(trained.report.leftOut);
  for (const problem of problems) printWarning(`saved by force, although ${problem}`);
  printBaseline(trained, extraFile(name, 'baseline', version, 'json'));
  printSaved(options.outputDir, name, version, signer?.key.id);
}

async function trainWithProgress(input: Parameters<typeof trainModel>[0]): Promise<TrainedModel> {
  const progress = new ProgressLine();
  const count = newRowCount();
  const chunks = (async function* () {
    for await (const chunk of input.chunks) {
      progress.show(() => `${formatNumber(count.entries)} entries, ${formatNumber(count.rows)} windows`);
      yield chunk;
    }
  })();
  const trained = await trainModel({ ...input, chunks, count }).finally(() => progress.end());
  printLate(count.late);
  return trained;
}

function baselineFiles({ baseline }: TrainedModel): readonly ExtraFile[] {
  if (baseline === undefined) return [];
  return [{ what: 'baseline', extension: 'json', bytes: formatBaseline(baseline) }];
}

/** Vectors from the lowest score to the highest, evenly by rank. */
function probeVectors({ forest, samples }: TrainedModel): Float64Array[] {
  const scores = forest.scoreSamples(samples);
  const ranked = scores
    .keys()
    .toArray()
    .sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  const count = Math.min(PROBES, ranked.length);
  return Array.from({ length: count }, (_, probe) => {
    const rank = count === 1 ? 0 : Math.round((probe * (ranked.length - 1)) / (count - 1));
    const start = (ranked[rank] ?? 0) * samples.nFeatures;
    return Float64Array.from(samples.data.subarray(start, start + samples.nFeatures));
  });
}

function metadataOf({ forest, windowForest, report }: TrainedModel, extractor: FeatureExtractor, source: string) {
  const { nEstimators, contamination, maxSamples, randomState } = { ...DEFAULT_PARAMETERS, ...forest.parameters };
  const iso = (timeMs: number) => new Date(timeMs).toISOString();
  return {
    training_data_source: source,
    training_log_count: report.entries,
    hyperparameters: {
      n_estimators: nEstimators,
      contamination,
      max_samples: typeof maxSamples === 'object' ? maxSamples.fraction : maxSamples,
      random_state: randomState,
    },
    features_used: [...extractor.names],
    agent_profile: extractor.agent,
    programs: [...extractor.programs],
    window_seconds: extractor.windowMs / 1000,
    group_by: extractor.groupBy,
    feature_fingerprint: extractor.fingerprint,
    ...viewOf(windowForest),
    training_window_count: report.windows,
    training_span: { start: iso(report.fromMs), end: iso(report.toMs) },
    devices: [...report.devices],
    score_quantiles: report.scoreQuantiles,
    feature_quantiles: { ...report.featureQuantiles },
    software: { edgewood: TOOL_VERSION, node: process.versions.node },
    report: {
      offset: report.offset,
      anomalous_share: report.anomalousShare,
      most_anomalous: report.mostAnomalous.map((window) => ({
        window_start: iso(window.fromMs),
        device_id: window.deviceId,
        score: window.score,
        reasons: window.reasons,
      })),
      warnings: report.warnings,
    },
  };
}

/** How the forest sees windows; nothing if as scikit-learn does. */
function viewOf({
  norms,
  smoothing,
}: TrainedModel['windowForest']): Pick<ModelMetadata, 'feature_scaling' | 'score_smoothing'> {
  return {
    ...(norms && { feature_scaling: 'device_hour' }),
    ...(smoothing && { score_smoothing: { ...smoothing } }),
  };
}

function forcedBy(problems: readonly string[]): { readonly forced?: string[] } {
  return problems.length === 0 ? {} : { forced: [...problems] };
}

function printReport({ report }: TrainedModel, extractor: FeatureExtractor): void {
  const { windows, entries, fromMs, toMs, devices } = report;
  const of = extractor.groupBy === 'device' ? `${devices.length} devices` : 'all devices together';
  printLine(
    `${formatNumber(windows)} windows of ${extractor.windowMs / 1000} s, ${of}, ${formatTime(fromMs)} to ${formatTime(toMs)}, ${formatNumber(entries)} entries`,
  );
  printLine();
  const columns = ['feature', 'min', 'p05', 'median', 'p95', 'p99', 'max'];
  printLine(
    formatTable(
      columns.map((title, index) => ({ title, align: index === 0 ? 'left' : 'right' })),
      extractor.names.map((name) => {
        const quantiles = report.featureQuantiles[name];
        if (quantiles === undefined) return [name];
        const { min, p05, p50, p95, p99, max } = quantiles;
        return [name, ...[min, p05, p50, p95, p99, max].map(formatNumber)];
      }),
    ),
  );
  printLine();
  printLine(
    `${formatNumber(report.anomalousShare * 100)} % of these windows score below the offset ${formatNumber(report.offset)}. The most abnormal:`,
  );
  printLine(
    formatTable(
      [{ title: 'window' }, { title: 'device' }, { title: 'score', align: 'right' }, { title: 'because of' }],
      report.mostAnomalous.map(({ fromMs: at, deviceId, score, reasons }) => [
        formatTime(at),
        printable(deviceId ?? 'all'),
        score.toFixed(3),
        reasons.map(({ feature, value }) => `${feature} ${formatNumber(value)}`).join(', '),
      ]),
    ),
  );
  printLine('If these were incidents, leave their time out (--exclude) and train again.');
  for (const warning of report.warnings) printWarning(warning);
}

function printBaseline({ baseline, windowForest }: TrainedModel, file: string): void {
  if (baseline === undefined) return;
  const { signals, devices, deviceDays } = baseline;
  printLine();
  printLine(
    `what is usual: ${formatNumber(signals.length)} signals of ${devices.size} devices in ${formatNumber(deviceDays)} days of a device → ${file}`,
  );
  if (windowForest.norms === undefined) return;
  const smoothed = windowForest.smoothing && `, with the ${windowForest.smoothing.windows - 1} windows before it`;
  printLine(`the forest judges a window by what is usual of its device at that hour${smoothed ?? ''}`);
}

function printSaved(directory: string, name: AgentName, version: ModelVersion, keyId: string | undefined): void {
  printLine();
  printLine(`${styled('bold', version)} → ${directory}/${modelFile(name, version)}, ${metadataFile(name, version)}`);
  if (keyId !== undefined) printLine(`signed by key ${keyId}`);
  printLine(`make it live: edgewood models activate ${name} ${version} --dir ${directory}`);
}
