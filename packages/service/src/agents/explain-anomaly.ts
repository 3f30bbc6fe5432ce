/**
 * Explaining turns a window that a detector found odd into something that a person can judge: what was unusual, what is
 * usual, and the lines to look at. Pure.
 */
import {
  type DetectionModel,
  type Detector,
  reasonInWords,
  type SlotSurprise,
  surpriseOf,
  type Thresholds,
  type WindowJudgement,
} from '@edgewood/detection';
import { type AgentProfile, createEventClassifier, severityOf } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import type { ModelMetadata } from '@edgewood/models';
import { createKindFinder, kindOfSignal } from '@edgewood/surprise';
import type { Anomaly, FeatureFinding, SurpriseFinding } from '../anomalies/anomaly.ts';
import { EXAMPLE_LINES, exampleLine } from './example-line.ts';
import { levelOf, type SeveritySettings } from './severity-level.ts';

/** How many features, or reasons of a surprise, the sentence names. */
const NAMED = 3;
/** A surprise so far above its threshold is as bad as can be: a million times as rare. */
const WORST_SURPRISE = 6;
/** So many example lines are of what surprises most. */
const SURPRISING_LINES = 3;

/** An odd window. */
export interface OddWindow {
  readonly judgement: WindowJudgement;
  /** The score minus the forest's threshold; null where no forest judged. */
  readonly decision: number | null;
  /** See {@link worstSlot}. */
  readonly worst: SlotSurprise | undefined;
  readonly thresholds: Thresholds;
  /** Those that alarm, at least one. */
  readonly detectors: readonly Detector[];
}

/** For whom, and when. */
export interface Explaining {
  /** Whose event table knows the lines. */
  readonly profile: AgentProfile;
  readonly settings: { readonly name: string; readonly severity: SeveritySettings };
  readonly detectedAtMs: number;
}

export function explainAnomaly(odd: OddWindow, { model }: DetectionModel, explaining: Explaining): Anomaly {
  const { judgement, decision, worst, thresholds, detectors } = odd;
  const { window, score } = judgement;
  const { profile, settings, detectedAtMs } = explaining;
  const surprise = worst && surpriseFinding(worst, thresholds.surprise);
  const features = findingsOf(judgement, model.forest, model.metadata);
  const severity = Math.max(
    detectors.includes('forest') && decision !== null ? severityOfDecision(decision, thresholds.forest) : 0,
    detectors.includes('surprise') && surprise ? severityOfSurprise(surprise) : 0,
  );
  const why = [
    ...(detectors.includes('surprise') && worst ? [whySurprised(worst, window.deviceId)] : []),
    ...(detectors.includes('forest') ? [whyOf(features)] : []),
  ];
  return {
    agent: settings.name,
    deviceId: window.deviceId,
    fromMs: window.fromMs,
    toMs: window.toMs,
    kind: 'unusual',
    score,
    decision,
    detectors,
    surprise: surprise ?? null,
    severity,
    level: levelOf(severity, features, settings.severity),
    why: why.join('; '),
    modelVersion: model.version,
    features,
    exampleLines: exampleLines(window.entries, profile, surprise?.reasons[0]?.signal),
    detectedAtMs,
  };
}

/** The first of those than which none is more surprising; undefined where there are none. */
export function worstSlot(slots: readonly SlotSurprise[]): SlotSurprise | undefined {
  const most = Math.max(...slots.map(({ reasons }) => surpriseOf(reasons)));
  return slots.find(({ reasons }) => surpriseOf(reasons) === most);
}

function surpriseFinding({ reasons }: SlotSurprise, threshold: number): SurpriseFinding {
  return { score: surpriseOf(reasons), threshold, reasons };
}

/** The largest reasons; where the window holds all devices, of which one. */
function whySurprised({ deviceId, reasons }: SlotSurprise, windowDevice: string | null): string {
  const words = reasons.slice(0, NAMED).map(reasonInWords).join(', ');
  return windowDevice === null ? `${deviceId}: ${words}` : words;
}

/** 0 at the threshold, 1 from {@link WORST_SURPRISE} above it. */
export function severityOfSurprise({ score, threshold }: Pick<SurpriseFinding, 'score' | 'threshold'>): number {
  return Math.min(1, Math.max(0, (score - threshold) / WORST_SURPRISE));
}

