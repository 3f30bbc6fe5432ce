import type { StoreLimits } from './anomaly-store.ts';
import type { SqlDatabase, SqlSession } from './sql-database.ts';
import { readNumber } from './store-numbers.ts';

/** Share of the rows that goes at once when a store is too large: room for a while, so that it does not shrink hourly. */
const SHARE_TO_GO = 0.1;
/** How often that is done in one go; windows first, then anomalies too. */
const MOST_ROUNDS = 20;

/** Removes what is beyond the limits; returns how many rows. Incidents go with the last of their anomalies. */
export async function pruneRows(database: SqlDatabase, limits: StoreLimits, nowMs: number): Promise<number> {
  const { maxAgeMs, maxBytes } = limits;
  let removed = await database.transaction(true, (session) => removeBefore(session, nowMs - maxAgeMs));
  if (removed > 0) await database.shrink();
  for (let round = 0; round < MOST_ROUNDS && (await database.sizeBytes()) > maxBytes; round += 1) {
    const gone = await database.transaction(true, removeOldestShare);
    if (gone === 0) break;
    removed += gone;
    await database.shrink();
  }
  return removed;
}

async function removeBefore(session: SqlSession, beforeMs: number): Promise<number> {
  const windows = await session.query('DELETE FROM edgewood_windows WHERE to_ms <= ?1 RETURNING 1 AS gone', [beforeMs]);
  const anomalies = await session.query('DELETE FROM edgewood_anomalies WHERE to_ms <= ?1 RETURNING 1 AS gone', [
    beforeMs,
  ]);
  return windows.length + anomalies.length + (await removeOrphans(session, beforeMs));
}

/** The oldest windows, as long as there are any; then the oldest anomalies. */
async function removeOldestShare(session: SqlSession): Promise<number> {
  for (const table of ['edgewood_windows', 'edgewood_anomalies']) {
    const [count] = await session.query(`SELECT count(*) AS rows FROM ${table}`);
    const rows = Math.ceil(Number(count?.rows) * SHARE_TO_GO);
    if (rows === 0) continue;
    const sql = `SELECT to_ms FROM ${table} ORDER BY to_ms LIMIT 1 OFFSET ${rows - 1}`;
    const [last] = await session.query(sql);
    const gone = await session.query(`DELETE FROM ${table} WHERE to_ms <= ?1 RETURNING 1 AS gone`, [
      Number(last?.to_ms),
    ]);
    return gone.length + (await removeOrphans(session, Number.MIN_SAFE_INTEGER));
  }
  return 0;
}

/** Incidents without anomalies that are over, then changes of what is gone or old; nothing that is still to be told. */
async function removeOrphans(session: SqlSession, beforeMs: number): Promise<number> {
  const incidents = await session.query(
    `DELETE FROM edgewood_incidents WHERE ongoing = 0
       AND NOT EXISTS (SELECT 1 FROM edgewood_anomalies WHERE incident_id = edgewood_incidents.id) RETURNING 1 AS gone`,
  );
  const changes = await session.query(
    `DELETE FROM edgewood_changes WHERE
       NOT EXISTS (SELECT 1 FROM edgewood_incidents WHERE id = edgewood_changes.incident_id)
       OR (anomaly_id IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM edgewood_anomalies WHERE id = edgewood_changes.anomaly_id))
       OR (at_ms <= ?1 AND seq <= ?2) RETURNING 1 AS gone`,
    [beforeMs, await readNumber(session, 'announced', 0)],
  );
  return incidents.length + changes.length;
}
