import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { canonicalMetadata } from './canonical-metadata.ts';
import { formatMetadata, type ModelMetadata, parseMetadata } from './model-metadata.ts';
import { parseAgentName, parseVersion } from './model-version.ts';
import { signMetadata, signMetadataBy, verifySignature } from './signature.ts';
import { signerOf } from './signer.ts';
import { parseTrustedKeys } from './signing-keys.ts';
import { createKeyPair } from './testing/key-pair.ts';
import { metadataOf } from './testing/python-metadata.ts';

const older = createKeyPair();
const newer = createKeyPair();
const stranger = createKeyPair();
const trusted = [older.trusted, newer.trusted];

const metadata: ModelMetadata = {
  ...metadataOf(parseAgentName('wifi'), parseVersion('20250607_230000')),
  model_sha256: 'a'.repeat(64),
  probes: [{ vector: [1, 0.1, 3], score: -0.45, decision: 0.05 }],
  files: { baseline: { name: 'wifi_baseline_20250607_230000.json', sha256: 'b'.repeat(64) } },
};
const signed = signMetadata(metadata, older.signing);

/** As a file that was changed by an editor is read again. */
const reread = (text: string) => parseMetadata(text, 'm.json');
const withSignature = (signature: object) => ({ ...metadata, signature: { ...signed.signature, ...signature } });

test('what a trusted key signed is believed, whichever of them it was, and also from a file', () => {
  verifySignature(signed, [older.trusted]);
  verifySignature(signed, trusted);
  verifySignature(signMetadata(metadata, newer.signing), trusted);
  verifySignature(reread(formatMetadata(signed)), trusted);
  verifySignature(reread(JSON.stringify(Object.fromEntries(Object.entries(signed).reverse()))), trusted);
  assert.deepEqual(Object.keys(signed.signature ?? {}), ['algorithm', 'key_id', 'value']);
});

test('signing again replaces the signature', () => {
  assert.deepEqual(signMetadata(signMetadata(metadata, stranger.signing), older.signing), signed);
});

test('metadata without a signature is refused, and the trusted keys are named', () => {
  assert.throws(() => verifySignature(metadata, trusted), {
    code: 'SIGNATURE_MISSING',
    message: `wifi 20250607_230000 is not signed; it must be, by a trusted key: ${older.trusted.id}, ${newer.trusted.id}`,
  });
});

test('a signature by an unknown key is refused, and so is one that only claims to be by a trusted key', () => {
  const foreign = signMetadata(metadata, stranger.signing);
  const expected = {
    code: 'SIGNATURE_WRONG',
    message: `the signature of wifi 20250607_230000 is by key ${stranger.trusted.id}, which is not trusted; trusted keys: ${older.trusted.id}, ${newer.trusted.id}`,
  };
  assert.throws(() => verifySignature(foreign, trusted), expected);
  assert.throws(() => verifySignature(signed, []), { code: 'SIGNATURE_WRONG', message: /trusted keys: none$/ });
  const posing = { ...foreign, signature: { ...foreign.signature, key_id: older.trusted.id } };
  assert.throws(() => verifySignature(posing, trusted), {
    code: 'SIGNATURE_WRONG',
    message: /is not of this metadata/,
  });
});

