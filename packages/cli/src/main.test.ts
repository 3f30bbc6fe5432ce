import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

const START = `const { runCommand } = await import(${JSON.stringify(join(import.meta.dirname, 'main.ts'))});
process.exitCode = await runCommand(['node', 'edgewood', '--help']);`;

test('a reader that has seen enough ends a command quietly', async () => {
  const args = ['--conditions=source', '--input-type=module', '--eval', START];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const errors: Buffer[] = [];
  child.stderr.on('data', (piece: Buffer) => errors.push(piece));
  child.stdout.destroy();
  const [code] = await once(child, 'close');
  assert.deepEqual([code, Buffer.concat(errors).toString()], [0, '']);
});
