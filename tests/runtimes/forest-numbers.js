/** Fits, scores, explains, writes and reads a forest with the built library and prints the numbers, under any runtime. */
import { IsolationForest, readSklearnFile, writeSklearnForest } from '../../packages/isolation-forest/dist/index.js';

const rows = Array.from({ length: 300 }, (_, n) => [n % 7, (n * 31) % 11, n === 150 ? 99 : n % 3]);
const fitted = new IsolationForest({ contamination: 0.02, randomState: 42 }).fit(rows);
const file = writeSklearnForest(fitted.state);
const compressed = new Response(new Blob([file]).stream().pipeThrough(new CompressionStream('deflate')));
const { forest } = await readSklearnFile(new Uint8Array(await compressed.arrayBuffer()));
const read = IsolationForest.fromState(forest);
console.log(
  JSON.stringify({
    scores: Array.from(read.scoreSamples(rows)),
    contributions: Array.from(read.contributions(rows[150])),
    offset: read.offset,
    file: Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', file))),
  }),
);
