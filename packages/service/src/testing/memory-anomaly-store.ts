import type {
  AgentProgress,
  AnalysedSlot,
  AnomalyStore,
  FindingQuery,
  JsonValue,
  ReviewRequest,
  StoredAnomaly,
  StoredChange,
  StoredWindow,
  StoreLimits,
  WindowQuery,
} from '../anomalies/anomaly-store.ts';
import { QUERY_LIMIT, rowsGiven, WINDOW_LIMIT } from '../anomalies/anomaly-store.ts';
import type { Incident } from '../anomalies/incident.ts';
import { reviewOutcome } from '../anomalies/review-outcome.ts';
import { type SlotContext, slotOutcome } from '../anomalies/slot-outcome.ts';
import type { AnomalyRecord, ChangeRecord, NextNumbers, StoreWrites } from '../anomalies/store-draft.ts';
import { ServiceError } from '../errors.ts';

/** What a window and an anomaly take, about: for `prune`. */
const WINDOW_BYTES = 100;
const ANOMALY_BYTES = 2_000;

type Progress = Omit<AgentProgress, 'devices'>;
type Span = { readonly agent: string; readonly fromMs: number; readonly toMs: number };

/** An anomaly store in memory. While `failing` is set, every method but `close` fails and leaves everything as it was. */
export class MemoryAnomalyStore implements AnomalyStore {
  readonly location = 'memory';
  failing = false;
  #next: NextNumbers = { anomaly: 1, incident: 1, change: 1 };
  #announcedSeq = 0;
  readonly #windows = new Map<string, StoredWindow>();
  readonly #anomalies = new Map<number, AnomalyRecord>();
  readonly #incidents = new Map<number, Incident>();
  readonly #progress = new Map<string, Progress>();
  readonly #devices = new Map<string, Set<string>>();
  readonly #settings = new Map<string, JsonValue>();
  #changes: ChangeRecord[] = [];

