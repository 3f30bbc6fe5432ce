import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeployErrorCode } from '../errors.ts';
import { sshFailure } from './ssh-failure.ts';

const BEFORE: readonly (readonly [string, DeployErrorCode])[] = [
  ['ssh: Could not resolve hostname edge-9: Name or service not known', 'UNREACHABLE'],
  ['ssh: connect to host 192.0.2.7 port 22: Connection refused', 'UNREACHABLE'],
  ['ssh: connect to host 192.0.2.7 port 22: No route to host', 'UNREACHABLE'],
  ['ssh: connect to host 192.0.2.7 port 22: Connection timed out', 'UNREACHABLE'],
  ['Connection timed out during banner exchange', 'UNREACHABLE'],
  ['kex_exchange_identification: Connection closed by remote host', 'UNREACHABLE'],
  ['channel 0: open failed: connect failed: No route to host\nstdio forwarding failed', 'UNREACHABLE'],
  [
    'No ED25519 host key is known for edge-7 and you have requested strict checking.\r\nHost key verification failed.',
    'HOST_KEY_REFUSED',
  ],
  ['@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\nHost key verification failed.', 'HOST_KEY_REFUSED'],
  ['Unable to negotiate with 192.0.2.7: no matching host key type found. Their offer: ssh-rsa', 'HOST_KEY_REFUSED'],
  ['pi@edge-7: Permission denied (publickey,password).', 'LOGIN_REFUSED'],
  ['Received disconnect from 192.0.2.7 port 22:2: Too many authentication failures', 'LOGIN_REFUSED'],
  ['subsystem request failed on channel 0', 'SFTP_UNUSABLE'],
  ['command-line: line 0: Bad configuration option: clearallforwardings', 'SSH_UNAVAILABLE'],
  ['Bad owner or permissions on /home/anna/.ssh/config', 'SSH_UNAVAILABLE'],
  ['Connection closed by 192.0.2.7 port 22', 'CONNECTION_LOST'],
];

for (const [said, code] of BEFORE) {
  test(`'${said.split('\n').at(-1)}' is ${code}, and is said`, () => {
    const error = sshFailure('pi@edge-7', { exitCode: 255, said: `${said}\r\n`, hasSpoken: false });
    assert.equal(error.code, code);
    assert.ok(error.message.includes('pi@edge-7'));
    assert.ok(error.message.endsWith(said.split('\n').at(-1)!), error.message);
  });
}

test('once SFTP was spoken, an end is a lost connection, whatever is said', () => {
  for (const said of ['pi@edge-7: Permission denied (publickey).', 'client_loop: send disconnect: Broken pipe', '']) {
    assert.equal(sshFailure('pi@edge-7', { exitCode: 255, said, hasSpoken: true }).code, 'CONNECTION_LOST');
  }
});

test('a login after which nothing speaks SFTP is none that can be used', () => {
  const error = sshFailure('pi@edge-7', { exitCode: 127, said: 'sh: 1: sftp-server: not found\n', hasSpoken: false });
  assert.equal(error.code, 'SFTP_UNUSABLE');
  assert.match(error.message, /sftp-server: not found/);
  const silent = sshFailure('pi@edge-7', { exitCode: 1, said: '', hasSpoken: false });
  assert.match(silent.message, /ssh ended with 1 without a word/);
});

test('what was said is one line that does nothing to a terminal, and no long one', () => {
  const said = `\u001b[2J\u0007evil ${'x'.repeat(5000)}\nConnection to edge-7 closed.\n`;
  const { message } = sshFailure('pi@edge-7', { exitCode: undefined, said, hasSpoken: true });
  assert.doesNotMatch(message, /\p{Cc}/u);
  assert.match(message, /evil/);
  assert.ok(message.length < 400);
});
