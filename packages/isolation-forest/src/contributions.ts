/**
 * Which features made a sample abnormal: the path-based attribution of Saabas ("Interpreting random forests", 2014; the
 * package `treeinterpreter`), applied to path lengths.
 *
 * Every node has an expected path length: the mean, over the training rows that reached it, of where they end. A sample
 * begins at the root with the mean of all and follows its path; each split moves the expectation, and that move is
 * credited to the split's feature. The moves of a path add up to the sample's path length less the root's expectation.
 * Unlike Shapley values these credits depend on the order of the splits on the path, and cost no more than a score does.
 */

import { childOf, type ScoringForest } from './scoring-forest.ts';

/**
 * For each node of the forest the mean path length of the training rows below it. Rows drawn several times count once,
 * as in the path lengths themselves.
 */
export function expectedPathLengths(forest: ScoringForest): Float64Array {
  const expected = forest.pathLengths.slice();
  const { columns, leftChildren, rightChildren, nNodeSamples } = forest;
  for (let node = expected.length - 1; node >= 0; node--) {
    if (columns[node] < 0) continue;
    const left = leftChildren[node];
    const right = rightChildren[node];
    const total = nNodeSamples[left] * expected[left] + nNodeSamples[right] * expected[right];
    expected[node] = total / (nNodeSamples[left] + nNodeSamples[right]);
  }
  return expected;
}

/**
 * For each feature the change of the expected path length that the sample's value brought about, averaged over the
 * trees: negative made the sample more abnormal. They add up to the sample's mean path length less the mean expectation
 * of the roots.
 *
 * @param sample one row, rounded to float32.
 * @param expected what {@link expectedPathLengths} gives for the same forest.
 */
export function contributionsOf(forest: ScoringForest, sample: Float32Array, expected: Float64Array): Float64Array {
  const contributions = new Float64Array(sample.length);
  for (const root of forest.roots) {
    let node = root;
    for (let column = forest.columns[node]; column >= 0; column = forest.columns[node]) {
      const child = childOf(forest, node, sample[column]);
      contributions[column] += expected[child] - expected[node];
      node = child;
    }
  }
  return contributions.map((sum) => sum / forest.roots.length);
}
