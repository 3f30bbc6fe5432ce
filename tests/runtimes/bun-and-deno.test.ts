/** The library under Bun and Deno: the numbers that Node gets, to the last bit. `install.sh` beside this brings them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const script = join(import.meta.dirname, 'forest-numbers.js');
const installed = join(import.meta.dirname, '../../.edgewood/runtimes/node_modules');
const RUNTIMES = [
  { name: 'Bun', places: '@oven/bun-*/bin/bun', args: [script] },
  { name: 'Deno', places: '@deno/linux-*/deno', args: ['run', '--no-lock', script] },
];

for (const { name, places, args } of RUNTIMES) {
  const [program] = existsSync(installed) ? globSync(join(installed, places)) : [];
  if (program === undefined && process.env.CI === 'true') throw new Error(`${name} is missing in CI`);
  const skip = program === undefined ? `no ${name}; see tests/runtimes/install.sh` : false;
  test(`${name} gets the numbers that Node gets`, { skip }, () => {
    const expected = execFileSync(process.execPath, [script], { encoding: 'utf8' });
    assert.equal(execFileSync(program ?? '', args, { encoding: 'utf8' }), expected);
    assert.ok(JSON.parse(expected).scores.length === 300);
  });
}
