import { type DetectionModel, ForestScorer } from '@edgewood/detection';
import { readLogCsv, writeLines } from '@edgewood/logs';
import { type FeatureRow, featureRows, newRowCount, quoted, type RowCount } from '@edgewood/trainer';
import { loadNamedModel } from './load-named-model.ts';
import { printLate } from './print-late.ts';
import { formatNumber, printLine } from './terminal.ts';
import { parseBounds } from './time-bounds.ts';

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
  const version = await loadNamedModel(options.model, options.agent);
  const read = newRowCount();
  const count = { windows: 0, anomalies: 0 };
  const lines = scoredLines(version, options, read, count);
  if (options.outputFile === undefined) for await (const line of lines) printLine(line);
  else await writeLines(options.outputFile, lines);
  printLate(read.late);
  const { agent, version: name } = version.model;
  process.stderr.write(
    `${formatNumber(count.windows)} windows, ${formatNumber(count.anomalies)} anomalies, by ${agent} ${name}\n`,
  );
}

async function* scoredLines(
  { extractor, windowForest }: DetectionModel,
  options: ScoreOptions,
  read: RowCount,
  count: { windows: number; anomalies: number },
): AsyncGenerator<string> {
  yield HEADER;
  const scorer = new ForestScorer(windowForest, extractor.windowMs);
  const chunks = readLogCsv(options.inputFile, { timeZone: options.timeZone });
  const rows = featureRows(chunks, extractor, { programs: extractor.programs, ...parseBounds(options) }, read);
  for await (const block of blocksOf(rows, BLOCK_WINDOWS)) {
    const scores = scorer.score(block);
    count.windows += block.length;
    for (const [row, window] of block.entries()) {
      const score = scores[row]?.score ?? Number.NaN;
      const decision = score - windowForest.forest.offset;
      if (decision < 0) count.anomalies += 1;
      else if (options.onlyAnomalies === true) continue;
      yield lineOf(window, score, decision);
    }
  }
}

function lineOf({ fromMs, deviceId }: FeatureRow, score: number, decision: number): string {
  const prediction = decision < 0 ? -1 : 1;
  return `${new Date(fromMs).toISOString()},${quoted(deviceId ?? '')},${score},${decision},${prediction}`;
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
