import type { AnalysedSlot } from './anomaly-store.ts';
import type { Incident } from './incident.ts';
import type { KnownWindow, SlotContext } from './slot-outcome.ts';
import { numberOrNull, type SqlSession, type SqlValue, textOrNull } from './sql-database.ts';
import type { AnomalyRecord } from './store-draft.ts';
import { readNext } from './store-numbers.ts';
import { deviceOf } from './store-schema.ts';
import { anomalyOfRow, incidentOfRow, membersOf } from './stored-findings.ts';

/** Reads what bears on a slot. */
export async function readSlotContext(
  session: SqlSession,
  slot: AnalysedSlot,
  cursorMs: number | undefined,
  series: ReadonlyMap<string, number>,
): Promise<SlotContext> {
  const anomalies = await readAnomalies(session, slot);
  const incidents = await readIncidents(session, slot);
  const members = new Map<number, readonly AnomalyRecord[]>();
  for (const { id } of incidents.filter(({ toMs }) => toMs > slot.fromMs)) {
    members.set(id, await membersOf(session, id));
  }
  return {
    cursorMs,
    windows: await readKnown(session, slot, series),
    anomalies: new Map(anomalies.map((anomaly) => [anomaly.deviceId, anomaly])),
    incidents,
    members,
    next: await readNext(session),
  };
}

async function readKnown(
  session: SqlSession,
  { fromMs, toMs }: AnalysedSlot,
  series: ReadonlyMap<string, number>,
): Promise<SlotContext['windows']> {
  const sql = `SELECT series, entries, failure, score, surprise, anomalous, model_version
    FROM edgewood_windows LEFT JOIN edgewood_origins ON edgewood_origins.id = origin
    WHERE from_ms = ?1 AND to_ms = ?2`;
  const rows = await session.query(sql, [fromMs, toMs]);
  const devices = new Map([...series].map(([key, id]) => [id, deviceOf(key)]));
  const known = new Map<string | null, KnownWindow>();
  for (const { series: id, entries, failure, score, surprise, anomalous, model_version } of rows) {
    const device = devices.get(Number(id));
    if (device === undefined) continue; // another agent's
    known.set(device, {
      entries: Number(entries),
      score: numberOrNull(score),
      surprise: numberOrNull(surprise),
      anomalous: Number(anomalous) !== 0,
      modelVersion: textOrNull(model_version),
      ...(failure != null && { failure: String(failure) }),
    });
  }
  return known;
}

async function readAnomalies(
  session: SqlSession,
  { agent, fromMs, toMs }: AnalysedSlot,
): Promise<readonly AnomalyRecord[]> {
  const sql = 'SELECT record FROM edgewood_anomalies WHERE agent = ?1 AND from_ms = ?2 AND to_ms = ?3';
  return (await session.query(sql, [agent, fromMs, toMs])).map(anomalyOfRow);
}

/** Those that are ongoing and those that are near; those of the slot's anomalies are near, unless these were withdrawn. */
async function readIncidents(
  session: SqlSession,
  { agent, fromMs, toMs, quietMs }: AnalysedSlot,
): Promise<readonly Incident[]> {
  const near: SqlValue[] = [fromMs - quietMs, toMs + quietMs];
  const rows = await session.query(
    `SELECT record FROM edgewood_incidents
     WHERE agent = ?1 AND (ongoing = 1 OR (to_ms > ?2 AND from_ms < ?3)) ORDER BY id`,
    [agent, ...near],
  );
  return rows.map(incidentOfRow);
}
