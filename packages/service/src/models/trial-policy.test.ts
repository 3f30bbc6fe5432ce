import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeploymentUnderWay, parseVersion } from '@edgewood/models';
import { decideTrial, type TrialSight } from './trial-policy.ts';

const [before, onTrial, other] = ['20250607_230000', '20250608_230000', '20250609_230000'].map(parseVersion) as [
  never,
  never,
  never,
];

const DEPLOYMENT: DeploymentUnderWay = {
  schema_version: 1,
  id: 'a-1',
  by: 'anna@laptop',
  version: onTrial,
  previous: before,
  started_at: '2025-06-09T08:00:00.000Z',
  steps: [],
  stage: 'trial',
  lease_seconds: 60,
  renewal: 3,
};

/** Its owner is gone, and what was live before is there. */
const SIGHT: TrialSight = {
  deployment: DEPLOYMENT,
  unchangedMs: 60_000,
  active: onTrial,
  complete: [onTrial, before],
};

const GONE = `anna@laptop, who deployed ${onTrial}, has not been heard of for 60 s`;

const CASES: readonly [string, Partial<TrialSight>, string, string?][] = [
  ['its owner is gone', {}, 'take-back', GONE],
  ['its owner has been gone for long', { unchangedMs: 1e9 }, 'take-back', GONE],
  ['its owner was there a moment ago', { unchangedMs: 59_999 }, 'nothing'],
  ['nothing is live yet', { deployment: { ...DEPLOYMENT, stage: 'preparing' } }, 'nothing'],
  ['what was live before is live again', { active: before }, 'nothing'],
  ['a person made another version live', { active: other }, 'nothing'],
  ['no version is live', { active: undefined }, 'nothing'],
  [
    'nothing was live before',
    { deployment: { ...DEPLOYMENT, previous: null } },
    'leave',
    `${GONE}; it stays, for nothing was live before it`,
  ],
  [
    'the version was live before',
    { deployment: { ...DEPLOYMENT, previous: onTrial } },
    'leave',
    `${GONE}; it stays, for it was live before too`,
  ],
  [
    'what was live before is gone, or lacks a file',
    { complete: [onTrial, other] },
    'leave',
    `${GONE}; it stays, for ${before}, which was live before, is not complete`,
  ],
  [
    'what was live before is no version at all',
    { deployment: { ...DEPLOYMENT, previous: '../../etc/passwd' } },
    'leave',
    `${GONE}; it stays, for ../../etc/passwd, which was live before, is not complete`,
  ],
];

for (const [what, difference, action, reason] of CASES) {
  test(`${what}: ${action}`, () => {
    const decision = decideTrial({ ...SIGHT, ...difference });
    assert.equal(decision.action, action);
    assert.equal('reason' in decision ? decision.reason : undefined, reason);
  });
}

test('what was live before is what is live then', () => {
  const decision = decideTrial(SIGHT);
  assert.equal(decision.action === 'take-back' && decision.previous, before);
});
