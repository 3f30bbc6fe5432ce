/** On public data sets our forest ranks as scikit-learn's: it is the same forest, so the ROC-AUC is the same too. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { IsolationForest } from '@edgewood/isolation-forest';
import { PYTHON_RELEASES, runPython } from './python-releases.ts';

interface PublicSet {
  readonly name: string;
  readonly rows: readonly (readonly number[])[];
  readonly outliers: readonly boolean[];
  readonly seeds: readonly number[];
  readonly auc: readonly number[];
}

const table: object[] = [];
after(() => console.table(table));

for (const release of PYTHON_RELEASES.filter(({ name }) => name === 'debian' || name === 'newest')) {
  test(`scikit-learn ${release.name}: the same ROC-AUC on public sets, to 1e-9`, { skip: release.skip }, () => {
    for (const { name, rows, outliers, seeds, auc } of runPython<PublicSet[]>(release, 'rank_public_sets.py', [])) {
      const differences = seeds.map((randomState, index) => {
        const scores = new IsolationForest({ randomState }).fit(rows).scoreSamples(rows);
        return Math.abs(rocAuc(scores, outliers) - (auc[index] ?? Number.NaN));
      });
      const largest = Math.max(...differences);
      const mean = auc.reduce((sum, value) => sum + value, 0) / auc.length;
      table.push({
        release: release.sklearnVersion,
        set: name,
        rows: rows.length,
        'mean AUC': mean.toFixed(4),
        largest,
      });
      assert.ok(largest <= 1e-9, `${name}: ${largest}`);
    }
  });
}

/** Share of pairs of an outlier and an inlier in which the outlier scores lower; ties count half. */
function rocAuc(scores: Float64Array, outliers: readonly boolean[]): number {
  const of = (wanted: boolean) => scores.filter((_, row) => outliers[row] === wanted);
  const [odd, ordinary] = [of(true), of(false)];
  let wins = 0;
  for (const low of odd) for (const high of ordinary) wins += low < high ? 1 : low === high ? 0.5 : 0;
  return wins / (odd.length * ordinary.length);
}
