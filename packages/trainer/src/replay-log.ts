/**
 * A replay looks at a log as the service would have looked at it: by the same judge, the same windows, in order of time. It
 * begins five days early where the log does, since what is surprising depends on the days before.
 */
import { LOOK_BACK_MS, WindowJudge, type WindowJudgement, type WindowJudgeParts } from '@edgewood/detection';
import { tumblingWindows, wholeWindows } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import { SLOT_MS, type SurpriseReason } from '@edgewood/surprise';
import { chosenEntries } from './chosen-entries.ts';

export interface ReplayInput {
  /** As they came; `inTimeOrder` says what comes too late. */
  readonly chunks: AsyncIterable<readonly LogEntry[]>;
  /** Entries of other programs are passed over. */
  readonly programs: readonly string[];
  /** What judges. Without a forest no windows are judged, without a baseline no slots. */
  readonly judge: WindowJudgeParts;
  /** Unix milliseconds UTC; default: from the first entry. Bounds are moved inwards to whole windows and slots. */
  readonly fromMs?: number | undefined;
  /** Unix milliseconds UTC; default: to the last entry. */
  readonly toMs?: number | undefined;
  /** Is told how many entries are passed over because they came too late to be put in order. */
  readonly onLate?: ((entries: number) => void) | undefined;
  /** Is told at the end how many devices the surprise detector passed over, as it counts them. */
  readonly onUnjudged?: ((devices: number) => void) | undefined;
  /** Is told how many entries of the span, or of the days before it, were looked at. */
  readonly onEntries?: ((entries: number) => void) | undefined;
}

/** What the forest says of a window. */
export interface ForestJudgement {
  readonly detector: 'forest';
  /** `null` if windows hold all devices. */
  readonly deviceId: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  /** In `[-1, 0)`: lower is more abnormal. */
  readonly score: number;
  /** The window's features as they were counted. */
  readonly vector: Float64Array;
}

/** What the surprise detector says of a slot of a device. */
export interface SurpriseJudgement {
  readonly detector: 'surprise';
  readonly deviceId: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** The most surprising first; none if nothing is. */
  readonly reasons: readonly SurpriseReason[];
}

export type Judgement = ForestJudgement | SurpriseJudgement;

/**
 * Judges every window and slot of a span of the log, those of a detector in order of time and then by device. Nothing is
 * judged before the first entry, nor a slot that is not over; silence behind the last one is judged if both bounds are given. Memory is
 * that of a window and of what the detectors remember.
 *
 * @throws {FeatureError} `BAD_WINDOW`.
 */
export async function* replayLog(input: ReplayInput): AsyncGenerator<Judgement> {
  const { programs } = input;
  const { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = input;
  const { forest, extractor, devices = [] } = input.judge;
  const { windowMs, groupBy } = (forest && extractor) ?? { windowMs: SLOT_MS, groupBy: 'device' as const };
  const span = wholeWindows({ fromMs, toMs }, leastCommonMultiple(windowMs, SLOT_MS));
  let firstMs = Number.POSITIVE_INFINITY;
  const readSpan = { fromMs: span.fromMs - LOOK_BACK_MS, toMs: span.toMs };
  const entries = chosenEntries(input.chunks, { programs, ...readSpan }, input.onLate);
  const shown = (async function* () {
    for await (const chunk of entries) {
      firstMs = Math.min(firstMs, chunk[0]?.timeMs ?? firstMs);
      input.onEntries?.(chunk.length);
      yield chunk;
    }
  })();
  const judge = new WindowJudge(input.judge);
  const bounded = Number.isFinite(readSpan.fromMs) && Number.isFinite(readSpan.toMs) ? readSpan : undefined;
  for await (const windows of tumblingWindows(shown, bounded, { windowMs, groupBy, devices })) {
    const [first] = windows;
    if (first === undefined) continue;
    if (first.fromMs < span.fromMs) judge.follow(windows);
    else if (first.toMs <= span.toMs && first.toMs > firstMs) yield* judgementsOf(judge.judge(windows));
  }
  input.onUnjudged?.(judge.unjudgedDevices);
}

/** Those of the surprise detector come first, each once also where a window holds all devices. */
function* judgementsOf(judged: readonly WindowJudgement[]): Generator<Judgement> {
  const slots = judged.flatMap((judgement) => judgement.slots).sort((one, other) => one.slot - other.slot);
  for (const { slot, deviceId, reasons } of slots) {
    yield { detector: 'surprise', deviceId, fromMs: slot * SLOT_MS, toMs: (slot + 1) * SLOT_MS, reasons };
  }
  for (const { window, score, vector } of judged) {
    if (score === null || vector === undefined) continue;
    const { deviceId, fromMs, toMs } = window;
    yield { detector: 'forest', deviceId, fromMs, toMs, score, vector };
  }
}

function leastCommonMultiple(a: number, b: number): number {
  let [larger, smaller] = [a, b];
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
  return (a / larger) * b;
}
