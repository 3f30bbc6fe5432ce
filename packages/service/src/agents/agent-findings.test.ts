import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../errors.ts';
import { anomalyOf } from './agent-findings.ts';

const WINDOW = { fromMs: 0, toMs: 300_000, deviceId: '2', entries: [] };
const CONFIG = { name: 'ssh', severity: { medium: 0.2, high: 0.5, rules: [] } };
const FINDING = { kind: 'wrong_passwords', severity: 0.3, why: '12 wrong passwords from 192.0.2.7 (usually 0)' };

function judge(findings: unknown, found = Array.isArray(findings) ? findings.length : 1) {
  return anomalyOf({ findings: JSON.stringify(findings), found }, WINDOW, CONFIG, 400_000);
}

test('a finding becomes an anomaly of its window, which no forest judged', () => {
  assert.deepEqual(judge([FINDING]), {
    agent: 'ssh',
    deviceId: '2',
    fromMs: 0,
    toMs: 300_000,
    kind: 'wrong_passwords',
    score: null,
    decision: null,
    detectors: [],
    surprise: null,
    severity: 0.3,
    level: 'medium',
    why: FINDING.why,
    modelVersion: null,
    features: [],
    exampleLines: [],
    detectedAtMs: 400_000,
  });
});

test('nothing found is no anomaly', () => assert.equal(judge([]), undefined));

test('entries and texts become example lines, five of them, each cut to a readable length', () => {
  const entry = { timeMs: 0, deviceId: '2', program: 'sshd', level: 'info', message: 'Failed\npassword' };
  const lines = judge([{ ...FINDING, lines: [entry, 'x'.repeat(1_000), 'c', 'd', 'e', 'f'] }])?.exampleLines;
  assert.deepEqual(
    lines?.map((line) => line.slice(0, 30)),
    ['sshd: Failed ⏎ password', 'x'.repeat(30), 'c', 'd', 'e'],
  );
  assert.equal(lines?.[1].length, 400);
});

test('features are what severity rules ask for', () => {
  const rules = [{ feature: 'wrong', atLeast: 10, level: 'high' as const }];
  const answer = { findings: JSON.stringify([{ ...FINDING, features: { wrong: 12 } }]), found: 1 };
  const anomaly = anomalyOf(answer, WINDOW, { ...CONFIG, severity: { ...CONFIG.severity, rules } }, 0);
  assert.equal(anomaly?.level, 'high');
  assert.deepEqual(anomaly?.features, [{ feature: 'wrong', value: 12, expected: undefined, contribution: 0 }]);
});

test('the reason of the worst finding tells of the others, and how many more there are', () => {
  const findings = ['a', 'b', 'c', 'd', 'e'].map((why) => ({ ...FINDING, why }));
  assert.equal(judge(findings.slice(0, 1))?.why, 'a');
  assert.equal(judge(findings.slice(0, 2))?.why, 'a; b');
  assert.equal(judge(findings, 10_000)?.why, 'a; b; c; d and 9996 more');
  const long = judge([{ ...FINDING, why: 'x'.repeat(2_000) }, FINDING], 9_000)?.why;
  assert.equal(long?.length, 1_000);
  assert.match(long ?? '', /x… and 8998 more$/);
});

const BAD: readonly [what: string, findings: unknown, problem: RegExp][] = [
  ['a number', [5], /a finding must be a finding, got 5/],
  ['text', ['odd'], /a finding must be a finding, got "odd"/],
  ['null', [null], /a finding must be a finding, got /],
  ['a list in the list', [[]], /a finding must be a finding, got /],
  ['an empty object', [{}], /kind must be text, got nothing; severity must be a number, got nothing; why must be text/],
  ['a kind that is no word', [{ ...FINDING, kind: 'Wrong Password' }], /kind must be a word in snake_case such as/],
  ['a severity above 1', [{ ...FINDING, severity: 7 }], /severity must be at most 1, got 7/],
  ['a severity below 0', [{ ...FINDING, severity: -1 }], /severity must be at least 0, got -1/],
  ['a severity in words', [{ ...FINDING, severity: 'high' }], /severity must be a number, got "high"/],
  ['no reason', [{ ...FINDING, why: '' }], /why must not be empty/],
  ['lines that are no list', [{ ...FINDING, lines: 'x' }], /lines must be a list, got "x"/],
  ['a line that is none', [{ ...FINDING, lines: [{ text: 1 }] }], /lines.0 must be an entry or text, got /],
  ['a feature in words', [{ ...FINDING, features: { wrong: 'many' } }], /features.wrong must be a number, got "many"/],
  ['a score of 0', [{ ...FINDING, score: 0 }], /score must be below 0, got 0/],
  ['a key that there is not', [{ ...FINDING, lvl: 3 }], /lvl there is no such key/],
  ['a good one behind it', [{ ...FINDING, why: 3 }, FINDING], /why must be text, got 3/],
];

for (const [what, findings, problem] of BAD) {
  test(`${what} is no finding, and what is allowed is said`, () => {
    assert.throws(
      () => judge(findings),
      (error) => error instanceof ServiceError && error.code === 'BAD_AGENT' && problem.test(error.message),
    );
  });
}
