import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonInWords } from './reason-in-words.ts';

test('a reason says what was counted, over how long, and what is usual', () => {
  const reason = { signal: 'minutes with errors', minutes: 15, count: 12, expected: 0.02345678, score: 5 };
  assert.equal(reasonInWords(reason), 'minutes with errors: 12 in 15 min, usually 0.023');
  const long = { ...reason, signal: 'entries', minutes: 360, count: 12_345, expected: 1_200.5 };
  assert.equal(reasonInWords(long), 'entries: 12,345 in 6 h, usually 1,201');
});
