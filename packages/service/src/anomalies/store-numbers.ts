/** Numbers that a store keeps about itself. */
import { type SqlSession, upsert } from './sql-database.ts';
import type { NextNumbers } from './store-draft.ts';
import { NUMBERS } from './store-schema.ts';

/** The last change that everybody has been told of; 0 at first. */
export async function readAnnounced(session: SqlSession): Promise<number> {
  return (await readNumbers(session)).get('announced') ?? 0;
}

export async function writeAnnounced(session: SqlSession, seq: number): Promise<void> {
  await upsert(session, NUMBERS, [['announced', seq]]);
}

/** The numbers that come next; 1 each unless a store began otherwise. */
export async function readNext(session: SqlSession): Promise<NextNumbers> {
  const numbers = await readNumbers(session);
  const next = (name: keyof NextNumbers) => numbers.get(name) ?? 1;
  return { anomaly: next('anomaly'), incident: next('incident'), change: next('change') };
}

export async function writeNext(session: SqlSession, next: NextNumbers): Promise<void> {
  await upsert(session, NUMBERS, Object.entries(next));
}

async function readNumbers(session: SqlSession): Promise<ReadonlyMap<string, number>> {
  const rows = await session.query('SELECT name, value FROM edgewood_numbers');
  return new Map(rows.map(({ name, value }) => [String(name), Number(value)]));
}
