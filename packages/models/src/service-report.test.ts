import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ModelError } from './errors.ts';
import { parseServiceReport, REPORT_SCHEMA_VERSION, type ServiceReport } from './service-report.ts';

const REPORT: ServiceReport = {
  schema_version: REPORT_SCHEMA_VERSION,
  service_version: '0.1.0',
  started_at: '2025-06-07T23:00:00.000Z',
  written_at: '2025-06-07T23:15:00.000Z',
  sequence: 3,
  trusted_keys: ['0f4c0f4c0f4c0f4c'],
  models: [
    {
      agent: 'lab',
      model: 'lab-wifi',
      version: '20250607_230000',
      problem: null,
      since_loaded: {
        cycles: 3,
        failed_cycles: 1,
        last_error: 'the log source does not answer',
        windows: 6,
        anomalies: 1,
        scores: { p05: -0.7, p25: -0.5, p50: -0.45, p75: -0.42, p95: -0.4 },
      },
    },
  ],
};

/** The report with a value at a path. */
function reportWith(path: string, value: unknown): string {
  const report = structuredClone(REPORT) as object as Record<string, never>;
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.reduce<Record<string, unknown>>((of, name) => of[name] as Record<string, unknown>, report);
  parent[last] = value;
  return JSON.stringify(report);
}

test('a report is read as it was written', () => {
  assert.deepEqual(parseServiceReport(JSON.stringify(REPORT), 'x'), REPORT);
});

test('a service without a model, and one that has judged nothing yet, have reports', () => {
  for (const [path, value] of [
    ['models', []],
    ['models.0.version', null],
    ['models.0.problem', 'no model of wifi is active'],
    ['models.0.since_loaded.scores', null],
    ['models.0.since_loaded.last_error', null],
  ] as const) {
    assert.ok(parseServiceReport(reportWith(path, value), 'x'), path);
  }
});

test('fields of a later release do no harm', () => {
  assert.deepEqual(parseServiceReport(reportWith('models.0.mood', 'good'), 'x'), REPORT);
});

for (const [path, value] of [
  ['schema_version', 0],
  ['service_version', undefined],
  ['sequence', -1],
  ['sequence', 1.5],
  ['trusted_keys', 'none'],
  ['models.0.agent', null],
  ['models.0.since_loaded.windows', -1],
  ['models.0.since_loaded.scores', {}],
] as const) {
  test(`${path} cannot be ${JSON.stringify(value)}`, () => {
    assert.throws(() => parseServiceReport(reportWith(path, value), 'pi: report'), {
      code: 'BAD_REPORT',
      message: new RegExp(`^pi: report: ${path.replaceAll('.', '\\.')}`),
    });
  });
}

test('a report that means something else is refused, with the remedy', () => {
  assert.throws(() => parseServiceReport(reportWith('schema_version', REPORT_SCHEMA_VERSION + 1), 'x'), {
    code: 'BAD_REPORT',
    message: /needs a newer Edgewood/,
  });
});

test('whatever else there is at the address is refused and nothing worse', () => {
  for (const text of ['', '<html>', '[]', 'null', '{"error": {}}', '['.repeat(100_000)]) {
    assert.throws(() => parseServiceReport(text, 'x'), { code: 'BAD_REPORT' }, text.slice(0, 20));
  }
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      assert.throws(
        () => parseServiceReport(text, 'x'),
        (error) => error instanceof ModelError,
      );
    }),
  );
});
