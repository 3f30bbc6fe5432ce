import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { MAX_TRUSTED_KEYS, parseSigningKey, parseTrustedKeys } from './signing-keys.ts';
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
