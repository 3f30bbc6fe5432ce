/** Alarms of a device with no more than this between them are one episode, in milliseconds: half an hour. */
export const EPISODE_GAP_MS = 1_800_000;

/** Where an alarm is. */
export interface AlarmPlace<Device extends string | null = string | null> {
  readonly deviceId: Device;
  /** Unix milliseconds; the same for what has no length. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Alarms of one device that somebody would look at together. */
export interface Episode<Of, Device extends string | null = string | null> extends AlarmPlace<Device> {
  /** At least 1. */
  readonly alarms: number;
  /** The first of those than which none is worse. */
  readonly worst: Of;
}

/** How alarms of some sort are joined. */
export interface EpisodeRule<Of, Device extends string | null> {
  readonly placeOf: (alarm: Of) => AlarmPlace<Device>;
  readonly isWorse: (one: Of, other: Of) => boolean;
  readonly gapMs: number;
}

/**
 * Joins alarms that lie near each other, device by device.
 *
 * @param alarms in order of time, several of a device and moment too.
 * @returns in order of their beginning.
 */
export function joinEpisodes<Of, Device extends string | null>(
  alarms: Iterable<Of>,
  { placeOf, isWorse, gapMs }: EpisodeRule<Of, Device>,
): readonly Episode<Of, Device>[] {
  const episodes: Episode<Of, Device>[] = [];
  const latest = new Map<Device, number>();
  for (const alarm of alarms) {
    const { deviceId, fromMs, toMs } = placeOf(alarm);
    const place = latest.get(deviceId);
    const before = place === undefined ? undefined : episodes[place];
    if (place === undefined || before === undefined || fromMs - before.toMs > gapMs) {
      latest.set(deviceId, episodes.push({ deviceId, fromMs, toMs, alarms: 1, worst: alarm }) - 1);
    } else {
      const worst = isWorse(alarm, before.worst) ? alarm : before.worst;
      episodes[place] = { ...before, toMs: Math.max(toMs, before.toMs), alarms: before.alarms + 1, worst };
    }
  }
  return episodes;
}
