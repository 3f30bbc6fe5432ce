import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activate, activeVersion } from './activation.ts';
import { type ListedVersion, listVersions, newestVersion } from './list-versions.ts';
import { metadataFile, modelFile, parseAgentName, versionOf } from './model-version.ts';
import { prune, versionsToPrune } from './retention.ts';
import { beginShadow } from './shadow.ts';
import { MemoryModelFiles } from './testing/memory-model-files.ts';

const wifi = parseAgentName('wifi');
/** Version `n`, the larger the newer. */
const version = (n: number) => versionOf(n * 1000);

/** Versions n … 1, of which `active` is live, `shadow` is in the shadow, and those of `torn` lack a file. */
function listed(n: number, active: number, torn: readonly number[] = [], shadow = 0): ListedVersion[] {
  return Array.from({ length: n }, (_, at) => n - at).map((number) => ({
    agent: wifi,
    version: version(number),
    active: number === active,
    shadow: number === shadow,
    complete: !torn.includes(number),
    missing: torn.includes(number) ? [modelFile(wifi, version(number))] : [],
  }));
}

test('what is pruned, case by case', () => {
  const cases: { versions: ListedVersion[]; keep: number; gone: number[]; why: string }[] = [
    { versions: listed(5, 5), keep: 2, gone: [3, 2, 1], why: 'the newest stay' },
    { versions: listed(5, 1), keep: 2, gone: [3, 2], why: 'the live one stays, however old' },
    { versions: listed(5, 3), keep: 1, gone: [4, 1], why: 'so does the one before the live one' },
    {
      versions: listed(5, 3, [2]),
      keep: 1,
      gone: [4, 2],
      why: 'to which a rollback would return: it must be complete',
    },
    { versions: listed(5, 5, [], 2), keep: 1, gone: [3, 1], why: 'and the one in the shadow' },
    { versions: listed(5, 0), keep: 0, gone: [5, 4, 3, 2, 1], why: 'where none is live all may go' },
    { versions: listed(2, 2), keep: 9, gone: [], why: 'fewer than may stay' },
  ];
  for (const { versions, keep, gone, why } of cases)
    assert.deepEqual(versionsToPrune(versions, keep), gone.map(version), why);
});

async function directoryOf(numbers: readonly number[]): Promise<MemoryModelFiles> {
  const files = new MemoryModelFiles();
  for (const number of numbers) {
    await files.write(modelFile(wifi, version(number)), new Uint8Array(1));
    await files.write(metadataFile(wifi, version(number)), new Uint8Array(1));
  }
  return files;
}

test('pruning removes all files of a version and nothing else', async () => {
  const files = await directoryOf([1, 2, 3]);
  await files.write(`wifi_baseline_${version(1)}.json`, new Uint8Array(1));
  await files.write('notes.txt', new Uint8Array(1));
  await activate(files, wifi, version(3));
  assert.deepEqual(await prune(files, wifi, { keep: 1, dryRun: true }), [version(1)]);
  assert.equal((await files.list()).length, 10);
  assert.deepEqual(await prune(files, wifi, { keep: 1 }), [version(1)]);
  const left = await files.list();
  assert.ok(!left.some((name) => name.includes(version(1))));
  assert.ok(left.includes('notes.txt'));
  assert.equal(await activeVersion(files, wifi), version(3));
});

test('nothing is pruned while the live version cannot be told', async () => {
  const files = await directoryOf([1, 2, 3]);
  await files.replaceLink('wifi_model_active.joblib', 'wifi_model_20000101_000000.joblib');
  await assert.rejects(prune(files, wifi, { keep: 1 }), { code: 'DANGLING_LINK' });
  assert.equal((await listVersions(files, wifi)).length, 3);
});

