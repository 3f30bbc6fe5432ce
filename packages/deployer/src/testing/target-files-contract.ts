import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseAgentName } from '@edgewood/models';
import { type TargetFiles, UPLOAD_PREFIX } from '../target-files.ts';

/** Files in a directory of this machine, whichever way they are reached. */
export interface TargetToTest {
  readonly files: TargetFiles;
  /** The directory's path on this machine. */
  readonly path: string;
}

/** What every implementation of {@link TargetFiles} does beyond {@link ModelFiles}. */
export function testTargetFiles(kind: string, create: (t: TestContext) => Promise<TargetToTest>): void {
  const bytesOf = (sizeBytes: number) => Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 7919) >> 3);

  test(`${kind}: a verified write arrives whole, and its progress rises to the last byte`, async (t) => {
    const { files, path } = await create(t);
    for (const sizeBytes of [0, 1, 32_768, 32_769, 3_000_001]) {
      const told: number[] = [];
      await files.writeVerified(`a${sizeBytes}`, bytesOf(sizeBytes), (sentBytes) => told.push(sentBytes));
      assert.deepEqual(await files.read(`a${sizeBytes}`), bytesOf(sizeBytes));
      assert.equal(told.at(-1), sizeBytes);
      assert.deepEqual(
        told,
        told.toSorted((one, other) => one - other),
      );
    }
    assert.equal((await readdir(path)).length, 5);
  });

  test(`${kind}: a verified write does not replace what is there`, async (t) => {
    const { files, path } = await create(t);
    await files.write('a', bytesOf(10));
    await assert.rejects(files.writeVerified('a', bytesOf(20)), { code: 'FILE_EXISTS' });
    assert.deepEqual(await files.read('a'), bytesOf(10));
    assert.deepEqual(await readdir(path), ['a']);
  });

  test(`${kind}: of many writes of one name at once, one gets it`, async (t) => {
    const { files, path } = await create(t);
    const writes = Array.from({ length: 20 }, (_, at) => files.write('lock', bytesOf(at)));
    const ended = await Promise.allSettled(writes);
    const winners = ended.flatMap(({ status }, at) => (status === 'fulfilled' ? [at] : []));
    assert.equal(winners.length, 1);
    for (const end of ended) assert.ok(end.status === 'fulfilled' || end.reason.code === 'FILE_EXISTS');
    assert.equal((await files.read('lock')).length, winners[0]);
    assert.deepEqual(await readdir(path), ['lock']);
  });

  test(`${kind}: what a listener to progress throws ends a write, and nothing is left of it`, async (t) => {
    const { files, path } = await create(t);
    const enough = new Error('enough');
    const stop = (sentBytes: number) => {
      if (sentBytes > 1_000_000) throw enough;
    };
    await assert.rejects(files.writeVerified('a', bytesOf(3_000_000), stop), enough);
    assert.deepEqual(await readdir(path), []);
    await files.writeVerified('a', bytesOf(10));
  });

  test(`${kind}: leftovers of an agent are removed, and nothing else is`, async (t) => {
    const { files, path } = await create(t);
    const leftovers = ['wifi_model_20250607_230000.joblib.1', 'wifi_deployment.json.2'].map(
      (name) => `${UPLOAD_PREFIX}${name}`,
    );
    const others = [
      `${UPLOAD_PREFIX}wifi-guest_model_20250607_230000.joblib.1`,
      `${UPLOAD_PREFIX}dns_model_20250607_230000.joblib.1`,
      '.edgewood-wifi_deployment.json.3',
      'wifi_model_20250607_230000.joblib',
    ];
    for (const name of [...leftovers, ...others]) await writeFile(join(path, name), 'half');
    assert.deepEqual(await files.removeLeftovers(parseAgentName('wifi')), leftovers.toSorted());
    assert.deepEqual(await files.removeLeftovers(parseAgentName('wifi')), []);
    assert.deepEqual((await readdir(path)).sort(), others.toSorted());
  });

  test(`${kind}: a verified write refuses names that lead out of the directory or are hidden`, async (t) => {
    const { files } = await create(t);
    for (const name of ['../secret', '/etc/passwd', 'a/b', '.hidden', '..', '']) {
      await assert.rejects(files.writeVerified(name, bytesOf(1)), { code: 'BAD_NAME' }, name);
    }
  });

  test(`${kind}: free space is told, and it can be closed twice`, async (t) => {
    const { files } = await create(t);
    const freeBytes = await files.freeBytes();
    assert.ok(freeBytes !== undefined && freeBytes > 0 && Number.isSafeInteger(freeBytes));
    assert.equal(files.lasting, true);
    await files.close();
    await files.close();
  });
}
