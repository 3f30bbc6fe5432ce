import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { agentProfile, type FeatureExtractor, trainedExtractor } from '@edgewood/features';
import { readLogCsv, writeLines } from '@edgewood/logs';
import {
  type LoadedModel,
  LocalModelFiles,
  loadActiveModel,
  loadModel,
  parseAgentName,
  parseFileName,
  profileNameOf,
  trainedWith,
} from '@edgewood/models';
import { type FeatureRow, featureRows, newRowCount, quoted, type RowCount } from '@edgewood/trainer';
import { UsageError } from './failure.ts';
import { printLate } from './print-late.ts';
import { formatNumber, printLine, printWarning } from './terminal.ts';
import { type Bounds, parseBounds } from './time-bounds.ts';

export interface ScoreOptions {
  readonly inputFile: string;
  readonly model: string;
  readonly agent: string;
  readonly outputFile?: string;
  readonly onlyAnomalies?: boolean;
  readonly startDate?: string;
  readonly endDate?: string;
  readonly timeZone: string;
}

/** Windows are scored so many at a time. */
const BLOCK_WINDOWS = 4096;

const HEADER = 'window_start,device_id,score,decision,prediction';

/** `edgewood score`. */
export async function scoreLog(options: ScoreOptions): Promise<void> {
  const model = await loadNamed(options.model, options.agent);
  for (const warning of model.warnings) printWarning(warning);
  const agent = agentProfile(profileNameOf(model));
  const extractor = trainedExtractor(trainedWith(model), agent);
  const bounds = parseBounds(options);
  const read = newRowCount();
  const count = { windows: 0, anomalies: 0 };
  const lines = scoredLines(
    model,
    extractor,
    readRows(options, extractor, bounds, read),
    options.onlyAnomalies === true,
    count,
  );
  if (options.outputFile === undefined) for await (const line of lines) printLine(line);
  else await writeLines(options.outputFile, lines);
  printLate(read.late);
  process.stderr.write(
    `${formatNumber(count.windows)} windows, ${formatNumber(count.anomalies)} anomalies, by ${model.agent} ${model.version}\n`,
  );
}

function readRows(
  { inputFile, timeZone }: ScoreOptions,
  extractor: FeatureExtractor,
  bounds: Bounds,
  count: RowCount,
): AsyncGenerator<FeatureRow> {
  const { programs } = extractor;
  return featureRows(readLogCsv(inputFile, { timeZone }), extractor, { programs, ...bounds }, count);
}

/** `--model` is a version's file, or a directory whose live version of the agent is meant. */
async function loadNamed(path: string, agent: string): Promise<LoadedModel> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return loadActiveModel(new LocalModelFiles(path), parseAgentName(agent));
  const file = parseFileName(basename(path));
  if (file?.what !== 'model') {
    throw new UsageError(
      `--model must be a model directory or a file such as wifi_model_20250607_230000.joblib, got ${path}`,
    );
  }
  return loadModel(new LocalModelFiles(dirname(path)), file.agent, file.version);
}

async function* scoredLines(
  model: LoadedModel,
  extractor: FeatureExtractor,
  rows: AsyncIterable<FeatureRow>,
  onlyAnomalies: boolean,
  count: { windows: number; anomalies: number },
): AsyncGenerator<string> {
  yield HEADER;
  for await (const block of blocksOf(rows, BLOCK_WINDOWS)) {
    const nFeatures = extractor.names.length;
    const data = new Float64Array(block.length * nFeatures);
    block.forEach(({ vector }, row) => {
      data.set(vector, row * nFeatures);
    });
    const scores = model.forest.scoreSamples({ data, nSamples: block.length, nFeatures });
    count.windows += block.length;
    for (const [row, { fromMs, deviceId }] of block.entries()) {
      const score = scores[row] ?? Number.NaN;
      const decision = score - model.forest.offset;
      if (decision < 0) count.anomalies += 1;
      else if (onlyAnomalies) continue;
      yield `${new Date(fromMs).toISOString()},${quoted(deviceId ?? '')},${score},${decision},${decision < 0 ? -1 : 1}`;
    }
  }
}

async function* blocksOf<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<Item[]> {
  let block: Item[] = [];
  for await (const item of items) {
    block.push(item);
    if (block.length < size) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}
