import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTENT_CHECK, type ContentLook, type ContentReading, isReadingDue, nextReading } from './content-policy.ts';

const AT_MS = 1_000_000;
const { youngMs, everyMs } = CONTENT_CHECK;
const settled: ContentReading = { identity: 'a', content: 'x', sinceMs: AT_MS - 1e9, atMs: AT_MS };
const young: ContentReading = { ...settled, sinceMs: AT_MS };

const look = (identity: string, waitedMs: number, asked = false): ContentLook => ({
  identity,
  nowMs: AT_MS + waitedMs,
  asked,
});

const CASES: readonly [string, ContentReading | undefined, ContentLook, boolean][] = [
  ['the first look reads', undefined, look('a', 0), true],
  ['another identity is a reason to read', settled, look('b', 1), true],
  ['the same identity is believed', settled, look('a', everyMs - 1), false],
  ['now and then it is not believed', settled, look('a', everyMs), true],
  ['while the content is young it is not believed', young, look('a', youngMs - 1), true],
  ['when the content is no longer young it is', young, look('a', youngMs), false],
  ['somebody who asks wants to know', settled, look('a', 1, true), true],
];

for (const [title, last, seen, expected] of CASES) {
  test(title, () => assert.equal(isReadingDue(last, seen), expected));
}

test('a content grows old as long as neither it nor the identity changes', () => {
  const first = nextReading(undefined, look('a', 0), 'x');
  assert.deepEqual(first, { identity: 'a', content: 'x', sinceMs: AT_MS, atMs: AT_MS });
  const same = nextReading(first, look('a', 10), 'x');
  assert.deepEqual(same, { ...first, atMs: AT_MS + 10 });
  assert.equal(nextReading(same, look('a', 20), 'y').sinceMs, AT_MS + 20);
  assert.equal(nextReading(same, look('b', 20), 'x').sinceMs, AT_MS + 20);
});
