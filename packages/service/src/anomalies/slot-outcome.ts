/**
 * The slot outcome decides what storing a slot changes. Pure: every store asks it, so that all of them do the same.
 *
 * Each window by itself: known as it is → nothing, see {@link isKnown}. Otherwise it is stored, and
 *
 * ```
 *                     odd now                        ordinary now
 *   was ordinary      detected: joins an incident    –
 *                     or opens one
 *   was odd           updated                        withdrawn: its incident does without it
 *   was withdrawn     updated: joins or opens        –
 * ```
 *
 * Then the agent's incidents that have been quiet for long enough are over.
 */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Anomaly } from './anomaly.ts';
import type { AnalysedSlot, AnalysedWindow } from './anomaly-store.ts';
import { distanceMs, type Incident, incidentWith, isOpenToJoin, isOver, joinsIncident } from './incident.ts';
import type { Review } from './review.ts';
import { type AnomalyRecord, type NextNumbers, StoreDraft, type StoreWrites } from './store-draft.ts';

/** What a review says of an anomaly, or an incident of nothing else, that was withdrawn. */
export const WITHDRAWN_NOTE = 'entries that came late explain it';

/** Of a stored window, what tells whether another judgement of it is news. */
export type KnownWindow = Pick<
  AnalysedWindow,
  'entries' | 'failure' | 'score' | 'surprise' | 'anomalous' | 'modelVersion'
>;

/** What is stored and bears on a slot; devices are keys, `null` for all. */
export interface SlotContext {
  /** Of the agent; undefined before its first slot. */
  readonly cursorMs: number | undefined;
  /** Of the slot's own windows, those that are known. */
  readonly windows: ReadonlyMap<string | null, KnownWindow>;
  /** Of the slot's own windows, also if withdrawn. */
  readonly anomalies: ReadonlyMap<string | null, AnomalyRecord>;
  /** Of the agent: those that are ongoing, those that a window of the slot may join, those of `anomalies`. */
  readonly incidents: readonly Incident[];
  /** Of each of these incidents that ends after the slot begins, its anomalies that are not withdrawn. */
  readonly members: ReadonlyMap<number, readonly AnomalyRecord[]>;
  readonly next: NextNumbers;
}

/** What storing the slot changes; nothing but the cursor if it was stored before. */
export function slotOutcome(slot: AnalysedSlot, context: SlotContext): StoreWrites {
  const found = anomaliesByDevice(slot);
  const draft = new StoreDraft(context.next, slot.analysedAtMs);
  for (const window of slot.windows) {
    if (isKnown(context.windows.get(window.deviceId), window, slot.judgedAgain)) continue;
    draft.putWindow(window);
    const before = context.anomalies.get(window.deviceId);
    const now = found.get(window.deviceId);
    if (now !== undefined) {
      if (before === undefined) detect(draft, slot, context, now);
      else update(draft, slot, context, before, now);
    } else if (before !== undefined && window.failure === undefined) {
      withdraw(draft, context, before);
    }
  }
  endIncidents(draft, slot, context);
  return draft.writes;
}

function anomaliesByDevice({ agent, fromMs, toMs, windows, anomalies }: AnalysedSlot): Map<string | null, Anomaly> {
  const devices = new Set(windows.map(({ deviceId }) => deviceId));
  assert.equal(devices.size, windows.length, 'a slot has one window a device');
  const found = new Map(anomalies.map((anomaly) => [anomaly.deviceId, anomaly]));
  assert.equal(found.size, anomalies.length, 'a window has one anomaly at most');
  for (const anomaly of anomalies) {
    assert.ok(devices.has(anomaly.deviceId), 'an anomaly is of a window of its slot');
    assert.deepEqual([anomaly.agent, anomaly.fromMs, anomaly.toMs], [agent, fromMs, toMs], 'an anomaly is of its slot');
  }
  return found;
}

/**
 * A window that had failed and has been judged since is news, with the same entries too. So is one that is judged otherwise
 * because of what came late before it; but another version's judgement stays as it is: it was what people were told then.
 */
function isKnown(known: KnownWindow | undefined, window: AnalysedWindow, judgedAgain = false): boolean {
  if (known === undefined || known.entries !== window.entries) return false;
  if (known.failure !== undefined || window.failure !== undefined) return window.failure !== undefined;
  return !judgedAgain || known.modelVersion !== window.modelVersion || isSameJudgement(known, window);
}

function isSameJudgement(known: KnownWindow, { score, surprise, anomalous }: AnalysedWindow): boolean {
  return known.score === score && known.surprise === surprise && known.anomalous === anomalous;
}

function detect(draft: StoreDraft, slot: AnalysedSlot, context: SlotContext, anomaly: Anomaly): void {
  const id = draft.newAnomalyId();
  join(draft, slot, context, { ...anomaly, id, revision: 1 }, 'anomaly:detected');
}

