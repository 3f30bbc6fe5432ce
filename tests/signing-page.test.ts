/** docs/signing.md does what it says: its own commands, in its order, and its configuration. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { runEdgewood } from '../packages/cli/src/testing/run-edgewood.ts';
import { csvRow } from '../packages/logs/src/testing/memory-log-source.ts';
import { ServiceProcess } from '../packages/service/src/testing/service-process.ts';
import { accessPointLog } from '../packages/trainer/src/testing/sample-logs.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/signing.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'edgewood-signing-page-'));
const models = join(folder, 'models');
after(() => rmSync(folder, { recursive: true }));

function blocksOf(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block);
}

before(async () => {
  let csv = 'timestamp,device_id,program,log_level,message\n';
  for await (const entries of accessPointLog({ hours: 6 })) csv += entries.map(csvRow).join('');
  writeFileSync(join(folder, 'logs.csv'), csv);
  mkdirSync(models);
  mkdirSync(join(folder, 'bin'));
  const command = `#!/bin/sh\nexec '${process.execPath}' --conditions=source '${join(root, 'packages/cli/src/testing/edgewood.ts')}' "$@"\n`;
  writeFileSync(join(folder, 'bin/edgewood'), command);
  chmodSync(join(folder, 'bin/edgewood'), 0o755);
});

const skip = spawnSync('openssl', ['version']).error !== undefined && 'openssl is not installed';

test("the page's commands do what they say, and OpenSSL believes the signature", { skip }, async () => {
  const path = [join(folder, 'bin'), dirname(process.execPath), process.env.PATH].join(delimiter);
  const script = ['set -euo pipefail', ...blocksOf('sh')].join('\n');
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, env: { PATH: path } });
  assert.match(stdout, /^Signature Verified Successfully$/m);
  assert.match(stdout, /^models\/wifi_model_\d{8}_\d{6}\.joblib: OK$/m);
  assert.equal(stdout.match(/^ok +signature .*, which is trusted$/gm)?.length, 3);
});

test("a service with the page's configuration uses what the key signed, and refuses what was changed since", {
  skip,
}, async (t) => {
  const [older = '', newer = ''] = readdirSync(models).filter((name) => name.startsWith('wifi_metadata_2'));
  const versionOf = (metadata: string) => /\d{8}_\d{6}/.exec(metadata)?.[0] ?? '';
  const activate = (metadata: string) =>
    runEdgewood(['models', 'activate', 'wifi', versionOf(metadata), '--dir', models]);
  const changed = join(models, newer);
  const signed = readFileSync(join(models, older), 'utf8');
  await activate(older);

  const [yaml = ''] = blocksOf('yaml');
  const config = yaml
    .replace('directory: models', `directory: ${models}`)
    .replace('training.pub', `${folder}/training.pub`);
  const rest = `http: {port: 0}\nstore: {file: ${folder}/store.sqlite}\ndatabase: {url: 'postgresql://nobody@127.0.0.1:1/logs'}\n`;
  writeFileSync(join(folder, 'edgewood.yaml'), config + rest);
  const service = ServiceProcess.start([join(folder, 'edgewood.yaml')], {});
  t.after(() => service.kill());
  await service.line(new RegExp(`model ${versionOf(older)} is in use`));

  const byTraining = JSON.parse(signed).signature;
  writeFileSync(changed, JSON.stringify({ ...JSON.parse(readFileSync(changed, 'utf8')), signature: byTraining }));
  await activate(newer);
  const { msg } = await service.line(/SIGNATURE_WRONG/);
  assert.match(msg, new RegExp(`is not of this metadata.*${versionOf(older)}`));
});
