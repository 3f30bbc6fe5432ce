import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgentStatus, serviceStatus } from './service-status.ts';

const FINE: AgentStatus = {
  agent: 'wifi',
  modelVersion: '20250607_230000',
  modelProblem: undefined,
  modelWarnings: [],
  analysedUntilMs: 0,
  lagMs: 0,
  windowMs: 300_000,
  lastError: undefined,
  storeFailed: false,
};
const NO_MODEL = { modelVersion: undefined, modelProblem: 'no model is active' };

const CASES: readonly [string, Partial<AgentStatus>, string | undefined, string, boolean, readonly RegExp[]][] = [
  ['all is well', {}, undefined, 'ok', true, []],
  ['the log source has not answered yet', {}, 'connection refused', 'degraded', false, [/^connection refused$/]],
  ['there is no model', NO_MODEL, undefined, 'degraded', false, [/^wifi: no model is active$/]],
  [
    'a newer model was refused: the old one still does its work',
    { modelProblem: 'hash mismatch' },
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
  ['nothing can be stored', { lastError: 'disk full', storeFailed: true }, undefined, 'failing', false, [/disk full/]],
];

for (const [title, change, sourceProblem, status, ready, reasons] of CASES) {
  test(`status: ${title}`, () => {
    const found = serviceStatus([{ ...FINE, ...change }], sourceProblem, 0);
    assert.deepEqual([found.status, found.ready, found.reasons.length], [status, ready, reasons.length]);
    for (const [position, reason] of reasons.entries()) assert.match(found.reasons[position] ?? '', reason);
  });
}
