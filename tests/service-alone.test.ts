/** The service never depends on training: installed alone it brings no trainer, and it starts. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');

/** @edgewood/service and what it says that it depends on, all the way down. */
function packagesOfService(): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
    for (const dependency of Object.keys(dependencies)) {
      if (dependency.startsWith('@edgewood/')) visit(dependency.slice('@edgewood/'.length));
    }
  };
  visit('service');
  return [...found];
}

const START = `
import { runService } from '@edgewood/service';
await runService({ configPath: 'edgewood.yaml', env: process.env });
`;

test('@edgewood/service installed alone has no trainer beside it, and starts', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'edgewood-service-alone-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'package.json'), '{"private": true, "type": "module"}');
  const tarballs = packagesOfService().map((name) => {
    const args = ['pack', '--silent', '--pack-destination', directory];
    return join(directory, execFileSync('npm', args, { cwd: join(root, 'packages', name), encoding: 'utf8' }).trim());
  });
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  execFileSync('npm', ['install', ...quiet, ...tarballs], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  const installed = readdirSync(join(directory, 'node_modules/@edgewood')).sort();
  assert.deepEqual(installed, ['detection', 'features', 'isolation-forest', 'logs', 'models', 'service', 'surprise']);

  writeFileSync(join(directory, 'start.js'), START);
  writeFileSync(join(directory, 'edgewood.yaml'), 'http: {port: 0}\n');
  const env = { ...process.env, DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' };
  const child = spawn(process.execPath, ['start.js'], { cwd: directory, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const { address } = JSON.parse(line);
    if (address === undefined) continue;
    const health = (await (await fetch(`${address}/healthz`)).json()) as { status: string; reasons: string[] };
    assert.equal(health.status, 'degraded');
    assert.match(health.reasons.join(), /cannot read models|NO_ACTIVE_MODEL/);
    child.kill('SIGTERM');
    break;
  }
  assert.equal(await ended, 0);
});
