import type { AnalysedSlot } from './anomaly-store.ts';
import type { SlotContext } from './slot-outcome.ts';
import type { SqlRow, SqlSession } from './sql-database.ts';
import type { AnomalyRecord } from './store-draft.ts';
import { readNext } from './store-numbers.ts';
import { deviceOf } from './store-schema.ts';
import { anomalyOfRow, incidentOfRow } from './stored-rows.ts';

/** Reads what bears on a slot. */
export async function readSlotContext(
  session: SqlSession,
  { agent, fromMs, toMs, quietMs }: AnalysedSlot,
  cursorMs: number | undefined,
): Promise<SlotContext> {
  const place = [agent, fromMs, toMs];
  const known = await session.query(
    'SELECT device, entries, failure FROM edgewood_windows WHERE agent = ?1 AND from_ms = ?2 AND to_ms = ?3',
    place,
  );
  const odd = await session.query(
    'SELECT record FROM edgewood_anomalies WHERE agent = ?1 AND from_ms = ?2 AND to_ms = ?3',
    place,
  );
  const anomalies = odd.map(anomalyOfRow);
  const near = await session.query(
    `SELECT record FROM edgewood_incidents WHERE agent = ?1 AND (ongoing = 1 OR (to_ms > ?2 AND from_ms < ?3))
     UNION ALL
     SELECT record FROM edgewood_incidents WHERE agent = ?1 AND NOT (ongoing = 1 OR (to_ms > ?2 AND from_ms < ?3))
       AND id IN (SELECT incident_id FROM edgewood_anomalies WHERE agent = ?1 AND from_ms = ?4 AND to_ms = ?5)`,
    [agent, fromMs - quietMs, toMs + quietMs, fromMs, toMs],
  );
  const incidents = near.map(incidentOfRow);
  const members = new Map<number, readonly AnomalyRecord[]>();
  for (const { id } of incidents.filter((incident) => incident.toMs > fromMs)) {
    const rows = await session.query('SELECT record FROM edgewood_anomalies WHERE incident_id = ?1 AND withdrawn = 0', [
      id,
    ]);
    members.set(id, rows.map(anomalyOfRow));
  }
  return {
    cursorMs,
    windows: new Map(known.map(windowKnown)),
    anomalies: new Map(anomalies.map((anomaly) => [anomaly.deviceId, anomaly])),
    incidents,
    members,
    next: await readNext(session),
  };
}

function windowKnown({ device, entries, failure }: SqlRow): [string | null, { entries: number; failure?: string }] {
  const window = { entries: Number(entries), ...(failure != null && { failure: String(failure) }) };
  return [deviceOf(String(device)), window];
}
