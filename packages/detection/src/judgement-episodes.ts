import { type AlarmPlace, type Episode, joinEpisodes } from './join-episodes.ts';

/** A window as one version judged it. */
export interface JudgedWindow {
  /** `null` if the window holds all devices. */
  readonly deviceId: string | null;
  /** Half-open, Unix milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** scikit-learn's, in `[-1, 0)`: lower is more abnormal; null where no forest judged. */
  readonly score: number | null;
  /** Higher is more surprising; null where the surprise detector did not judge. */
  readonly surprise: number | null;
  /** Whether it is an alarm. */
  readonly anomalous: boolean;
}

/** Alarms among windows; the worst is the most surprising, and of equals the one with the lowest score. */
export type JudgedEpisode<Of extends JudgedWindow = JudgedWindow> = Episode<Of>;

/**
 * Joins the alarms among the windows.
 *
 * @param windows in order of time.
 * @param gapMs alarms of a device with no more than this between them are one episode.
 * @returns in order of their beginning.
 */
export function episodesOf<Of extends JudgedWindow>(
  windows: Iterable<Of>,
  gapMs: number,
): readonly JudgedEpisode<Of>[] {
  const alarms = Iterator.from(windows).filter(({ anomalous }) => anomalous);
  return joinEpisodes(alarms, { placeOf: (window): AlarmPlace => window, isWorse, gapMs });
}

/** The same for the windows of a device and time, whoever judged them. */
export function windowKey({ deviceId, fromMs, toMs }: AlarmPlace): string {
  return `${fromMs} ${toMs} ${deviceId === null ? '*' : `=${deviceId}`}`;
}

function isWorse(one: JudgedWindow, other: JudgedWindow): boolean {
  const [surprise, otherSurprise] = [one.surprise ?? 0, other.surprise ?? 0];
  return surprise === otherSurprise ? (one.score ?? 0) < (other.score ?? 0) : surprise > otherSurprise;
}
