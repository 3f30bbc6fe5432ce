import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sshArguments } from './ssh-arguments.ts';

const address = { kind: 'ssh', host: 'edge-7', user: undefined, port: undefined, directory: '/m' } as const;

test('the host stands after --, where it is no option, and then only the subsystem', () => {
  assert.deepEqual(sshArguments(address, {}).slice(-4), ['-s', '--', 'edge-7', 'sftp']);
});

test('nobody is asked, the host key is always checked, nothing is forwarded, no connection is shared', () => {
  const given = sshArguments(address, {});
  for (const setting of [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'ClearAllForwardings=yes',
    'ForwardAgent=no',
    'ForwardX11=no',
    'ControlPath=none',
    'ConnectTimeout=10',
  ]) {
    assert.equal(given[given.indexOf(setting) - 1], '-o', setting);
  }
});

test('what is given goes to ssh, and what is not is left to the configuration of the user', () => {
  assert.ok(!sshArguments(address, {}).some((argument) => ['-F', '-i', '-l', '-p'].includes(argument)));
  const given = sshArguments(
    { ...address, user: 'pi', port: 2222 },
    { configFile: '/a b', identityFile: '/key', connectMs: 1 },
  ).join(' ');
  for (const part of ['-F /a b', '-i /key -o IdentitiesOnly=yes', '-l pi', '-p 2222', 'ConnectTimeout=1 ']) {
    assert.ok(given.includes(part), part);
  }
});
