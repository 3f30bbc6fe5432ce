import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServiceReport } from '@edgewood/models';
import { createKeyPair } from '../../../models/src/testing/key-pair.ts';
import { ModelStatistics } from '../models/model-statistics.ts';
import { formatServiceReport, LONGEST_SENTENCE, type ReportContents } from './format-service-report.ts';

const { sinceLoaded } = new ModelStatistics();
const { trusted } = createKeyPair();

const CONTENTS: ReportContents = {
  serviceVersion: '0.1.0',
  startedMs: 0,
  nowMs: 900_000,
  sequence: 7,
  trustedKeys: [trusted],
  models: [{ agent: 'lab', model: 'lab-wifi', version: undefined, problem: 'there is none', sinceLoaded }],
};

test('a report says what deployers read, with the ids of keys', () => {
  const report = formatServiceReport(CONTENTS);
  assert.deepEqual(parseServiceReport(JSON.stringify(report), 'x'), report);
  assert.deepEqual(report, {
    schema_version: 1,
    service_version: '0.1.0',
    started_at: '1970-01-01T00:00:00.000Z',
    written_at: '1970-01-01T00:15:00.000Z',
    sequence: 7,
    trusted_keys: [trusted.id],
    models: [
      { agent: 'lab', model: 'lab-wifi', version: null, problem: 'there is none', since_loaded: { ...sinceLoaded } },
    ],
  });
});

test('however long an error is, the report stays small', () => {
  const long = 'x'.repeat(1e6);
  const model = { agent: 'wifi', model: 'wifi', version: undefined, problem: long };
  const models = [{ ...model, sinceLoaded: { ...sinceLoaded, last_error: long } }];
  const [first] = formatServiceReport({ ...CONTENTS, models }).models;
  for (const text of [first?.problem, first?.since_loaded.last_error]) {
    assert.equal(text?.length, LONGEST_SENTENCE);
    assert.ok(text?.endsWith('x…'));
  }
});
