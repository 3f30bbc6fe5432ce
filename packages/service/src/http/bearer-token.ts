import { createHash, timingSafeEqual } from 'node:crypto';

/** RFC 6750: the scheme in any case, one or more spaces, the token. */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/** Whether an Authorization header has a bearer token at all, known or not. */
export function hasBearerToken(authorization: string | undefined): boolean {
  return authorization !== undefined && BEARER.test(authorization);
}

/**
 * Whether an Authorization header has a bearer token that one of the hashes belongs to. Compares all of them, in a time
 * that does not tell how near a wrong token came. Tokens are random, so that a plain hash does not give them away.
 *
 * @param hashes `sha256:` and 64 hexadecimal digits each.
 */
export function isKnownToken(authorization: string | undefined, hashes: readonly string[]): boolean {
  const [, token] = BEARER.exec(authorization ?? '') ?? [];
  if (token === undefined) return false;
  const given = createHash('sha256').update(token).digest();
  let known = false;
  for (const hash of hashes) {
    const configured = Buffer.from(hash.slice('sha256:'.length), 'hex');
    if (configured.length === given.length && timingSafeEqual(configured, given)) known = true;
  }
  return known;
}
