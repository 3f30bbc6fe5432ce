import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEntry } from '@edgewood/logs';
import pg from 'pg';
import { seededRandom } from '../../packages/surprise/src/testing/seeded-random.ts';
import { trafficOf, WINDOW_MS } from './access-points.ts';

/** Default of `leadMs`: also on a machine that is busy rows are in time. */
const LEAD_MS = 3_000;
/** Late rows come so long after their window's end, in milliseconds. */
const LATE_MS = { least: 1_200, most: 3_500 };
/** Between two looks at what is to be written. */
const STEP_MS = 100;
/** Windows without storms at the end, so that every incident is over. */
const CALM_WINDOWS = 10;
/** Rows of a window have ids from its number times this on; the late ones from the middle of these on. */
const IDS_OF_A_WINDOW = 10_000;

/** Rows that are written together. */
export interface Batch {
  /** Of the first row; the others have those that follow. */
  readonly firstId: number;
  readonly entries: readonly LogEntry[];
}

interface LateBatch extends Batch {
  readonly dueMs: number;
}

/** What a stream has written. */
export interface StreamReport {
  readonly rows: number;
  readonly lateRows: number;
  /** End of the last window that was written. */
  readonly toMs: number;
  /** When the last rows were written, Unix milliseconds. */
  readonly writtenAtMs: number;
}

export interface RowStreamOptions {
  /** Of a role that may write to `log_entries`. */
  readonly url: string;
  /** Beginning of the first window, Unix milliseconds. */
  readonly fromMs: number;
  readonly seed: number;
  /** Rows are there so long before their window begins, in milliseconds: longer than the database is ever away. */
  readonly leadMs?: number;
}

/**
 * Writes the traffic of access points to `log_entries` as time goes by, window after window, each before it is due, and
 * some of it late. A database that is away is asked again until it has taken the rows, each of them once.
 */
export class RowStream {
  readonly #options: RowStreamOptions;
  readonly #leadMs: number;
  readonly #random: () => number;
  readonly #late: LateBatch[] = [];
  #nextMs: number;
  #stopsAtMs = Number.POSITIVE_INFINITY;
  #isAbandoned = false;
  #rows = 0;
  #lateRows = 0;
  #running: Promise<void> | undefined;
  readonly #upToDate = Promise.withResolvers<void>();

  constructor(options: RowStreamOptions) {
    this.#options = options;
    this.#leadMs = options.leadMs ?? LEAD_MS;
    this.#nextMs = options.fromMs;
    this.#random = seededRandom(options.seed);
  }

  /** Begins; resolves when all is written that is of the past, what is late included. */
  start(): Promise<void> {
    this.#running = this.#run();
    return Promise.race([this.#upToDate.promise, this.#running]);
  }

  /** Ends with some calm windows, and when all that was late has come. */
  async stop(): Promise<StreamReport> {
    this.#stopsAtMs = this.#nextMs + CALM_WINDOWS * WINDOW_MS;
    await this.#running;
    return { rows: this.#rows, lateRows: this.#lateRows, toMs: this.#nextMs, writtenAtMs: Date.now() };
  }

  /** Ends at once, whatever is not written yet: for a test that failed. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  async #run(): Promise<void> {
    while (!this.#isAbandoned && (this.#nextMs < this.#stopsAtMs || this.#late.length > 0)) {
      while (this.#nextMs < this.#stopsAtMs && this.#nextMs < Date.now() + this.#leadMs) await this.#writeWindow();
      while ((this.#late[0]?.dueMs ?? Number.POSITIVE_INFINITY) <= Date.now()) await this.#writeLate();
      this.#upToDate.resolve();
      await sleep(STEP_MS);
    }
  }

  async #writeWindow(): Promise<void> {
    const fromMs = this.#nextMs;
    const { inTime, late } = trafficOf(fromMs, this.#options.seed, Number.isFinite(this.#stopsAtMs));
    const firstId = (fromMs / WINDOW_MS) * IDS_OF_A_WINDOW;
    await this.#insert({ firstId, entries: inTime });
    this.#nextMs += WINDOW_MS;
    if (late.length === 0) return;
    const delayMs = LATE_MS.least + this.#random() * (LATE_MS.most - LATE_MS.least);
    const dueMs = fromMs + WINDOW_MS + delayMs;
    this.#late.push({ dueMs, firstId: firstId + IDS_OF_A_WINDOW / 2, entries: late });
  }

  async #writeLate(): Promise<void> {
    const batch = this.#late.shift();
    if (batch === undefined) return;
    await this.#insert(batch);
    this.#lateRows += batch.entries.length;
  }

  /** Again and again until it is there: whatever a lost connection has left open, ids keep rows from being there twice. */
  async #insert(batch: Batch): Promise<void> {
    const { url } = this.#options;
    const isThere = () =>
      insertBatch(url, batch).then(
        () => true,
        () => false,
      );
    while (!this.#isAbandoned && !(await isThere())) await sleep(STEP_MS);
    this.#rows += batch.entries.length;
  }
}

/** Adds rows to `log_entries`, unless rows of their ids are there. */
export async function insertBatch(url: string, { firstId, entries }: Batch): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the statement under way, or the next one, fails
  await client.connect();
  try {
    await client.query(
      `INSERT INTO log_entries (id, device_id, program, log_level, message, "timestamp")
       SELECT * FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
       ON CONFLICT DO NOTHING`,
      [
        entries.map((_, index) => firstId + index),
        entries.map(({ deviceId }) => Number(deviceId)),
        entries.map(({ program }) => program),
        entries.map(({ level }) => level),
        entries.map(({ message }) => message),
        entries.map(({ timeMs }) => new Date(timeMs).toISOString()),
      ],
    );
  } finally {
    await client.end().catch(() => {});
  }
}
