import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgentStatus, serviceStatus } from './service-status.ts';

const FINE: AgentStatus = {
  agent: 'wifi',
  enabled: true,
  needsModel: true,
  modelVersion: '20250607_230000',
  problem: undefined,
  modelWarnings: [],
  analysedUntilMs: 0,
  nextDueMs: 420_000,
  lagMs: 0,
  windowMs: 300_000,
  lastError: undefined,
  storeFailed: false,
};
const NONE = {
  source: undefined,
  paused: undefined,
  clock: undefined,
  logTime: undefined,
  store: undefined,
  config: undefined,
};
const TIMES = { nowMs: 0, startedMs: 0 };
const NO_MODEL = { modelVersion: undefined, problem: 'no model is active' };

const CASES: readonly [string, Partial<AgentStatus>, string | undefined, string, boolean, readonly RegExp[]][] = [
  ['all is well', {}, undefined, 'ok', true, []],
  ['the log source has not answered yet', {}, 'connection refused', 'degraded', false, [/^connection refused$/]],
  ['there is no model', NO_MODEL, undefined, 'degraded', false, [/^wifi: no model is active$/]],
  [
    'a newer model was refused: the old one still does its work',
    { problem: 'hash mismatch' },
    undefined,
    'degraded',
    true,
    [/^wifi: hash mismatch; 20250607_230000 stays in use$/],
  ],
  [
    'the last cycle failed',
    { lastError: 'connection lost' },
    undefined,
    'degraded',
    false,
    [/^wifi: connection lost$/],
  ],
  ['two windows behind is not yet behind', { lagMs: 600_000 }, undefined, 'ok', true, []],
  ['the analysis is behind', { lagMs: 600_001 }, undefined, 'degraded', true, [/^wifi: the analysis is 600 s behind$/]],
  ['an agent that is switched off is no trouble', { enabled: false, ...NO_MODEL }, undefined, 'ok', true, []],
  [
    'an agent without a model of its own cannot work',
    { needsModel: false, problem: 'no such file' },
    undefined,
    'degraded',
    false,
    [/no such file/],
  ],
  ['nothing can be stored', { lastError: 'disk full', storeFailed: true }, undefined, 'failing', false, [/disk full/]],
];

for (const [title, change, sourceProblem, status, ready, reasons] of CASES) {
  test(`status: ${title}`, () => {
    const found = serviceStatus([{ ...FINE, ...change }], { ...NONE, source: sourceProblem }, TIMES);
    assert.deepEqual([found.status, found.ready, found.reasons.length], [status, ready, reasons.length]);
    for (const [position, reason] of reasons.entries()) assert.match(found.reasons[position] ?? '', reason);
  });
}

test('what stands in the way of the whole service makes it degraded, and it stays ready', () => {
  for (const trouble of ['paused', 'clock', 'logTime', 'store', 'config']) {
    const { status, ready, reasons } = serviceStatus([FINE], { ...NONE, [trouble]: 'it is so' }, TIMES);
    assert.deepEqual([status, ready, reasons], ['degraded', true, ['it is so']]);
  }
});
