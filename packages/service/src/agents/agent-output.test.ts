import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordingLog } from '../testing/recording-log.ts';
import { AgentOutput } from './agent-output.ts';

test('what is printed is logged line by line, however it comes in pieces', () => {
  const log = new RecordingLog();
  const output = new AgentOutput('ssh', log, 100);
  for (const piece of ['on', 'e\n\ntwo\r\nth', 'ree']) output.write(piece);
  assert.deepEqual(log.lines, ['info: ssh printed: one', 'info: ssh printed: two']);
  output.renew();
  assert.deepEqual(log.lines.slice(2), ['info: ssh printed: three']);
});

test('more than the limit is counted and dropped, until the limit is renewed', () => {
  const log = new RecordingLog();
  const output = new AgentOutput('ssh', log, 4);
  output.write('12\n456\n');
  output.write('x'.repeat(1_000));
  output.renew();
  assert.deepEqual(log.lines, [
    'info: ssh printed: 12',
    'info: ssh printed: 4',
    'warn: ssh printed 1003 more characters, which are not shown',
  ]);
  output.write('5\n');
  output.renew();
  assert.deepEqual(log.lines.slice(3), ['info: ssh printed: 5']);
});
