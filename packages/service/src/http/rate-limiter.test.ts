import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf, RateLimiter } from './rate-limiter.ts';

test("a minute's worth may be asked at once, then as many as the minute gives", () => {
  const limiter = new RateLimiter(10);
  const answered = (nowMs: number) => limiter.take('a', 60, nowMs) === 0;
  for (let n = 0; n < 60; n += 1) assert.ok(answered(0), `request ${n}`);
  assert.equal(limiter.take('a', 60, 0), 1_000, 'the next one in a second');
  assert.equal(limiter.take('a', 60, 400), 600);
  assert.ok(answered(1_000));
  assert.ok(!answered(1_000));
  assert.ok(answered(2_000));
});

test('an hour of quiet gives no more than a minute of requests', () => {
  const limiter = new RateLimiter(10);
  limiter.take('a', 3, 0);
  const answers = Array.from({ length: 5 }, () => limiter.take('a', 3, 3_600_000) === 0);
  assert.deepEqual(answers, [true, true, true, false, false]);
});

test('one address does not use up the requests of another', () => {
  const limiter = new RateLimiter(10);
  assert.deepEqual([limiter.take('a', 1, 0), limiter.take('a', 1, 0) > 0, limiter.take('b', 1, 0)], [0, true, 0]);
});

test('no more addresses are remembered than are allowed, and who asks often is not forgotten', () => {
  const limiter = new RateLimiter(100);
  limiter.take('busy', 2, 0);
  for (let n = 0; n < 100_000; n += 1) {
    limiter.take(`10.0.${n >> 8}.${n & 255}`, 2, 0);
    if (n % 50 === 0) limiter.take('busy', 2, 0);
  }
  assert.equal(limiter.size, 100);
  assert.ok(limiter.take('busy', 2, 0) > 0);
});

test('a rate that was lowered holds at once', () => {
  const limiter = new RateLimiter(10);
  limiter.take('a', 1_000, 0);
  assert.deepEqual([limiter.take('a', 1, 0), limiter.take('a', 1, 0)], [0, 60_000]);
});

const NETWORKS: readonly [string, string][] = [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
  ['1::', '1:0:0:0'],
];

for (const [address, network] of NETWORKS) {
  test(`${address} is counted as ${network}`, () => assert.equal(networkOf(address), network));
}
