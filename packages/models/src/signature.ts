/**
 * A signature says who answers for a version. It is Ed25519 (RFC 8032) over the {@link canonicalMetadata}, which names the
 * hash of every file of the version, and stands in the metadata itself:
 *
 * ```json
 * "signature": { "algorithm": "ed25519", "key_id": "0f4c…", "value": "base64 of 64 bytes" }
 * ```
 */
import { sign, verify } from 'node:crypto';
import { z } from 'zod';
import { canonicalMetadata } from './canonical-metadata.ts';
import { ModelError } from './errors.ts';
import type { ModelMetadata } from './model-metadata.ts';
import type { Signer } from './signer.ts';
import type { SigningKey, TrustedKey } from './signing-keys.ts';

/** Nothing else may stand in it, since it is the one part of the metadata that is not signed. */
const schema = z.strictObject({
  algorithm: z.literal('ed25519'),
  key_id: z.string().regex(/^[0-9a-f]{16}$/, 'expected 16 hexadecimal digits'),
  value: z.string().refine(isBase64Of64Bytes, 'expected 64 bytes in base64'),
});

/**
 * The metadata with a signature by the key, instead of one that it may have.
 *
 * @throws {ModelError} `BAD_METADATA` without `model_sha256`, since that would sign no model; as {@link canonicalMetadata}.
 */
export function signMetadata(metadata: ModelMetadata, { id, privateKey }: SigningKey): ModelMetadata {
  return withSignature(metadata, id, sign(null, bytesToSign(metadata), privateKey));
}

/**
 * As {@link signMetadata}, by whatever can sign. What it gives is verified before it is returned.
 *
 * @throws {ModelError} `SIGNATURE_WRONG` if the signer gives something else; whatever the signer throws.
 */
export async function signMetadataBy(metadata: ModelMetadata, signer: Signer): Promise<ModelMetadata> {
  const signed = withSignature(metadata, signer.key.id, await signer.sign(bytesToSign(metadata)));
  verifySignature(signed, [signer.key]);
  return signed;
}

function bytesToSign(metadata: ModelMetadata): Uint8Array {
  if (metadata.model_sha256 !== undefined) return canonicalMetadata(metadata);
  throw new ModelError('BAD_METADATA', `${titleOf(metadata)} cannot be signed: its metadata lacks model_sha256`);
}

function withSignature(metadata: ModelMetadata, id: string, value: Uint8Array): ModelMetadata {
  const signature = { algorithm: 'ed25519', key_id: id, value: Buffer.from(value).toString('base64') };
  return { ...metadata, signature };
}

/**
 * Returns if a trusted key has signed this metadata, which names the hash of its model; otherwise throws.
 *
 * @param metadata as `parseMetadata` gives it; what was verified is this object, so use no other.
 * @param trustedKeys any of which may have signed; several while one replaces another.
 * @throws {ModelError} `SIGNATURE_MISSING`; `SIGNATURE_WRONG` by an unknown key, for other metadata, in another form, or
 *   where no `model_sha256` is signed; `BAD_METADATA` as {@link canonicalMetadata}.
 */
export function verifySignature(metadata: ModelMetadata, trustedKeys: readonly TrustedKey[]): void {
  const title = titleOf(metadata);
  const trusted = trustedKeys.map(({ id }) => id).join(', ') || 'none';
  if (metadata.signature === undefined) {
    throw new ModelError('SIGNATURE_MISSING', `${title} is not signed; it must be, by a trusted key: ${trusted}`);
  }
  const problem = signatureProblem(metadata, trustedKeys);
  if (problem === undefined) return;
  throw new ModelError('SIGNATURE_WRONG', `the signature of ${title} ${problem}; trusted keys: ${trusted}`);
}

function signatureProblem(metadata: ModelMetadata, trustedKeys: readonly TrustedKey[]): string | undefined {
  const { data: signature, error } = schema.safeParse(metadata.signature);
  if (signature === undefined) return `cannot be read: ${z.prettifyError(error).replaceAll(/\s+/g, ' ').slice(0, 200)}`;
  const key = trustedKeys.find(({ id }) => id === signature.key_id);
  if (key === undefined) return `is by key ${signature.key_id}, which is not trusted`;
  if (!verify(null, canonicalMetadata(metadata), key.publicKey, Buffer.from(signature.value, 'base64'))) {
    return `by key ${key.id} is not of this metadata: it was changed after signing, or signed by another key`;
  }
  return metadata.model_sha256 === undefined ? 'binds no model file: the metadata lacks model_sha256' : undefined;
}

function titleOf({ agent_name, model_version }: ModelMetadata): string {
  return `${agent_name} ${model_version}`;
}

/** In the one form that there is: no white space, no other alphabet, no stray bits. */
function isBase64Of64Bytes(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 64 && bytes.toString('base64') === text;
}
