import { EPISODE_GAP_MS, type Episode, joinEpisodes } from '@edgewood/detection';
import type { Alarm } from './alarm.ts';

/** From the time of the first alarm to that of the last; the worst is the first of those with the largest score. */
export type AlarmEpisode<Of extends Alarm = Alarm> = Episode<Of, string>;

/** @param alarms in order of time, several of a device and moment too. */
export function alarmEpisodes<Of extends Alarm>(alarms: Iterable<Of>): readonly AlarmEpisode<Of>[] {
  return joinEpisodes(alarms, {
    placeOf: ({ deviceId, atMs }) => ({ deviceId, fromMs: atMs, toMs: atMs }),
    isWorse: ({ score }, other) => score > other.score,
    gapMs: EPISODE_GAP_MS,
  });
}
