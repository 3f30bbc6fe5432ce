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

/** Alarms of one device that somebody would look at together. */
export interface JudgedEpisode {
  readonly deviceId: string | null;
  /** From the beginning of its first window to the end of its last, Unix milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How many of its windows are alarms, at least 1. */
  readonly alarms: number;
  /** The one that is the most surprising; of equals, and where nothing is surprising, the one with the lowest score. */
  readonly worst: JudgedWindow;
}

/**
 * Joins the alarms among the windows.
 *
 * @param windows in order of time.
 * @param gapMs alarms of a device with no more than this between them are one episode.
 * @returns in order of their beginning.
 */
export function episodesOf(windows: Iterable<JudgedWindow>, gapMs: number): readonly JudgedEpisode[] {
  const episodes: JudgedEpisode[] = [];
  const latest = new Map<string | null, number>();
  for (const window of windows) {
    if (!window.anomalous) continue;
    const { deviceId, fromMs, toMs } = window;
    const place = latest.get(deviceId);
    const before = place === undefined ? undefined : episodes[place];
    if (place === undefined || before === undefined || fromMs - before.toMs > gapMs) {
      latest.set(deviceId, episodes.push({ deviceId, fromMs, toMs, alarms: 1, worst: window }) - 1);
    } else {
      const worst = isWorse(window, before.worst) ? window : before.worst;
      episodes[place] = { ...before, toMs: Math.max(toMs, before.toMs), alarms: before.alarms + 1, worst };
    }
  }
  return episodes;
}

function isWorse(one: JudgedWindow, other: JudgedWindow): boolean {
  const [surprise, otherSurprise] = [one.surprise ?? 0, other.surprise ?? 0];
  return surprise === otherSurprise ? (one.score ?? 0) < (other.score ?? 0) : surprise > otherSurprise;
}
