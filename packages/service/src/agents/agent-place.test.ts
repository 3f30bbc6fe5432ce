import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf } from './agent-place.ts';

const CASES: readonly [use: string, specifier: string, description: string][] = [
  ['./ssh.ts', 'file:///etc/edgewood/ssh.ts', '/etc/edgewood/ssh.ts'],
  ['../agents/ssh.js', 'file:///etc/agents/ssh.js', '/etc/agents/ssh.js'],
  ['/opt/a b#1.ts', 'file:///opt/a%20b%231.ts', '/opt/a b#1.ts'],
  ['edgewood-ssh', 'edgewood-ssh', 'the package edgewood-ssh, from /etc/edgewood'],
  ['@example/agents/ssh', '@example/agents/ssh', 'the package @example/agents/ssh, from /etc/edgewood'],
  ['ssh.ts', 'ssh.ts', 'the package ssh.ts, from /etc/edgewood'],
];

for (const [use, specifier, description] of CASES) {
  test(`${use} is found from the directory of the configuration`, () => {
    const isPackage = description.startsWith('the package');
    const parentUrl = 'file:///etc/edgewood/edgewood.yaml';
    assert.deepEqual(placeOf(use, '/etc/edgewood'), { specifier, parentUrl, description, isPackage });
  });
}
