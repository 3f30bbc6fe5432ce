import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatOpensshKey, opensshFingerprint } from './openssh-public-key.ts';
import { MAX_TRUSTED_KEYS, parseSigningKey, parseTrustedKeys } from './signing-keys.ts';
import { sshString } from './ssh-wire.ts';
import { createKeyPair } from './testing/key-pair.ts';

test('a key is named by the first 16 digits of the SHA-256 of its public half in DER', () => {
  const { publicPem, trusted, signing } = createKeyPair();
  const der = createPublicKey(publicPem).export({ type: 'spki', format: 'der' });
  assert.equal(trusted.id, createHash('sha256').update(der).digest('hex').slice(0, 16));
  assert.equal(signing.id, trusted.id);
});

test('several public keys may stand in one text, with remarks between them', () => {
  const [older, newer] = [createKeyPair(), createKeyPair()];
  const text = `# until May\n${older.publicPem}\n# from May\r\n${newer.publicPem.replaceAll('\n', '\r\n')}`;
  assert.deepEqual(
    parseTrustedKeys(text, 'keys.pem').map(({ id }) => id),
    [older.trusted.id, newer.trusted.id],
  );
});

test('what is no public Ed25519 key is not trusted, and a private one is not taken for its public half', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' });
  const { privatePem, publicPem } = createKeyPair();
  const cases: [string, RegExp][] = [
    ['', /^k\.pem must hold 1 to 100 public keys in PEM .* it holds 0$/],
    [privatePem, /^k\.pem holds 'PRIVATE KEY'; it must be 'PUBLIC KEY'$/],
    [publicPem + privatePem, /holds 'PRIVATE KEY'/],
    [rsa.toString(), /holds a key of rsa; it must be of ed25519/],
    [publicPem.replace(/MCow/, 'AAAA'), /holds a key that cannot be read/],
    [publicPem.replace('-----END', '----END'), /it holds 0$/],
    [publicPem.repeat(MAX_TRUSTED_KEYS + 1), /it holds 101$/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseTrustedKeys(text, 'k.pem'), { code: 'BAD_KEY', message });
  }
});

test('a signing key is one private Ed25519 key, and a message never shows it', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const { privatePem, publicPem } = createKeyPair();
  const broken = privatePem.replace(/MC4/, 'AAA');
  for (const text of ['', publicPem, privatePem.repeat(2), ec.toString(), broken]) {
    const body = text.split('\n')[1] ?? 'MC4';
    const isQuiet = ({ code, message }: Error & { code?: string }) => code === 'BAD_KEY' && !message.includes(body);
    assert.throws(() => parseSigningKey(text, 'k.pem'), isQuiet);
  }
});

test('a public key of OpenSSH is taken as well, beside PEM, and has the same id', () => {
  const [older, newer] = [createKeyPair(), createKeyPair()];
  const line = formatOpensshKey(newer.trusted.publicKey);
  const text = `${older.publicPem}# from May\n${line} admin@desk 2025\r\n${line}\n`;
  const keys = parseTrustedKeys(text, 'keys');
  assert.deepEqual(
    keys.map(({ id }) => id),
    [older.trusted.id, newer.trusted.id, newer.trusted.id],
  );
  assert.ok(keys[1]?.publicKey.equals(newer.trusted.publicKey));
});

test('ssh-keygen reads what we write and shows the same fingerprint', (t) => {
  if (spawnSync('ssh-keygen', ['-?']).error !== undefined) return t.skip('ssh-keygen is not installed');
  const { publicKey } = createKeyPair().trusted;
  const { stdout } = spawnSync('ssh-keygen', ['-l', '-f', '-'], {
    input: formatOpensshKey(publicKey),
    encoding: 'utf8',
  });
  assert.match(stdout, /\(ED25519\)/);
  assert.equal(stdout.split(' ')[1], opensshFingerprint(publicKey));
});

test('a line of OpenSSH whose key is of another kind, too long or too short is not trusted', () => {
  const line = (kind: string, ...parts: Uint8Array[]) =>
    `${kind} ${Buffer.concat([sshString('ssh-ed25519'), ...parts]).toString('base64')}`;
  const key = Buffer.alloc(32, 1);
  const cases: [string, RegExp][] = [
    [line('ssh-rsa', sshString(key)), /^k\.pub holds a key of ssh-rsa; it must be of ssh-ed25519$/],
    [line('sk-ssh-ed25519@openssh.com', sshString(key)), /holds a key of sk-ssh-ed25519@openssh\.com/],
    [line('ssh-ed25519', sshString(key.subarray(1))), /cannot be read/],
    [line('ssh-ed25519', sshString(key), key), /cannot be read/],
    [line('ssh-ed25519', key), /cannot be read/],
    ['ssh-ed25519 AAAA', /cannot be read/],
    [`from="desk" ${line('ssh-ed25519', sshString(key))}`, /it holds 0$/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseTrustedKeys(text, 'k.pub'), { code: 'BAD_KEY', message }, text);
  }
});

test('a private key with a password or of OpenSSH is refused with the way to use it', (t) => {
  if (spawnSync('ssh-keygen', ['-?']).error !== undefined) return t.skip('ssh-keygen is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'edgewood-keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'k')]);
  const openssh = readFileSync(join(folder, 'k'), 'utf8');
  const encrypted = createPrivateKey(createKeyPair().privatePem).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'secret',
  });
  for (const text of [openssh, encrypted.toString()]) {
    assert.throws(() => parseSigningKey(text, 'k'), { code: 'BAD_KEY', message: /ssh-add.*agent:<its \.pub file>/ });
  }
});
