import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelReport } from '@edgewood/models';
import { judgeTrial, type TrialEvidence } from './judge-trial.ts';
import { reportOf } from './testing/pretended-service.ts';

const VERSION = '20250607_230000';
const OLD = '20250606_230000';
const QUANTILES = {
  min: -0.8,
  p01: -0.7,
  p05: -0.6,
  p25: -0.5,
  p50: -0.45,
  p75: -0.42,
  p95: -0.4,
  p99: -0.39,
  max: -0.38,
};
const HYPERPARAMETERS = { n_estimators: 100, contamination: 0.01, max_samples: 'auto' as const, random_state: 42 };
const METADATA: TrialEvidence['metadata'] = { hyperparameters: HYPERPARAMETERS, score_quantiles: QUANTILES };
const AUTO = { ...METADATA, hyperparameters: { ...HYPERPARAMETERS, contamination: 'auto' as const } };

function scores(p50: number) {
  return { p05: p50 - 0.1, p25: p50 - 0.05, p50, p75: p50 + 0.05, p95: p50 + 0.1 };
}

function judged(now: ModelReport, changes: Partial<TrialEvidence> = {}) {
  const before = reportOf({ version: OLD, cycles: 1_000, windows: 3_000 });
  return judgeTrial({
    version: VERSION,
    metadata: METADATA,
    before,
    now,
    wasTakenUp: false,
    watchCycles: 3,
    ...changes,
  });
}

const used = (since: Partial<ModelReport['since_loaded']>) => reportOf({ version: VERSION, ...since });

/** What is told, what else is known, and what is made of it. */
const CASES: [title: string, now: ModelReport, changes: Partial<TrialEvidence>, kind: string, words: RegExp][] = [
  ['the old version is still in use', reportOf({ version: OLD }), {}, 'wait', /uses 20250606_230000/],
  ['no version is in use yet', reportOf({ version: null }), { before: undefined }, 'wait', /uses no version/],
  [
    'another is in use after it was',
    reportOf({ version: OLD }),
    { wasTakenUp: true },
    'roll-back',
    /went over to 2025/,
  ],
  [
    'it is refused',
    reportOf({ version: OLD, problem: 'other features' }),
    {},
    'roll-back',
    /refused it: other features/,
  ],
  [
    'the problem is still that of the version before',
    reportOf({ version: null, problem: 'no model is active' }),
    { before: reportOf({ version: null, problem: 'no model is active' }) },
    'wait',
    /uses no version: no model is active/,
  ],
  ['it is in use, and need not be watched', used({}), { watchCycles: 0 }, 'commit', /not watched/],
  ['a cycle is over', used({ cycles: 1, windows: 3 }), {}, 'wait', /^1 of 3 cycles$/],
  ['all cycles are over', used({ cycles: 3, windows: 90 }), {}, 'commit', /^3 cycles; 0 of 90 windows are anomalies/],
  [
    'its cycles fail',
    used({ failed_cycles: 1, last_error: 'out of memory' }),
    {},
    'roll-back',
    /1 of 1 cycles failed.*out of memory; before, its/,
  ],
  [
    'its cycles fail, and nothing is known of before',
    used({ failed_cycles: 2, cycles: 1, last_error: 'no database' }),
    { before: undefined },
    'roll-back',
    /2 of 3 cycles failed.*of the time before nothing is known/,
  ],
  [
    'its cycles fail as those before did',
    used({ failed_cycles: 3, last_error: 'no database' }),
    { before: reportOf({ version: OLD, failed_cycles: 9, last_error: 'no database' }) },
    'commit',
    /^0 cycles, 3 that failed; no window was scored/,
  ],
  [
    'a cycle failed that was got over',
    used({ failed_cycles: 1, cycles: 2, windows: 9 }),
    {},
    'commit',
    /2 cycles, 1 that failed/,
  ],
  [
    'too many are anomalies',
    used({ cycles: 1, windows: 60, anomalies: 12 }),
    {},
    'roll-back',
    /12 of 60 .*\(20%\), training promised 1%; even with 3% .*p = /,
  ],
  [
    'some more are anomalies',
    used({ cycles: 3, windows: 60, anomalies: 3 }),
    {},
    'commit',
    /3 of 60 .*\(5%\), training promised 1%/,
  ],
  [
    'one of one is an anomaly',
    used({ cycles: 3, windows: 1, anomalies: 1 }),
    {},
    'commit',
    /1 of 1 .*too few windows to judge it/,
  ],
  [
    'training promised nothing',
    used({ cycles: 3, windows: 60, anomalies: 30 }),
    { metadata: AUTO },
    'commit',
    /promised no share, so that it was not judged/,
  ],
  [
    'the share of training is in its report',
    used({ cycles: 3, windows: 60, anomalies: 30 }),
    { metadata: { ...AUTO, report: { anomalous_share: 0.02 } } },
    'roll-back',
    /training promised 2%/,
  ],
  [
    'half of training was anomalies',
    used({ cycles: 3, windows: 60, anomalies: 60 }),
    { metadata: { ...METADATA, hyperparameters: { ...HYPERPARAMETERS, contamination: 0.5 } } },
    'commit',
    /allows any share/,
  ],
  [
    'the scores have sunk',
    used({ cycles: 1, windows: 30, scores: scores(-0.65) }),
    {},
    'roll-back',
    /have shifted: median score -0\.65.*below the 5%/,
  ],
  [
    'the scores have risen',
    used({ cycles: 1, windows: 30, scores: scores(-0.3) }),
    {},
    'roll-back',
    /have shifted.*above the 99%/,
  ],
  [
    'the scores have sunk in few windows',
    used({ cycles: 3, windows: 4, scores: scores(-0.65) }),
    {},
    'commit',
    /4 windows are too few to judge it/,
  ],
  [
    'the scores differ a little',
    used({ cycles: 3, windows: 30, scores: scores(-0.55) }),
    {},
    'commit',
    /median score -0\.55, in training -0\.45/,
  ],
  [
    'the metadata has no scores',
    used({ cycles: 3, windows: 30, scores: scores(-0.9) }),
    { metadata: { hyperparameters: HYPERPARAMETERS } },
    'commit',
    /has none to compare it with/,
  ],
];

for (const [title, now, changes, kind, words] of CASES) {
  test(`a trial in which ${title}: ${kind}`, () => {
    const judgement = judged(now, changes);
    assert.equal(judgement.kind, kind, JSON.stringify(judgement));
    assert.match('reason' in judgement ? judgement.reason : judgement.note, words);
  });
}

test('up to four times the promised share may be chance in a hundred windows', () => {
  for (let anomalies = 0; anomalies <= 4; anomalies++) {
    const { kind } = judged(used({ cycles: 3, windows: 100, anomalies, scores: scores(-0.46) }));
    assert.equal(kind, 'commit', `${anomalies} of 100`);
  }
});
