import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelDrift } from '../drift/model-drift.ts';
import { createHttpParts } from '../testing/http-parts.ts';
import { createHttpServer } from './http-server.ts';

const QUANTILES = { p05: 0, p25: 1, p50: 2, p75: 3, p95: 4 };
const MOVED = { index: 0.31, before: QUANTILES, now: { ...QUANTILES, p50: 3 } };
const WEEK: ModelDrift = {
  version: '20250607_230000',
  windows: 4_032,
  coveredMs: 604_800_000,
  unknown: undefined,
  score: MOVED,
  features: [{ feature: 'log_count', ...MOVED }],
};
const DAY: ModelDrift = {
  ...WEEK,
  windows: 12,
  coveredMs: 3_600_000,
  unknown: 'too little',
  score: undefined,
  features: [],
};

test('/api/drift says what has moved, from where to where, and what is not known', async () => {
  const parts = createHttpParts();
  parts.control.drifts = [{ agent: 'wifi', atMs: 0, week: WEEK, day: DAY, sinceMs: undefined, retrainAdvised: false }];
  const { agents } = (await createHttpServer(parts).inject('/api/drift')).json();
  assert.deepEqual(agents, [
    {
      agent: 'wifi',
      model_version: '20250607_230000',
      looked_at: '1970-01-01T00:00:00.000Z',
      moved_far_since: null,
      retrain_advised: false,
      week: {
        windows: 4_032,
        covered_hours: 168,
        unknown: null,
        score: MOVED,
        features: [{ feature: 'log_count', ...MOVED }],
      },
      day: { windows: 12, covered_hours: 1, unknown: 'too little', score: null, features: [] },
    },
  ]);
});
