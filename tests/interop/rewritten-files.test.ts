/**
 * Every version pair: files that nine scikit-learn releases wrote, in all their protocols and variants, are read, written
 * again for each release that is installed here, and loaded there, with every warning an error.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readSklearnFile, writeSklearnForest } from '@edgewood/isolation-forest';
import { readGenuineFiles } from '../../packages/isolation-forest/src/sklearn/testing/genuine-files.ts';
import { PYTHON_RELEASES, runPython } from './python-releases.ts';

const { rows, files } = readGenuineFiles();
/** Compressions that are refused with a clear error have nothing to be rewritten. */
const NOT_UNDONE = new Set(['bzip2', 'xz', 'lzma', 'lz4']);
const forests = files.filter(({ forest, compression }) => forest !== null && !NOT_UNDONE.has(compression));

const table: Record<string, string | number>[] = [];
after(() => console.table(table));

for (const release of PYTHON_RELEASES) {
  const title = `scikit-learn ${release.name} loads what nine releases wrote and we rewrote for it`;
  test(title, { skip: release.skip }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'edgewood-rewritten-'));
    const index = await Promise.all(
      forests.map(async ({ bytes, sklearnVersion, forest: genuine }, number) => {
        const { forest } = await readSklearnFile(bytes);
        assert.ok(forest !== undefined && genuine !== null);
        const file = `${number}.joblib`;
        writeFileSync(
          join(directory, file),
          writeSklearnForest(forest, { sklearnVersion: release.sklearnVersion ?? '' }),
        );
        // A forest trained without a seed is written with seed 0, which its reading warned of.
        const parameters = { ...genuine.parameters, random_state: genuine.parameters.random_state ?? 0 };
        return { file, written_by: sklearnVersion, parameters, scores: genuine.scores };
      }),
    );
    writeFileSync(join(directory, 'index.json'), JSON.stringify({ rows, files: index }));
    const answers = runPython<{ written_by: string; file: string; problem: string | null }[]>(
      release,
      'check_rewritten_forests.py',
      [directory],
    );
    rmSync(directory, { recursive: true });
    const counts = Map.groupBy(answers, ({ written_by }) => written_by);
    const written = [...counts].map(([by, group]) => [`from ${by}`, group.length]);
    const problems = answers.filter(({ problem }) => problem !== null);
    table.push({ loaded: release.sklearnVersion ?? '', ...Object.fromEntries(written), problems: problems.length });
    assert.deepEqual(problems, []);
    assert.equal(answers.length, forests.length);
  });
}
