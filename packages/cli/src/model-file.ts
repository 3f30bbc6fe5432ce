import { basename, dirname, join } from 'node:path';
import {
  type ForestState,
  type Fraction,
  readSklearnFile,
  resolveSklearnVersion,
  type SklearnFile,
  writeSklearnForest,
} from '@edgewood/isolation-forest';
import { LocalModelFiles } from '@edgewood/models';
import { UsageError } from './failure.ts';
import { formatNumber, formatTable, printable, printLine, printWarning } from './terminal.ts';

/** `edgewood models inspect`: what a file holds, of whatever name and wherever it comes from. */
export async function inspectModelFile(path: string): Promise<void> {
  const bytes = await readBytes(path);
  const file = await readSklearnFile(bytes);
  const rows: [string, string][] = [
    ['holds', file.kind],
    ['written by', `scikit-learn ${file.sklearnVersion}`],
    ['file', `${formatNumber(bytes.length)} bytes, pickle protocol ${file.pickleProtocol}, ${compressionText(file)}`],
    ...(file.scaler === undefined ? [] : [['scaler', `${file.scaler.nFeaturesIn} features`] as [string, string]]),
    ...(file.forest === undefined ? [] : forestRows(file.forest)),
  ];
  const shown = rows.map(([title, text]) => [title, printable(text)]);
  printLine(formatTable([{ title: '' }, { title: '', maxWidth: 90 }], shown).trimStart());
  for (const warning of file.warnings) printWarning(warning);
}

function compressionText({ compression }: SklearnFile): string {
  return compression === 'none' ? 'not compressed' : `compressed by ${compression}`;
}

function forestRows(forest: ForestState): [string, string][] {
  const { parameters, estimators } = forest;
  const nodes = estimators.reduce((sum, tree) => sum + tree.leftChild.length, 0);
  const deepest = estimators.reduce((depth, tree) => Math.max(depth, tree.maxDepth), 0);
  const named = [
    `n_estimators ${parameters.nEstimators}`,
    `max_samples ${amountText(parameters.maxSamples)}`,
    `max_features ${amountText(parameters.maxFeatures)}`,
    `contamination ${parameters.contamination}`,
    `bootstrap ${parameters.bootstrap}`,
    `random_state ${parameters.randomState}`,
  ];
  return [
    [
      'trees',
      `${estimators.length} of ${forest.maxSamples} samples, ${formatNumber(nodes)} nodes, at most ${deepest} deep`,
    ],
    ['trained on', `${formatNumber(forest.nSamples)} samples of ${forest.nFeaturesIn} features`],
    ['parameters', named.join(', ')],
    ['offset', String(forest.offset)],
    ['features', forest.featureNamesIn?.join(', ') ?? 'not named'],
  ];
}

/** As scikit-learn writes it: a count as an integer, a share as a float. */
function amountText(amount: 'auto' | number | Fraction): string {
  if (typeof amount !== 'object') return String(amount);
  return Number.isInteger(amount.fraction) ? amount.fraction.toFixed(1) : String(amount.fraction);
}

/** `edgewood models convert`: the same forest as a file for another release; the old file stays. */
export async function convertModelFile(
  path: string,
  { sklearnVersion, outputFile }: { readonly sklearnVersion: string; readonly outputFile?: string },
): Promise<void> {
  const { release } = resolveSklearnVersion(sklearnVersion);
  const { forest, scaler, sklearnVersion: before } = await readSklearnFile(await readBytes(path));
  if (forest === undefined) throw new UsageError(`${path} holds no IsolationForest that could be converted`);
  if (scaler !== undefined) printWarning('the scaler in the file is left out; scale before you predict');
  const target = outputFile ?? join(dirname(path), `${basename(path, '.joblib')}.sklearn-${release}.joblib`);
  await new LocalModelFiles(dirname(target)).write(basename(target), writeSklearnForest(forest, { sklearnVersion }));
  printLine(`${path} (scikit-learn ${before}) → ${target} (scikit-learn ${release})`);
}

/** As models are read everywhere: within a limit, and with errors that name the file. */
function readBytes(path: string): Promise<Uint8Array> {
  return new LocalModelFiles(dirname(path)).read(basename(path));
}
