/**
 * Forests of many kinds and what they say of samples, as one hash: the same on every machine. Prints JSON: how many forests
 * and samples, and the SHA-256 of the bytes of all written forests, sums of path lengths, scores and decisions.
 */
import { createHash } from 'node:crypto';
import { IsolationForest, type IsolationForestParameters, writeSklearnForest } from '@edgewood/isolation-forest';
import { prepareSamples, type Samples } from '../../packages/isolation-forest/src/samples.ts';
import { pathLengthSums, scoringForestOf } from '../../packages/isolation-forest/src/scoring-forest.ts';
import {
  bellSamples,
  equalSamples,
  logLikeSamples,
  nearlyConstantSamples,
} from '../../packages/isolation-forest/src/testing/synthetic-samples.ts';

/** What a sweep comes to. */
export interface SweepOutcome {
  readonly architecture: string;
  readonly forests: number;
  readonly samples: number;
  readonly sha256: string;
}

const FORESTS = 24;
const TRAINING_ROWS = 400;
const SCORED_ROWS = 400;
/** Values at the ends of what a double and a float can be; one a feature, in turn. */
const ODD_VALUES = [0, -0, 1e-45, -1e-45, 5e-324, 3.4e38, -3.4e38, Math.PI, 1 / 3, 2 ** 24 + 1];

function trainingSamples(n: number): Samples {
  const nFeatures = 1 + (n % 9);
  if (n % 4 === 1) return logLikeSamples(TRAINING_ROWS, n + 1);
  if (n % 8 === 3) return nearlyConstantSamples(TRAINING_ROWS, n + 1);
  if (n === 7) return equalSamples(TRAINING_ROWS, nFeatures, 3);
  return bellSamples(TRAINING_ROWS, nFeatures, n + 1);
}

/** Of the kind that the forest saw, stretched, some of them odd; missing values if it saw some. */
function scoredSamples(n: number, nFeatures: number, hasMissing: boolean): Samples {
  const { data } = bellSamples(SCORED_ROWS, nFeatures, 1_000 + n);
  for (let i = 0; i < data.length; i += 1) {
    if (i % 17 === 0) data[i] = ODD_VALUES[(i / 17) % ODD_VALUES.length] ?? 0;
    else if (i % 3 === 0) data[i] = (data[i] ?? 0) * 1_000;
    if (hasMissing && i % 29 === 0) data[i] = Number.NaN;
  }
  return { data, nSamples: SCORED_ROWS, nFeatures };
}

function parametersOf(n: number): Partial<IsolationForestParameters> {
  return {
    nEstimators: 5 + 7 * (n % 12),
    maxSamples: n % 3 === 0 ? 'auto' : 16 + 11 * n,
    contamination: n % 2 === 0 ? 'auto' : 0.01 + n / 200,
    bootstrap: n % 5 === 0,
    randomState: 7 * n,
  };
}

const hash = createHash('sha256');
for (let n = 0; n < FORESTS; n += 1) {
  const training = trainingSamples(n);
  const hasMissing = n % 6 === 2;
  if (hasMissing) for (let i = 0; i < training.data.length; i += 23) training.data[i] = Number.NaN;
  const forest = new IsolationForest(parametersOf(n)).fit(training);
  const samples = scoredSamples(n, training.nFeatures, hasMissing);
  hash.update(writeSklearnForest(forest.state));
  const sums = pathLengthSums(scoringForestOf(forest.state), prepareSamples(samples, true));
  for (const numbers of [sums, forest.scoreSamples(samples), forest.decisionFunction(samples)]) {
    hash.update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  }
}
const outcome: SweepOutcome = {
  architecture: process.arch,
  forests: FORESTS,
  samples: FORESTS * SCORED_ROWS,
  sha256: hash.digest('hex'),
};
console.log(JSON.stringify(outcome));
