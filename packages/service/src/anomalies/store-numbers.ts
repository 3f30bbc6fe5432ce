/** Numbers that a store keeps about itself. */
import type { SqlSession } from './sql-database.ts';
import type { NextNumbers } from './store-draft.ts';

const UPSERT = `
  INSERT INTO edgewood_numbers VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`;

/** @param otherwise what it is if it was never written. */
export async function readNumber(session: SqlSession, name: string, otherwise: number): Promise<number> {
  const [row] = await session.query('SELECT value FROM edgewood_numbers WHERE name = ?1', [name]);
  return row === undefined ? otherwise : Number(row.value);
}

export async function writeNumber(session: SqlSession, name: string, value: number): Promise<void> {
  await session.query(UPSERT, [name, value]);
}

/** The numbers that come next. */
export async function readNext(session: SqlSession): Promise<NextNumbers> {
  return {
    anomaly: await readNumber(session, 'anomaly', 1),
    incident: await readNumber(session, 'incident', 1),
    change: await readNumber(session, 'change', 1),
  };
}
