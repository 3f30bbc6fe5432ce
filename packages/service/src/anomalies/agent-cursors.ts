/** How far the agents have come, in the tables. */
import type { AgentProgress, AnalysedSlot, JsonValue } from './anomaly-store.ts';
import { type SqlSession, upsert } from './sql-database.ts';
import { CURSORS } from './store-schema.ts';

export type AgentCursor = Omit<AgentProgress, 'devices'>;

/** Undefined before the agent's first slot. */
export async function readCursor(session: SqlSession, agent: string): Promise<AgentCursor | undefined> {
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

/** Moves the cursor behind a slot, unless it is further already: then what the agent keeps stays as well. */
export async function advanceCursor(
  session: SqlSession,
  { agent, toMs, memory }: AnalysedSlot,
  before: AgentCursor | undefined,
): Promise<void> {
  if (before !== undefined && toMs <= before.cursorMs) return;
  await writeCursor(session, agent, before, { cursorMs: toMs, memory });
}

/** Moves the cursor; whatever is not given stays as it was. */
export async function writeCursor(
  session: SqlSession,
  agent: string,
  before: AgentCursor | undefined,
  { cursorMs, ...given }: Pick<AgentCursor, 'cursorMs'> & Partial<AgentCursor>,
): Promise<void> {
  const furthestMs = Math.max(cursorMs, before?.furthestMs ?? cursorMs);
  const { skippedFromMs = before?.skippedFromMs ?? null, memory = before?.memory } = given;
  const kept = memory === undefined ? null : JSON.stringify(memory);
  await upsert(session, CURSORS, [[agent, cursorMs, furthestMs, skippedFromMs, kept]]);
}
