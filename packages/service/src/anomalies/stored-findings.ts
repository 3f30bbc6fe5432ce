/** Anomalies, incidents and changes in the tables. */
import { type FindingQuery, QUERY_LIMIT, rowsGiven, type StoredAnomaly, type StoredChange } from './anomaly-store.ts';
import type { Incident } from './incident.ts';
import { type SqlRow, type SqlSession, type SqlValue, upsert, whole } from './sql-database.ts';
import type { AnomalyRecord, ChangeRecord, MemberReview, StoreWrites } from './store-draft.ts';
import { writeNext } from './store-numbers.ts';
import { ANOMALIES, CHANGES, INCIDENTS, keyOf } from './store-schema.ts';

/** Values of a row of {@link ANOMALIES}. */
export function anomalyValues(record: AnomalyRecord): readonly SqlValue[] {
  const { id, incidentId, agent, deviceId, fromMs, toMs, severity, review, withdrawn, why } = record;
  const place = [agent, keyOf(deviceId), fromMs, toMs, severity];
  return [id, incidentId, ...place, review.state, Number(withdrawn), why, JSON.stringify(record)];
}

/** Values of a row of {@link INCIDENTS}. */
export function incidentValues(incident: Incident): readonly SqlValue[] {
  const { id, agent, deviceId, fromMs, toMs, severity, review, ongoing, why } = incident;
  const place = [agent, keyOf(deviceId), fromMs, toMs, severity];
  return [id, ...place, review.state, Number(ongoing), why, JSON.stringify(incident)];
}

export function anomalyOfRow({ record }: SqlRow): AnomalyRecord {
  const { detectors, surprise = null, ...anomaly } = JSON.parse(String(record)) as KeptAnomaly;
  // JSON leaves out what is undefined; nothing else may tell a stored finding from the one that was found.
  const features = anomaly.features.map((finding) => ({ ...finding, expected: finding.expected }));
  return { ...anomaly, detectors: detectors ?? (anomaly.decision === null ? [] : ['forest']), surprise, features };
}

/** Before there were two detectors, a decision was the forest's. */
type KeptAnomaly = Omit<AnomalyRecord, 'detectors' | 'surprise'> &
  Partial<Pick<AnomalyRecord, 'detectors' | 'surprise'>>;

export function incidentOfRow({ record }: SqlRow): Incident {
  return JSON.parse(String(record)) as Incident;
}

function changeOfRow({ seq, at_ms, kind, incident_id, anomaly_id }: SqlRow): ChangeRecord {
  return {
    seq: Number(seq),
    atMs: Number(at_ms),
    kind: String(kind) as ChangeRecord['kind'],
    incidentId: Number(incident_id),
    anomalyId: anomaly_id == null ? null : Number(anomaly_id),
  };
}

/** What others see of an anomaly. */
export function shown({ withdrawn: _, ...anomaly }: AnomalyRecord): StoredAnomaly {
  return anomaly;
}

export async function findAnomaly(session: SqlSession, id: number): Promise<AnomalyRecord | undefined> {
  const row = await findRecord(session, ANOMALIES.name, id);
  return row && anomalyOfRow(row);
}

export async function findIncident(session: SqlSession, id: number): Promise<Incident | undefined> {
  const row = await findRecord(session, INCIDENTS.name, id);
  return row && incidentOfRow(row);
}

async function findRecord(session: SqlSession, table: string, id: number): Promise<SqlRow | undefined> {
  if (!Number.isSafeInteger(id)) return undefined; // nothing has such a number, and PostgreSQL would refuse it
  const [row] = await session.query(`SELECT record FROM ${table} WHERE id = ?1`, [id]);
  return row;
}

/** The anomalies of an incident that are not withdrawn. */
export async function membersOf(session: SqlSession, incidentId: number): Promise<readonly AnomalyRecord[]> {
  const sql = 'SELECT record FROM edgewood_anomalies WHERE incident_id = ?1 AND withdrawn = 0';
  return (await session.query(sql, [incidentId])).map(anomalyOfRow);
}

/** Changes after `seq`, in order. */
export async function readChanges(session: SqlSession, afterSeq: number, limit: number): Promise<ChangeRecord[]> {
  const sql = 'SELECT * FROM edgewood_changes WHERE seq > ?1 ORDER BY seq LIMIT ?2';
  return (await session.query(sql, [whole(afterSeq), Math.max(0, whole(limit))])).map(changeOfRow);
}

/** Changes with what they are about, as it is now. */
export async function tell(session: SqlSession, changes: readonly ChangeRecord[]): Promise<StoredChange[]> {
  const told: StoredChange[] = [];
  for (const { seq, atMs, kind, incidentId, anomalyId } of changes) {
    const anomaly = anomalyId === null ? undefined : await findAnomaly(session, anomalyId);
    const incident = await findIncident(session, incidentId);
    told.push({ seq, atMs, kind, incident, anomaly: anomaly && shown(anomaly) });
  }
  return told;
}

/** Carries out what was decided, but for windows; returns what changed. */
export async function writeFindings(session: SqlSession, writes: StoreWrites): Promise<readonly StoredChange[]> {
  const { anomalies, incidents, memberReview, changes, next } = writes;
  await upsert(session, ANOMALIES, anomalies.map(anomalyValues));
  await upsert(session, INCIDENTS, incidents.map(incidentValues));
  if (memberReview !== undefined) await reviewMembers(session, memberReview);
  const rows = changes.map(({ seq, atMs, kind, incidentId, anomalyId }) => [seq, atMs, kind, incidentId, anomalyId]);
  await upsert(session, CHANGES, rows);
  if (changes.length > 0) await writeNext(session, next);
  return tell(session, changes);
}

async function reviewMembers(session: SqlSession, { incidentId, from, review }: MemberReview): Promise<void> {
  const members = (await membersOf(session, incidentId)).filter(({ review: { state } }) => from.includes(state));
  await upsert(
    session,
    ANOMALIES,
    members.map((member) => anomalyValues({ ...member, review })),
  );
}

/** The statement that a query of findings is. */
export function selectFindings(
  { name }: { readonly name: string },
  query: FindingQuery,
): { readonly sql: string; readonly values: readonly SqlValue[] } {
  const { agent, deviceId, state, minSeverity, incidentId, sinceMs, untilMs, before } = query;
  const given: [string, readonly (SqlValue | undefined)[]][] = [
    ['agent = ?', [agent]],
    ['device = ?', [deviceId === undefined ? undefined : keyOf(deviceId)]],
    ['state = ?', [state]],
    ['severity >= ?', [minSeverity]],
    ['incident_id = ?', [wholeIfGiven(incidentId)]],
    ['from_ms >= ?', [wholeIfGiven(sinceMs)]],
    ['from_ms < ?', [wholeIfGiven(untilMs)]],
    ['(from_ms, id) < (?, ?)', [wholeIfGiven(before?.fromMs), wholeIfGiven(before?.id)]],
  ];
  const values: SqlValue[] = [];
  const conditions = given.flatMap(([condition, wanted]) => {
    const known = wanted.filter((value) => value !== undefined);
    if (known.length < wanted.length) return [];
    return [condition.replaceAll('?', () => `?${values.push(known.shift() ?? null)}`)];
  });
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const limit = rowsGiven(query.limit, QUERY_LIMIT);
  return { sql: `SELECT record FROM ${name} ${where} ORDER BY from_ms DESC, id DESC LIMIT ${limit}`, values };
}

function wholeIfGiven(value: number | undefined): number | undefined {
  return value === undefined ? undefined : whole(value);
}
