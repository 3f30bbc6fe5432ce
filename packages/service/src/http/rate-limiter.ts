import { isIPv6 } from 'node:net';

interface Bucket {
  tokens: number;
  filledMs: number;
}

/**
 * How many requests each address may make: a bucket that holds those of one minute and fills evenly. Who has just begun may
 * ask for a minute's worth at once.
 */
export class RateLimiter {
  /** Those that asked last come last. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #addresses: number;

  /** @param addresses so many are remembered; who was quiet longest is forgotten, and begins anew. */
  constructor(addresses: number) {
    this.#addresses = addresses;
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Counts one request.
   *
   * @param nowMs milliseconds of a clock that only counts on.
   * @returns 0 if it may be answered, otherwise in how many milliseconds the next one may be.
   */
  take(address: string, perMinute: number, nowMs: number): number {
    const key = networkOf(address);
    const bucket = this.#buckets.get(key) ?? { tokens: perMinute, filledMs: nowMs };
    const perMs = perMinute / 60_000;
    bucket.tokens = Math.min(perMinute, bucket.tokens + (nowMs - bucket.filledMs) * perMs);
    bucket.filledMs = nowMs;
    this.#remember(key, bucket);
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perMs);
    bucket.tokens -= 1;
    return 0;
  }

  #remember(key: string, bucket: Bucket): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= this.#addresses) return;
    for (const quietest of this.#buckets.keys()) {
      this.#buckets.delete(quietest);
      return;
    }
  }
}

/** Whoever has one IPv6 address has all of its /64 network; an IPv4 address in IPv6's clothes is that IPv4 address. */
export function networkOf(address: string): string {
  const [, ipv4] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (ipv4 !== undefined || !isIPv6(address)) return ipv4 ?? address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail === undefined) return groups.slice(0, 4).join(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0');
  return [...groups, ...zeros, ...after].slice(0, 4).join(':');
}
