import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeAgent } from './agent-description.ts';

const isFunction = { isFunction: true };
const GOOD = { name: 'ssh', programs: ['sshd', 'dropbear'], window: '5m', inspect: isFunction };

test('a definition says whose entries it looks at, in which windows', () => {
  const description = { name: 'ssh', programs: ['sshd', 'dropbear'], windowMs: 300_000, groupBy: 'device' };
  assert.deepEqual(describeAgent(GOOD), { description, problems: [] });
  const other = { ...GOOD, programs: 'all', window: 60, groupBy: 'global', options: isFunction, memory: isFunction };
  assert.deepEqual(describeAgent(other).description, {
    ...description,
    programs: 'all',
    windowMs: 60_000,
    groupBy: 'global',
  });
});

const BAD: readonly [what: string, definition: unknown, problem: RegExp][] = [
  ['no name', { ...GOOD, name: undefined }, /^name: must be text, got nothing$/],
  [
    'a name that is no word',
    { ...GOOD, name: 'My Agent' },
    /^name: must be a lower-case word such as ssh, got "My Agent"$/,
  ],
  [
    'no programs',
    { ...GOOD, programs: undefined },
    /^programs: must be a list of program names, or 'all', got nothing$/,
  ],
  ['no program at all', { ...GOOD, programs: [] }, /^programs: must /],
  ['one program without a list', { ...GOOD, programs: 'sshd' }, /^programs: must be a list .*, got "sshd"$/],
  ['a window that is no duration', { ...GOOD, window: 'five' }, /^window: must be a duration such as .*, got "five"$/],
  ['a window that does not divide a day', { ...GOOD, window: '7m' }, /^window: a window must .*, got 420 s$/],
  [
    'a grouping that there is not',
    { ...GOOD, groupBy: 'host' },
    /^groupBy: must be one of device, global, got "host"$/,
  ],
  ['options that are no function', { ...GOOD, options: { most: 3 } }, /^options: must be a function, got /],
  ['no inspect', { ...GOOD, inspect: undefined }, /^inspect: must be a function, got nothing$/],
  ['a misspelt key', { ...GOOD, groupby: 'device' }, /^groupby: there is no such key, did you mean groupBy\?/],
  ['a list', [], /^the definition: must be an object, got /],
];

for (const [what, definition, problem] of BAD) {
  test(`a definition with ${what} is refused, and told why`, () => {
    const { description, problems } = describeAgent(definition);
    assert.equal(description, undefined);
    assert.equal(problems.length, 1);
    assert.match(problems[0], problem);
  });
}

test('everything that is wrong is said at once', () => {
  assert.equal(describeAgent({ window: '5 minutes', inspect: 3, groupBy: 'x' }).problems.length, 5);
});
