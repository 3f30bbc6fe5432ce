/** Keys, signed training and verification, as a user types them. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { csvRow } from '../../logs/src/testing/memory-log-source.ts';
import { hasOpenssh, startSshAgent } from '../../models/src/testing/ssh-agent-process.ts';
import { accessPointLog } from '../../trainer/src/testing/sample-logs.ts';
import { runEdgewood } from './testing/run-edgewood.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgewood-signing-'));
after(() => rmSync(folder, { recursive: true }));
const [logs, oldKey, newKey] = ['logs.csv', 'old', 'new'].map((name) => join(folder, name));

before(async () => {
  let csv = 'timestamp,device_id,program,log_level,message\n';
  for await (const entries of accessPointLog({ hours: 6 })) csv += entries.map(csvRow).join('');
  writeFileSync(logs, csv);
  for (const path of [oldKey, newKey]) assert.equal((await runEdgewood(['keys', 'create', path])).code, 0);
});

/** A model directory of its own. */
function directory(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

function train(dir: string, signKey: string, env: NodeJS.ProcessEnv = {}) {
  const given = ['--agent', 'wifi', '--input-file', logs, '--output-dir', dir, '--n-estimators', '10'];
  return runEdgewood(['train', ...given, '--sign-key', signKey], { env });
}

function verify(dir: string, version: string, ...keys: string[]) {
  const trusted = keys.flatMap((key) => ['--trusted-key', key]);
  return runEdgewood(['models', 'verify', 'wifi', version, '--dir', dir, ...trusted]);
}

async function keyOf(path: string) {
  const { stdout } = await runEdgewood(['keys', 'show', '--json', path]);
  return JSON.parse(stdout)[0];
}

test('a new key says what to do with it, is never overwritten, and only its public half is ever shown', async () => {
  const path = join(folder, 'mine');
  const made = await runEdgewood(['keys', 'create', path]);
  const secret = readFileSync(path, 'utf8').split('\n')[1] ?? '';
  const { key_id, kind, public_pem, openssh } = await keyOf(path);
  assert.match(made.stdout, new RegExp(`^key ${key_id}\n[^]*models\\.trusted_keys`));
  assert.deepEqual([kind, public_pem], ['private', readFileSync(`${path}.pub`, 'utf8')]);
  const again = await runEdgewood(['keys', 'create', path]);
  assert.deepEqual([again.code, again.stderr.includes('[FILE_EXISTS]')], [1, true]);
  writeFileSync(join(folder, 'both'), `${openssh} me\n${readFileSync(`${oldKey}.pub`)}`);
  const shown = await Promise.all(
    [path, `${path}.pub`, join(folder, 'both')].map((file) => runEdgewood(['keys', 'show', file])),
  );
  for (const { code, stdout } of [made, ...shown]) {
    assert.equal(code, 0);
    assert.ok(stdout.includes(key_id) && !stdout.includes(secret) && !stdout.includes('PRIVATE KEY'), stdout);
  }
  assert.ok(shown[2].stdout.includes((await keyOf(oldKey)).key_id));
});

test('what was trained with a key is verified by its public half, line by line, and by no other', async () => {
  const dir = directory('signed');
  const trained = await train(dir, oldKey);
  const { key_id } = await keyOf(oldKey);
  assert.ok(trained.stdout.includes(`signed by key ${key_id}\n`), trained.stderr);
  const sound = await verify(dir, 'latest', `${oldKey}.pub`);
  assert.deepEqual([sound.code, sound.stderr], [0, '']);
  for (const what of ['metadata', 'signature', 'model', 'features', 'probes']) {
    assert.match(sound.stdout, new RegExp(`^ok  ${what} `, 'm'));
  }
  const other = await verify(dir, 'latest', `${newKey}.pub`);
  assert.equal(other.code, 1);
  assert.match(other.stdout, /^ok +metadata .*\nfailed +SIGNATURE_WRONG /m);
  assert.match(other.stderr, /which is not trusted.*\[SIGNATURE_WRONG\]/);
});

test('without keys verify says that it speaks of integrity only, and --json is JSON', async () => {
  const dir = directory('integrity');
  await train(dir, oldKey);
  const { code, stdout, stderr } = await runEdgewood(['models', 'verify', 'wifi', 'latest', '--dir', dir, '--json']);
  assert.deepEqual([code, stderr.includes('integrity only')], [0, true]);
  const [{ ok, problem, checks }] = JSON.parse(stdout);
  assert.deepEqual([ok, problem], [true, null]);
  assert.deepEqual([checks[0].check, checks[0].checked], ['metadata', true]);
  assert.deepEqual([checks[1].check, checks[1].checked], ['signature', false]);
});

test('while keys change both are trusted, and then only the new one', async () => {
  const dir = directory('rotation');
  await train(dir, oldKey);
  await train(dir, newKey);
  assert.equal((await verify(dir, 'all', `${oldKey}.pub`, `${newKey}.pub`)).code, 0);
  const later = await verify(dir, 'all', `${newKey}.pub`);
  assert.equal(later.code, 1);
  assert.equal(later.stdout.match(/^ok +probes/gm)?.length, 1);
  assert.equal(later.stdout.match(/^failed +SIGNATURE_WRONG/gm)?.length, 1);
});

test('metadata that was changed after signing is refused', async () => {
  const dir = directory('changed');
  const [, version = ''] = /^(\d{8}_\d{6}) →/m.exec((await train(dir, oldKey)).stdout) ?? [];
  const path = join(dir, `wifi_metadata_${version}.json`);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"contamination": 0.01', '"contamination": 0.02'));
  const { code, stderr } = await verify(dir, version, `${oldKey}.pub`);
  assert.deepEqual([code, /is not of this metadata.*\[SIGNATURE_WRONG\]/.test(stderr)], [1, true]);
  assert.equal((await verify(dir, version)).code, 0);
});

test('a key that others may read is refused before anything is trained, with the remedy', async () => {
  const [dir, path] = [directory('exposed'), join(folder, 'exposed-key')];
  writeFileSync(path, readFileSync(oldKey));
  chmodSync(path, 0o644);
  const { code, stdout, stderr } = await train(dir, path);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /chmod 600 .*\[EXPOSED_KEY\]/);
  assert.deepEqual(readdirSync(dir), []);
  const shown = await runEdgewood(['keys', 'show', path]);
  assert.deepEqual([shown.code, shown.stderr.includes('chmod 600')], [0, true]);
});