  async progress(agent: string): Promise<AgentProgress | undefined> {
    this.#play();
    const progress = this.#progress.get(agent);
    return progress && { ...progress, devices: [...(this.#devices.get(agent) ?? [])].sort(compareText) };
  }

  async append(slot: AnalysedSlot): Promise<readonly StoredChange[]> {
    this.#play();
    const { agent, fromMs, toMs, features } = slot;
    const writes = slotOutcome(slot, this.#contextOf(slot));
    for (const window of writes.windows) {
      this.#windows.set(windowKey(slot, window.deviceId), { ...window, agent, fromMs, toMs, features });
    }
    this.#advance(slot);
    return this.#write(writes);
  }

  async moveCursor(agent: string, cursorMs: number, skippedFromMs?: number): Promise<void> {
    this.#play();
    const before = this.#progress.get(agent);
    this.#progress.set(agent, {
      cursorMs,
      furthestMs: Math.max(cursorMs, before?.furthestMs ?? cursorMs),
      skippedFromMs: skippedFromMs ?? before?.skippedFromMs,
      memory: before?.memory,
    });
  }

  async windows(query: WindowQuery): Promise<readonly StoredWindow[]> {
    this.#play();
    const limit = rowsGiven(query.limit, WINDOW_LIMIT);
    const found = [...this.#windows.values()]
      .filter(({ agent }) => agent === query.agent)
      .filter(({ deviceId }) => query.deviceId === undefined || deviceId === query.deviceId)
      .filter(({ fromMs }) => fromMs >= query.sinceMs && fromMs < query.untilMs)
      .sort((a, b) => a.fromMs - b.fromMs || compareDevices(a.deviceId, b.deviceId) || a.toMs - b.toMs);
    return found
      .slice(Math.max(0, found.length - limit))
      .map(({ vector, ...window }) => (query.vectors ? { ...window, vector } : window));
  }

  async changes(afterSeq: number, limit: number): Promise<readonly StoredChange[]> {
    this.#play();
    return this.#changes
      .filter(({ seq }) => seq > afterSeq)
      .slice(0, Math.max(0, limit))
      .map((change) => this.#told(change));
  }

  async announcedSeq(): Promise<number> {
    this.#play();
    return this.#announcedSeq;
  }

  async markAnnounced(seq: number): Promise<void> {
    this.#play();
    this.#announcedSeq = Math.max(this.#announcedSeq, seq);
  }

  async anomalies(query: FindingQuery): Promise<readonly StoredAnomaly[]> {
    this.#play();
    const ofIncident = [...this.#anomalies.values()].filter(
      ({ incidentId }) => query.incidentId === undefined || incidentId === query.incidentId,
    );
    return select(ofIncident, query).map(publicAnomaly);
  }

  async incidents(query: FindingQuery): Promise<readonly Incident[]> {
    this.#play();
    return select([...this.#incidents.values()], query);
  }

  async anomaly(id: number): Promise<StoredAnomaly | undefined> {
    this.#play();
    const found = this.#anomalies.get(id);
    return found && publicAnomaly(found);
  }

  async incident(id: number): Promise<Incident | undefined> {
    this.#play();
    return this.#incidents.get(id);
  }

  async review(request: ReviewRequest): Promise<readonly StoredChange[]> {
    this.#play();
    const incident = this.#incidents.get(request.id);
    const anomaly = this.#anomalies.get(request.id);
    return this.#write(reviewOutcome(request, { incident, anomaly, next: this.#next }));
  }

  async setting(name: string): Promise<JsonValue | undefined> {
    this.#play();
    return this.#settings.get(name);
  }

  async setSetting(name: string, value: JsonValue): Promise<void> {
    this.#play();
    this.#settings.set(name, value);
  }

  async prune({ maxAgeMs, maxBytes }: StoreLimits, nowMs: number): Promise<number> {
    this.#play();
    const before = this.#rows;
    for (const kept of [this.#windows, this.#anomalies]) {
      const oldestFirst = [...kept].sort(([, a], [, b]) => a.fromMs - b.fromMs);
      for (const [key, { fromMs }] of oldestFirst) {
        if (fromMs < nowMs - maxAgeMs || this.#sizeBytes > maxBytes) (kept as Map<unknown, unknown>).delete(key);
      }
    }
    const inUse = new Set([...this.#anomalies.values()].map(({ incidentId }) => incidentId));
    for (const { id, ongoing } of [...this.#incidents.values()]) {
      if (!ongoing && !inUse.has(id)) this.#incidents.delete(id);
    }
    this.#changes = this.#changes.filter(
      ({ seq, atMs, incidentId, anomalyId }) =>
        this.#incidents.has(incidentId) &&
        (anomalyId === null || this.#anomalies.has(anomalyId)) &&
        (atMs >= nowMs - maxAgeMs || seq > this.#announcedSeq),
    );
    return before - this.#rows;
  }

  async close(): Promise<void> {}

  #play(): void {
    if (this.failing) throw new ServiceError('STORE_FAILED', 'the anomaly store memory failed: it was told to');
  }

  #contextOf(slot: AnalysedSlot): SlotContext {
    const devices = slot.windows.map(({ deviceId }) => deviceId);
    const anomalies = [...this.#anomalies.values()].filter((anomaly) => isOfSlot(anomaly, slot));
    const incidents = [...this.#incidents.values()].filter(({ agent }) => agent === slot.agent);
    const members = [...this.#anomalies.values()].filter(({ withdrawn }) => !withdrawn);
    return {
      cursorMs: this.#progress.get(slot.agent)?.cursorMs,
      windows: new Map(
        devices.flatMap((device) => {
          const known = this.#windows.get(windowKey(slot, device));
          return known === undefined ? [] : [[device, known] as const];
        }),
      ),
      anomalies: new Map(anomalies.map((anomaly) => [anomaly.deviceId, anomaly])),
      incidents,
      members: Map.groupBy(members, ({ incidentId }) => incidentId),
      next: this.#next,
    };
  }

  get #rows(): number {
    return this.#windows.size + this.#anomalies.size + this.#incidents.size + this.#changes.length;
  }

  get #sizeBytes(): number {
    return this.#windows.size * WINDOW_BYTES + this.#anomalies.size * ANOMALY_BYTES;
  }

  #advance({ agent, toMs, windows, memory }: AnalysedSlot): void {
    const before = this.#progress.get(agent);
    if (before === undefined || toMs > before.cursorMs) {
      this.#progress.set(agent, {
        cursorMs: toMs,
        furthestMs: Math.max(toMs, before?.furthestMs ?? toMs),
        skippedFromMs: before?.skippedFromMs,
        memory: memory === undefined ? before?.memory : memory,
      });
    }
    const seen = windows.map(({ deviceId }) => deviceId).filter((deviceId) => deviceId !== null);
    this.#devices.set(agent, new Set([...(this.#devices.get(agent) ?? []), ...seen]));
  }

  #write({ anomalies, incidents, memberReview, changes, next }: StoreWrites): StoredChange[] {
    for (const anomaly of anomalies) this.#anomalies.set(anomaly.id, anomaly);
    for (const incident of incidents) this.#incidents.set(incident.id, incident);
    for (const anomaly of this.#anomalies.values()) {
      const { incidentId, withdrawn, review } = anomaly;
      if (incidentId !== memberReview?.incidentId || withdrawn || !memberReview.from.includes(review.state)) continue;
      this.#anomalies.set(anomaly.id, { ...anomaly, review: memberReview.review });
    }
    this.#changes.push(...changes);
    this.#next = next;
    return changes.map((change) => this.#told(change));
  }

  #told({ seq, atMs, kind, incidentId, anomalyId }: ChangeRecord): StoredChange {
    const anomaly = anomalyId === null ? undefined : this.#anomalies.get(anomalyId);
    return { seq, atMs, kind, incident: this.#incidents.get(incidentId), anomaly: anomaly && publicAnomaly(anomaly) };
  }
}

function isOfSlot(span: Span, { agent, fromMs, toMs }: Span): boolean {
  return span.agent === agent && span.fromMs === fromMs && span.toMs === toMs;
}

function windowKey({ agent, fromMs, toMs }: Span, deviceId: string | null): string {
  return JSON.stringify([agent, fromMs, toMs, deviceId]);
}

function select<Finding extends Incident | AnomalyRecord>(all: readonly Finding[], query: FindingQuery): Finding[] {
  const { agent, deviceId, state, minSeverity = 0, sinceMs, untilMs, before } = query;
  return all
    .filter((finding) => agent === undefined || finding.agent === agent)
    .filter((finding) => deviceId === undefined || finding.deviceId === deviceId)
    .filter((finding) => state === undefined || finding.review.state === state)
    .filter(({ severity }) => severity >= minSeverity)
    .filter(({ fromMs }) => fromMs >= (sinceMs ?? fromMs) && (untilMs === undefined || fromMs < untilMs))
    .filter((finding) => before === undefined || compareNewest(before, finding) < 0)
    .sort(compareNewest)
    .slice(0, rowsGiven(query.limit, QUERY_LIMIT));
}

type Place = { readonly fromMs: number; readonly id: number };

function compareNewest(a: Place, b: Place): number {
  return b.fromMs - a.fromMs || b.id - a.id;
}

/** All devices first, then by code points. */
function compareDevices(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  return compareText(a, b);
}

function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function publicAnomaly({ withdrawn: _, ...anomaly }: AnomalyRecord): StoredAnomaly {
  return anomaly;
}
