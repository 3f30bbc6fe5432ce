import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '@edgewood/service';
import { targetsNamed } from './deploy-targets.ts';

const { deploy: CONFIG } = parseConfig(
  `deploy:
  targets:
    - {name: edge-7, to: "pi@edge-7:/models", api: "http://edge-7:8420", token_file: token}
    - {name: edge-8, to: "pi@edge-8:/models"}
    - {name: nas, to: /mnt/models}
  groups: [{name: sites, targets: [edge-8, edge-7]}]`,
  'edgewood.yaml',
  {},
);

const NO_CONFIG = parseConfig('', 'none', {}).deploy;

/** What is named, and the names of the targets that this means. */
const CASES: [string[], string[]][] = [
  [['edge-7'], ['edge-7']],
  [['sites'], ['edge-8', 'edge-7']],
  [['all'], ['edge-7', 'edge-8', 'nas']],
  [
    ['edge-7', 'sites', 'all'],
    ['edge-7', 'edge-8', 'nas'],
  ],
  [['pi@edge-7:/models', 'edge-7'], ['pi@edge-7:/models']],
  [
    ['/mnt/other', 'root@[::1]:/m'],
    ['/mnt/other', 'root@[::1]:/m'],
  ],
  [[], []],
];

test('a name means a target, a group, all, or an address; each target once', () => {
  for (const [names, expected] of CASES) {
    assert.deepEqual(
      targetsNamed(names, CONFIG).map(({ name }) => name),
      expected,
      names.join(' '),
    );
  }
  const [target] = targetsNamed(['edge-7'], CONFIG);
  const address = { kind: 'ssh', host: 'edge-7', user: 'pi', port: undefined, directory: '/models' };
  assert.deepEqual(target, { name: 'edge-7', address, api: 'http://edge-7:8420', tokenFile: 'token' });
});

test('a name that means nothing is refused with those that there are', () => {
  assert.throws(
    () => targetsNamed(['edge-9'], CONFIG),
    /edge-9 is no address, .*there are edge-7, edge-8, nas, sites$/,
  );
  assert.throws(() => targetsNamed(['edge-7'], NO_CONFIG), /name a configuration that has some by --config$/);
  assert.throws(() => targetsNamed(['all'], NO_CONFIG), /and it has none$/);
  assert.throws(() => targetsNamed(['-oProxyCommand=x:/m'], CONFIG), { code: 'BAD_TARGET' });
});
