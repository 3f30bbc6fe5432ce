import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SurpriseError } from './errors.ts';
import { HOUR_KINDS } from './slot-time.ts';
import type { WindowNorms } from './window-norms.ts';
import { WINDOW_NORM_LIMITS, windowNormsFile, windowNormsOf, windowNormsSchema } from './window-norms-json.ts';

function plainNorms({ features = 2, devices = 2 } = {}): WindowNorms {
  const hourly = (mean: number) => ({
    means: new Float64Array(features * HOUR_KINDS).fill(mean),
    spreads: new Float64Array(features * HOUR_KINDS).fill(0.15),
  });
  return {
    features: Array.from({ length: features }, (_, at) => `feature_${at}`),
    fleet: hourly(1.5),
    devices: new Map(Array.from({ length: devices }, (_, at) => [`device ${at}`, hourly(at + 1)])),
  };
}

const file = windowNormsFile(plainNorms());
const read = (value: unknown) => windowNormsOf(windowNormsSchema.parse(value), 'file: window_norms');

test('what was written is read again', () => {
  assert.deepEqual(read(JSON.parse(JSON.stringify(file))), plainNorms());
});

test('what is wrong is refused, and the message says where', () => {
  const [device] = file.devices;
  for (const [wrong, message] of [
    [{ ...file, features: ['one', 'one'] }, /window_norms\.features: "one" stands twice/],
    [{ ...file, devices: [device, device] }, /window_norms\.devices: "device 0" stands twice/],
    [{ ...file, fleet: { ...file.fleet, means: [1, -94] } }, /window_norms\.fleet\.means must be 96 numbers, got 95/],
    [{ ...file, fleet: { ...file.fleet, spreads: [1, -96] } }, /window_norms\.fleet\.spreads must be 96 numbers/],
    [{ ...file, fleet: { ...file.fleet, spreads: [0, -95] } }, /spreads must be from 0\.01 to 100, got 0/],
    [
      { ...file, devices: [{ ...device, means: [1e300, -95] }] },
      /devices\.0\.means must be from 1e-7 to 100, got 1e\+300/,
    ],
  ] as const) {
    assert.throws(
      () => read(wrong),
      (error) => error instanceof SurpriseError && error.code === 'BAD_BASELINE' && message.test(error.message),
      message.source,
    );
  }
});

test('a short file cannot ask for more memory than the limit', () => {
  const { features, places } = WINDOW_NORM_LIMITS;
  const norms = plainNorms({ features, devices: 1 });
  const [device] = windowNormsFile(norms).devices;
  const devices = Array.from({ length: places / features + 1 }, (_, at) => ({ ...device, id: `${at}` }));
  assert.throws(() => read({ ...windowNormsFile(norms), devices }), { message: /at most 100000 are allowed/ });
});
