import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEntry } from '@edgewood/logs';
import pg from 'pg';
import { trafficOf, WINDOW_MS } from './access-points.ts';
import { seededRandom } from './seeded-random.ts';

/** Rows are there so long before their window ends, in milliseconds: also on a machine that is busy they are in time. */
const LEAD_MS = 3_000;
/** Late rows come so long after their window's end, in milliseconds. */
const LATE_MS = { least: 1_200, most: 3_500 };
/** Between two looks at what is to be written. */
const STEP_MS = 100;
/** Windows without storms at the end, so that every incident is over. */
const CALM_WINDOWS = 10;

interface LateRows {
  readonly dueMs: number;
  readonly entries: readonly LogEntry[];
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

/**
 * Writes the traffic of access points to `log_entries` as time goes by, window after window, each before it is due, and
 * some of it late. A database that is away is asked again until it has taken the rows: each window is written in one
 * transaction, once.
 */
export class RowStream {
  readonly #url: string;
  readonly #seed: number;
  readonly #random: () => number;
  readonly #late: LateRows[] = [];
  #nextMs: number;
  #stopsAtMs = Number.POSITIVE_INFINITY;
  #rows = 0;
  #lateRows = 0;
  #running: Promise<void> | undefined;

  /** @param fromMs beginning of the first window, Unix milliseconds. */
  constructor(url: string, fromMs: number, seed: number) {
    this.#url = url;
    this.#nextMs = fromMs;
    this.#seed = seed;
    this.#random = seededRandom(seed);
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends with some calm windows, and when all that was late has come. */
  async stop(): Promise<StreamReport> {
    this.#stopsAtMs = this.#nextMs + CALM_WINDOWS * WINDOW_MS;
    await this.#running;
    return { rows: this.#rows, lateRows: this.#lateRows, toMs: this.#nextMs, writtenAtMs: Date.now() };
  }

  async #run(): Promise<void> {
    while (this.#nextMs < this.#stopsAtMs || this.#late.length > 0) {
      while (this.#nextMs < this.#stopsAtMs && this.#nextMs < Date.now() + LEAD_MS) await this.#writeWindow();
      while ((this.#late[0]?.dueMs ?? Number.POSITIVE_INFINITY) <= Date.now()) await this.#writeLate();
      await sleep(STEP_MS);
    }
  }

  async #writeWindow(): Promise<void> {
    const fromMs = this.#nextMs;
    const { inTime, late } = trafficOf(fromMs, this.#seed, Number.isFinite(this.#stopsAtMs));
    await this.#insert(inTime);
    this.#rows += inTime.length;
    this.#nextMs += WINDOW_MS;
    if (late.length === 0) return;
    const delayMs = LATE_MS.least + this.#random() * (LATE_MS.most - LATE_MS.least);
    this.#late.push({ dueMs: fromMs + WINDOW_MS + delayMs, entries: late });
  }

  async #writeLate(): Promise<void> {
    const { entries = [] } = this.#late[0] ?? {};
    await this.#insert(entries);
    this.#late.shift();
    this.#rows += entries.length;
    this.#lateRows += entries.length;
  }

  async #insert(entries: readonly LogEntry[]): Promise<void> {
    while (!(await insertOnce(this.#url, entries).then(() => true, isNoDatabase))) await sleep(STEP_MS);
  }
}

/** What a database says that is away; a statement of which it is not known whether it was carried out is not repeated. */
function isNoDatabase(error: Error & { code?: string }): boolean {
  if (error instanceof NotConnected) return false;
  throw error;
}

class NotConnected extends Error {}

async function insertOnce(url: string, entries: readonly LogEntry[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect().catch((cause: unknown) => {
    throw new NotConnected('no connection', { cause });
  });
  try {
    await insertEntries(client, entries);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Adds rows to `log_entries` in one statement. */
export async function insertEntries(client: pg.Client, entries: readonly LogEntry[]): Promise<void> {
  const columns = 'device_id, program, log_level, message, "timestamp"';
  await client.query(
    `INSERT INTO log_entries (${columns}) SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])`,
    [
      entries.map(({ deviceId }) => Number(deviceId)),
      entries.map(({ program }) => program),
      entries.map(({ level }) => level),
      entries.map(({ message }) => message),
      entries.map(({ timeMs }) => new Date(timeMs).toISOString()),
    ],
  );
}
