import { agentProfile, createFeatureExtractor, type FeatureExtractor } from '@edgewood/features';
import { readLogCsv } from '@edgewood/logs';
import { scaleByNorms, type WindowNorms } from '@edgewood/surprise';
import { type FeatureRow, featureRows, newRowCount, writeFeatureCsv } from '@edgewood/trainer';
import { UsageError } from './failure.ts';
import { loadNamedModel } from './load-named-model.ts';
import { printLate } from './print-late.ts';
import { formatNumber, ProgressLine, printLine } from './terminal.ts';
import { parseBounds } from './time-bounds.ts';

export interface FeaturesOptions {
  readonly agent: string;
  readonly model?: string;
  readonly inputFile: string;
  readonly outputFile: string;
  readonly programs?: string[];
  readonly features?: string[];
  readonly window?: number;
  readonly groupBy?: 'device' | 'global';
  readonly startDate?: string;
  readonly endDate?: string;
  readonly timeZone: string;
}

/** `edgewood features`. */
export async function writeFeatures(options: FeaturesOptions): Promise<void> {
  const { extractor, norms } = await openTable(options);
  const selection = { programs: extractor.programs, ...parseBounds(options) };
  const count = newRowCount();
  const progress = new ProgressLine();
  const chunks = readLogCsv(options.inputFile, { timeZone: options.timeZone });
  const rows = featureRows(chunks, extractor, selection, count);
  const shown = (async function* () {
    for await (const row of rows) {
      progress.show(() => `${formatNumber(count.entries)} entries, ${formatNumber(count.rows)} windows`);
      yield norms === undefined ? row : scaledRow(norms, row);
    }
  })();
  const written = await writeFeatureCsv(options.outputFile, extractor.names, shown).finally(() => progress.end());
  printLate(count.late);
  printLine(
    `${formatNumber(written)} windows × ${extractor.names.length} features of ${formatNumber(count.entries)} entries → ${options.outputFile}`,
  );
}

/** Which table is meant, and by what its values are scaled. */
async function openTable(
  options: FeaturesOptions,
): Promise<{ extractor: FeatureExtractor; norms?: WindowNorms | undefined }> {
  const { agent, model, programs, features, window: windowMs, groupBy } = options;
  if (model === undefined) {
    return { extractor: createFeatureExtractor({ agent: agentProfile(agent), programs, features, windowMs, groupBy }) };
  }
  if (programs !== undefined || features !== undefined || windowMs !== undefined || groupBy !== undefined) {
    throw new UsageError("--programs, --features, --window and --group-by are the version's own, so not with --model");
  }
  const { extractor, windowForest } = await loadNamedModel(model, agent);
  return { extractor, norms: windowForest.norms };
}

function scaledRow(norms: WindowNorms, { vector, deviceId, fromMs }: FeatureRow): FeatureRow {
  return { fromMs, deviceId, vector: scaleByNorms(norms, vector, deviceId, fromMs) };
}
