import { createReadStream } from 'node:fs';
import pg from 'pg';
import { CsvScanner } from '../csv-scanner.ts';

/** The role that tests and the demo read logs with. */
export const READER_ROLE = 'log_reader';

/** The table of the specification, with the index that an export of a span needs. */
const LOG_TABLE = `
  CREATE TABLE log_entries (
    id bigserial PRIMARY KEY,
    device_id integer,
    device_ip text,
    "timestamp" timestamptz NOT NULL,
    log_level text,
    program text,
    message text,
    raw_message text
  );
  CREATE INDEX log_entries_timestamp ON log_entries ("timestamp");
  CREATE INDEX log_entries_program_timestamp ON log_entries (program, "timestamp");`;

const READER = `
  CREATE ROLE ${READER_ROLE} LOGIN;
  GRANT SELECT ON log_entries TO ${READER_ROLE};`;

/**
 * Creates an empty table `log_entries` in the database of `url`, and a role that may only read it.
 *
 * @param url of a superuser.
 * @returns the URL of the same database for the reading role.
 */
export async function createLogTable(url: string): Promise<string> {
  await createTableOnly(url);
  await execute(url, READER);
  const reader = new URL(url);
  reader.username = READER_ROLE;
  return reader.href;
}

/** Creates an empty table `log_entries` in somebody's own database, and nothing else. */
export async function createTableOnly(url: string): Promise<void> {
  await execute(url, LOG_TABLE);
}

/**
 * Appends a CSV to `log_entries`; empty fields become NULL.
 *
 * Rows are inserted in batches: `COPY … FROM STDIN` would be quicker, but PGlite's server loses its place in it.
 *
 * @param csv a file's path, or the text itself in pieces. Its header names columns of the table, in any order.
 * @returns how many rows were added.
 */
export async function loadLogTable(url: string, csv: string | AsyncIterable<Uint8Array | string>): Promise<number> {
  return withClient(url, async (client) => {
    let rows = 0;
    for await (const batch of batchesOf(typeof csv === 'string' ? createReadStream(csv) : csv)) {
      const columns = Object.keys(batch[0]!)
        .map((name) => pg.escapeIdentifier(name))
        .join(', ');
      const entries = `json_populate_recordset(NULL::log_entries, $1)`;
      await client.query(`INSERT INTO log_entries (${columns}) SELECT ${columns} FROM ${entries}`, [
        JSON.stringify(batch),
      ]);
      rows += batch.length;
    }
    // Rows that brought an id of their own must not meet those that the sequence will number.
    await client.query(`SELECT setval('log_entries_id_seq', GREATEST(max(id), 1)) FROM log_entries`);
    await client.query('ANALYZE log_entries');
    return rows;
  });
}

/** Runs SQL, several statements if need be, and gives the rows of a single one. */
export async function execute(url: string, sql: string): Promise<Record<string, unknown>[]> {
  return withClient(url, async (client) => (await client.query(sql)).rows);
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  // A server that goes away between two queries says so here; the next query, or none, is what matters.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

type Row = Record<string, string | null>;

/** The rows of a CSV with a header, in batches that are not empty. */
async function* batchesOf(csv: AsyncIterable<Uint8Array | string>): AsyncGenerator<Row[]> {
  const scanner = new CsvScanner();
  let names: readonly string[] | undefined;
  const takeRows = () => {
    const rows: Row[] = [];
    while (scanner.next()) {
      const fields = Array.from({ length: scanner.fieldCount }, (_, field) => scanner.text(field));
      if (names === undefined) names = fields;
      else rows.push(Object.fromEntries(names.map((name, i) => [name, fields[i] || null])));
    }
    return rows;
  };
  for await (const piece of csv) {
    scanner.push(Buffer.from(piece));
    const rows = takeRows();
    if (rows.length > 0) yield rows;
  }
  scanner.finish();
  const rows = takeRows();
  if (rows.length > 0) yield rows;
}
