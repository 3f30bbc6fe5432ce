import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hasFile, type ModelFiles } from '../model-files.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = async (files: ModelFiles, name: string) => new TextDecoder().decode(await files.read(name));

/** What every implementation of {@link ModelFiles} does. */
export function testModelFiles(kind: string, create: (t: TestContext) => Promise<ModelFiles>): void {
  test(`${kind}: what was written is read back and listed`, async (t) => {
    const files = await create(t);
    assert.deepEqual(await files.list(), []);
    await files.write('b.json', bytes('two'));
    await files.write('a.json', bytes('one'));
    assert.deepEqual(await files.list(), ['a.json', 'b.json']);
    assert.equal(await textOf(files, 'b.json'), 'two');
  });

  test(`${kind}: a file that exists is never written again`, async (t) => {
    const files = await create(t);
    await files.write('a.json', bytes('first'));
    await assert.rejects(files.write('a.json', bytes('second')), { code: 'FILE_EXISTS' });
    assert.equal(await textOf(files, 'a.json'), 'first');
    assert.deepEqual(await files.list(), ['a.json']);
  });

  test(`${kind}: a file that belongs to no version can be replaced, and a link of its name too`, async (t) => {
    const files = await create(t);
    await files.replaceFile('report.json', bytes('first'));
    const first = await files.identify('report.json');
    await files.replaceFile('report.json', bytes('second'));
    assert.equal(await textOf(files, 'report.json'), 'second');
    assert.notEqual((await files.identify('report.json'))?.content, first?.content);
    await files.replaceLink('log.json', 'report.json');
    await files.replaceFile('log.json', bytes('own'), false);
    assert.equal(await textOf(files, 'report.json'), 'second');
    assert.equal(await textOf(files, 'log.json'), 'own');
    assert.deepEqual(await files.list(), ['log.json', 'report.json']);
  });

  test(`${kind}: a link leads to its file and can be pointed elsewhere`, async (t) => {
    const files = await create(t);
    await files.write('one', bytes('1'));
    await files.write('two', bytes('2'));
    await files.replaceLink('active', 'one');
    assert.equal(await textOf(files, 'active'), '1');
    assert.equal((await files.identify('active'))?.target, 'one');
    await files.replaceLink('active', 'two');
    assert.equal(await textOf(files, 'active'), '2');
    assert.deepEqual(await files.list(), ['active', 'one', 'two']);
  });

  test(`${kind}: the identity changes with the target and with the content behind it`, async (t) => {
    const files = await create(t);
    assert.equal(await files.identify('active'), undefined);
    await files.replaceLink('active', 'one');
    assert.deepEqual(await files.identify('active'), { target: 'one', content: '', sizeBytes: 0 });
    await files.write('one', bytes('1'));
    const first = await files.identify('active');
    assert.equal(first?.sizeBytes, 1);
    assert.deepEqual(await files.identify('active'), first);
    await files.remove('one');
    await files.write('one', bytes('2'));
    assert.notEqual((await files.identify('active'))?.content, first.content);
  });

  test(`${kind}: a name that is not there cannot be read, but can be removed`, async (t) => {
    const files = await create(t);
    await assert.rejects(files.read('none'), { code: 'FILE_UNREADABLE' });
    await files.remove('none');
  });

  test(`${kind}: a link that is removed leaves its file`, async (t) => {
    const files = await create(t);
    await files.write('one', bytes('1'));
    await files.replaceLink('active', 'one');
    await files.remove('active');
    assert.deepEqual(await files.list(), ['one']);
  });

  test(`${kind}: a directory does not take what is written as its own memory`, async (t) => {
    const files = await create(t);
    const given = bytes('one');
    await files.write('a.json', given);
    given.fill(0);
    (await files.read('a.json')).fill(0);
    assert.equal(await textOf(files, 'a.json'), 'one');
  });

  test(`${kind}: a link replaces a file of its name`, async (t) => {
    const files = await create(t);
    await files.write('one', bytes('1'));
    await files.write('active', bytes('copied'));
    assert.equal((await files.identify('active'))?.target, undefined);
    await files.replaceLink('active', 'one');
    assert.equal(await textOf(files, 'active'), '1');
  });

  test(`${kind}: there is no file behind a name that is free or a link to nothing`, async (t) => {
    const files = await create(t);
    await files.replaceLink('active', 'one');
    assert.equal(await hasFile(files, 'one'), false);
    assert.equal(await hasFile(files, 'active'), false);
    await files.write('one', bytes(''));
    assert.equal(await hasFile(files, 'one'), true);
    assert.equal(await hasFile(files, 'active'), true);
  });

  test(`${kind}: where it can be watched, each kind of change is told, until that is no longer wanted`, async (t) => {
    const files = await create(t);
    const changes = [
      () => files.write('one', bytes('1')),
      () => files.replaceLink('active', 'one'),
      () => files.replaceLink('active', 'two'),
      () => files.remove('one'),
    ];
    for (const change of changes) {
      const [told, ending] = [Promise.withResolvers<void>(), new AbortController()];
      files.watch?.(told.resolve, ending.signal);
      await change();
      if (files.watch !== undefined) await told.promise;
      ending.abort();
    }
    const ended = AbortSignal.abort();
    files.watch?.(() => assert.fail('told after the end'), ended);
    await files.write('one', bytes('1'));
  });

  test(`${kind}: names that lead out of the directory or are hidden are refused`, async (t) => {
    const files = await create(t);
    for (const name of ['../secret', '/etc/passwd', 'a/b', '.hidden', '..', '']) {
      await assert.rejects(files.read(name), { code: 'BAD_NAME' }, name);
      await assert.rejects(files.write(name, bytes('1')), { code: 'BAD_NAME' }, name);
      await assert.rejects(files.remove(name), { code: 'BAD_NAME' }, name);
      await assert.rejects(files.replaceLink(name, 'one'), { code: 'BAD_NAME' }, name);
      await assert.rejects(files.identify(name), { code: 'BAD_NAME' }, name);
    }
  });
}
