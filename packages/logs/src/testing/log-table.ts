import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

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
  await execute(url, LOG_TABLE + READER);
  const reader = new URL(url);
  reader.username = READER_ROLE;
  return reader.href;
}

/**
 * Appends a CSV to `log_entries`.
 *
 * @param csv a file's path, or the text itself in pieces. Its header names columns of the table, in any order.
 * @returns how many rows were added.
 */
export async function loadLogTable(url: string, csv: string | AsyncIterable<Uint8Array | string>): Promise<number> {
  const input = typeof csv === 'string' ? createReadStream(csv) : Readable.from(csv, { objectMode: false });
  const pieces = input[Symbol.asyncIterator]();
  const { header, rest } = await splitHeader(pieces);
  const columns = header.split(',').map((name) => pg.escapeIdentifier(name.trim()));
  return withClient(url, async (client) => {
    const copy = client.query(copyFrom(`COPY log_entries (${columns.join(', ')}) FROM STDIN (FORMAT csv)`));
    await pipeline(Readable.from(rest, { objectMode: false }), copy);
    // Rows that brought an id of their own must not meet those that the sequence will number.
    await client.query(`SELECT setval('log_entries_id_seq', GREATEST(max(id), 1)) FROM log_entries`);
    await client.query('ANALYZE log_entries');
    return copy.rowCount;
  });
}

/** Runs SQL, several statements if need be, and gives the rows of a single one. */
export async function execute(url: string, sql: string): Promise<Record<string, unknown>[]> {
  return withClient(url, async (client) => (await client.query(sql)).rows);
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** The first line, and everything behind it. */
async function splitHeader(
  pieces: AsyncIterator<Uint8Array | string>,
): Promise<{ header: string; rest: AsyncGenerator<Uint8Array> }> {
  let begun = Buffer.alloc(0);
  let lineEnd = -1;
  while (lineEnd === -1) {
    const { value, done } = await pieces.next();
    if (done === true) throw new Error('a CSV to load needs a header');
    begun = Buffer.concat([begun, Buffer.from(value)]);
    lineEnd = begun.indexOf('\n');
  }
  async function* rest() {
    yield begun.subarray(lineEnd + 1);
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield Buffer.from(next.value);
  }
  return { header: begun.toString('utf8', 0, lineEnd), rest: rest() };
}
