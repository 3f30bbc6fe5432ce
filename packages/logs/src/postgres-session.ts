import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { LogError } from './errors.ts';
import type { PostgresConnection, SslMode } from './postgres-connection.ts';
import { describeFailure, hostAnswered, isFromServer, sourceError } from './postgres-errors.ts';

/** How we appear in `pg_stat_activity`. */
const APPLICATION_NAME = 'edgewood';
/** After this much silence the other side is asked whether it is still there. */
const KEEP_ALIVE_DELAY_MS = 10_000;
/** How long the server has to close a connection that we are done with. */
const GOODBYE_MS = 1_000;
/** How long we try to tell it to stop what it does for us: the server may be the very reason why we lost interest. */
const CANCEL_MS = 5_000;

/**
 * One connection to a PostgreSQL, used for one errand and then ended.
 *
 * However the errand goes, `end` leaves nothing behind: if the server may still be at work for us, because the reader has
 * lost interest or the signal came, it is told to stop.
 */
export class PostgresSession {
  readonly #connection: PostgresConnection;
  readonly #signal: AbortSignal | undefined;
  readonly #socket = new Socket();
  readonly #client: pg.Client;
  /** Whether the server may be at work for us. */
  #working = false;
  #dropped = false;

  private constructor(connection: PostgresConnection, ssl: ConnectionOptions | false, signal: AbortSignal | undefined) {
    const { host, port, user, database, password, options, connectTimeoutMs } = connection;
    this.#connection = connection;
    this.#signal = signal;
    this.#client = new pg.Client({
      host,
      port,
      user,
      database,
      ...(password !== undefined && { password }),
      ...(options !== undefined && { options }),
      ssl,
      stream: () => this.#socket,
      application_name: APPLICATION_NAME,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    });
    // A lost connection fails the query under way, or the next one; nobody else needs to hear of it.
    this.#client.on('error', () => {});
  }

  /**
   * Connects, with or without TLS as the connection's `sslMode` wants it.
   *
   * @param signal drops the connection at once: whatever is under way fails.
   * @throws {LogError} `SOURCE_UNREACHABLE`, `SOURCE_REFUSED`, `SOURCE_MISMATCH` (no such database), `BAD_CONNECTION`
   *   (certificate files).
   */
  static async open(connection: PostgresConnection, signal?: AbortSignal): Promise<PostgresSession> {
    const failures: unknown[] = [];
    for (const secure of connection.host.startsWith('/') ? [false] : attemptsOf(connection.sslMode)) {
      const session = new PostgresSession(connection, secure ? await tlsOptionsOf(connection) : false, signal);
      try {
        await session.#connect();
        return session;
      } catch (error) {
        failures.push(error);
        if (!hostAnswered(error) || signal?.aborted) break;
      }
    }
    throw sourceError(
      failures.at(-1),
      connection.location,
      [...new Set(failures.map(describeFailure))].join('; then '),
    );
  }

  async #connect(): Promise<void> {
    this.#signal?.throwIfAborted();
    this.#signal?.addEventListener('abort', this.#drop);
    try {
      await this.#client.connect();
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  /** Runs a query; several statements at once only without values. */
  async query<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    this.#working = true;
    try {
      const { rows } = await this.#client.query<Row>(sql, [...values]);
      this.#working = false;
      return rows;
    } catch (error) {
      this.#working = !isFromServer(error);
      throw error;
    }
  }

  /** The bytes that a `COPY … TO STDOUT` sends, taken from the server no faster than from here. */
  async *copyOut(sql: string): AsyncGenerator<Uint8Array> {
    this.#working = true;
    try {
      const stream = this.#client.query(copyTo(sql));
      stream.on('error', () => {}); // also when the connection drops and nobody reads any more
      for await (const piece of stream) {
        this.#signal?.throwIfAborted();
        yield piece;
      }
      this.#signal?.throwIfAborted();
      this.#working = false;
    } catch (error) {
      this.#working = !isFromServer(error);
      throw error;
    }
  }

  /** Ends the session, and what the server may still do for it; may be called twice. */
  async end(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#drop);
    const lost = this.#socket.destroyed && !this.#dropped;
    if (this.#working && !lost) await this.#abandon();
    else await this.#sayGoodbye();
  }

  async #sayGoodbye(): Promise<void> {
    const impatient = setTimeout(this.#drop, GOODBYE_MS);
    await this.#client.end().catch(() => {});
    clearTimeout(impatient);
    this.#drop();
  }

  /** A server that sorts would notice a lost client only when it has something to send, so it is told. */
  async #abandon(): Promise<void> {
    this.#drop();
    this.#working = false;
    const { processID } = this.#client as unknown as { readonly processID: number };
    const other = await PostgresSession.open(this.#connection, AbortSignal.timeout(CANCEL_MS)).catch(() => undefined);
    if (other === undefined) return;
    await other.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => {});
    await other.#sayGoodbye(); // whatever became of it: nobody is told to stop this one
  }

  readonly #drop = (): void => {
    this.#dropped = true;
    this.#socket.destroy();
  };
}

/** With TLS or without, in the order in which libpq tries. */
function attemptsOf(mode: SslMode): readonly boolean[] {
  if (mode === 'disable') return [false];
  if (mode === 'allow') return [false, true];
  return mode === 'prefer' ? [true, false] : [true];
}

async function tlsOptionsOf(connection: PostgresConnection): Promise<ConnectionOptions> {
  const { sslMode, sslRootCert, sslCert, sslKey } = connection;
  const verified = sslMode === 'verify-ca' || sslMode === 'verify-full';
  return {
    rejectUnauthorized: verified,
    ...(sslMode === 'verify-ca' && { checkServerIdentity: () => undefined }),
    ...(verified && sslRootCert !== undefined && sslRootCert !== 'system' && { ca: await readPem(sslRootCert) }),
    ...(sslCert !== undefined && { cert: await readPem(sslCert) }),
    ...(sslKey !== undefined && { key: await readPem(sslKey) }),
  };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new LogError('BAD_CONNECTION', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}
