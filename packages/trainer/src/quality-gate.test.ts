import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertGoodQuality, qualityProblems, type TrainingEvidence } from './quality-gate.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const VARYING = { min: 0, max: 7 };
const CONSTANT = { min: 0, max: 0 };

function evidence(
  report: Partial<TrainingEvidence['report']> = {},
  rest: Partial<Omit<TrainingEvidence, 'report'>> = {},
): TrainingEvidence {
  const featureQuantiles = { log_count: VARYING, station_count: VARYING, tamper_events: CONSTANT };
  const good = { windows: 1_000, fromMs: 0, toMs: 10 * DAY_MS, anomalousShare: 0.01, featureQuantiles, holes: [] };
  return { report: { ...good, ...report }, contamination: 0.01, manifestProblems: [], ...rest };
}

const hole = (hours: number) => ({ fromMs: DAY_MS, toMs: DAY_MS + hours * HOUR_MS });
const only = (name: string) => ({ [name]: VARYING, warning_count: CONSTANT, tamper_events: CONSTANT });

for (const [what, given, problem] of [
  ['a model of ordinary windows is good', evidence(), undefined],
  [
    'an event that never came is no fault',
    evidence({ featureQuantiles: { a: VARYING, b: VARYING, c: CONSTANT } }),
    undefined,
  ],
  [
    'a single feature that varies is enough where only one was asked for',
    evidence({ featureQuantiles: { log_count: VARYING } }),
    undefined,
  ],
  ['99 windows are too few', evidence({ windows: 99 }), /there are 99 windows, and a good model needs 100/],
  ['100 windows are enough', evidence({ windows: 100 }), undefined],
  [
    'features that never change separate nothing, and are named',
    evidence({ featureQuantiles: { a: CONSTANT, b: CONSTANT } }),
    /^2 of 2 features never change, so the forest can tell nothing apart: a, b$/,
  ],
  [
    'of several features one that varies is too little',
    evidence({ featureQuantiles: only('log_count') }),
    /^2 of 3 features never change, .*hardly anything apart: warning_count, tamper_events$/,
  ],
  ['three times the contamination below the offset is near enough', evidence({ anomalousShare: 0.03 }), undefined],
  [
    'more than that is far',
    evidence({ anomalousShare: 0.031 }),
    /^31 of 1000 windows score below the offset, and a contamination of 0.01 means 10$/,
  ],
  ['no window below the offset is far where ten are due', evidence({ anomalousShare: 0 }), /^0 of 1000 windows/],
  [
    'no window below the offset is chance where fewer are due',
    evidence({ anomalousShare: 0, windows: 900 }),
    undefined,
  ],
  [
    'ten windows below the offset are chance, whatever is due',
    evidence({ anomalousShare: 0.1, windows: 100 }),
    undefined,
  ],
  [
    'without a contamination half the windows may be below the offset',
    evidence({ anomalousShare: 0.5 }, { contamination: 'auto' }),
    undefined,
  ],
  [
    'more than half may not',
    evidence({ anomalousShare: 0.51 }, { contamination: 'auto' }),
    /^510 of 1000 .* more than half cannot be abnormal$/,
  ],
  ['a hole in a twentieth of the log is borne', evidence({ holes: [hole(12)] }), undefined],
  [
    'more is not, and the holes are told',
    evidence({ holes: [hole(13)] }),
    /^the log has holes in 5 % of its time: 1970-01-02T00:00Z to 1970-01-02T13:00Z \(13 h\)$/,
  ],
  [
    'what the manifest says against the file is told',
    evidence({}, { manifestProblems: ['it is cut off'] }),
    /^it is cut off$/,
  ],
] as const) {
  test(what, () => {
    const [first, ...others] = qualityProblems(given);
    assert.deepEqual(others, []);
    if (problem === undefined) assert.equal(first, undefined);
    else assert.match(first ?? '', problem);
  });
}

test('all problems are told at once', () => {
  const poor = evidence({ windows: 12, holes: [hole(20)], featureQuantiles: { a: CONSTANT } });
  const problems = qualityProblems(poor);
  assert.equal(problems.length, 3);
  assert.throws(() => assertGoodQuality(problems, { force: false }), {
    code: 'POOR_MODEL',
    message: `the model is not saved: ${problems.join('; ')}; --force saves it all the same`,
  });
});

test('a poor model passes by force, a good one always', () => {
  assertGoodQuality(['it is poor'], { force: true });
  assertGoodQuality([], { force: false });
});
