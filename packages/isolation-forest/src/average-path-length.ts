import { ln } from './exact-math.ts';

const EULER_GAMMA = 0.5772156649015329;

/**
 * Average length of the path of an unsuccessful search in a binary search tree of `count` entries: what an isolation
 * tree would still add below a leaf that holds `count` rows (c(n) in Liu, Ting and Zhou, "Isolation Forest", 2008).
 * scikit-learn's formula in its order of operations; its last bit follows the C library's `log`, ours the exact one (they
 * differ at `count` 9171 alone among the first 100,000).
 *
 * @param count integer; 0 for counts up to 1, 1 for 2.
 */
export function averagePathLength(count: number): number {
  if (count <= 1) return 0;
  if (count === 2) return 1;
  return 2 * (ln(count - 1) + EULER_GAMMA) - (2 * (count - 1)) / count;
}

/**
 * {@link averagePathLength} of each of `counts`, computed once for each different count.
 *
 * @param known what has been computed before; added to.
 */
export function averagePathLengths(counts: Int32Array, known = new Map<number, number>()): Float64Array {
  const lengths = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i++) {
    const length = known.get(counts[i]) ?? averagePathLength(counts[i]);
    known.set(counts[i], length);
    lengths[i] = length;
  }
  return lengths;
}
