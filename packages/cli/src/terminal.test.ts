import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, formatNumber, formatTable, formatTime, printable } from './terminal.ts';

test('a table has its columns aligned under their titles and no trailing spaces', () => {
  const columns = [{ title: 'name' }, { title: 'n', align: 'right' as const }, { title: 'why' }];
  const lines = formatTable(columns, [
    ['log_count', '5', ''],
    ['ünï', '1,234', 'x'],
  ]).split('\n');
  assert.deepEqual(lines, ['name           n  why', 'log_count      5', 'ünï        1,234  x']);
});

test('a cell that is too long is wrapped at words', () => {
  const lines = formatTable([{ title: 'a' }, { title: 'b', maxWidth: 9 }], [['1', 'one two three']]).split('\n');
  assert.deepEqual(lines, ['a  b', '1  one two', '   three']);
});

test('numbers are shown with four digits, large ones in full', () => {
  const shown = [0, 0.123456, 42.73, 999.96, 1184, 1_572_030, -0.62911].map(formatNumber);
  assert.deepEqual(shown, ['0', '0.1235', '42.73', '1,000', '1,184', '1,572,030', '-0.6291']);
});

test('times are UTC to the second, durations in two units', () => {
  assert.equal(formatTime(Date.parse('2025-05-01T12:05:00.999Z')), '2025-05-01 12:05:00Z');
  assert.deepEqual([12_000, 185_000, 7_800_000].map(formatDuration), ['12 s', '3 min 5 s', '2 h 10 min']);
});

test('what is printed of files and logs cannot steer a terminal', () => {
  assert.equal(printable('\x1b]0;title\x07 \x9b2J\r'), String.raw`\x1b]0;title\x07 \x9b2J\x0d`);
  assert.equal(printable('ünï\t\n'), 'ünï\t\n');
});
