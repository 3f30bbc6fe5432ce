/**
 * An incident is an episode: the anomalous windows of one agent and device that lie side by side, or nearly so. People are
 * told of it once, when it is opened; then of updates, and when it is over.
 *
 * ```
 *   windows   ─ ─ A A ─ A ─ ─ ─ ─ A ─
 *   incident      ├─────┤▷ quiet ▷│ over    ├ another
 * ```
 */
import type { Anomaly, SeverityLevel } from './anomaly.ts';
import { SEVERITY_LEVELS } from './anomaly.ts';
import type { Review } from './review.ts';

export interface Incident {
  readonly id: number;
  readonly agent: string;
  readonly deviceId: string | null;
  /** Beginning of its first anomalous window, end of its last one. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How many anomalous windows it has. */
  readonly anomalies: number;
  /** Of its worst anomaly: severity, level, kind, sentence and model version. */
  readonly severity: number;
  readonly level: SeverityLevel;
  readonly kind: string;
  readonly why: string;
  readonly modelVersion: string | null;
  /** Whether it has not been quiet for long enough yet, so that it may go on. */
  readonly ongoing: boolean;
  readonly review: Review;
  /** When it was found, and when anything about it changed last, Unix milliseconds UTC. */
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
}

/** A span of event time, half-open. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What lies between an incident and a window, in milliseconds; 0 or less where they touch or overlap. */
export function distanceMs(incident: Span, window: Span): number {
  return Math.max(window.fromMs - incident.toMs, incident.fromMs - window.toMs);
}

/** Whether a window belongs to an incident of its agent and device: fewer than `quietMs` lie between them. */
export function joinsIncident(incident: Span, window: Span, quietMs: number): boolean {
  return distanceMs(incident, window) < quietMs;
}

/**
 * Whether an incident is over when everything up to `analysedMs` has been analysed. One that lies ahead of that is over too:
 * its agent was sent back, because the clock had been wrong.
 */
export function isOver(incident: Span, analysedMs: number, quietMs: number): boolean {
  return analysedMs - incident.toMs >= quietMs || incident.fromMs >= analysedMs;
}

/**
 * Whether an anomaly may still join. What a person has resolved stays resolved: whatever comes after is another incident.
 * A false positive that goes on stays one.
 */
export function isOpenToJoin({ review }: Pick<Incident, 'review'>): boolean {
  return !(review.state === 'resolved' && review.by === 'person');
}

/** The worse of two findings speaks for an incident; of equals the earlier one. */
export function worseOf<Finding extends Pick<Anomaly, 'severity' | 'level'>>(first: Finding, second: Finding): Finding {
  const rank = ({ level }: Finding) => SEVERITY_LEVELS.indexOf(level);
  const isWorse = rank(second) - rank(first) || second.severity - first.severity;
  return isWorse > 0 ? second : first;
}

/** What an incident takes over from its anomalies. */
type Member = Pick<Anomaly, 'fromMs' | 'toMs' | 'severity' | 'level' | 'kind' | 'why' | 'modelVersion'>;

/**
 * An incident after its anomalies have become others. Those that it counts and that are not in `before` are not at hand,
 * for they are removed or need not be looked at: the incident speaks for them. If nothing is left, it only counts none.
 *
 * @param before of its anomalies, those that are at hand; `after`: the same ones, changed, gone, joined by others.
 */
export function incidentWith(incident: Incident, before: readonly Member[], after: readonly Member[]): Incident {
  const unseen = incident.anomalies - before.length;
  const inOrder = [...after].sort((a, b) => a.fromMs - b.fromMs);
  const [first, ...others] = unseen > 0 ? [incident, ...inOrder] : inOrder;
  if (first === undefined) return { ...incident, anomalies: 0 };
  const { severity, level, kind, why, modelVersion } = others.reduce<Member>(worseOf, first);
  const fromMs = Math.min(first.fromMs, others[0]?.fromMs ?? first.fromMs);
  const toMs = others.reduce((latest, other) => Math.max(latest, other.toMs), first.toMs);
  const anomalies = unseen + after.length;
  return { ...incident, fromMs, toMs, anomalies, severity, level, kind, why, modelVersion };
}
