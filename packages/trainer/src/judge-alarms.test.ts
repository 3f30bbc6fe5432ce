import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Alarm } from './alarm.ts';
import { type IncidentLabels, parseLabels } from './incident-labels.ts';
import { type FoundIncident, judgeAlarms } from './judge-alarms.ts';
import { scatteredAlarms } from './testing/scattered-alarms.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What evaluate.py, a program in Python that scores alarms by the same rules, says of alarms from a threshold on. */
interface Evaluated {
  readonly seed: number;
  readonly threshold: number;
  readonly false_episodes: number;
  /** To three decimals. */
  readonly fa_per_device_week: number;
  readonly median_delay_s: number | null;
  /** By difficulty, by kind and of all: `12/19`. */
  readonly recall: Readonly<Record<string, string>>;
}

const recorded = new URL('testing/evaluated-alarms.json', import.meta.url);
const evaluations: readonly Evaluated[] = JSON.parse(readFileSync(recorded, 'utf8'));

function recallOf(found: readonly FoundIncident[]): Record<string, string> {
  const counts = new Map<string, [number, number]>();
  for (const { incident, delayMs } of found) {
    for (const key of [incident.difficulty, incident.kind, 'all']) {
      const [hit = 0, all = 0] = counts.get(key) ?? [];
      counts.set(key, [hit + (delayMs === undefined ? 0 : 1), all + 1]);
    }
  }
  return Object.fromEntries([...counts].map(([key, [hit, all]]) => [key, `${hit}/${all}`]));
}

test(`${evaluations.length} recorded evaluations of scattered alarms come out the same, count for count`, () => {
  assert.ok(evaluations.length >= 20);
  for (const { seed, threshold, recall, median_delay_s: medianS, ...evaluated } of evaluations) {
    const { labels, alarms } = scatteredAlarms(seed);
    const chosen = alarms.filter(({ score }) => score >= threshold);
    const quality = judgeAlarms(parseLabels(labels, 'labels'), chosen);
    const of = `seed ${seed}, threshold ${threshold}`;
    assert.equal(quality.falseEpisodes, evaluated.false_episodes, of);
    assert.equal(Number(quality.falsePerDeviceAndWeek.toFixed(3)), evaluated.fa_per_device_week, of);
    assert.deepEqual(recallOf(quality.incidents), recall, of);
    assert.equal(Math.round(quality.medianDelayMs ?? Number.NaN), Math.round((medianS ?? Number.NaN) * 1000), of);
  }
});

const FROM = 100 * HOUR;
const TO = FROM + 30 * MINUTE;
const LABELS: IncidentLabels = {
  fromMs: 0,
  toMs: 168 * HOUR,
  devices: 8,
  incidents: [
    {
      id: 'a',
      kind: 'flood',
      difficulty: 'easy',
      deviceId: '2',
      devices: ['2'],
      fromMs: FROM,
      toMs: TO,
      isTest: true,
    },
  ],
  benign: [
    { kind: 'reboot', deviceId: '1', fromMs: 10 * HOUR, toMs: 10 * HOUR + MINUTE },
    { kind: 'radar', deviceId: '1', fromMs: 20 * HOUR, toMs: 20 * HOUR + MINUTE },
  ],
};

for (const [what, alarm, found, falseEpisodes] of [
  ['at its very start', { atMs: FROM }, false, 1],
  ['a moment after its start', { atMs: FROM + 1 }, true, 0],
  ['a quarter of an hour and a window after its end', { atMs: TO + 20 * MINUTE - 1 }, true, 0],
  ['later than that', { atMs: TO + 20 * MINUTE }, false, 1],
  ['long after it, over a window of six hours', { atMs: TO + 76 * MINUTE, windowMs: 6 * HOUR }, false, 0],
  ['of another device of its site', { atMs: FROM + 1, deviceId: '4' }, false, 0],
  ['of a device of another site', { atMs: FROM + 1, deviceId: '5' }, false, 1],
  ['of a device whose name is no number', { atMs: FROM + 1, deviceId: 'ap-2' }, false, 1],
  ['at a reboot', { atMs: 10 * HOUR + MINUTE, deviceId: '3' }, false, 0],
  ['at a radar', { atMs: 20 * HOUR + MINUTE }, false, 1],
  ['outside the time of the labels', { atMs: 168 * HOUR + 1 }, false, 0],
] as const satisfies readonly (readonly [string, Partial<Alarm>, boolean, number])[]) {
  test(`an alarm ${what} ${found ? 'finds the incident' : 'finds nothing'}, ${falseEpisodes} false`, () => {
    const quality = judgeAlarms(LABELS, [{ deviceId: '2', windowMs: 5 * MINUTE, score: 1, ...alarm }]);
    assert.equal(quality.incidents[0]?.delayMs !== undefined, found);
    assert.equal(quality.falseEpisodes, falseEpisodes);
  });
}

test('false alarms of a device half an hour apart are one episode, further apart they are two', () => {
  const episodes = (gapMs: number, deviceId = '7') => {
    const alarm = { deviceId: '7', windowMs: 5 * MINUTE, score: 1, atMs: HOUR };
    return judgeAlarms(LABELS, [alarm, { ...alarm, deviceId, atMs: HOUR + gapMs }]).falseEpisodes;
  };
  assert.deepEqual([episodes(30 * MINUTE), episodes(30 * MINUTE + 1), episodes(0, '8')], [1, 2, 2]);
});

test('of a part of the labels, only incidents that touch it were to be found, and only its days count', () => {
  const { incidents, falsePerDeviceAndWeek } = judgeAlarms(LABELS, [], { fromMs: TO + 15 * MINUTE });
  assert.deepEqual([incidents.length, falsePerDeviceAndWeek], [0, 0]);
  assert.equal(judgeAlarms(LABELS, [], { fromMs: FROM + 1 }).incidents.length, 1);
  const early = { deviceId: '7', windowMs: 5 * MINUTE, score: 1, atMs: HOUR };
  assert.equal(judgeAlarms(LABELS, [early], { toMs: 84 * HOUR }).falsePerDeviceAndWeek, 2 / 8);
});
