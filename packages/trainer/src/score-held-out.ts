import { surpriseOf } from '@edgewood/detection';
import { agentProfile } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import { createKindFinder } from '@edgewood/surprise';
import { ALARM_FLOORS } from './alarm.ts';
import type { HeldOutScore, HeldOutScores } from './alert-budget-thresholds.ts';
import { excludedTime } from './excluded-time.ts';
import type { LogSpan } from './hold-out.ts';
import { type Judgement, replayLog } from './replay-log.ts';
import { type TrainingInput, trainModel } from './train-model.ts';

export interface HeldOutInput {
  /** Reads the log from its beginning; is called twice. */
  readonly read: () => AsyncIterable<readonly LogEntry[]>;
  /** As for training on all of it. */
  readonly training: Omit<TrainingInput, 'chunks' | 'count' | 'toMs'>;
  readonly heldOut: LogSpan;
}

/**
 * Trains an agent on what lies before the days held out, and tells how odd both detectors find these, without the time that is
 * excluded.
 *
 * @throws {TrainingError} as {@link trainModel} of what lies before.
 */
export async function scoreHeldOut({ read, training, heldOut }: HeldOutInput): Promise<HeldOutScores> {
  const { extractor } = training;
  const { windowForest, baseline, report } = await trainModel({ ...training, chunks: read(), toMs: heldOut.fromMs });
  const findKind = createKindFinder([agentProfile(extractor.agent)]);
  const scores: Record<Judgement['detector'], HeldOutScore[]> = { forest: [], surprise: [] };
  const devices = new Set<string | null>();
  const isExcluded = excludedTime(training.excluded ?? []);
  const judgements = replayLog({
    chunks: read(),
    programs: extractor.programs,
    judge: { devices: report.devices, extractor, ...windowForest, surprise: baseline && { baseline, findKind } },
    ...heldOut,
  });
  for await (const judgement of judgements) {
    const { detector, deviceId, fromMs, toMs } = judgement;
    if (isExcluded(fromMs, toMs, deviceId)) continue;
    const score = detector === 'forest' ? -judgement.score : surpriseOf(judgement.reasons);
    if (detector === 'forest') devices.add(deviceId);
    else if (score <= ALARM_FLOORS.surprise) continue;
    scores[detector].push({ deviceId, atMs: toMs, score });
  }
  return { forest: scores.forest, surprise: baseline && scores.surprise, devices: devices.size };
}
