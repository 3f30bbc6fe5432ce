import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ForestError } from '../errors.ts';
import { readSklearnFile } from './read-sklearn-file.ts';
import { COSTLY_FILES, cheapFile } from './testing/costly-files.ts';

/** Where nothing else runs, reading takes a fifth of it. */
const LONGEST_MS = 5_000;

describe('a file that would cost more than it may', () => {
  it('is otherwise a forest that is read', async () => {
    const { forest } = await readSklearnFile(cheapFile());
    assert.equal(forest?.estimators.length, 2);
  });

  for (const { what, code, make } of COSTLY_FILES) {
    it(`is refused with ${code}: ${what}`, async () => {
      const bytes = make();
      const start = performance.now();
      await assert.rejects(readSklearnFile(bytes), (error) => {
        assert.ok(error instanceof ForestError, String(error));
        assert.equal(error.code, code, error.message);
        assert.ok(error.message.length < 300, error.message.slice(0, 300));
        return true;
      });
      const tookMs = performance.now() - start;
      assert.ok(tookMs < LONGEST_MS, `${tookMs} ms`);
    });
  }
});
