import { userInfo } from 'node:os';
import { LogError } from './errors.ts';

/** How much TLS is asked for, in libpq's words, the weakest first. */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export type SslMode = (typeof SSL_MODES)[number];

/** Where a PostgreSQL is and who we are there: what libpq makes of a URL and the environment. */
export interface PostgresConnection {
  /** A name, an address, or the folder of a Unix socket, which begins with `/`. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** If it is left out and the server asks for one, it is looked up in `PGPASSFILE` or `~/.pgpass`. */
  readonly password?: string;
  readonly sslMode: SslMode;
  /** File of the certificates to trust; `system` or left out: those that Node.js trusts. */
  readonly sslRootCert?: string;
  /** Files of our own certificate and its key. */
  readonly sslCert?: string;
  readonly sslKey?: string;
  readonly connectTimeoutMs: number;
  /** Command line options for the server's session: `-c work_mem=64MB`. */
  readonly options?: string;
  /** For people and logs, never with the password: `postgresql://reader@db:5432/logs`. */
  readonly location: string;
}

const DEFAULT_PORT = 5432;
const DEFAULT_CONNECT_TIMEOUT_SECONDS = '10';

/** Parameters of a URL's query, and the environment variable that stands in for each. */
const PARAMETERS: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  dbname: 'PGDATABASE',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  options: 'PGOPTIONS',
};

type Parameters = ReadonlyMap<string, string>;

/**
 * The connection that a URL and the environment describe; what the URL leaves out comes from the `PG*` variables, then
 * from libpq's defaults (`localhost` where libpq would take a socket). `sslmode` means what it means to libpq: `prefer`,
 * the default, takes TLS where it is offered and proves nothing; from `verify-ca` on the server must prove who it is, and
 * `require` does so too if `sslrootcert` is given.
 *
 * @param url `postgresql://user:password@host:5432/database?sslmode=verify-full`; left out: `DATABASE_URL`, if that is set.
 * @throws {LogError} `BAD_CONNECTION`, never with the password in its message.
 */
export function postgresConnection(
  url?: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): PostgresConnection {
  const given = url ?? environment.DATABASE_URL;
  const parameters = new Map(environmentParameters(environment));
  if (given !== undefined) for (const [name, value] of urlParameters(given)) parameters.set(name, value);

  const host = parameters.get('host') ?? 'localhost';
  const port = portOf(parameters.get('port') ?? String(DEFAULT_PORT));
  const user = parameters.get('user') ?? userInfo().username;
  const database = parameters.get('dbname') ?? user;
  return {
    host,
    port,
    user,
    database,
    ...tlsOf(parameters),
    connectTimeoutMs: secondsOf(parameters.get('connect_timeout') ?? DEFAULT_CONNECT_TIMEOUT_SECONDS) * 1000,
    ...optional('password', parameters.get('password')),
    ...optional('options', parameters.get('options')),
    location: locationOf(host, port, user, database),
  };
}

function* environmentParameters(environment: Readonly<Record<string, string | undefined>>): Iterable<[string, string]> {
  for (const [name, variable] of Object.entries(PARAMETERS)) {
    const value = environment[variable];
    if (value !== undefined && value !== '') yield [name, value];
  }
}

function* urlParameters(text: string): Iterable<[string, string]> {
  const url = URL.parse(text);
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    // The text may hold a password, so it is not shown.
    throw badConnection(
      'a database URL looks like postgresql://user:password@host:5432/database, the one given does not',
    );
  }
  const parts = {
    host: decoded(url.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: url.port,
    user: decoded(url.username),
    password: decoded(url.password),
    dbname: decoded(url.pathname.slice(1)),
  };
  for (const [name, value] of Object.entries(parts)) if (value !== '') yield [name, value];
  for (const [name, value] of url.searchParams) {
    if (!Object.hasOwn(PARAMETERS, name)) {
      const known = Object.keys(PARAMETERS).join(', ');
      throw badConnection(`the database URL has the parameter '${name}', which is not known; known are ${known}`);
    }
    yield [name, value];
  }
}

function tlsOf(parameters: Parameters): Pick<PostgresConnection, 'sslMode' | 'sslRootCert' | 'sslCert' | 'sslKey'> {
  const rootCert = parameters.get('sslrootcert');
  const asked = parameters.get('sslmode') ?? (rootCert === 'system' ? 'verify-full' : 'prefer');
  const sslMode = SSL_MODES.find((mode) => mode === asked);
  if (sslMode === undefined) throw badConnection(`sslmode must be one of ${SSL_MODES.join(', ')}, got '${asked}'`);
  if (rootCert === 'system' && sslMode !== 'verify-full') {
    throw badConnection(`sslrootcert=system needs sslmode=verify-full, got '${asked}'`);
  }
  const cert = parameters.get('sslcert');
  const key = parameters.get('sslkey');
  if ((cert === undefined) !== (key === undefined))
    throw badConnection('sslcert and sslkey belong together, one is missing');
  return {
    sslMode: sslMode === 'require' && rootCert !== undefined ? 'verify-ca' : sslMode,
    ...optional('sslRootCert', rootCert),
    ...optional('sslCert', cert),
    ...optional('sslKey', key),
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw badConnection(`port must be a number from 1 to 65535, got '${text}'`);
}

function secondsOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw badConnection(`connect_timeout must be in whole seconds (0 waits for ever), got '${text}'`);
}

function locationOf(host: string, port: number, user: string, database: string): string {
  const [name, path] = [encodeURIComponent(user), encodeURIComponent(database)];
  if (host.startsWith('/')) return `postgresql://${name}@:${port}/${path}?host=${host}`;
  return `postgresql://${name}@${host.includes(':') ? `[${host}]` : host}:${port}/${path}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badConnection('the database URL has a % that begins no character; write %25 for a percent sign');
  }
}

/** A property only if there is a value for it. */
function optional<Name extends string>(name: Name, value: string | undefined): { [name in Name]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [name in Name]?: string };
}

function badConnection(message: string): LogError {
  return new LogError('BAD_CONNECTION', message);
}
