import { checkAccess, kindOf } from './access.ts';
import { HttpError } from './http-errors.ts';
import type { HttpLimits } from './http-limits.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { isOwnHost } from './own-host.ts';
import { RateLimiter } from './rate-limiter.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** Refuses, before anything else is done: other machines' names, too many requests, and whoever has no token. */
export function guardRequests(app: HttpApp, parts: HttpParts, limits: HttpLimits): void {
  const limiter = new RateLimiter(limits.addresses);
  app.addHook('onRequest', async (request, reply) => {
    const { settings } = parts; // at each request anew: they may have changed
    reply.headers(SECURITY_HEADERS);
    checkHost(request.headers.host, settings.host);
    const kind = kindOf(request.method, request.routeOptions.url);
    if (kind !== 'health') checkRate(limiter, request.ip, settings.requestsPerMinute);
    checkAccess(kind, request.headers.authorization, settings);
  });
}

/** @throws {HttpError} `WRONG_HOST`. */
function checkHost(host: string | undefined, listensOn: string): void {
  if (isOwnHost(host, listensOn)) return;
  throw new HttpError(421, 'WRONG_HOST', 'the Host header must be localhost, 127.0.0.1, [::1] or the configured host');
}

/** @throws {HttpError} `TOO_MANY_REQUESTS`. */
function checkRate(limiter: RateLimiter, address: string, perMinute: number): void {
  const waitMs = limiter.take(address, perMinute, performance.now());
  if (waitMs === 0) return;
  const message = `at most ${perMinute} requests a minute are answered (http.requests_per_minute)`;
  throw new HttpError(429, 'TOO_MANY_REQUESTS', message, { 'retry-after': String(Math.ceil(waitMs / 1000)) });
}
