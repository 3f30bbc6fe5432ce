import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideReload, LOAD_BACKOFF, type LoadAttempt, type Look, type ReloadDecision } from './reload-policy.ts';

const AT_MS = 1_000_000;
const { firstMs, longestMs } = LOAD_BACKOFF;
const loaded: LoadAttempt = { identity: 'a', outcome: 'loaded', failures: 0, atMs: AT_MS };
const failed: LoadAttempt = { identity: 'a', outcome: 'failed', failures: 1, atMs: AT_MS };

const look = (identity: string, waitedMs: number, asked = false): Look => ({
  identity,
  nowMs: AT_MS + waitedMs,
  asked,
});

const CASES: readonly [string, LoadAttempt | undefined, Look, ReloadDecision][] = [
  ['the first look loads', undefined, look('a', 0), 'load'],
  ['what is in use is kept, however old', loaded, look('a', 1e9), 'keep'],
  ['what is in use is not loaded again because somebody asks', loaded, look('a', 0, true), 'keep'],
  ['another version is loaded at once', loaded, look('b', 0), 'load'],
  ['a refused model is not tried at every look', failed, look('a', firstMs - 1), 'retry-later'],
  ['a refused model is tried again after a while', failed, look('a', firstMs), 'load'],
  ['a refused model is tried again at once if it changed', failed, look('b', 0), 'load'],
  ['a refused model is tried again at once if somebody asks', failed, look('a', 0, true), 'load'],
  ['the second wait is longer', { ...failed, failures: 2 }, look('a', firstMs), 'retry-later'],
  ['after fifty failures it is still tried', { ...failed, failures: 50 }, look('a', longestMs), 'load'],
  ['a clock that was set back a year does not stop the attempts', failed, look('a', -3e10), 'load'],
];

for (const [title, last, seen, expected] of CASES) {
  test(title, () => assert.equal(decideReload(last, seen), expected));
}
