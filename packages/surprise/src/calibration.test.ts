import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Calibration, calibrate, calibrated, UNSEEN } from './calibration.ts';
import { seededRandom } from './testing/seeded-random.ts';

const DEVICE_DAYS = 100;

/** Hourly surprises that fall off exponentially, as those of a signal do. */
function hourlySurprises(count: number, seed = 1): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => -Math.log(1 - random()));
}

const CALIBRATIONS: readonly Calibration[] = [
  UNSEEN,
  ...[0, 1, 2, 3, 5, 9, 10, 20, 29, 30, 100, 2_000].map((count) => calibrate(hourlySurprises(count))),
  calibrate(Array.from({ length: 40 }, () => 2.5)),
];

test('a surprise as large as the one of a rank is as rare as the rank says', () => {
  const hourly = hourlySurprises(2_000);
  const calibration = calibrate([...hourly]);
  hourly.sort((a, b) => b - a);
  for (const rank of [3, 5, 10, 20, 30]) {
    const score = calibrated(hourly[rank - 1], calibration, DEVICE_DAYS);
    assert.ok(Math.abs(score - -Math.log10(rank / DEVICE_DAYS)) < 1e-12, `rank ${rank}: ${score}`);
  }
});

test('so often as the score says, a surprise as large comes again', () => {
  const calibration = calibrate(hourlySurprises(24 * DEVICE_DAYS, 1));
  const later = hourlySurprises(24 * DEVICE_DAYS * 10, 2);
  for (const score of [0.6, 1, 1.5]) {
    const episodes = later.filter((surprise) => calibrated(surprise, calibration, DEVICE_DAYS) >= score).length;
    const rate = episodes / (DEVICE_DAYS * 10);
    assert.ok(Math.abs(Math.log10(rate) + score) < 0.3, `${rate} episodes per day at ${score}`);
  }
});

test('the order of the hours does not matter, nor how many small ones there are', () => {
  const hourly = hourlySurprises(500);
  const { knots } = calibrate([...hourly]);
  assert.deepEqual(calibrate(hourly.toReversed()), calibrate([...hourly]));
  assert.deepEqual(calibrate([...hourly, ...Array.from({ length: 100 }, () => 1e-3)]).knots, knots);
});

test('knots fall, and slopes are above 0', () => {
  for (const { knots, slope } of CALIBRATIONS) {
    assert.deepEqual(
      knots.toSorted((a, b) => b - a),
      knots,
    );
    assert.ok(knots.every((knot) => knot >= 0) && slope > 0);
  }
});

test('the larger the surprise, the larger the score, and never below 0', () => {
  for (const calibration of CALIBRATIONS) {
    for (const deviceDays of [3, DEVICE_DAYS, 10_000]) {
      let before = 0;
      for (let surprise = 0; surprise < 400; surprise += surprise < 20 ? 0.01 : 1) {
        const score = calibrated(surprise, calibration, deviceDays);
        if (surprise > (calibration.knots[0] ?? 0) + 0.01)
          assert.ok(score > before, `${surprise}: ${score} ≤ ${before}`);
        assert.ok(score >= before, `${surprise}: ${score}`);
        before = score;
      }
    }
  }
});

test('beyond what training saw the score goes on from there without a jump, more and more slowly', () => {
  const calibration = calibrate(hourlySurprises(2_000));
  const [third] = calibration.knots;
  const at = (surprise: number) => calibrated(surprise, calibration, DEVICE_DAYS);
  assert.ok(Math.abs(at(third + 1e-9) - at(third - 1e-9)) < 1e-6);
  const steps = [0, 10, 50, 200].map((beyond) => at(third + beyond + 1) - at(third + beyond));
  assert.deepEqual(
    steps.toSorted((a, b) => b - a),
    steps,
  );
  assert.ok(at(third + 1_000) < 20, `${at(third + 1_000)}`);
});

test('a signal that training never saw scores by how surprising it is, from the first occurrence on', () => {
  assert.ok(calibrated(0.6, UNSEEN, DEVICE_DAYS) > 0);
  assert.ok(calibrated(4, UNSEEN, DEVICE_DAYS) > calibrated(4, calibrate(hourlySurprises(2_000)), DEVICE_DAYS));
});

test('the same surprises score higher, the more days they were the largest of', () => {
  for (const calibration of CALIBRATIONS) {
    assert.ok(calibrated(9, calibration, 1_000) > calibrated(9, calibration, DEVICE_DAYS));
  }
});

test('no surprise is no score', () => {
  for (const calibration of CALIBRATIONS) assert.equal(calibrated(0, calibration, DEVICE_DAYS), 0);
});
