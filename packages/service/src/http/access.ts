import type { ServiceConfig } from '../config.ts';
import { hasBearerToken, isKnownToken } from './bearer-token.ts';
import { HttpError } from './http-errors.ts';

/** What a request is about: whether the service lives, how it is, or a change. */
export type RequestKind = 'health' | 'question' | 'change';

/** Asked often by whatever restarts a service, and cheap: never refused, so that nobody else can make them fail. */
const HEALTH_ROUTES = ['/healthz', '/readyz'];

/** Questions that are too long for an address. */
const POSTED_QUESTIONS = ['/api/models/:agent/check'];

/** @param route the path of the route; undefined if there is none. */
export function kindOf(method: string, route: string | undefined): RequestKind {
  if (method === 'POST' && POSTED_QUESTIONS.includes(route ?? '')) return 'question';
  if (method !== 'GET' && method !== 'HEAD') return 'change';
  return HEALTH_ROUTES.includes(route ?? '') ? 'health' : 'question';
}

/** `brief`: only whether it lives, no reasons; `refused`: the token is missing or wrong; `impossible`: none is configured. */
export type Access = 'granted' | 'brief' | 'refused' | 'impossible';

type Rules = Pick<ServiceConfig['http'], 'tokens' | 'readWithoutToken'>;

/** Who may do what: a token may everything; without one there are questions at most, and health in any case. */
export function accessOf(kind: RequestKind, authorization: string | undefined, rules: Rules): Access {
  if (isKnownToken(authorization, rules.tokens)) return 'granted';
  if (kind !== 'change' && rules.readWithoutToken) return 'granted';
  if (kind === 'health') return 'brief';
  return rules.tokens.length === 0 ? 'impossible' : 'refused';
}

const ADVICE =
  'edgewood config token makes one, and the hash of it belongs under http.tokens; it is sent as Authorization: Bearer';

/** Refuses a request as {@link accessOf} says. @throws {HttpError} `UNAUTHORIZED`, `NO_TOKEN_CONFIGURED`. */
export function checkAccess(kind: RequestKind, authorization: string | undefined, rules: Rules): void {
  const access = accessOf(kind, authorization, rules);
  if (access === 'impossible') {
    throw new HttpError(403, 'NO_TOKEN_CONFIGURED', `this needs a token, and none is configured: ${ADVICE}`);
  }
  if (access !== 'refused') return;
  const wrong = hasBearerToken(authorization);
  throw new HttpError(401, 'UNAUTHORIZED', wrong ? 'there is no such token' : `this needs a token: ${ADVICE}`, {
    'www-authenticate': `Bearer realm="edgewood"${wrong ? ', error="invalid_token"' : ''}`,
  });
}
