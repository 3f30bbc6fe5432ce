import {
  type DetectionModel,
  type Detector,
  type JudgedWindow,
  judgeParts,
  modelThresholds,
  type Thresholds,
  windowKey,
} from '@edgewood/detection';
import type { LogEntry } from '@edgewood/logs';
import type { SurpriseReason } from '@edgewood/surprise';
import {
  ALARM_FLOORS,
  type Alarm,
  type ForestScale,
  forestAlarm,
  type Judgement,
  replayLog,
  surpriseAlarm,
} from '@edgewood/trainer';
import { FeaturePeaks, type FeatureSeries } from './feature-peaks.ts';

/** A window that a detector finds a little odd, or more. */
export interface Finding extends Alarm {
  readonly agent: string;
  readonly detector: Detector;
  /** Whether it is above the detector's threshold. */
  readonly isAlarm: boolean;
  /** Of a surprise that is an alarm. */
  readonly reasons: readonly SurpriseReason[];
}

/** A window as both detectors judged it, as far as their windows are the same. */
export interface ReplayedWindow extends JudgedWindow {
  readonly alarms: readonly Detector[];
  /** Of a surprise that is an alarm, the most surprising first. */
  readonly reasons: readonly SurpriseReason[];
}

export interface AgentBacktest {
  readonly agent: string;
  readonly version: string;
  /** What was judged; undefined if nothing was. */
  readonly span: { readonly fromMs: number; readonly toMs: number } | undefined;
  readonly entries: number;
  readonly late: number;
  /** Devices that the surprise detector passed over, as it counts them. */
  readonly unjudgedDevices: number;
  readonly devices: readonly string[];
  readonly thresholds: Thresholds;
  /** How the forest's scores compare with others'. */
  readonly scale: ForestScale;
  /** Every window, in order of time. */
  readonly judged: readonly ReplayedWindow[];
  /** How many windows a detector judged. */
  readonly windows: Readonly<Record<Detector, number>>;
  /** The features that the forest was shown, those that stand out most first. */
  readonly features: readonly FeatureSeries[];
  /** In order of time for each detector. */
  readonly findings: readonly Finding[];
}

export interface AgentBacktestOptions {
  readonly detectors: readonly Detector[];
  /** Default: the version's own. */
  readonly thresholds: { readonly forest?: number | undefined; readonly surprise?: number | undefined };
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

const NOTHING_YET = { score: null, surprise: null, anomalous: false, alarms: [], reasons: [] };

/** Replays a log through one version. */
export async function backtestAgent(
  chunks: AsyncIterable<readonly LogEntry[]>,
  tested: DetectionModel,
  options: AgentBacktestOptions,
): Promise<AgentBacktest> {
  const { model, extractor } = tested;
  const count = { entries: 0, late: 0, unjudged: 0, forest: 0, surprise: 0, fromMs: Number.POSITIVE_INFINITY, toMs: 0 };
  const devices = new Set<string>();
  const findings: Finding[] = [];
  const peaks = new FeaturePeaks(extractor.names);
  const judged = new Map<string, ReplayedWindow>();
  const thresholds = modelThresholds(tested, options.thresholds);
  const scale = { offset: model.forest.offset, usual: model.metadata.score_quantiles?.p50 };
  const judgements = replayLog({
    chunks,
    programs: extractor.programs,
    judge: judgeParts(tested, options.detectors),
    fromMs: options.fromMs,
    toMs: options.toMs,
    onLate(entries) {
      count.late += entries;
    },
    onUnjudged(devices) {
      count.unjudged = devices;
    },
    onEntries(entries) {
      count.entries += entries;
    },
  });
  for await (const judgement of judgements) {
    count[judgement.detector] += 1;
    count.fromMs = Math.min(count.fromMs, judgement.fromMs);
    count.toMs = Math.max(count.toMs, judgement.toMs);
    if (judgement.deviceId !== null) devices.add(judgement.deviceId);
    if (judgement.detector === 'forest') peaks.add(judgement.fromMs, judgement.vector);
    const reading = readingOf(judgement, thresholds, scale);
    join(judged, judgement, reading);
    const { alarm, isAlarm, reasons } = reading;
    if (alarm === undefined || alarm.score <= ALARM_FLOORS[judgement.detector]) continue;
    findings.push({ ...alarm, agent: model.agent, detector: judgement.detector, isAlarm, reasons });
  }
  const { entries, late, unjudged, forest, surprise, fromMs, toMs } = count;
  return {
    agent: model.agent,
    version: model.version,
    span: toMs > 0 ? { fromMs, toMs } : undefined,
    entries,
    late,
    unjudgedDevices: unjudged,
    devices: [...devices],
    thresholds,
    scale,
    judged: [...judged.values()].sort((a, b) => a.fromMs - b.fromMs),
    windows: { forest, surprise },
    features: peaks.series,
    findings,
  };
}

/** A judgement by the thresholds. */
interface Reading {
  readonly scores: Partial<Pick<JudgedWindow, 'score' | 'surprise'>>;
  /** Undefined of a window that holds all devices. */
  readonly alarm: Alarm | undefined;
  readonly isAlarm: boolean;
  /** Of a surprise that is an alarm. */
  readonly reasons: readonly SurpriseReason[];
}

function readingOf(judgement: Judgement, { forest, surprise }: Thresholds, scale: ForestScale): Reading {
  if (judgement.detector === 'forest') {
    const { score } = judgement;
    return {
      scores: { score },
      alarm: forestAlarm(judgement, scale),
      isAlarm: score < forest,
      reasons: [],
    };
  }
  const alarm = surpriseAlarm(judgement);
  const isAlarm = alarm.score >= surprise;
  return { scores: { surprise: alarm.score }, alarm, isAlarm, reasons: isAlarm ? judgement.reasons : [] };
}

/** Both detectors judge a window one after the other; here they come together. */
function join(judged: Map<string, ReplayedWindow>, judgement: Judgement, { scores, isAlarm, reasons }: Reading): void {
  const { detector, deviceId, fromMs, toMs } = judgement;
  const key = windowKey(judgement);
  const before = judged.get(key) ?? { deviceId, fromMs, toMs, ...NOTHING_YET };
  judged.set(key, {
    ...before,
    ...scores,
    ...(isAlarm && { anomalous: true, alarms: [...before.alarms, detector] }),
    ...(reasons.length > 0 && { reasons }),
  });
}
