/**
 * The window judge says what both detectors make of windows: the service while it watches, a backtest afterwards. There is
 * one, so that a replay of a log finds what the service found.
 *
 * The surprise detector compares a window with the days before it, and the forest may do so with the hour before, so the
 * judge must be shown those first, and then every window, in order of time.
 */
import type { FeatureExtractor, LogWindow } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import {
  type Baseline,
  type KindFinder,
  type NormWindow,
  SurpriseDetector,
  type SurpriseReason,
  slotOf,
} from '@edgewood/surprise';
import { DeviceSlots } from './device-slots.ts';
import { ForestScorer, type WindowForest, type WindowScore } from './forest-scorer.ts';

/**
 * So long before the first window that it judges a judge must be shown the log, in milliseconds, to judge as one that has
 * always been shown it: five days. The surprise detector looks four days and three hours back; whole days, so that windows
 * of any length begin there. Beyond the detector's limits of devices and kinds of messages, which of them it knows depends
 * on what came first, and so on when it began.
 */
export const LOOK_BACK_MS = 432_000_000;

export interface WindowJudgeParts extends Partial<WindowForest> {
  /** Makes the windows' vectors. Left out with the forest. */
  readonly extractor?: FeatureExtractor | undefined;
  /** What is usual. Left out: nothing is surprising. */
  readonly surprise?: { readonly baseline: Baseline; readonly findKind: KindFinder } | undefined;
  /** Devices that are known before their first entry. */
  readonly devices?: Iterable<string>;
}

/** What the detectors make of a window. */
export interface WindowJudgement {
  readonly window: LogWindow;
  /** Shape `(extractor.names.length,)`; undefined without a forest. */
  readonly vector: Float64Array | undefined;
  /** What the forest saw of the vector; its contributions are of this. */
  readonly seen: Float64Array | undefined;
  /** The forest's, smoothed if the version says so, in `[-1, 0)`: lower is more abnormal; null without a forest. */
  readonly score: number | null;
  /** Of the window's device, or of all; those slots that ended within the window, in order of time and then by device. */
  readonly slots: readonly SlotSurprise[];
}

/** What the surprise detector makes of a slot of five minutes of a device. */
export interface SlotSurprise {
  /** As `slotOf` counts. */
  readonly slot: number;
  readonly deviceId: string;
  /** The most surprising first; none if nothing is. */
  readonly reasons: readonly SurpriseReason[];
}

export class WindowJudge {
  readonly #extractor: FeatureExtractor | undefined;
  readonly #scorer: ForestScorer | undefined;
  readonly #detector: SurpriseDetector | undefined;
  readonly #slots: DeviceSlots | undefined;
  /** The last windows that were followed and that scores will look back at; scored only then. */
  #followed: (readonly LogWindow[])[] = [];
  #isLookingBack = false;
  #shown: SlotSurprise[] = [];

  constructor({ extractor, forest, norms, smoothing, surprise, devices = [] }: WindowJudgeParts) {
    this.#extractor = extractor;
    this.#scorer = extractor && forest && new ForestScorer({ forest, norms, smoothing }, extractor.windowMs);
    this.#detector = surprise && new SurpriseDetector(surprise.baseline, surprise.findKind);
    this.#slots = this.#detector && this.#surpriseSlots(this.#detector, devices);
  }

  /** Devices that the surprise detector passed over, as it counts them. */
  get unjudgedDevices(): number {
    return this.#detector?.unjudgedDevices ?? 0;
  }

  /**
   * Takes note of windows that are not to be judged: those before the first one.
   *
   * @param windows as of {@link judge}.
   */
  follow(windows: readonly LogWindow[]): void {
    this.#isLookingBack = true;
    this.#showSlots(windows);
    this.#isLookingBack = false;
    const [first] = windows;
    const lookBackMs = this.#scorer?.lookBackMs ?? 0;
    if (first === undefined || lookBackMs === 0) return;
    const isNear = ([of]: readonly LogWindow[]) => of !== undefined && of.fromMs > first.fromMs - lookBackMs;
    this.#followed = [...this.#followed.filter(isNear), windows];
  }

  /**
   * Judges the windows of the next slot of time.
   *
   * @param windows all of one span, which begins where the one before ended; their entries in order of time.
   * @returns element `i` is of window `i`.
   */
  judge(windows: readonly LogWindow[]): readonly WindowJudgement[] {
    const vectors = this.#vectorsOf(windows);
    const scores = this.#scoresOf(windows, vectors);
    this.#showSlots(windows);
    const shown = this.#shown;
    this.#shown = [];
    return windows.map((window, row) => ({
      window,
      vector: vectors[row],
      seen: scores[row]?.seen,
      score: scores[row]?.score ?? null,
      slots: shown.filter(({ deviceId }) => window.deviceId === null || window.deviceId === deviceId),
    }));
  }

  #surpriseSlots(detector: SurpriseDetector, devices: Iterable<string>): DeviceSlots {
    return new DeviceSlots(
      (slot, deviceId, entries) => {
        if (this.#isLookingBack) detector.follow(slot, deviceId, entries);
        else this.#shown.push({ slot, deviceId, reasons: detector.inspect(slot, deviceId, entries) });
      },
      { silentToo: true, devices },
    );
  }

  #showSlots(windows: readonly LogWindow[]): void {
    const [first] = windows;
    if (this.#slots === undefined || first === undefined) return;
    for (const entries of bySlot(windows)) this.#slots.add(entries);
    this.#slots.advanceTo(slotOf(first.toMs));
  }

  #vectorsOf(windows: readonly LogWindow[]): readonly Float64Array[] {
    const extractor = this.#extractor;
    return extractor === undefined ? [] : windows.map((window) => extractor.extract(window));
  }

  #scoresOf(windows: readonly LogWindow[], vectors: readonly Float64Array[]): readonly WindowScore[] {
    const scorer = this.#scorer;
    if (scorer === undefined) return [];
    for (const before of this.#followed.splice(0)) scorer.score(rowsOf(before, this.#vectorsOf(before)));
    return scorer.score(rowsOf(windows, vectors));
  }
}

function rowsOf(windows: readonly LogWindow[], vectors: readonly Float64Array[]): readonly NormWindow[] {
  return windows.map(({ fromMs, deviceId }, row) => ({ fromMs, deviceId, vector: vectors[row] ?? new Float64Array() }));
}

/** The windows' entries, one slot of the surprise detector after the other. */
function bySlot(windows: readonly LogWindow[]): Iterable<readonly LogEntry[]> {
  const slots = new Map<number, LogEntry[]>();
  for (const { entries } of windows) {
    for (const entry of entries) {
      const slot = slotOf(entry.timeMs);
      const others = slots.get(slot);
      if (others === undefined) slots.set(slot, [entry]);
      else others.push(entry);
    }
  }
  return [...slots].sort(([one], [other]) => one - other).map(([, entries]) => entries);
}
