/**
 * The random split of a node: a column that varies within it, drawn evenly, and a threshold drawn evenly between the
 * smallest and the largest value.
 *
 * Which column a draw means depends on all draws before it, because the columns are kept in one list that is shuffled
 * in place and passed on from node to node. While a node looks for its split the list has four parts:
 *
 *     0                  nDrawn                  nKnown               nConstants         nFeatures
 *     |  known constant, |  known constant,      |  found constant    |  not tried yet   |
 *     |  drawn in vain   |  not drawn            |  in this node      |                  |
 *
 * A draw chooses among the second and the fourth. What is constant within a node is constant in its children, so they
 * begin with all its constants as their known ones.
 */

import type { SplitRandom } from './random-state.ts';
import { isConstant, type SplitRules, type ValueRange } from './split-rules.ts';
import type { TreeRows } from './tree-rows.ts';

/** What lasts from node to node while one tree grows. */
export interface Growth {
  readonly rows: TreeRows;
  readonly rules: SplitRules;
  readonly random: SplitRandom;
  /** The rows of the tree; each node owns a part of the list, and its split orders that part. */
  readonly order: Int32Array;
  /** The columns in their current order. */
  readonly features: Int32Array;
  /** The columns known to be constant in the node at hand and its ancestors, in the order of their discovery. */
  readonly constants: Int32Array;
  /** Scratch: the values of one node in one column. */
  readonly values: Float32Array;
}

/** How the rows of a node part: those at `[start, position)` go left, the others right. */
export interface Split {
  readonly feature: number;
  readonly threshold: number;
  readonly position: number;
  readonly missingGoToLeft: boolean;
}

/** The split of a node, if it has one, and how many columns are constant in it. */
export interface SplitSearch {
  readonly split: Split | undefined;
  readonly nConstants: number;
}

/**
 * Draws the split of the node that `growth.order` has at `[start, end)` and orders its rows accordingly. There is none
 * if all columns are constant, or if the drawn threshold leaves one side empty (only missing or infinite values do that).
 *
 * @param nKnown how many columns are known to be constant: the `nConstants` of the parent, 0 at the root.
 */
export function findSplit(growth: Growth, start: number, end: number, nKnown: number): SplitSearch {
  const { features, constants } = growth;
  const { column, nConstants } = drawColumn(growth, start, end, nKnown);
  features.set(constants.subarray(0, nKnown)); // the siblings find the known constants in the order of their discovery
  constants.set(features.subarray(nKnown, nConstants), nKnown);
  return { split: column && drawThreshold(growth, start, end, column), nConstants };
}

interface VaryingColumn {
  readonly feature: number;
  readonly range: ValueRange;
}

/** Draws columns until one varies; leaves its values in `growth.values`. */
function drawColumn(
  growth: Growth,
  start: number,
  end: number,
  nKnown: number,
): { column: VaryingColumn | undefined; nConstants: number } {
  const { features, random, rules } = growth;
  let nDrawn = 0;
  let nConstants = nKnown;
  while (nConstants < features.length) {
    const nFound = nConstants - nKnown;
    const drawn = random.integer(nDrawn, features.length - nFound);
    if (drawn < nKnown) {
      swap(features, nDrawn++, drawn);
      continue;
    }
    const at = drawn + nFound;
    const feature = features[at];
    const range = readRange(growth, start, end, feature);
    if (!isConstant(range, end - start, rules)) {
      swap(features, at, features.length - 1);
      return { column: { feature, range }, nConstants };
    }
    swap(features, at, nConstants++);
  }
  return { column: undefined, nConstants };
}

function readRange({ rows, rules, order, values }: Growth, start: number, end: number, feature: number): ValueRange {
  const offset = feature * rows.nRows;
  for (let i = start; i < end; i++) values[i - start] = rows.columns[offset + order[i]];
  return rules.rangeOf(values, end - start);
}

/** Draws the threshold, and where missing values go if there are any. */
function drawThreshold(
  growth: Growth,
  start: number,
  end: number,
  { feature, range }: VaryingColumn,
): Split | undefined {
  const { random, rules } = growth;
  const drawn = random.real(range.min, range.max);
  const sendsMissingLeft = range.nMissing > 0 && random.integer(0, 2) === 1;
  const threshold = drawn === range.max ? range.min : drawn;
  const position = partition(growth, start, end, threshold, sendsMissingLeft);
  if (position === start || position === end) return undefined;
  const leftIsLarger = position - start > end - position;
  const missingGoToLeft = range.nMissing > 0 ? sendsMissingLeft : rules.missingFollowMost && leftIsLarger;
  return { feature, threshold, position, missingGoToLeft };
}

/** Orders the rows of a node so that those that go left come first, and returns where the others begin. */
function partition(
  { order, values }: Growth,
  start: number,
  end: number,
  threshold: number,
  sendsMissingLeft: boolean,
): number {
  let low = start;
  let high = end;
  while (low < high) {
    const value = values[low - start];
    if (value <= threshold || (sendsMissingLeft && Number.isNaN(value))) {
      low++;
    } else {
      high--;
      values[low - start] = values[high - start]; // the value that goes right is not read again
      swap(order, low, high);
    }
  }
  return high;
}

function swap(array: Int32Array, i: number, j: number): void {
  const swapped = array[i];
  array[i] = array[j];
  array[j] = swapped;
}
