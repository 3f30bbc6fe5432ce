/** Ed25519 public keys as OpenSSH writes them (RFC 8709): `ssh-ed25519 AAAA… comment`, and the fingerprints it shows. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { SshReader, sshString } from './ssh-wire.ts';

/** What OpenSSH calls keys and signatures of Ed25519. */
export const ED25519_NAME = 'ssh-ed25519';

/** Bytes of an Ed25519 public key. */
const KEY_BYTES = 32;

/** The public key in SSH's own bytes: the name of its kind, and the key. */
export function opensshBlob(publicKey: KeyObject): Uint8Array {
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return Buffer.concat([sshString(ED25519_NAME), sshString(Buffer.from(x, 'base64url'))]);
}

/** A line for an `authorized_keys` or `.pub` file, without a comment. */
export function formatOpensshKey(publicKey: KeyObject): string {
  return `${ED25519_NAME} ${Buffer.from(opensshBlob(publicKey)).toString('base64')}`;
}

/** `SHA256:…` as `ssh-keygen -l` and `ssh-add -l` print it. */
export function opensshFingerprint(publicKey: KeyObject): string {
  const hash = createHash('sha256').update(opensshBlob(publicKey)).digest('base64');
  return `SHA256:${hash.replace(/=+$/, '')}`;
}

/**
 * The key in SSH's own bytes.
 *
 * @returns undefined if it is of another kind, too long or too short.
 */
export function keyOfBlob(blob: Uint8Array): KeyObject | undefined {
  const key = keyBytesOf(blob);
  if (key === undefined) return undefined;
  const x = Buffer.from(key).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

function keyBytesOf(blob: Uint8Array): Uint8Array | undefined {
  try {
    const reader = new SshReader(blob);
    const kind = Buffer.from(reader.string()).toString('latin1');
    if (kind !== ED25519_NAME) return undefined;
    const key = reader.string();
    return key.length === KEY_BYTES && reader.restBytes === 0 ? key : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
