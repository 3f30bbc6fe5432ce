import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { ForestError } from '../errors.ts';
import { readSklearnFile } from './read-sklearn-file.ts';
import { MARKER, readHostileFiles } from './testing/hostile-files.ts';

/** Reading takes a tenth of it at most where nothing else runs. */
const LONGEST_MS = 2_000;
/** Memory of the whole process, the unpacked corpus and Node itself included; about half of it is seen. */
const LARGEST_MEMORY_MIB = 1024;

describe('a hostile file', () => {
  after(() => {
    assert.ok(!existsSync(MARKER), 'a payload was run');
    const memoryMib = process.resourceUsage().maxRSS / 1024;
    assert.ok(memoryMib < LARGEST_MEMORY_MIB, `${memoryMib} MiB`);
  });

  for (const { name, what, code, bytes } of readHostileFiles()) {
    it(`is refused with ${code}: ${name}, ${what}`, async () => {
      const start = performance.now();
      await assert.rejects(readSklearnFile(bytes), (error) => {
        assert.ok(error instanceof ForestError, String(error));
        assert.equal(error.code, code, error.message);
        assert.ok(error.message.length < 300, error.message);
        assert.ok(Number.isSafeInteger(error.offset), 'the error has a place');
        return true;
      });
      assert.ok(performance.now() - start < LONGEST_MS);
    });
  }
});
