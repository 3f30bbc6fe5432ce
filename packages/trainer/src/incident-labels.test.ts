import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLabels } from './incident-labels.ts';

const INCIDENT = {
  id: 'a',
  kind: 'deauth_flood',
  device: 2,
  devices: [2],
  start: '2025-05-02T00:00:00Z',
  end: '2025-05-02T01:00:00Z',
};
const LABELS = {
  meta: { start: '2025-05-01T00:00:00Z', end: '2025-05-03T00:00:00Z', devices: 3 },
  incidents: [INCIDENT],
  benign: [{ kind: 'reboot', device: 1, start: '2025-05-01T06:00:00Z', end: '2025-05-01T06:02:00Z' }],
};

test('labels without a part for training are judged from their start, and all of them are to be found', () => {
  const labels = parseLabels(JSON.stringify(LABELS), 'labels.json');
  assert.equal(labels.fromMs, Date.parse(LABELS.meta.start));
  const [incident] = labels.incidents;
  assert.deepEqual(
    [incident?.deviceId, incident?.devices, incident?.isTest, incident?.difficulty],
    ['2', ['2'], true, 'unrated'],
  );
});

test('the part behind test_start is judged, and incidents of another part are not to be found', () => {
  const meta = { ...LABELS.meta, test_start: '2025-05-02T00:00:00Z' };
  const text = JSON.stringify({ ...LABELS, meta, incidents: [{ ...INCIDENT, split: 'train', difficulty: 'hard' }] });
  const labels = parseLabels(text, 'labels.json');
  assert.equal(labels.fromMs, Date.parse(meta.test_start));
  assert.deepEqual([labels.incidents[0]?.isTest, labels.incidents[0]?.difficulty], [false, 'hard']);
});

for (const [what, text, message] of [
  ['no JSON', '{', /^l\.json is not JSON$/],
  ['a list', '[]', /^l\.json must be an object with meta, got \[\]$/],
  ['incidents that are no list', { ...LABELS, incidents: {} }, /incidents must be a list/],
  ['a time that is none', { ...LABELS, incidents: [{ ...INCIDENT, end: 'soon' }] }, /incidents\.0: end must be a time/],
  ['a device that is none', { ...LABELS, incidents: [{ ...INCIDENT, device: null }] }, /device must be a text or a/],
  ['no devices', { ...LABELS, meta: { ...LABELS.meta, devices: 0 } }, /devices must be a whole number above 0, got 0/],
] as const) {
  test(`${what} is refused, and the message says where`, () => {
    const json = typeof text === 'string' ? text : JSON.stringify(text);
    assert.throws(() => parseLabels(json, 'l.json'), { code: 'BAD_LABELS', message });
  });
}
