import { generateKeyPairSync } from 'node:crypto';
import { parseSigningKey, parseTrustedKeys, type SigningKey, type TrustedKey } from '../signing-keys.ts';

/** A new Ed25519 key in both halves, as text and as it is used. */
export interface TestKeyPair {
  readonly publicPem: string;
  readonly privatePem: string;
  readonly trusted: TrustedKey;
  readonly signing: SigningKey;
}

/** Makes a new one at each call. */
export function createKeyPair(): TestKeyPair {
  const pair = generateKeyPairSync('ed25519');
  const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const [trusted] = parseTrustedKeys(publicPem, 'a new key');
  if (trusted === undefined) throw new Error('no key');
  return { publicPem, privatePem, trusted, signing: parseSigningKey(privatePem, 'a new key') };
}