/** How far the decision is from the threshold (0) towards the worst score that there is, -1 (1). */
export function severityOfDecision(decision: number, offset: number): number {
  return Math.min(1, Math.max(0, -decision / (1 + offset)));
}

function findingsOf(
  { vector, seen }: WindowJudgement,
  forest: DetectionModel['model']['forest'],
  metadata: ModelMetadata,
): FeatureFinding[] {
  if (vector === undefined || seen === undefined) return [];
  const contributions = forest.contributions(seen);
  const findings = metadata.features_used.map((feature, position): FeatureFinding => {
    const quantiles = metadata.feature_quantiles?.[feature];
    return {
      feature,
      value: vector[position] ?? Number.NaN,
      expected: quantiles === undefined ? undefined : { low: quantiles.p01, high: quantiles.p99 },
      contribution: contributions[position] ?? 0,
    };
  });
  return findings.sort((a, b) => a.contribution - b.contribution);
}

/** Names the features that made the window odd; those outside their usual range first. */
export function whyOf(features: readonly FeatureFinding[]): string {
  const strongest = features.filter(({ contribution }) => contribution < 0);
  const outside = strongest.filter(({ value, expected }) => expected !== undefined && !within(value, expected));
  const named = (outside.length > 0 ? outside : strongest).slice(0, NAMED).map(describe);
  if (named.length === 0) return 'no single feature stands out';
  return outside.length > 0 ? named.join(', ') : `unusual together: ${named.join(', ')}`;
}

function within(value: number, { low, high }: { low: number; high: number }): boolean {
  return value >= low && value <= high;
}

function describe({ feature, value, expected }: FeatureFinding): string {
  if (expected === undefined) return `${feature} ${short(value)}`;
  // A count lies between whole numbers only by interpolation.
  const whole = Number.isInteger(value);
  const low = whole ? Math.ceil(expected.low) : expected.low;
  const high = whole ? Math.floor(expected.high) : expected.high;
  const usual = low === high ? short(low) : `${short(low)}–${short(high)}`;
  return `${feature} ${short(value)} (usually ${usual})`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/**
 * A few lines that show what went on: those of what surprises most, then errors and warnings, then one line of each event,
 * the most frequent first, then whatever is left; in order of time.
 *
 * @param signal what surprises most, as the surprise detector names it.
 */
export function exampleLines(all: readonly LogEntry[], agent: AgentProfile, signal?: string): string[] {
  const classifier = createEventClassifier(agent.events);
  const foreign = new Set(agent.foreignEvents);
  const eventOf = new Map(all.map((entry) => [entry, classifier.classify(entry)]));
  // What belongs to another agent was not counted, and explains nothing.
  const entries = all.filter((entry) => !foreign.has(classifier.events[eventOf.get(entry) ?? -1] ?? ''));
  const chosen = new Set<LogEntry>();
  const take = (candidates: readonly LogEntry[]) => {
    for (const entry of candidates) if (chosen.size < EXAMPLE_LINES) chosen.add(entry);
  };
  const serious = (level: 'error' | 'warning') =>
    entries.filter((entry) => severityOf(entry.level) === level).slice(0, 2);
  take(linesOfSignal(entries, agent, signal).slice(0, SURPRISING_LINES));
  take([...serious('error'), ...serious('warning')]);
  const byEvent = [...Map.groupBy(entries, (entry) => eventOf.get(entry)).values()];
  take(byEvent.sort((a, b) => b.length - a.length).flatMap((group) => group.slice(0, 1)));
  take(entries);
  return entries
    .filter((entry) => chosen.has(entry))
    .map(({ program, message }) => exampleLine(`${program}: ${message}`));
}

/** None of a signal that counts several kinds of messages. */
function linesOfSignal(entries: readonly LogEntry[], agent: AgentProfile, signal = ''): readonly LogEntry[] {
  const kind = kindOfSignal(signal);
  if (kind === undefined) return [];
  const findKind = createKindFinder([agent]);
  return entries.filter((entry) => findKind(entry)?.kind.name === kind);
}
