import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTargetAddress, parseTargetAddress, type TargetAddress } from './target-address.ts';

const ssh = (host: string, directory: string, user?: string, port?: number): TargetAddress => ({
  kind: 'ssh',
  host,
  user,
  port,
  directory,
});
const local = (directory: string): TargetAddress => ({ kind: 'local', directory });

const READ: readonly (readonly [string, TargetAddress])[] = [
  ['pi@edge-7:/var/lib/edgewood/models', ssh('edge-7', '/var/lib/edgewood/models', 'pi')],
  ['edge-7:models', ssh('edge-7', 'models')],
  ['edge-7:~/models', ssh('edge-7', 'models')],
  ['edge-7:/', ssh('edge-7', '/')],
  ['edge_7.example.org:a:b', ssh('edge_7.example.org', 'a:b')],
  ['anna@corp.example@edge-7:/m', ssh('edge-7', '/m', 'anna@corp.example')],
  ['edge-7:/m@home', ssh('edge-7', '/m@home')],
  ['192.0.2.7:/m', ssh('192.0.2.7', '/m')],
  ['[fe80::1]:/dir', ssh('fe80::1', '/dir')],
  ['pi@[fe80::1%eth0]:/dir', ssh('fe80::1%eth0', '/dir', 'pi')],
  [`edge-7:/it's "the" models; $(x)`, ssh('edge-7', `/it's "the" models; $(x)`)],
  ['edge-7:-models', ssh('edge-7', '-models')],
  ['ssh://pi@edge-7:2222/var/models', ssh('edge-7', '/var/models', 'pi', 2222)],
  ['ssh://edge-7/var/models', ssh('edge-7', '/var/models')],
  ['ssh://edge-7/~/models', ssh('edge-7', 'models')],
  ['ssh://[::1]:22/a%20b%25c', ssh('::1', '/a b%c', undefined, 22)],
  ['ssh://edge-7/a:b@c', ssh('edge-7', '/a:b@c')],
  ['/dir', local('/dir')],
  ['/a:b', local('/a:b')],
  ['./dir', local('./dir')],
  ['../dir', local('../dir')],
  ['.', local('.')],
  ['./-o x', local('./-o x')],
];

for (const [text, address] of READ) {
  test(`${JSON.stringify(text)} is a target, and is found again in what is written of it`, () => {
    assert.deepEqual(parseTargetAddress(text), address);
    assert.deepEqual(parseTargetAddress(formatTargetAddress(address)), address);
  });
}

test('a target with a port is written as a URL, whatever its directory is called', () => {
  for (const directory of ['/a b#c?d%e', 'models', '/~x', "/it's", '//a']) {
    const address = ssh('fe80::1', directory, 'pi', 2222);
    assert.deepEqual(parseTargetAddress(formatTargetAddress(address)), address, directory);
  }
  assert.equal(formatTargetAddress(ssh('edge-7', '/m', 'pi', 22)), 'ssh://pi@edge-7:22/m');
});

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['', /1 to 2000 characters/],
  ['a'.repeat(3000), /1 to 2000 characters/],
  ['edge-7', /begins with \/ or \.\//],
  ['models/wifi', /begins with \/ or \.\//],
  ['dir/a:b', /begins with \/ or \.\//],
  ['edge-7:', /no directory/],
  ['edge-7:~/', /no directory/],
  ['edge-7:~', /whole path/],
  ['edge-7:~anna/models', /whole path/],
  [':/dir', /no name of a machine/],
  ['-oProxyCommand=reboot:/dir', /no name of a machine/],
  ['pi@-oProxyCommand=x:/dir', /no name of a machine/],
  ['-lroot@edge-7:/dir', /no name of a user/],
  ['@edge-7:/dir', /no name of a user/],
  ['edge 7:/dir', /no name of a machine/],
  ['$(reboot):/dir', /no name of a machine/],
  ['pi`x`@edge-7:/dir', /no name of a user/],
  ['edge-7:/dir\nHost x', /control character/],
  ['edge-7:/dir\u0000', /control character/],
  ['edge-7:/\u009b31m', /control character/],
  ['[edge-7]:/dir', /no name of a machine/],
  ['[-1::]:/dir', /no name of a machine/],
  ['fe80::1:/dir', /in brackets/],
  ['ssh://edge-7', /ssh:\/\/pi@edge-7:2222/],
  ['ssh://edge-7/', /ssh:\/\/pi@edge-7:2222/],
  ['ssh://-oX/dir', /no name of a machine/],
  ['ssh://edge-7:0/dir', /1 to 65535/],
  ['ssh://edge-7:65536/dir', /1 to 65535/],
  ['ssh://edge-7:x/dir', /1 to 65535/],
  ['ssh://edge-7/a%zz', /percent-encoded/],
  ['ssh://edge-7/a%0ab', /control character/],
  ['sftp://edge-7/dir', /ssh:\/\/pi@edge-7:2222/],
];

for (const [text, message] of REFUSED) {
  test(`${JSON.stringify(text.slice(0, 60))} is no target, and the error says why`, () => {
    assert.throws(() => parseTargetAddress(text), { code: 'BAD_TARGET', message });
  });
}
