/** Windows in the tables, with what many of them share as numbers: series, which are agent and device, and origins. */
import {
  type AnalysedSlot,
  type AnalysedWindow,
  rowsGiven,
  type StoredWindow,
  WINDOW_LIMIT,
  type WindowQuery,
} from './anomaly-store.ts';
import { numberOrNull, type SqlSession, type SqlValue, textOrNull, upsert, whole } from './sql-database.ts';
import { deviceOf, keyOf, ORIGINS, SERIES, WINDOWS } from './store-schema.ts';
import { formatVector, parseVector } from './vector-bytes.ts';

/** The numbers of an agent's devices, by key, in the order of the keys. */
export async function readSeries(session: SqlSession, agent: string): Promise<Map<string, number>> {
  const rows = await session.query('SELECT id, device FROM edgewood_series WHERE agent = ?1 ORDER BY device', [agent]);
  return new Map(rows.map(({ id, device }) => [String(device), Number(id)]));
}

/**
 * Writes windows of a slot, and gets to know its devices.
 *
 * @param windows those of the slot that are new, or other than they were.
 */
export async function writeWindows(
  session: SqlSession,
  slot: AnalysedSlot,
  windows: readonly AnalysedWindow[],
  known: ReadonlyMap<string, number>,
): Promise<void> {
  if (windows.length === 0) return;
  const series = await withNewSeries(session, slot, known);
  const origins = await originsOf(session, slot.features, windows);
  const rows = windows.map(({ deviceId, entries, score, decision, modelVersion, failure = null, vector, ...of }) => {
    const place = [slot.fromMs, series.get(keyOf(deviceId)) ?? 0, slot.toMs];
    const bytes = vector === undefined ? null : formatVector(vector);
    const origin = origins.get(modelVersion) ?? 0;
    return [...place, entries, score, decision, origin, failure, bytes, of.surprise, Number(of.anomalous)];
  });
  await upsert(session, WINDOWS, rows);
}

async function withNewSeries(
  session: SqlSession,
  { agent, windows }: AnalysedSlot,
  known: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const fresh = windows.map(({ deviceId }) => keyOf(deviceId)).filter((key) => !known.has(key));
  if (fresh.length === 0) return known;
  const last = await lastId(session, SERIES.name);
  const rows = fresh.map((key, at): [number, string, string] => [last + 1 + at, agent, key]);
  await upsert(session, SERIES, rows);
  return new Map([...known, ...rows.map(([id, , key]): [string, number] => [key, id])]);
}

/** The numbers of the origins that these windows have, by model version. */
async function originsOf(
  session: SqlSession,
  features: readonly string[],
  windows: readonly AnalysedWindow[],
): Promise<ReadonlyMap<string | null, number>> {
  const names = JSON.stringify(features);
  const rows = await session.query('SELECT id, model_version FROM edgewood_origins WHERE features = ?1', [names]);
  const known = new Map(rows.map(({ id, model_version }) => [model_version as string | null, Number(id)]));
  const fresh = [...new Set(windows.map(({ modelVersion }) => modelVersion))].filter((version) => !known.has(version));
  if (fresh.length === 0) return known;
  const last = await lastId(session, ORIGINS.name);
  const added = fresh.map((version, at): [number, string | null, string] => [last + 1 + at, version, names]);
  await upsert(session, ORIGINS, added);
  return new Map([...known, ...added.map(([id, version]): [string | null, number] => [version, id])]);
}

async function lastId(session: SqlSession, table: string): Promise<number> {
  const [row] = await session.query(`SELECT coalesce(max(id), 0) AS id FROM ${table}`);
  return Number(row?.id);
}

const SHOWN = 'from_ms, to_ms, series, entries, score, decision, surprise, anomalous, origin, failure';
/** The `CROSS JOIN` has the newest windows looked through first, as they lie, and not device after device. */
const OF_ALL_DEVICES = `FROM edgewood_windows CROSS JOIN edgewood_series
  WHERE edgewood_series.id = series AND agent = ?1 AND from_ms >= ?2 AND from_ms < ?3
  ORDER BY from_ms DESC, device DESC, to_ms DESC LIMIT ?4`;
const OF_ONE_DEVICE = `FROM edgewood_windows WHERE series = ?1 AND from_ms >= ?2 AND from_ms < ?3
  ORDER BY from_ms DESC, to_ms DESC LIMIT ?4`;

/** As {@link AnomalyStore.windows} says. */
export async function readWindows(session: SqlSession, query: WindowQuery): Promise<readonly StoredWindow[]> {
  const { agent, deviceId, sinceMs, untilMs, vectors = false } = query;
  const series = await readSeries(session, agent);
  const one = deviceId === undefined ? undefined : series.get(keyOf(deviceId));
  if (deviceId !== undefined && one === undefined) return [];
  const sql = `SELECT ${SHOWN}${vectors ? ', vector' : ''} ${one === undefined ? OF_ALL_DEVICES : OF_ONE_DEVICE}`;
  const span = [whole(sinceMs), whole(untilMs)];
  const rows = await session.list(sql, [one ?? agent, ...span, rowsGiven(query.limit, WINDOW_LIMIT)]);
  const devices = new Map([...series].map(([key, id]) => [id, deviceOf(key)]));
  const origins = await readOrigins(session);
  return rows.map((row) => windowOfRow(row, agent, devices, origins)).reverse();
}

interface Origin {
  readonly modelVersion: string | null;
  readonly features: readonly string[];
}

async function readOrigins(session: SqlSession): Promise<ReadonlyMap<number, Origin>> {
  const rows = await session.query('SELECT id, model_version, features FROM edgewood_origins');
  return new Map(
    rows.map(({ id, model_version, features }) => {
      return [Number(id), { modelVersion: textOrNull(model_version), features: JSON.parse(String(features)) }];
    }),
  );
}

function windowOfRow(
  row: readonly SqlValue[],
  agent: string,
  devices: ReadonlyMap<number, string | null>,
  origins: ReadonlyMap<number, Origin>,
): StoredWindow {
  const [fromMs, toMs, series, entries, score = null, decision = null, surprise = null, ...rest] = row;
  const [anomalous, origin, failure = null, vector] = rest;
  const { modelVersion = null, features = [] } = origins.get(Number(origin)) ?? {};
  const window = {
    agent,
    deviceId: devices.get(Number(series)) ?? null,
    fromMs: Number(fromMs),
    toMs: Number(toMs),
    entries: Number(entries),
    score: numberOrNull(score),
    decision: numberOrNull(decision),
    surprise: numberOrNull(surprise),
    anomalous: Number(anomalous) !== 0,
    modelVersion,
    features,
  };
  if (failure === null && !(vector instanceof Uint8Array)) return window;
  return {
    ...window,
    ...(vector instanceof Uint8Array && { vector: parseVector(vector) }),
    ...(failure !== null && { failure: String(failure) }),
  };
}
