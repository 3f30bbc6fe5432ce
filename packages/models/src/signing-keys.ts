import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { ModelError } from './errors.ts';
import { ED25519_NAME, keyOfBlob } from './openssh-public-key.ts';

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
const BLOCK = /^-----BEGIN (?<label>[A-Z0-9 ]{1,64})-----$[^-]*^-----END \k<label>-----$/;
/** A line as OpenSSH writes public keys: what kind, the key in base64, and mostly a comment. */
const LINE = /^(?<kind>(?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]{1,64}) +(?<base64>[A-Za-z0-9+/=]+)(?: .*)?$/;
const BLOCK_OR_LINE = new RegExp(`${BLOCK.source}|${LINE.source}`, 'gm');

/** What a key's text is made of: the label of a block, or the kind and the base64 of a line. */
type Groups = Readonly<Record<string, string | undefined>>;

/** What a private key in another form is told by, and the way to use it all the same. */
const OTHER_FORMS: Readonly<Record<string, string>> = {
  'OPENSSH PRIVATE KEY': "OpenSSH's own form: hand it to an ssh-agent (ssh-add) and name it as agent:<its .pub file>",
  'ENCRYPTED PRIVATE KEY':
    'a key with a password: hand it to an ssh-agent (ssh-add, of OpenSSH 9.6 or newer) and name it as ' +
    'agent:<its .pub file>, or take a key without a password from a file with mode 600',
};

/**
 * Reads public keys as `edgewood keys create` or `openssl pkey -pubout` makes them (PEM blocks `PUBLIC KEY`) or as
 * `ssh-keygen -t ed25519` does (lines `ssh-ed25519 AAAA… comment`): one or several, such as the old key and the new one
 * during a rotation. A key has the same id in both forms. What stands around the keys is not looked at.
 *
 * @param name of where the text came from, for messages.
 * @throws {ModelError} `BAD_KEY` if there is none, too many, or one that is not a public Ed25519 key.
 */
export function parseTrustedKeys(content: string, name: string): readonly TrustedKey[] {
  const found = [...content.replaceAll('\r\n', '\n').matchAll(BLOCK_OR_LINE)];
  if (found.length === 0 || found.length > MAX_TRUSTED_KEYS) {
    throw new ModelError(
      'BAD_KEY',
      `${name} must hold 1 to ${MAX_TRUSTED_KEYS} public keys in PEM ('-----BEGIN PUBLIC KEY-----') or of OpenSSH ('${ED25519_NAME} AAAA…'), it holds ${found.length}`,
    );
  }
  return found.map(({ 0: text, groups = {} }) => trustedKeyOf(publicKeyOf(text, groups, name)));
}

function publicKeyOf(text: string, { label = '', kind, base64 = '' }: Groups, name: string): KeyObject {
  return kind === undefined ? keyOf(label, text, name, 'PUBLIC KEY', createPublicKey) : keyOfLine(kind, base64, name);
}

function keyOfLine(kind: string, base64: string, name: string): KeyObject {
  if (kind !== ED25519_NAME) {
    throw new ModelError('BAD_KEY', `${name} holds a key of ${kind}; it must be of ${ED25519_NAME}`);
  }
  const key = keyOfBlob(Buffer.from(base64, 'base64'));
  if (key !== undefined) return key;
  throw new ModelError('BAD_KEY', `${name} holds a line '${kind}' whose key cannot be read`);
}

/** The key with its id. @param key of Ed25519; of a private one its public half. */
export function trustedKeyOf(key: KeyObject): TrustedKey {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return { id: idOf(publicKey), publicKey };
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
  return { id: trustedKeyOf(privateKey).id, privateKey };
}

function blocksOf(pem: string): { label: string; text: string }[] {
  const blocks = pem.replaceAll('\r\n', '\n').matchAll(new RegExp(BLOCK, 'gm'));
  return [...blocks].map(([text, label = '']) => ({ label, text }));
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
    const way = expected === 'PRIVATE KEY' ? OTHER_FORMS[label] : undefined;
    throw new ModelError(
      'BAD_KEY',
      `${name} holds '${label}'${way === undefined ? `; it must be '${expected}'` : `, ${way}`}`,
    );
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