test('a key of ssh-keygen in an ssh-agent signs a training, named by fingerprint or by its .pub', async (t) => {
  if (!hasOpenssh()) return t.skip('openssh-client is not installed');
  const { socketPath, publicKeyFile, privateKeyFile, add } = startSshAgent(t);
  const { fingerprint, key_id } = await keyOf(publicKeyFile);
  const dir = directory('agent');
  for (const name of [`agent:${fingerprint}`, `agent:${publicKeyFile}`]) {
    const { stdout, stderr } = await train(dir, name, { SSH_AUTH_SOCK: socketPath });
    assert.ok(stdout.includes(`signed by key ${key_id}\n`), stderr);
  }
  assert.equal((await verify(dir, 'all', publicKeyFile)).code, 0);

  const refused = async (name: string, env: NodeJS.ProcessEnv) => (await train(dir, name, env)).stderr;
  assert.match(await refused(privateKeyFile, {}), /ssh-add.*\[BAD_KEY\]/);
  assert.match(await refused(`agent:${publicKeyFile}`, {}), /SSH_AUTH_SOCK is not set \[SSH_AGENT_FAILED\]/);
  assert.match(await refused('agent:SHA256:short', { SSH_AUTH_SOCK: socketPath }), /is no fingerprint/);
  add('-D');
  assert.match(await refused(`agent:${publicKeyFile}`, { SSH_AUTH_SOCK: socketPath }), /has no key SHA256:/);
});
