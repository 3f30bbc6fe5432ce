import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile } from '@edgewood/features';
import { type LogEntry, LogError, type LogQuery } from '@edgewood/logs';
import { MemoryLogSource } from '../../../logs/src/testing/memory-log-source.ts';
import { PrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { BlindSpotWatch, LOOK_LIMITS } from './blind-spot-watch.ts';
import type { LogReader } from './log-survey.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2025-05-02T00:00:00Z');
/** hostapd shows it at level debug only. */
const HIDDEN = 'EAPOL time-outs: handshakes that a station does not finish';
const { signal } = new AbortController();

const WIFI: LogReader = { name: 'upstairs', programs: ['hostapd'], profile: agentProfile('wifi') };

/** Counts what is read. */
class CountedSource extends MemoryLogSource {
  readonly spans: LogQuery['span'][] = [];

  override read(query: LogQuery, stop?: AbortSignal) {
    this.spans.push(query.span);
    return super.read(query, stop);
  }
}

function setUp({ readers = [WIFI], limits = LOOK_LIMITS, entries = quietDay() } = {}) {
  const source = new CountedSource(entries);
  const metrics = new PrometheusMetrics();
  const time = { nowMs: START_MS };
  const watch = new BlindSpotWatch({ readers: () => readers, source, metrics, nowMs: () => time.nowMs, limits });
  const lookAt = async (nowMs: number) => {
    time.nowMs = nowMs;
    await watch.look(signal);
    return watch.report();
  };
  const unknown = async () => {
    const [, count] = /^edgewood_unknown_messages_total\{agent="upstairs"\} (\d+)$/m.exec(await metrics.expose()) ?? [];
    return Number(count);
  };
  return { source, watch, lookAt, unknown, time };
}

function entry(timeMs: number, message: string, program = 'hostapd', level = 'notice'): LogEntry {
  return { timeMs, deviceId: '1', program, level, message };
}

/** So many entries an hour, the last before `toMs`, of stations that come. */
function stationsOf(fromMs: number, toMs: number, perHour = 10): LogEntry[] {
  const count = Math.floor(((toMs - fromMs) / HOUR_MS) * perHour);
  const stepMs = (toMs - fromMs) / count;
  return Array.from({ length: count }, (_, at) => {
    return entry(Math.floor(fromMs + at * stepMs), 'wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01');
  });
}

/** The day before the service starts: 240 lines without level debug, 12 of a program that nobody reads, 2 odd ones. */
function quietDay(): LogEntry[] {
  const dayMs = START_MS - 24 * HOUR_MS;
  const cron = Array.from({ length: 12 }, (_, at) => entry(dayMs + at * HOUR_MS, 'USER root', 'crond'));
  const odd = [1, 2].map((at) => entry(dayMs + at * HOUR_MS, `wlan0: the aerial fell down ${at} times`));
  return [...stationsOf(dayMs, START_MS), ...cron, ...odd];
}

function hiddenIn({ survey }: Awaited<ReturnType<BlindSpotWatch['report']>>): readonly string[] {
  return survey.sight.devices.flatMap(({ blindSpots }) => blindSpots.map(({ incident }) => incident));
}

test('the first who asks is told of the last day; whoever asks then costs nothing', async () => {
  const { watch, source } = setUp();
  const report = await watch.report();
  assert.ok(hiddenIn(report).includes(HIDDEN), hiddenIn(report).join());
  const { sight, messages } = report.survey;
  assert.deepEqual(
    sight.unread.map(({ program, lineCount }) => [program, lineCount]),
    [['crond', 12]],
  );
  assert.deepEqual(
    messages.templates.map(({ agent, lineCount, example }) => [agent, lineCount, example]),
    [['upstairs', 2, 'wlan0: the aerial fell down 1 times']],
  );
  assert.deepEqual([report.fromMs, report.toMs, report.problem], [START_MS - 24 * HOUR_MS, START_MS, undefined]);
  await Promise.all([watch.report(), watch.report()]);
  assert.equal(source.spans.length, 1);
});