test('pruning removes neither the live version nor the one before, whichever is live and however few are kept', async () => {
  for (const live of [1, 2, 3, 4, 5]) {
    for (const keep of [0, 1, 2, 9]) {
      const files = await directoryOf([1, 2, 3, 4, 5]);
      await activate(files, wifi, version(live));
      await prune(files, wifi, { keep });
      const left = (await listVersions(files, wifi)).map((listed) => listed.version);
      const reason = `${live} live, ${keep} kept: ${left}`;
      assert.equal(await activeVersion(files, wifi), version(live), reason);
      assert.ok(live === 1 || left.includes(version(live - 1)), reason);
      assert.ok(left.length >= Math.min(keep, 5), reason);
    }
  }
});

test('pruning never removes the version in the shadow, however old and however few are kept', async () => {
  for (const shadow of [1, 2, 3, 4]) {
    for (const keep of [0, 1, 2]) {
      const files = await directoryOf([1, 2, 3, 4, 5]);
      await activate(files, wifi, version(5));
      await beginShadow(files, wifi, version(shadow));
      await prune(files, wifi, { keep });
      const left = (await listVersions(files, wifi)).filter((listed) => listed.shadow);
      assert.deepEqual(
        left.map((listed) => [listed.version, listed.missing]),
        [[version(shadow), []]],
        `${shadow} in the shadow, ${keep} kept`,
      );
    }
  }
});

test('nothing is pruned while the version in the shadow cannot be told', async () => {
  const files = await directoryOf([1, 2, 3]);
  await activate(files, wifi, version(3));
  await files.replaceLink('wifi_model_shadow.joblib', 'somewhere-else');
  await assert.rejects(prune(files, wifi, { keep: 0 }), { code: 'BAD_LINK' });
  assert.equal((await listVersions(files, wifi)).length, 3);
});

test('pruning stops if another version is put in the shadow meanwhile', async () => {
  const files = await directoryOf([1, 2, 3, 4, 5]);
  await activate(files, wifi, version(5));
  let removals = 0;
  files.onCall = async (method) => {
    if (method === 'remove' && ++removals === 1) await beginShadow(files, wifi, version(1));
  };
  assert.deepEqual(await prune(files, wifi, { keep: 0 }), [version(3)]);
});

test('pruning stops if another version is activated meanwhile', async () => {
  const files = await directoryOf([1, 2, 3, 4, 5]);
  await activate(files, wifi, version(5));
  let removals = 0;
  files.onCall = async (method) => {
    if (method === 'remove' && ++removals === 1) await activate(files, wifi, version(1));
  };
  assert.deepEqual(await prune(files, wifi, { keep: 0 }), [version(3)]);
  assert.equal(await activeVersion(files, wifi), version(1));
});

test('a removal that is cut off leaves a version that is seen to be incomplete', async () => {
  const files = await directoryOf([1, 2, 3]);
  await activate(files, wifi, version(3));
  let removals = 0;
  files.onCall = (method) => {
    if (method === 'remove' && ++removals === 2) throw new Error('power cut');
  };
  await assert.rejects(prune(files, wifi, { keep: 0 }), /power cut/);
  const [, , cut] = await listVersions(files, wifi);
  assert.deepEqual(cut?.missing, [modelFile(wifi, version(1))]);
});

test('versions are listed by agent, the newest first, with those that lack a file', async () => {
  const files = await directoryOf([1, 2]);
  await files.write(`dns_model_${version(9)}.joblib`, new Uint8Array(1));
  await activate(files, wifi, version(1));
  const shown = (await listVersions(files)).map(({ agent, version: v, active, complete }) => [
    agent,
    v,
    active,
    complete,
  ]);
  assert.deepEqual(shown, [
    ['dns', version(9), false, false],
    ['wifi', version(2), false, true],
    ['wifi', version(1), true, true],
  ]);
});

test('the newest version is the newest complete one', async () => {
  const files = await directoryOf([1, 2]);
  await files.write(modelFile(wifi, version(3)), new Uint8Array(1));
  assert.equal(await newestVersion(files, wifi), version(2));
  assert.equal(await newestVersion(files, wifi, version(2)), version(1));
  await assert.rejects(newestVersion(files, wifi, version(1)), { code: 'VERSION_NOT_FOUND' });
});
