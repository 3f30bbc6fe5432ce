/**
 * The anomaly store in SQL, whichever database it is. What a slot or a review changes is decided by pure functions; here it
 * is read and written, each step in one transaction.
 */
import {
  type AgentProgress,
  type AnalysedSlot,
  type AnomalyStore,
  type FindingQuery,
  type JsonValue,
  QUERY_LIMIT,
  type ReviewRequest,
  rowsGiven,
  type StoredAnomaly,
  type StoredChange,
  type StoredWindow,
  type StoreLimits,
  WINDOW_LIMIT,
  type WindowQuery,
} from './anomaly-store.ts';
import type { Incident } from './incident.ts';
import { pruneRows } from './prune-rows.ts';
import { reviewOutcome } from './review-outcome.ts';
import { readSlotContext } from './slot-context.ts';
import { slotOutcome } from './slot-outcome.ts';
import type { SqlDatabase, SqlSession, SqlValue } from './sql-database.ts';
import type { ChangeRecord, StoreWrites } from './store-draft.ts';
import { readNext, readNumber, writeNumber } from './store-numbers.ts';
import { keyOf } from './store-schema.ts';
import {
  anomalyOfRow,
  anomalyValues,
  changeOfRow,
  incidentOfRow,
  incidentValues,
  windowsOfRows,
  windowValues,
} from './stored-rows.ts';

const UPSERT_ANOMALY = `
  INSERT INTO edgewood_anomalies VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
  ON CONFLICT (id) DO UPDATE SET incident_id = excluded.incident_id, severity = excluded.severity,
    state = excluded.state, withdrawn = excluded.withdrawn, why = excluded.why, record = excluded.record`;
const UPSERT_INCIDENT = `
  INSERT INTO edgewood_incidents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
  ON CONFLICT (id) DO UPDATE SET from_ms = excluded.from_ms, to_ms = excluded.to_ms, severity = excluded.severity,
    state = excluded.state, ongoing = excluded.ongoing, why = excluded.why, record = excluded.record`;
const UPSERT_WINDOW = `
  INSERT INTO edgewood_windows (agent, from_ms, device, to_ms, feature_set, entries, score, decision, model_version, vector, failure)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
  ON CONFLICT (agent, from_ms, device, to_ms) DO UPDATE SET feature_set = excluded.feature_set,
    entries = excluded.entries, score = excluded.score, decision = excluded.decision,
    model_version = excluded.model_version, vector = excluded.vector, failure = excluded.failure`;
const UPSERT_CURSOR = `
  INSERT INTO edgewood_cursors VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT (agent) DO UPDATE SET cursor_ms = excluded.cursor_ms, furthest_ms = excluded.furthest_ms,
    skipped_from_ms = excluded.skipped_from_ms, memory = excluded.memory`;
const UPSERT_SETTING = `
  INSERT INTO edgewood_settings VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`;

