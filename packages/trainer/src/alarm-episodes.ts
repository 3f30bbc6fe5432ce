import type { Alarm } from './alarm.ts';

/** Alarms of a device no further apart than this are one episode, in milliseconds: half an hour. */
export const EPISODE_GAP_MS = 1_800_000;

/** The alarms of a device that somebody would look at together. */
export interface Episode<Of extends Alarm = Alarm> {
  readonly deviceId: string;
  /** The time of the first alarm. */
  readonly fromMs: number;
  /** The time of the last one. */
  readonly toMs: number;
  readonly alarms: number;
  /** The first of those with the largest score. */
  readonly worst: Of;
}

/** @param alarms in order of time, several of a device and moment too. */
export function alarmEpisodes<Of extends Alarm>(alarms: Iterable<Of>): readonly Episode<Of>[] {
  const episodes: Episode<Of>[] = [];
  const latest = new Map<string, number>();
  for (const alarm of alarms) {
    const { deviceId, atMs, score } = alarm;
    const place = latest.get(deviceId);
    const before = place === undefined ? undefined : episodes[place];
    if (place === undefined || before === undefined || atMs - before.toMs > EPISODE_GAP_MS) {
      latest.set(deviceId, episodes.push({ deviceId, fromMs: atMs, toMs: atMs, alarms: 1, worst: alarm }) - 1);
      continue;
    }
    const worst = score > before.worst.score ? alarm : before.worst;
    episodes[place] = { ...before, toMs: atMs, alarms: before.alarms + 1, worst };
  }
  return episodes;
}
