import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { ModelError } from './errors.ts';

/** An Ed25519 key whose signatures are believed. */
export interface TrustedKey {
  /** The first 16 hexadecimal digits of the SHA-256 of the public key in DER (SubjectPublicKeyInfo). */
  readonly id: string;
  readonly publicKey: KeyObject;
}

/** An Ed25519 key that signs; whoever has it can make models that are believed. */
export interface SigningKey {
  /** That of its public key. */
  readonly id: string;
  readonly privateKey: KeyObject;
}

/** How many keys may be trusted at once: far more than a rotation needs. */
export const MAX_TRUSTED_KEYS = 100;

/** A block of PEM (RFC 7468): its label. */
const BLOCK = /^-----BEGIN ([A-Z0-9 ]{1,64})-----$[^-]*^-----END \1-----$/gm;

/**
 * Reads public keys as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` make them: PEM blocks `PUBLIC KEY`,
 * one or several, such as the old key and the new one during a rotation. What stands around the blocks is not looked at.
 *
 * @param name of where the text came from, for messages.
 * @throws {ModelError} `BAD_KEY` if there is none, too many, or one that is not a public Ed25519 key.
 */
export function parseTrustedKeys(pem: string, name: string): readonly TrustedKey[] {
  const blocks = blocksOf(pem);
  if (blocks.length === 0 || blocks.length > MAX_TRUSTED_KEYS) {
    throw new ModelError(
      'BAD_KEY',
      `${name} must hold 1 to ${MAX_TRUSTED_KEYS} public keys in PEM ('-----BEGIN PUBLIC KEY-----'), it holds ${blocks.length}`,
    );
  }
  return blocks.map(({ label, text }) => {
    const publicKey = keyOf(label, text, name, 'PUBLIC KEY', createPublicKey);
    return { id: idOf(publicKey), publicKey };
  });
}

/**
 * Reads a private key as `openssl genpkey -algorithm ed25519` makes it: one PEM block `PRIVATE KEY` (PKCS #8), without a
 * password.
 *
 * @param name of where the text came from, for messages, which never show the key.
 * @throws {ModelError} `BAD_KEY`.
 */
export function parseSigningKey(pem: string, name: string): SigningKey {
  const [block, ...others] = blocksOf(pem);
  if (block === undefined || others.length > 0) {
    throw new ModelError('BAD_KEY', `${name} must hold one private key in PEM ('-----BEGIN PRIVATE KEY-----')`);
  }
  const privateKey = keyOf(block.label, block.text, name, 'PRIVATE KEY', createPrivateKey);
  return { id: idOf(createPublicKey(privateKey)), privateKey };
}

function blocksOf(pem: string): { label: string; text: string }[] {
  return [...pem.replaceAll('\r\n', '\n').matchAll(BLOCK)].map(([text, label = '']) => ({ label, text }));
}

/** The label is checked first: from a private key or a certificate the system would take the public key without a word. */
function keyOf(
  label: string,
  text: string,
  name: string,
  expected: string,
  read: (pem: string) => KeyObject,
): KeyObject {
  if (label !== expected) {
    throw new ModelError('BAD_KEY', `${name} holds '${label}'; it must be '${expected}'`);
  }
  const key = readKey(text, name, read);
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new ModelError('BAD_KEY', `${name} holds a key of ${key.asymmetricKeyType}; it must be of ed25519`);
}

function readKey(text: string, name: string, read: (pem: string) => KeyObject): KeyObject {
  try {
    return read(text);
  } catch (error) {
    throw new ModelError('BAD_KEY', `${name} holds a key that cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function idOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}
