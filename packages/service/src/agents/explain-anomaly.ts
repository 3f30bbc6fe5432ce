/**
 * Explaining turns a window below the threshold into something that a person can judge: what was unusual, what is usual,
 * and the lines to look at. Pure.
 */
import { type AgentProfile, createEventClassifier, type LogWindow, severityOf } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import type { ModelMetadata } from '@edgewood/models';
import type { Anomaly, FeatureFinding } from '../anomalies/anomaly.ts';
import { EXAMPLE_LINES, exampleLine } from './example-line.ts';
import { levelOf, type SeveritySettings } from './severity-level.ts';

/** How many features the sentence names. */
const NAMED_FEATURES = 3;

export interface Verdict {
  readonly window: LogWindow;
  readonly vector: Float64Array;
  readonly score: number;
  readonly decision: number;
  readonly offset: number;
  /** In the order of the vector. */
  readonly contributions: Float64Array;
}

/** For whom, and when. */
export interface Explaining {
  /** Whose event table knows the lines. */
  readonly profile: AgentProfile;
  readonly settings: { readonly name: string; readonly severity: SeveritySettings };
  readonly detectedAtMs: number;
}

/** @param verdict of a window whose decision is below 0. */
export function explainAnomaly(verdict: Verdict, metadata: ModelMetadata, explaining: Explaining): Anomaly {
  const { window, score, decision, offset } = verdict;
  const { profile, settings, detectedAtMs } = explaining;
  const features = findingsOf(verdict, metadata);
  const severity = severityOfDecision(decision, offset);
  return {
    agent: settings.name,
    deviceId: window.deviceId,
    fromMs: window.fromMs,
    toMs: window.toMs,
    kind: 'unusual',
    score,
    decision,
    detectors: ['forest'],
    surprise: null,
    severity,
    level: levelOf(severity, features, settings.severity),
    why: whyOf(features),
    modelVersion: metadata.model_version,
    features,
    exampleLines: exampleLines(window.entries, profile),
    detectedAtMs,
  };
}

/** How far the decision is from the threshold (0) towards the worst score that there is, -1 (1). */
export function severityOfDecision(decision: number, offset: number): number {
  return Math.min(1, Math.max(0, -decision / (1 + offset)));
}

function findingsOf({ vector, contributions }: Verdict, metadata: ModelMetadata): FeatureFinding[] {
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
  const named = (outside.length > 0 ? outside : strongest).slice(0, NAMED_FEATURES).map(describe);
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
 * A few lines that show what went on: errors and warnings first, then one line of each event, the most frequent first,
 * then whatever is left; in order of time.
 */
export function exampleLines(all: readonly LogEntry[], agent: AgentProfile): string[] {
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
  take([...serious('error'), ...serious('warning')]);
  const byEvent = [...Map.groupBy(entries, (entry) => eventOf.get(entry)).values()];
  take(byEvent.sort((a, b) => b.length - a.length).flatMap((group) => group.slice(0, 1)));
  take(entries);
  return entries
    .filter((entry) => chosen.has(entry))
    .map(({ program, message }) => exampleLine(`${program}: ${message}`));
}
