import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { DeployProgress } from './deploy-progress.ts';

function shownOn(stream: { isTTY?: boolean; columns?: number }) {
  let text = '';
  const written = new Writable({
    write: (piece, _encoding, done) => {
      text += piece;
      done();
    },
  });
  const progress = new DeployProgress(['edge-7', 'a'], Object.assign(written, stream));
  progress.tell('a', { step: 'upload', state: 'begins', note: '' });
  progress.tell('a', { step: 'upload', state: 'goes-on', note: '', sentBytes: 500, totalBytes: 2_000 });
  progress.tell('a', { step: 'upload', state: 'done', note: '2 files\x1b[2J' });
  progress.tell('edge-7', { step: 'watch', state: 'goes-on', note: '1 of 3 cycles' });
  progress.tell('a', { step: 'roll-back', state: 'begins', note: 'other features' });
  progress.end('a');
  progress.end('edge-7');
  return text;
}

test('away from a terminal there is a line for each step that is done or failed, and nothing that moves', () => {
  assert.equal(shownOn({}), 'a      ✓ upload    2 files\\x1b[2J\na      ✗ failed    other features\n');
});

test('on a terminal a line tells what all are about, and is cleared before the next and at the end', () => {
  const text = shownOn({ isTTY: true, columns: 80 });
  assert.ok(text.includes('\r\x1b[Ka upload 25% of 2,000 bytes'), text);
  assert.ok(text.includes('\r\x1b[Ka upload, edge-7 watch: 1 of 3 cycles'), text);
  assert.ok(text.endsWith('\r\x1b[K'), text);
  assert.ok(!text.includes('\x1b[2J'), 'what the other machine says clears no screen');
});

test('the moving line is no wider than the terminal', () => {
  const longest = Math.max(
    ...shownOn({ isTTY: true, columns: 20 })
      .split('\r\x1b[K')
      .filter((part) => !part.includes('\n'))
      .map((part) => part.length),
  );
  assert.ok(longest < 20, String(longest));
});