export class SqlAnomalyStore implements AnomalyStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  get location(): string {
    return this.#database.location;
  }

  progress(agent: string): Promise<AgentProgress | undefined> {
    return this.#read(async (session) => {
      const cursor = await readCursor(session, agent);
      if (cursor === undefined) return undefined;
      const rows = await session.query('SELECT device FROM edgewood_devices WHERE agent = ?1 ORDER BY device', [agent]);
      return { ...cursor, devices: rows.map(({ device }) => String(device)) };
    });
  }

  append(slot: AnalysedSlot): Promise<readonly StoredChange[]> {
    return this.#write(async (session) => {
      const cursor = await readCursor(session, slot.agent);
      const writes = slotOutcome(slot, await readSlotContext(session, slot, cursor?.cursorMs));
      await writeWindows(session, slot, writes.windows);
      await advance(session, slot, cursor);
      return write(session, writes);
    });
  }

  moveCursor(agent: string, cursorMs: number, skippedFromMs?: number): Promise<void> {
    return this.#write(async (session) => {
      const before = await readCursor(session, agent);
      await writeCursor(session, agent, {
        cursorMs,
        furthestMs: Math.max(cursorMs, before?.furthestMs ?? cursorMs),
        skippedFromMs: skippedFromMs ?? before?.skippedFromMs,
        memory: before?.memory,
      });
    });
  }

  windows(query: WindowQuery): Promise<readonly StoredWindow[]> {
    const { agent, deviceId, sinceMs, untilMs, vectors = false } = query;
    const device = deviceId === undefined ? '' : 'AND device = ?5';
    const vector = vectors ? ', vector' : '';
    const sql = `
      SELECT agent, from_ms, device, to_ms, entries, score, decision, model_version, failure, names${vector}
      FROM (
        SELECT * FROM edgewood_windows WHERE agent = ?1 AND from_ms >= ?2 AND from_ms < ?3 ${device}
        ORDER BY from_ms DESC, device DESC, to_ms DESC LIMIT ?4
      ) AS newest JOIN edgewood_feature_sets ON edgewood_feature_sets.id = feature_set
      ORDER BY from_ms, device, to_ms`;
    const values: SqlValue[] = [agent, sinceMs, untilMs, rowsGiven(query.limit, WINDOW_LIMIT)];
    if (deviceId !== undefined) values.push(keyOf(deviceId));
    return this.#read(async (session) => windowsOfRows(await session.query(sql, values)));
  }

  changes(afterSeq: number, limit: number): Promise<readonly StoredChange[]> {
    const sql = 'SELECT * FROM edgewood_changes WHERE seq > ?1 ORDER BY seq LIMIT ?2';
    return this.#read(async (session) => {
      const rows = await session.query(sql, [afterSeq, limit]);
      return tell(session, rows.map(changeOfRow));
    });
  }

  announcedSeq(): Promise<number> {
    return this.#read((session) => readNumber(session, 'announced', 0));
  }

  markAnnounced(seq: number): Promise<void> {
    return this.#write(async (session) => {
      if (seq > (await readNumber(session, 'announced', 0))) await writeNumber(session, 'announced', seq);
    });
  }

  anomalies(query: FindingQuery): Promise<readonly StoredAnomaly[]> {
    const { sql, values } = selectFindings('edgewood_anomalies', query);
    return this.#read(async (session) => (await session.query(sql, values)).map((row) => shown(anomalyOfRow(row))));
  }

  incidents({ incidentId: _, ...query }: FindingQuery): Promise<readonly Incident[]> {
    const { sql, values } = selectFindings('edgewood_incidents', query);
    return this.#read(async (session) => (await session.query(sql, values)).map(incidentOfRow));
  }

  anomaly(id: number): Promise<StoredAnomaly | undefined> {
    return this.#read(async (session) => {
      const found = await findAnomaly(session, id);
      return found && shown(found);
    });
  }

  incident(id: number): Promise<Incident | undefined> {
    return this.#read((session) => findIncident(session, id));
  }

  review(request: ReviewRequest): Promise<readonly StoredChange[]> {
    return this.#write(async (session) => {
      const incident = await findIncident(session, request.id);
      const anomaly = await findAnomaly(session, request.id);
      return write(session, reviewOutcome(request, { incident, anomaly, next: await readNext(session) }));
    });
  }

  setting(name: string): Promise<JsonValue | undefined> {
    return this.#read(async (session) => {
      const [row] = await session.query('SELECT value FROM edgewood_settings WHERE name = ?1', [name]);
      return row === undefined ? undefined : (JSON.parse(String(row.value)) as JsonValue);
    });
  }

  setSetting(name: string, value: JsonValue): Promise<void> {
    return this.#write(async (session) => {
      await session.query(UPSERT_SETTING, [name, JSON.stringify(value)]);
    });
  }

  prune(limits: StoreLimits, nowMs: number): Promise<number> {
    return pruneRows(this.#database, limits, nowMs);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #read<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    return this.#database.transaction(false, work);
  }

  #write<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    return this.#database.transaction(true, work);
  }
}

type Cursor = Omit<AgentProgress, 'devices'>;

async function readCursor(session: SqlSession, agent: string): Promise<Cursor | undefined> {
  const [row] = await session.query('SELECT * FROM edgewood_cursors WHERE agent = ?1', [agent]);
  if (row === undefined) return undefined;
  const { cursor_ms, furthest_ms, skipped_from_ms, memory } = row;
  return {
    cursorMs: Number(cursor_ms),
    furthestMs: Number(furthest_ms),
    skippedFromMs: skipped_from_ms == null ? undefined : Number(skipped_from_ms),
    memory: memory == null ? undefined : (JSON.parse(String(memory)) as JsonValue),
  };
}

async function writeCursor(session: SqlSession, agent: string, cursor: Cursor): Promise<void> {
  const { cursorMs, furthestMs, skippedFromMs = null, memory } = cursor;
  const kept = memory === undefined ? null : JSON.stringify(memory);
  await session.query(UPSERT_CURSOR, [agent, cursorMs, furthestMs, skippedFromMs, kept]);
}

/** Moves the cursor behind a slot, unless it is further already, and gets to know its devices. */
async function advance(session: SqlSession, slot: AnalysedSlot, before: Cursor | undefined): Promise<void> {
  const { agent, toMs, windows, memory = before?.memory } = slot;
  if (before === undefined || toMs > before.cursorMs) {
    const furthestMs = Math.max(toMs, before?.furthestMs ?? toMs);
    await writeCursor(session, agent, { cursorMs: toMs, furthestMs, skippedFromMs: before?.skippedFromMs, memory });
  }
  for (const { deviceId } of windows) {
    if (deviceId === null) continue;
    await session.query('INSERT INTO edgewood_devices VALUES (?1, ?2) ON CONFLICT DO NOTHING', [agent, deviceId]);
  }
}

