import { type FeatureExtractor, trainedExtractor } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import { trainedWith } from '@edgewood/models';
import { createKindFinder, type SurpriseReason } from '@edgewood/surprise';
import {
  ALARM_FLOORS,
  type Alarm,
  FOREST_THRESHOLD,
  forestAlarm,
  type Judgement,
  replayLog,
  surpriseAlarm,
} from '@edgewood/trainer';
import type { BacktestModel } from './backtest-models.ts';

export type Detector = 'forest' | 'surprise';

/** A window that a detector finds a little odd, or more. */
export interface Finding extends Alarm {
  readonly agent: string;
  readonly detector: Detector;
  /** Whether it is above the detector's threshold. */
  readonly isAlarm: boolean;
  /** Of a surprise that is an alarm. */
  readonly reasons: readonly SurpriseReason[];
}

export interface AgentBacktest {
  readonly agent: string;
  readonly version: string;
  /** What was judged; undefined if nothing was. */
  readonly span: { readonly fromMs: number; readonly toMs: number } | undefined;
  readonly entries: number;
  readonly late: number;
  readonly devices: readonly string[];
  /** How many windows a detector judged. */
  readonly windows: Readonly<Record<Detector, number>>;
  /** In order of time for each detector. */
  readonly findings: readonly Finding[];
}

export interface AgentBacktestOptions {
  readonly detectors: readonly Detector[];
  readonly surpriseThreshold: number;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  /** Is told how many more entries were read. */
  readonly onEntries: (entries: number) => void;
}

/** Replays a log through one version. */
export async function backtestAgent(
  chunks: AsyncIterable<readonly LogEntry[]>,
  tested: BacktestModel,
  options: AgentBacktestOptions,
): Promise<AgentBacktest> {
  const { model, profile, baseline } = tested;
  const extractor = trainedExtractor(trainedWith(model), profile);
  const count = { entries: 0, late: 0, forest: 0, surprise: 0, fromMs: Number.POSITIVE_INFINITY, toMs: 0 };
  const devices = new Set<string>();
  const findings: Finding[] = [];
  const judgements = replayLog({
    chunks,
    programs: extractor.programs,
    devices: [...(model.metadata.devices ?? []), ...(baseline?.devices.keys() ?? [])],
    fromMs: options.fromMs,
    toMs: options.toMs,
    ...detectorsOf(tested, extractor, options.detectors),
    onLate(entries) {
      count.late += entries;
    },
    onEntries(entries) {
      count.entries += entries;
      options.onEntries(entries);
    },
  });
  for await (const judgement of judgements) {
    count[judgement.detector] += 1;
    count.fromMs = Math.min(count.fromMs, judgement.fromMs);
    count.toMs = Math.max(count.toMs, judgement.toMs);
    if (judgement.deviceId !== null) devices.add(judgement.deviceId);
    const finding = findingOf(judgement, tested, options.surpriseThreshold);
    if (finding !== undefined) findings.push(finding);
  }
  const { entries, late, forest, surprise, fromMs, toMs } = count;
  return {
    agent: model.agent,
    version: model.version,
    span: toMs > 0 ? { fromMs, toMs } : undefined,
    entries,
    late,
    devices: [...devices],
    windows: { forest, surprise },
    findings,
  };
}

function detectorsOf(
  { model, profile, baseline }: BacktestModel,
  extractor: FeatureExtractor,
  detectors: readonly Detector[],
) {
  const findKind = createKindFinder([profile]);
  return {
    forest: detectors.includes('forest') ? { extractor, forest: model.forest } : undefined,
    surprise: detectors.includes('surprise') && baseline !== undefined ? { baseline, findKind } : undefined,
  };
}

function findingOf(judgement: Judgement, { model }: BacktestModel, surpriseThreshold: number): Finding | undefined {
  const { detector } = judgement;
  const alarm = detector === 'forest' ? forestAlarm(judgement, model.forest.offset) : surpriseAlarm(judgement);
  if (alarm === undefined || alarm.score <= ALARM_FLOORS[detector]) return undefined;
  const isAlarm = detector === 'forest' ? alarm.score > FOREST_THRESHOLD : alarm.score >= surpriseThreshold;
  const reasons = isAlarm && detector === 'surprise' ? judgement.reasons : [];
  return { ...alarm, agent: model.agent, detector, isAlarm, reasons };
}
