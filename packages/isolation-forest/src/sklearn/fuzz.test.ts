/**
 * Mutated files: genuine ones with bits flipped, bytes replaced, stretches cut out, doubled, or taken from another file.
 * What the reader does not refuse must be a forest that can be scored and written.
 *
 * `EDGEWOOD_FUZZ_COUNT=200000 npm test -- packages/isolation-forest/src/sklearn/fuzz.test.ts` does more;
 * `EDGEWOOD_FUZZ_SEED` does others. The message of a failure names the seed of its file alone.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ForestError } from '../errors.ts';
import { IsolationForest } from '../isolation-forest.ts';
import { RandomState } from '../random-state.ts';
import { readSklearnFile } from './read-sklearn-file.ts';
import { readGenuineFiles } from './testing/genuine-files.ts';
import { writeSklearnForest } from './write-forest.ts';

const COUNT = Number(process.env.EDGEWOOD_FUZZ_COUNT ?? 20_000);
const FIRST_SEED = Number(process.env.EDGEWOOD_FUZZ_SEED ?? 1);

/** Longest that one file may take. */
const LONGEST_MS = 2_000;

const { files, rows } = readGenuineFiles();

/** A file that is genuine but for a few mutations; the same for the same seed. */
function mutated(seed: number): Uint8Array {
  const random = new RandomState(seed);
  const below = (limit: number) => random.upTo(limit - 1);
  const pick = () => files[below(files.length)].bytes;
  let bytes: Uint8Array = pick().slice();
  for (let count = 1 + below(4); count > 0; count--) bytes = mutatedOnce(bytes, below, pick);
  return bytes;
}

function mutatedOnce(bytes: Uint8Array, below: (limit: number) => number, pick: () => Uint8Array): Uint8Array {
  const at = below(bytes.length);
  const length = Math.min(1 + below(1 << below(10)), bytes.length - at);
  switch (below(6)) {
    case 0:
      bytes[at] ^= 1 << below(8);
      return bytes;
    case 1:
      bytes[at] = below(256);
      return bytes;
    case 2: // cut off
      return bytes.subarray(0, Math.max(at, 1));
    case 3: // cut out
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    case 4: // doubled
      return joined(bytes.subarray(0, at + length), bytes.subarray(at));
    default: {
      const other = pick();
      const from = below(other.length);
      return joined(bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at + length));
    }
  }
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(Buffer.concat(pieces));
  return whole.length > 0 ? whole : new Uint8Array(1);
}

/** Whether the file was read; if so, it is of use. */
async function isRead(bytes: Uint8Array): Promise<boolean> {
  try {
    const { forest } = await readSklearnFile(bytes);
    if (forest === undefined) return true;
    const scores = IsolationForest.fromState(forest).scoreSamples([
      Array.from({ length: forest.nFeaturesIn }, (_, column) => rows[0][column % 4]),
    ]);
    assert.ok(scores[0] < 0 && scores[0] >= -1, `a score of ${scores[0]}`);
    writeSklearnForest(forest);
    return true;
  } catch (error) {
    if (error instanceof ForestError) return false;
    throw error;
  }
}

it(`${COUNT} mutated files are refused by a ForestError or are forests, each in time`, async () => {
  let nRead = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
    const bytes = mutated(seed);
    const start = performance.now();
    const read = await isRead(bytes).catch((cause) => assert.fail(`seed ${seed}: ${cause.stack}`));
    assert.ok(performance.now() - start < LONGEST_MS, `seed ${seed} takes too long`);
    if (read) nRead++;
  }
  assert.ok(nRead < COUNT);
});
