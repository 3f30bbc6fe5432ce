/**
 * Pruning keeps a store within its limits: what began too long ago goes, then the oldest until the rest fits.
 *
 * It goes in small steps, each a transaction of its own, with room for others between them: a limit that was lowered may
 * mean millions of rows.
 */
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { StoreLimits } from './anomaly-store.ts';
import { type SqlDatabase, type SqlSession, type SqlValue, whole } from './sql-database.ts';
import { readAnnounced } from './store-numbers.ts';

/** Rows that go in one step, about: whole slots go. */
const STEP_ROWS = 1_000;
/** A store that is fuller than this, as a part of what it may take, is emptied down to that. */
const FULL = 0.9;
const EMPTIED = 0.8;
/** In this order they go. */
const TABLES = ['edgewood_windows', 'edgewood_anomalies'];

/**
 * Removes what is beyond the limits; returns how many rows. Incidents go with the last of their anomalies, once they are
 * over; changes with what they tell of, or for their age once they were announced.
 */
export async function pruneRows(database: SqlDatabase, limits: StoreLimits, nowMs: number): Promise<number> {
  const { maxAgeMs, maxBytes } = limits;
  const beforeMs = whole(nowMs - maxAgeMs);
  let removed = 0;
  for (const table of TABLES) removed += await removeBefore(database, table, beforeMs);
  if ((await database.usedBytes()) > maxBytes * FULL) removed += await empty(database, maxBytes * EMPTIED, nowMs);
  removed += await database.transaction(true, removeIncidents);
  removed += await removeChanges(database, beforeMs);
  await database.shrink(maxBytes);
  return removed;
}

/** The oldest windows, as long as there are any; then the oldest anomalies. */
async function empty(database: SqlDatabase, targetBytes: number, nowMs: number): Promise<number> {
  let removed = 0;
  for (const table of TABLES) {
    for (;;) {
      const usedBytes = await database.usedBytes();
      if (usedBytes <= targetBytes) return removed;
      const beforeMs = await beginningAt(database, table, 1 - targetBytes / usedBytes, nowMs);
      if (beforeMs === undefined) break;
      removed += await removeBefore(database, table, beforeMs);
      await database.reclaim();
    }
  }
  return removed;
}

/**
 * The time before which such a share of a table's rows began, about, and one row at least: they come at a steady rate. What
 * a wrong clock has put into the future does not count for that.
 */
async function beginningAt(
  database: SqlDatabase,
  table: string,
  share: number,
  nowMs: number,
): Promise<number | undefined> {
  const sql = `SELECT min(from_ms) AS oldest, max(from_ms) AS newest FROM ${table}`;
  const [row] = await database.transaction(false, (session) => session.query(sql));
  if (row?.oldest == null) return undefined;
  const oldestMs = Number(row.oldest);
  const newestMs = Math.min(Number(row.newest), Math.max(nowMs, oldestMs));
  return whole(oldestMs + 1 + share * (newestMs - oldestMs));
}

async function removeBefore(database: SqlDatabase, table: string, beforeMs: number): Promise<number> {
  const oldest = `SELECT from_ms FROM ${table} WHERE from_ms < ?1 ORDER BY from_ms LIMIT ${STEP_ROWS}`;
  const sql = `DELETE FROM ${table} WHERE from_ms <= (SELECT max(from_ms) FROM (${oldest}) AS oldest)`;
  let removed = 0;
  for (;;) {
    const gone = await database.transaction(true, (session) => remove(session, sql, [beforeMs]));
    removed += gone;
    if (gone < STEP_ROWS) return removed;
    await othersTurn();
  }
}

function removeIncidents(session: SqlSession): Promise<number> {
  return remove(
    session,
    `DELETE FROM edgewood_incidents WHERE ongoing = 0
       AND NOT EXISTS (SELECT 1 FROM edgewood_anomalies WHERE incident_id = edgewood_incidents.id)`,
  );
}

/** From the oldest change on, step by step, for as long as there are some to remove. */
async function removeChanges(database: SqlDatabase, beforeMs: number): Promise<number> {
  let removed = 0;
  let afterSeq = 0;
  for (;;) {
    const step = await database.transaction(true, async (session) => {
      const next = `SELECT seq FROM edgewood_changes WHERE seq > ?1 ORDER BY seq LIMIT ${STEP_ROWS}`;
      const [last] = await session.query(`SELECT max(seq) AS seq FROM (${next}) AS next`, [afterSeq]);
      const untilSeq = Number(last?.seq ?? 0);
      const values = [afterSeq, untilSeq, beforeMs, await readAnnounced(session)];
      return { untilSeq, gone: await remove(session, REMOVE_CHANGES, values) };
    });
    removed += step.gone;
    if (step.gone === 0) return removed;
    afterSeq = step.untilSeq;
    await othersTurn();
  }
}

const REMOVE_CHANGES = `DELETE FROM edgewood_changes WHERE seq > ?1 AND seq <= ?2 AND (
    (at_ms < ?3 AND seq <= ?4)
    OR NOT EXISTS (SELECT 1 FROM edgewood_incidents WHERE id = incident_id)
    OR (anomaly_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM edgewood_anomalies WHERE id = anomaly_id)))`;

async function remove(session: SqlSession, sql: string, values: readonly SqlValue[] = []): Promise<number> {
  return (await session.list(`${sql} RETURNING 1 AS gone`, values)).length;
}
