import { sign } from 'node:crypto';
import { type SigningKey, type TrustedKey, trustedKeyOf } from './signing-keys.ts';

/** Whatever can sign: a key at hand, or one that an ssh-agent keeps to itself. */
export interface Signer {
  /** Believes what it signs. */
  readonly key: TrustedKey;
  /** The 64 bytes of an Ed25519 signature over the bytes themselves, not over a hash of them. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Signs with a key that is at hand. */
export function signerOf(key: SigningKey): Signer {
  return { key: trustedKeyOf(key.privateKey), sign: async (bytes) => sign(null, bytes, key.privateKey) };
}
