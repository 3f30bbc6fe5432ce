/** Labels and alarms scattered over ten days of ten devices by a seed: dense enough that every rule of judging matters. */
import type { Alarm } from '../alarm.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const START_MS = Date.parse('2025-05-22T01:55:12Z');
const DAYS = 10;
const DEVICES = 10;
const DIFFICULTIES = ['easy', 'medium', 'hard'];
const WINDOWS_S = [30, 60, 300, 900, 3_600, 21_600];

/** A text of labels, and alarms in order of time; the same ones for the same seed. */
export function scatteredAlarms(seed: number): { readonly labels: string; readonly alarms: readonly Alarm[] } {
  const random = generator(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const place = (longestMs: number) => {
    const fromMs = START_MS - DAY_MS + pick((DAYS + 1) * DAY_MS);
    return { start: iso(fromMs), end: iso(fromMs + pick(longestMs)) };
  };
  const incidents = Array.from({ length: 40 }, (_, at) => {
    const device = 1 + pick(DEVICES);
    const { start, end } = place(300 * MINUTE_MS);
    const split = Date.parse(start) < START_MS ? 'train' : 'test';
    const [kind, difficulty] = [`kind_${at % 4}`, DIFFICULTIES[at % 3]];
    return { id: `${split}${at}`, kind, difficulty, device, devices: [device, 1 + pick(DEVICES)], start, end, split };
  });
  const benign = Array.from({ length: 20 }, (_, at) => {
    const kind = ['reboot', 'firmware_upgrade', 'radar'][at % 3];
    return { kind, device: 1 + pick(DEVICES), ...place(60 * MINUTE_MS) };
  });
  const meta = {
    start: iso(START_MS - 21 * DAY_MS),
    end: iso(START_MS + DAYS * DAY_MS),
    test_start: iso(START_MS),
    devices: DEVICES,
  };
  const alarms = Array.from({ length: 1_500 }, (): Alarm => {
    const atMs = START_MS - DAY_MS / 2 + pick((DAYS + 1) * 288) * 5 * MINUTE_MS;
    const windowMs = (WINDOWS_S[pick(WINDOWS_S.length)] ?? 0) * 1_000;
    return { deviceId: `${1 + pick(DEVICES)}`, atMs, windowMs, score: pick(1_000) / 100 };
  });
  return { labels: JSON.stringify({ meta, incidents, benign }), alarms: alarms.sort((a, b) => a.atMs - b.atMs) };
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** Deterministic pseudo-random numbers in [0, 1). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state ^ (state >>> 16)) >>> 0) / 2 ** 32;
  };
}
