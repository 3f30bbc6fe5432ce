import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExcludedSpan, excludedTime, spansOfLabels } from './excluded-time.ts';

const span = (fromMs: number, toMs: number, devices: ExcludedSpan['devices'] = 'all') => ({
  fromMs,
  toMs,
  devices,
  reason: 'x',
});

for (const [what, spans, asked, expected] of [
  ['nothing is left out unless it is named', [], [0, 10, '1'], false],
  ['a span that lies within is', [span(0, 100)], [40, 50, '1'], true],
  ['a span that is cut is', [span(45, 100)], [40, 50, '1'], true],
  ['a span that begins within is', [span(0, 45)], [40, 50, '1'], true],
  ['a span right before is not', [span(50, 100)], [40, 50, '1'], false],
  ['a span right behind is not', [span(0, 40)], [40, 50, '1'], false],
  ['a span between two is not', [span(60, 70), span(0, 10)], [40, 50, '1'], false],
  ['a short one within a long one does not end it', [span(0, 100), span(10, 20)], [40, 50, '1'], true],
  ['a named device is', [span(0, 100, ['1', '2'])], [40, 50, '2'], true],
  ['another device is not', [span(0, 100, ['1', '2'])], [40, 50, '3'], false],
  ['a window of all devices is if it has time of any', [span(0, 100, ['1'])], [40, 50, null], true],
  ['a window of all devices is not at other times', [span(60, 100, ['1'])], [40, 50, null], false],
  ['a span without length leaves nothing out', [span(45, 45), span(48, 41)], [40, 50, '1'], false],
] as const) {
  test(`time to leave out: ${what}`, () => {
    const isExcluded = excludedTime(spans);
    const [fromMs, toMs, deviceId] = asked;
    assert.equal(isExcluded(fromMs, toMs, deviceId), expected);
    assert.equal(isExcluded(fromMs, toMs, deviceId), expected, 'asked again');
  });
}

test('labels name incidents with all their devices, and changes with theirs', () => {
  const incident = {
    id: 'i1',
    kind: 'dns_outage',
    difficulty: 'easy',
    deviceId: '1',
    devices: ['1', '2'],
    isTest: false,
  };
  const spans = spansOfLabels({
    fromMs: 0,
    toMs: 1_000,
    devices: 3,
    incidents: [{ ...incident, fromMs: 10, toMs: 20 }],
    benign: [{ kind: 'reboot', deviceId: '3', fromMs: 30, toMs: 40 }],
  });
  assert.deepEqual(spans, [
    { fromMs: 10, toMs: 20, devices: ['1', '2'], reason: 'dns_outage' },
    { fromMs: 30, toMs: 40, devices: ['3'], reason: 'reboot' },
  ]);
});
