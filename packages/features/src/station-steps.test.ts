import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSteps, radioOf, SESSION_STEPS } from './station-steps.ts';

const hostapd = (message: string, timeMs = 0) => ({ timeMs, deviceId: '1', program: 'hostapd', level: '', message });

test('every line of the table is the step that it stands for, and names whom it is about', () => {
  for (const { event, example, text, source } of SESSION_STEPS) {
    const [step] = findSteps([hostapd(example)]);
    assert.equal(step?.step, event, text);
    assert.equal(step?.station, event === 'restarted' ? '' : '00:00:5e:00:53:01');
    assert.match(step?.interfaceName ?? '', /^(wlan|phy)\d/);
    assert.match(source, /^hostapd source: src\//);
  }
});

test('steps are in order of time, and those of one moment in that of their entries', () => {
  const [joined, left] = ['wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01', 'wlan0: AP-STA-DISCONNECTED 00:00:5e:00:53:01'];
  const steps = findSteps([hostapd(left, 2), hostapd(joined, 1), hostapd(left, 1)]);
  assert.deepEqual(
    steps.map(({ step, timeMs }) => `${timeMs} ${step}`),
    ['1 admitted', '1 disconnected', '2 disconnected'],
  );
});

test('networks of one radio are known by its name', () => {
  for (const [interfaceName, radio] of [
    ['wlan0', 'wlan0'],
    ['wlan0-1', 'wlan0'],
    ['phy1-ap0', 'phy1'],
    ['phy1-ap1', 'phy1'],
    ['wl1-ap0', 'wl1'],
    ['wlan0.2', 'wlan0'],
    ['guest', 'guest'],
  ] as const) {
    assert.equal(radioOf(interfaceName), radio, interfaceName);
  }
});