test('nothing is unread where an agent reads all programs', async () => {
  const all: LogReader = { name: 'ours', programs: 'all', profile: undefined };
  const { watch } = setUp({ readers: [WIFI, all] });
  const { survey } = await watch.report();
  assert.deepEqual(survey.sight.unread, []);
  assert.deepEqual(
    survey.messages.agents.map(({ agent }) => agent),
    ['upstairs'],
  );
});

test('a look reads what has come since the last one', async () => {
  const { source, lookAt } = setUp();
  await lookAt(START_MS);
  await lookAt(START_MS + HOUR_MS);
  assert.deepEqual(source.spans.at(-1), { fromMs: START_MS, toMs: START_MS + HOUR_MS });
});

test('a level that is raised shows at the next look, and one that is lowered within two days', async () => {
  const { source, lookAt } = setUp();
  assert.ok(hiddenIn(await lookAt(START_MS)).includes(HIDDEN));
  source.entries.push(entry(START_MS + 1, 'wlan0: STA 00:00:5e:00:53:01 WPA: EAPOL-Key timeout', 'hostapd', 'debug'));
  assert.ok(!hiddenIn(await lookAt(START_MS + HOUR_MS)).includes(HIDDEN));
  source.entries.push(...stationsOf(START_MS + HOUR_MS, START_MS + 60 * HOUR_MS));
  let shownUntil = 0;
  for (let hour = 2; hour <= 60; hour += 1) {
    const report = await lookAt(START_MS + hour * HOUR_MS);
    assert.ok(report.toMs - report.fromMs >= 24 * HOUR_MS && report.toMs - report.fromMs <= 49 * HOUR_MS);
    if (!hiddenIn(report).includes(HIDDEN)) shownUntil = hour;
  }
  assert.ok(shownUntil >= 24 && shownUntil <= 49, `shown until ${shownUntil} h after`);
});

test('unknown messages are counted once, and those before the start not at all', async () => {
  const { source, lookAt, unknown } = setUp();
  await lookAt(START_MS);
  assert.equal(await unknown(), 0);
  source.entries.push(...stationsOf(START_MS, START_MS + 30 * HOUR_MS));
  for (const hour of [0, 1, 23, 25, 26]) source.entries.push(entry(START_MS + hour * HOUR_MS, 'wlan0: it rains'));
  for (let hour = 1; hour <= 30; hour += 1) await lookAt(START_MS + hour * HOUR_MS);
  assert.equal(await unknown(), 5);
});

test('a look ends at its limit, and the next one goes on from there', async () => {
  const { source, lookAt } = setUp({ limits: { ...LOOK_LIMITS, entries: 100 } });
  const first = await lookAt(START_MS);
  assert.ok(first.survey.sight.lineCount >= 100 && first.survey.sight.lineCount < 254);
  assert.ok(first.toMs < START_MS);
  for (let look = 0; look < 3; look += 1) await lookAt(START_MS);
  const last = await lookAt(START_MS);
  assert.deepEqual([last.survey.sight.lineCount, last.toMs], [254, START_MS]);
  assert.equal(source.spans.at(-1)?.fromMs, START_MS);
});

test('a source that fails is told, and nothing is read twice or lost when it is back', async () => {
  const { source, lookAt } = setUp();
  source.failure = new LogError('SOURCE_UNREACHABLE', 'db:5432 refuses connections');
  assert.equal((await lookAt(START_MS)).problem, 'db:5432 refuses connections');
  source.failure = undefined;
  const report = await lookAt(START_MS);
  assert.deepEqual([report.problem, report.survey.sight.lineCount], [undefined, 254]);
});

test('a clock that had been a year ahead does not end the watch', async () => {
  const { source, lookAt } = setUp();
  await lookAt(START_MS + 365 * 24 * HOUR_MS);
  await lookAt(START_MS);
  source.entries.push(...stationsOf(START_MS, START_MS + HOUR_MS));
  const { survey, fromMs } = await lookAt(START_MS + HOUR_MS);
  assert.equal(fromMs, START_MS + 364 * 24 * HOUR_MS);
  assert.equal(survey.sight.lineCount, 10);
});
