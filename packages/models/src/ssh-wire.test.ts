import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SshReader, sshNumber, sshString } from './ssh-wire.ts';

test('what is written is read back, and what ends too early is a RangeError', () => {
  const bytes = Buffer.concat([sshNumber(0xfffffffe), sshString('é'), Uint8Array.of(7)]);
  const reader = new SshReader(bytes);
  assert.equal(reader.number(), 0xfffffffe);
  assert.equal(Buffer.from(reader.string()).toString(), 'é');
  assert.equal(reader.restBytes, 1);
  assert.equal(reader.byte(), 7);
  assert.throws(() => reader.byte(), RangeError);
  assert.throws(() => new SshReader(sshNumber(1)).string(), RangeError);
  assert.throws(() => new SshReader(Uint8Array.of(0, 0)).number(), RangeError);
});