test('no field can be changed, added or removed after signing, at any depth', () => {
  const text = JSON.stringify(signed);
  const changes: [string | RegExp, string][] = [
    ['"wifi"', '"dns"'],
    ['a'.repeat(64), 'c'.repeat(64)],
    ['b'.repeat(64), 'c'.repeat(64)],
    ['-0.45', '-0.4500000000000001'],
    ['[1,0.1,3]', '[1,3,0.1]'],
    ['[1,0.1,3]', '[1,0.1,"3"]'],
    [/^\{/, '{"__proto__":{"model_sha256":"x"},'],
    [/^\{/, '{"Model_sha256":"x",'],
    [/^\{/, '{"":null,'],
    ['"hyperparameters":{', '"hyperparameters":{"__proto__":1,'],
    ['"contamination":0.01,', '"contamination":"auto",'],
    ['"training_log_count":43200', '"training_log_count":43201'],
    [/,"probes":\[\{.*?\}\]/, ''],
    [/,"files":\{.*?\}\}/, ''],
    [/,"model_sha256":"a*"/, ''],
  ];
  for (const [from, to] of changes) {
    const changed = text.replace(from, to);
    assert.notEqual(changed, text, String(from));
    assert.throws(
      () => verifySignature(reread(changed), trusted),
      (error: { code?: string }) => error.code === 'SIGNATURE_WRONG' || error.code === 'BAD_METADATA',
      `${from} → ${to}`,
    );
  }
});

test('a field that stands twice is refused, whichever of the two was signed', () => {
  const text = JSON.stringify(signed);
  const evil = `"model_sha256":"${'c'.repeat(64)}",`;
  const good = `"model_sha256":"${'a'.repeat(64)}",`;
  const twice = { code: 'BAD_METADATA', message: /'model_sha256' stands twice/ };
  assert.throws(() => reread(text.replace('{', `{${evil}`)), twice);
  assert.throws(() => reread(text.replace(good, good + evil)), twice);
  assert.throws(() => reread(text.replace('"files":{', '"signature":{},"files":{')), { code: 'BAD_METADATA' });
});

test('a signature in any other form is refused', () => {
  const { value = '' } = signed.signature as { value?: string };
  const forms = [
    { algorithm: 'none' },
    { algorithm: 'rsa' },
    { key_id: older.trusted.id.toUpperCase() },
    { key_id: 7 },
    { value: '' },
    { value: `${value}\n` },
    { value: value.replace('==', '') },
    { value: value.replace(/.==$/, (end) => `${end === 'A==' ? 'B' : 'A'}==`) },
    { value: Buffer.from(value, 'base64').toString('base64url') },
    { value: Buffer.alloc(64).toString('base64') },
    { value: Buffer.alloc(65).toString('base64') },
    { remark: 'not signed' },
  ];
  for (const form of forms) {
    assert.throws(
      () => verifySignature(withSignature(form), trusted),
      { code: 'SIGNATURE_WRONG' },
      JSON.stringify(form),
    );
  }
});

test('a signature that binds no model file is neither made nor believed', () => {
  const { model_sha256: _, ...loose } = metadata;
  assert.throws(() => signMetadata(loose, older.signing), { code: 'BAD_METADATA', message: /lacks model_sha256/ });
  const value = sign(null, canonicalMetadata(loose), older.signing.privateKey).toString('base64');
  const signature = { algorithm: 'ed25519', key_id: older.signing.id, value };
  assert.throws(() => verifySignature({ ...loose, signature }, trusted), {
    code: 'SIGNATURE_WRONG',
    message: /binds no model file/,
  });
});

test('OpenSSL believes the signature, and not after a change', async (t) => {
  if (spawnSync('openssl', ['version']).status !== 0)
    return t.skip('openssl is not installed: nothing to compare with');
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-signature-'));
  t.after(() => rm(directory, { recursive: true }));
  const { value = '' } = signed.signature as { value?: string };
  const files = { 'k.pem': older.publicPem, sig: Buffer.from(value, 'base64'), bytes: canonicalMetadata(signed) };
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  const ask = () => {
    const options = ['-verify', '-pubin', '-inkey', 'k.pem', '-rawin', '-in', 'bytes', '-sigfile', 'sig'];
    const { stdout, stderr } = spawnSync('openssl', ['pkeyutl', ...options], { cwd: directory, encoding: 'utf8' });
    return stdout + stderr;
  };
  assert.match(ask(), /Signature Verified Successfully/);
  await writeFile(join(directory, 'bytes'), canonicalMetadata({ ...signed, agent_name: 'dns' }));
  assert.match(ask(), /Signature Verification Failure/);
});

test('what OpenSSL signed by a key of its own is believed', async (t) => {
  if (spawnSync('openssl', ['version']).status !== 0)
    return t.skip('openssl is not installed: nothing to compare with');
  const cwd = await mkdtemp(join(tmpdir(), 'edgewood-signature-'));
  t.after(() => rm(cwd, { recursive: true }));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd, encoding: 'buffer', stdio: 'pipe' });
  openssl('genpkey', '-algorithm', 'ed25519', '-out', 'k.pem');
  await writeFile(join(cwd, 'bytes'), canonicalMetadata(metadata));
  const value = openssl('pkeyutl', '-sign', '-inkey', 'k.pem', '-rawin', '-in', 'bytes').toString('base64');
  const keys = parseTrustedKeys(openssl('pkey', '-in', 'k.pem', '-pubout').toString(), 'k.pem');
  const signature = { algorithm: 'ed25519', key_id: keys[0]?.id, value };
  verifySignature({ ...metadata, signature }, keys);
  assert.throws(() => verifySignature({ ...metadata, agent_name: 'dns', signature }, keys), {
    code: 'SIGNATURE_WRONG',
  });
});

test('a signer that gives the signature of something else, or none, is found out', async () => {
  const { trusted: key, signing } = older;
  verifySignature(await signMetadataBy(metadata, signerOf(signing)), trusted);
  for (const sign of [signerOf(stranger.signing).sign, async () => new Uint8Array(0)]) {
    await assert.rejects(signMetadataBy(metadata, { key, sign }), { code: 'SIGNATURE_WRONG' });
  }
});
