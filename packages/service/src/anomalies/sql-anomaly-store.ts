/**
 * The anomaly store in SQL, whichever database it is. What a slot or a review changes is decided by pure functions; here it
 * is read and written, each step in one transaction.
 */
import { advanceCursor, readCursor, writeCursor } from './agent-cursors.ts';
import type {
  AgentProgress,
  AnalysedSlot,
  AnomalyStore,
  FindingQuery,
  JsonValue,
  ReviewRequest,
  StoredAnomaly,
  StoredChange,
  StoredWindow,
  StoreLimits,
  WindowQuery,
} from './anomaly-store.ts';
import type { Incident } from './incident.ts';
import { pruneRows } from './prune-rows.ts';
import { reviewOutcome } from './review-outcome.ts';
import { readSlotContext } from './slot-context.ts';
import { slotOutcome } from './slot-outcome.ts';
import { type SqlDatabase, type SqlSession, upsert } from './sql-database.ts';
import { readAnnounced, readNext, writeAnnounced } from './store-numbers.ts';
import { ANOMALIES, deviceOf, INCIDENTS, SETTINGS } from './store-schema.ts';
import {
  anomalyOfRow,
  findAnomaly,
  findIncident,
  incidentOfRow,
  readChanges,
  selectFindings,
  shown,
  tell,
  writeFindings,
} from './stored-findings.ts';
import { readSeries, readWindows, writeWindows } from './stored-windows.ts';

export class SqlAnomalyStore implements AnomalyStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  get location(): string {
    return this.#database.location;
  }

  progress(agent: string): Promise<AgentProgress | undefined> {
    return this.#read(async (session) => {
      const cursor = await readCursor(session, agent);
      if (cursor === undefined) return undefined;
      const devices = [...(await readSeries(session, agent)).keys()].map(deviceOf);
      return { ...cursor, devices: devices.filter((device) => device !== null) };
    });
  }

  append(slot: AnalysedSlot): Promise<readonly StoredChange[]> {
    return this.#write(async (session) => {
      const cursor = await readCursor(session, slot.agent);
      const series = await readSeries(session, slot.agent);
      const writes = slotOutcome(slot, await readSlotContext(session, slot, cursor?.cursorMs, series));
      await writeWindows(session, slot, writes.windows, series);
      await advanceCursor(session, slot, cursor);
      return writeFindings(session, writes);
    });
  }

  moveCursor(agent: string, cursorMs: number, skippedFromMs?: number): Promise<void> {
    return this.#write(async (session) => {
      await writeCursor(session, agent, await readCursor(session, agent), { cursorMs, skippedFromMs });
    });
  }

  windows(query: WindowQuery): Promise<readonly StoredWindow[]> {
    return this.#read((session) => readWindows(session, query));
  }

  changes(afterSeq: number, limit: number): Promise<readonly StoredChange[]> {
    return this.#read(async (session) => tell(session, await readChanges(session, afterSeq, limit)));
  }

  announcedSeq(): Promise<number> {
    return this.#read(readAnnounced);
  }

  markAnnounced(seq: number): Promise<void> {
    return this.#write(async (session) => {
      if (seq > (await readAnnounced(session))) await writeAnnounced(session, seq);
    });
  }

  anomalies(query: FindingQuery): Promise<readonly StoredAnomaly[]> {
    const { sql, values } = selectFindings(ANOMALIES, query);
    return this.#read(async (session) => (await session.query(sql, values)).map((row) => shown(anomalyOfRow(row))));
  }

  incidents({ incidentId: _, ...query }: FindingQuery): Promise<readonly Incident[]> {
    const { sql, values } = selectFindings(INCIDENTS, query);
    return this.#read(async (session) => (await session.query(sql, values)).map(incidentOfRow));
  }

  anomaly(id: number): Promise<StoredAnomaly | undefined> {
    return this.#read(async (session) => {
      const found = await findAnomaly(session, id);
      return found && shown(found);
    });
  }

  incident(id: number): Promise<Incident | undefined> {
    return this.#read((session) => findIncident(session, id));
  }

  review(request: ReviewRequest): Promise<readonly StoredChange[]> {
    return this.#write(async (session) => {
      const incident = await findIncident(session, request.id);
      const anomaly = await findAnomaly(session, request.id);
      return writeFindings(session, reviewOutcome(request, { incident, anomaly, next: await readNext(session) }));
    });
  }

  setting(name: string): Promise<JsonValue | undefined> {
    return this.#read(async (session) => {
      const [row] = await session.query('SELECT value FROM edgewood_settings WHERE name = ?1', [name]);
      return row === undefined ? undefined : (JSON.parse(String(row.value)) as JsonValue);
    });
  }

  setSetting(name: string, value: JsonValue): Promise<void> {
    return this.#write((session) => upsert(session, SETTINGS, [[name, JSON.stringify(value)]]));
  }

  prune(limits: StoreLimits, nowMs: number): Promise<number> {
    return pruneRows(this.#database, limits, nowMs);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #read<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    return this.#database.transaction(false, work);
  }

  #write<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    return this.#database.transaction(true, work);
  }
}