async function writeWindows(
  session: SqlSession,
  { agent, fromMs, toMs, features }: AnalysedSlot,
  windows: StoreWrites['windows'],
): Promise<void> {
  if (windows.length === 0) return;
  const set = await featureSetOf(session, features);
  for (const window of windows) {
    const values = [agent, fromMs, keyOf(window.deviceId), toMs, set, ...windowValues(window)];
    await session.query(UPSERT_WINDOW, values);
  }
}

/** The number of a list of names; a new list gets the next one. */
async function featureSetOf(session: SqlSession, features: readonly string[]): Promise<number> {
  const names = JSON.stringify(features);
  const [row] = await session.query('SELECT id FROM edgewood_feature_sets WHERE names = ?1', [names]);
  if (row !== undefined) return Number(row.id);
  const [last] = await session.query('SELECT coalesce(max(id), 0) AS id FROM edgewood_feature_sets');
  const id = Number(last?.id) + 1;
  await session.query('INSERT INTO edgewood_feature_sets VALUES (?1, ?2)', [id, names]);
  return id;
}

async function write(session: SqlSession, writes: StoreWrites): Promise<readonly StoredChange[]> {
  const { anomalies, incidents, memberReview, changes, next } = writes;
  for (const anomaly of anomalies) await session.query(UPSERT_ANOMALY, anomalyValues(anomaly));
  for (const incident of incidents) await session.query(UPSERT_INCIDENT, incidentValues(incident));
  if (memberReview !== undefined) {
    const sql = 'SELECT record FROM edgewood_anomalies WHERE incident_id = ?1 AND withdrawn = 0';
    const members = (await session.query(sql, [memberReview.incidentId])).map(anomalyOfRow);
    for (const member of members.filter(({ review }) => memberReview.from.includes(review.state))) {
      await session.query(UPSERT_ANOMALY, anomalyValues({ ...member, review: memberReview.review }));
    }
  }
  for (const { seq, atMs, kind, incidentId, anomalyId } of changes) {
    const values = [seq, atMs, kind, incidentId, anomalyId];
    await session.query('INSERT INTO edgewood_changes VALUES (?1, ?2, ?3, ?4, ?5)', values);
  }
  if (changes.length > 0) {
    for (const [name, value] of Object.entries(next)) await writeNumber(session, name, value);
  }
  return tell(session, changes);
}

/** Changes with what they are about, as it is now. */
async function tell(session: SqlSession, changes: readonly ChangeRecord[]): Promise<StoredChange[]> {
  const told: StoredChange[] = [];
  for (const { seq, atMs, kind, incidentId, anomalyId } of changes) {
    const anomaly = anomalyId === null ? undefined : await findAnomaly(session, anomalyId);
    const incident = await findIncident(session, incidentId);
    told.push({ seq, atMs, kind, incident, anomaly: anomaly && shown(anomaly) });
  }
  return told;
}

async function findAnomaly(session: SqlSession, id: number) {
  const [row] = await session.query('SELECT record FROM edgewood_anomalies WHERE id = ?1', [id]);
  return row === undefined ? undefined : anomalyOfRow(row);
}

async function findIncident(session: SqlSession, id: number) {
  const [row] = await session.query('SELECT record FROM edgewood_incidents WHERE id = ?1', [id]);
  return row === undefined ? undefined : incidentOfRow(row);
}

function shown({ withdrawn: _, ...anomaly }: ReturnType<typeof anomalyOfRow>): StoredAnomaly {
  return anomaly;
}

function selectFindings(table: string, query: FindingQuery): { sql: string; values: SqlValue[] } {
  const { agent, deviceId, state, minSeverity, incidentId, sinceMs, untilMs, before } = query;
  const given: [string, readonly (SqlValue | undefined)[]][] = [
    ['agent = ?', [agent]],
    ['device = ?', [deviceId === undefined ? undefined : keyOf(deviceId)]],
    ['state = ?', [state]],
    ['severity >= ?', [minSeverity]],
    ['incident_id = ?', [incidentId]],
    ['from_ms >= ?', [sinceMs]],
    ['from_ms < ?', [untilMs]],
    ['(from_ms < ? OR (from_ms = ? AND id < ?))', [before?.fromMs, before?.fromMs, before?.id]],
  ];
  const values: SqlValue[] = [];
  const conditions = given.flatMap(([condition, wanted]) => {
    const known = wanted.filter((value) => value !== undefined);
    if (known.length < wanted.length) return [];
    return [condition.replaceAll('?', () => `?${values.push(known.shift() ?? null)}`)];
  });
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const limit = rowsGiven(query.limit, QUERY_LIMIT);
  return { sql: `SELECT record FROM ${table} ${where} ORDER BY from_ms DESC, id DESC LIMIT ${limit}`, values };
}
