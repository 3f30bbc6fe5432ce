/** Rows of the tables and what they stand for. */
import type { AnalysedWindow, StoredWindow } from './anomaly-store.ts';
import type { Incident } from './incident.ts';
import type { SqlRow, SqlValue } from './sql-database.ts';
import type { AnomalyRecord, ChangeRecord } from './store-draft.ts';
import { deviceOf, keyOf } from './store-schema.ts';

/** Values of a row of `edgewood_anomalies`, in the order of its columns. */
export function anomalyValues(record: AnomalyRecord): readonly SqlValue[] {
  const { id, incidentId, agent, deviceId, fromMs, toMs, severity, review, withdrawn, why } = record;
  const place = [agent, keyOf(deviceId), fromMs, toMs, severity];
  return [id, incidentId, ...place, review.state, Number(withdrawn), why, JSON.stringify(record)];
}

export function anomalyOfRow({ record }: SqlRow): AnomalyRecord {
  const anomaly = JSON.parse(String(record)) as AnomalyRecord;
  // JSON leaves out what is undefined; nothing else may tell a stored finding from the one that was found.
  const features = anomaly.features.map((finding) => ({ ...finding, expected: finding.expected }));
  return { ...anomaly, features };
}

/** As {@link anomalyValues}, of `edgewood_incidents`. */
export function incidentValues(incident: Incident): readonly SqlValue[] {
  const { id, agent, deviceId, fromMs, toMs, severity, review, ongoing, why } = incident;
  const place = [agent, keyOf(deviceId), fromMs, toMs, severity];
  return [id, ...place, review.state, Number(ongoing), why, JSON.stringify(incident)];
}

export function incidentOfRow({ record }: SqlRow): Incident {
  return JSON.parse(String(record)) as Incident;
}

export function changeOfRow({ seq, at_ms, kind, incident_id, anomaly_id }: SqlRow): ChangeRecord {
  return {
    seq: Number(seq),
    atMs: Number(at_ms),
    kind: String(kind) as ChangeRecord['kind'],
    incidentId: Number(incident_id),
    anomalyId: anomaly_id == null ? null : Number(anomaly_id),
  };
}

/** Values of a window beside its place and its set of features. */
export function windowValues(window: AnalysedWindow): readonly SqlValue[] {
  const { entries, score, decision, modelVersion, vector, failure } = window;
  const bytes = vector === undefined ? null : new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  return [entries, score, decision, modelVersion, bytes, failure ?? null];
}

/** Rows in their order; lists of names that are the same are one list. */
export function windowsOfRows(rows: readonly SqlRow[]): readonly StoredWindow[] {
  const lists = new Map<string, readonly string[]>();
  return rows.map((row) => {
    const text = String(row.names);
    const features = lists.get(text) ?? (JSON.parse(text) as string[]);
    lists.set(text, features);
    return windowOfRow(row, features);
  });
}

function windowOfRow(row: SqlRow, features: readonly string[]): StoredWindow {
  const { agent, from_ms, to_ms, device, entries, score, decision, model_version, vector, failure } = row;
  return {
    agent: String(agent),
    fromMs: Number(from_ms),
    toMs: Number(to_ms),
    deviceId: deviceOf(String(device)),
    entries: Number(entries),
    score: score == null ? null : Number(score),
    decision: decision == null ? null : Number(decision),
    modelVersion: model_version == null ? null : String(model_version),
    features,
    ...(vector instanceof Uint8Array && { vector: new Float64Array(Uint8Array.from(vector).buffer) }),
    ...(failure != null && { failure: String(failure) }),
  };
}
