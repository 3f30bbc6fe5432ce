import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReportDue, REPORT_INTERVAL_MS, type ReportOccasion } from './report-policy.ts';

const CASES: readonly [ReportOccasion, boolean, number | undefined, boolean][] = [
  // occasion, somebody deploys, since the last one, due
  ['change', false, undefined, true],
  ['change', false, 0, true],
  ['change', true, 0, true],
  ['routine', true, 0, true],
  ['routine', false, undefined, true],
  ['routine', false, REPORT_INTERVAL_MS - 1, false],
  ['routine', false, REPORT_INTERVAL_MS, true],
];

for (const [occasion, isDeploying, sinceLastMs, due] of CASES) {
  const when = `${isDeploying ? '' : 'not '}deploying, ${sinceLastMs ?? 'no time'} ms after the last`;
  test(`${occasion}, ${when}: ${due ? 'written' : 'not written'}`, () => {
    assert.equal(isReportDue(occasion, { isDeploying, sinceLastMs }), due);
  });
}