function update(
  draft: StoreDraft,
  slot: AnalysedSlot,
  context: SlotContext,
  before: AnomalyRecord,
  now: Anomaly,
): void {
  const { id, detectedAtMs } = before;
  const revision = before.revision + 1;
  if (before.withdrawn) {
    join(draft, slot, context, { ...now, id, revision, detectedAtMs }, 'anomaly:updated');
    return;
  }
  const after = { ...before, ...now, detectedAtMs };
  if (isDeepStrictEqual(after, before)) return;
  draft.putAnomaly({ ...after, revision });
  draft.tell('anomaly:updated', before.incidentId, id);
  replaceMember(draft, context, before, after);
}

/** Gives an anomaly its place: the nearest incident that it may join, or one of its own. */
function join(
  draft: StoreDraft,
  slot: AnalysedSlot,
  context: SlotContext,
  anomaly: Anomaly & Pick<AnomalyRecord, 'id' | 'revision'>,
  kind: 'anomaly:detected' | 'anomaly:updated',
): void {
  const { atMs } = draft;
  const open: Review = { state: 'open', note: null, by: 'service', atMs };
  const [joined] = context.incidents
    .filter((incident) => incident.deviceId === anomaly.deviceId && isOpenToJoin(incident))
    .filter((incident) => joinsIncident(incident, anomaly, slot.quietMs))
    .sort((a, b) => distanceMs(a, anomaly) - distanceMs(b, anomaly) || b.id - a.id);
  const base = joined ?? emptyIncident(draft.newIncidentId(), anomaly, open);
  // What a person said of an incident holds for what joins it; what the service resolved goes on.
  const review = base.review.by === 'person' ? base.review : open;
  const record = { ...anomaly, incidentId: base.id, review, withdrawn: false };
  draft.putAnomaly(record);
  draft.tell(kind, base.id, anomaly.id);
  const members = context.members.get(base.id) ?? [];
  const incident = incidentWith(base, members, [...members, record]);
  const resumed = base.review.state === 'resolved' ? { ...incident, review: open } : incident;
  draft.putIncident({ ...resumed, ongoing: true, updatedAtMs: atMs });
  draft.tell(joined === undefined ? 'incident:opened' : 'incident:updated', base.id);
}

function withdraw(draft: StoreDraft, context: SlotContext, before: AnomalyRecord): void {
  if (before.withdrawn) return;
  draft.putAnomaly({ ...before, withdrawn: true, review: resolvedReview(before.review, WITHDRAWN_NOTE, draft.atMs) });
  draft.tell('anomaly:withdrawn', before.incidentId, before.id);
  replaceMember(draft, context, before, undefined);
}

/** Makes an incident what it is with one of its anomalies changed or gone, and tells of it if that makes a difference. */
function replaceMember(
  draft: StoreDraft,
  context: SlotContext,
  before: AnomalyRecord,
  after: AnomalyRecord | undefined,
): void {
  const incident = context.incidents.find(({ id }) => id === before.incidentId);
  if (incident === undefined) return; // removed, for its age
  const members = context.members.get(incident.id) ?? [];
  const others = members.filter(({ id }) => id !== before.id);
  const changed = incidentWith(incident, members, after === undefined ? others : [...others, after]);
  if (isDeepStrictEqual(changed, incident)) return;
  const { atMs } = draft;
  if (changed.anomalies > 0) {
    draft.putIncident({ ...changed, updatedAtMs: atMs });
    draft.tell('incident:updated', incident.id);
    return;
  }
  const review = resolvedReview(incident.review, WITHDRAWN_NOTE, atMs);
  draft.putIncident({ ...changed, ongoing: false, review, updatedAtMs: atMs });
  draft.tell(review === incident.review ? 'incident:updated' : 'incident:resolved', incident.id);
}

function endIncidents(draft: StoreDraft, slot: AnalysedSlot, context: SlotContext): void {
  const analysedMs = Math.max(slot.toMs, context.cursorMs ?? slot.toMs);
  const all = new Map([...context.incidents, ...draft.incidents].map((incident) => [incident.id, incident]));
  for (const incident of [...all.values()].sort((a, b) => a.id - b.id)) {
    if (!incident.ongoing || !isOver(incident, analysedMs, slot.quietMs)) continue;
    const review = resolvedReview(incident.review, null, draft.atMs);
    draft.putIncident({ ...incident, ongoing: false, review, updatedAtMs: draft.atMs });
    if (review !== incident.review) draft.tell('incident:resolved', incident.id);
  }
}

function emptyIncident(id: number, anomaly: Anomaly, review: Review): Incident {
  const { agent, deviceId, fromMs, toMs, severity, level, kind, why, modelVersion } = anomaly;
  const found = { agent, deviceId, fromMs, toMs, severity, level, kind, why, modelVersion };
  return { id, ...found, anomalies: 0, ongoing: true, review, openedAtMs: review.atMs, updatedAtMs: review.atMs };
}

/** Resolved by the service; what a person has resolved or called a false positive stays as it is. */
function resolvedReview(review: Review, note: string | null, atMs: number): Review {
  if (review.state === 'resolved' || review.state === 'false_positive') return review;
  return { state: 'resolved', note, by: 'service', atMs };
}
