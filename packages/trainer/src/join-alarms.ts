import { compareDevices } from '@edgewood/features';
import type { Alarm } from './alarm.ts';

/** A forest's severity, at most 1, weighs so little that it never lifts one surprise over a larger one. */
const FOREST_WEIGHT = 0.000_05;

/**
 * One list of what both detectors say: the score of the surprise detector, and a last fraction of the forest's, which puts
 * in order what surprises alike. So every threshold for surprises means the same in it.
 */
export function joinDetectors(surprise: readonly Alarm[], forest: readonly Alarm[]): readonly Alarm[] {
  const joined = new Map(surprise.map((alarm) => [keyOf(alarm), alarm]));
  for (const alarm of forest) {
    const { score, ...of } = joined.get(keyOf(alarm)) ?? { ...alarm, score: 0 };
    joined.set(keyOf(alarm), { ...of, score: score + alarm.score * FOREST_WEIGHT });
  }
  return sorted(joined.values());
}

/** One list of several agents' alarms: of each device and moment the one with the largest score. */
export function joinAgents(lists: readonly (readonly Alarm[])[]): readonly Alarm[] {
  const joined = new Map<string, Alarm>();
  for (const alarm of lists.flat()) {
    const other = joined.get(keyOf(alarm));
    if (other === undefined || alarm.score > other.score) joined.set(keyOf(alarm), alarm);
  }
  return sorted(joined.values());
}

function keyOf({ deviceId, atMs }: Alarm): string {
  return `${atMs} ${deviceId}`;
}

function sorted(alarms: Iterable<Alarm>): readonly Alarm[] {
  return [...alarms].sort((a, b) => a.atMs - b.atMs || compareDevices(a.deviceId, b.deviceId));
}
