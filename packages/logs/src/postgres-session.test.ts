import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { postgresConnection } from './postgres-connection.ts';
import { PostgresSession } from './postgres-session.ts';
import { execute } from './testing/log-table.ts';
import { type PostgresServer, startPostgres } from './testing/postgres-server.ts';

let server: PostgresServer;
let folder = '';
before(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'edgewood-tls-'));
});
after(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Has the server write a file of its own, in its data folder. */
function writeServerFile(name: string, content: string): Promise<unknown> {
  const lines = content
    .trim()
    .split('\n')
    .map((line) => `('${line}')`);
  return execute(server.url, `COPY (VALUES ${lines.join()}) TO PROGRAM 'umask 077; cat > ${name}'`);
}

/** Sets who may come in over the network: rules of `pg_hba.conf`, checked in order. The test's own role always may. */
async function setAccess(...rules: string[]): Promise<void> {
  await writeServerFile('pg_hba.conf', ['host all postgres 127.0.0.1/32 trust', ...rules].join('\n'));
  await execute(server.url, 'SELECT pg_reload_conf()');
  // New backends read what the postmaster has read; it has once it tells of it.
  for (let seen = 0; seen !== rules.length + 1; ) {
    seen = (await execute(server.url, 'SELECT FROM pg_hba_file_rules')).length;
  }
}

/** Connects as `guest` and says whether that is encrypted. */
async function connect(parameters: string, password = ''): Promise<'tls' | 'plain'> {
  const url = new URL(server.url);
  url.username = 'guest';
  url.password = password;
  const session = await PostgresSession.open(postgresConnection(`${url.href}?${parameters}`, {}));
  try {
    const [row] = await session.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    return row?.ssl ? 'tls' : 'plain';
  } finally {
    await session.end();
  }
}

describe('a connection to a server without TLS', () => {
  before(() => execute(server.url, 'CREATE ROLE guest LOGIN PASSWORD \'open, "sesame"\''));

  for (const mode of ['disable', 'allow', 'prefer']) {
    it(`is plain with sslmode=${mode}`, async () => assert.equal(await connect(`sslmode=${mode}`), 'plain'));
  }
  for (const mode of ['require', 'verify-ca', 'verify-full']) {
    it(`is refused with sslmode=${mode}`, () =>
      assert.rejects(connect(`sslmode=${mode}`), { code: 'SOURCE_UNREACHABLE', message: /does not support SSL/ }));
  }
});

describe('a connection with a password', () => {
  before(() => setAccess('host all guest 127.0.0.1/32 scram-sha-256'));

  it('is let in with the right one and SOURCE_REFUSED with a wrong one, which is not told', async () => {
    assert.equal(await connect('', 'open, "sesame"'), 'plain');
    await assert.rejects(connect('', 'hunter2'), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'SOURCE_REFUSED');
      assert.match(error.message, /password authentication failed for user "guest"/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  });

  it('takes it from the file that PGPASSFILE names', async () => {
    const file = join(folder, 'pgpass');
    await writeFile(file, 'elsewhere:*:*:*:wrong\n*:*:*:guest:open, "sesame"\n');
    await chmod(file, 0o600);
    process.env.PGPASSFILE = file;
    try {
      assert.equal(await connect(''), 'plain');
    } finally {
      delete process.env.PGPASSFILE;
    }
  });
});

describe('a connection to a server with TLS', async () => {
  const openssl = await promisify(execFile)('openssl', ['version']).then(
    () => true,
    () => false,
  );
  const skip = openssl ? false : 'openssl makes the certificate and is not installed';

  before(async () => {
    if (!openssl) return;
    const [key, certificate] = [join(folder, 'server.key'), join(folder, 'server.pem')];
    const subject = ['-subj', '/CN=database.test', '-addext', 'subjectAltName=DNS:localhost'];
    const form = ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-days', '2'];
    await promisify(execFile)('openssl', [...form, ...subject, '-keyout', key, '-out', certificate]);
    await writeServerFile('server.key', await readFile(key, 'utf8'));
    await writeServerFile('server.crt', await readFile(certificate, 'utf8'));
    await execute(server.url, 'ALTER SYSTEM SET ssl = on');
    await setAccess('host all guest 127.0.0.1/32 trust');
  });

  const trusted = () => `sslrootcert=${join(folder, 'server.pem')}`;

  it('is encrypted where that is asked for or preferred, and plain where it is not', { skip }, async () => {
    for (const mode of ['prefer', 'require']) assert.equal(await connect(`sslmode=${mode}`), 'tls', mode);
    for (const mode of ['disable', 'allow']) assert.equal(await connect(`sslmode=${mode}`), 'plain', mode);
  });

  it('is refused with verify-ca unless the certificate is trusted, whatever its name', { skip }, async () => {
    await assert.rejects(connect('sslmode=verify-ca'), {
      code: 'SOURCE_UNREACHABLE',
      message: /self-signed certificate/,
    });
    assert.equal(await connect(`sslmode=verify-ca&${trusted()}`), 'tls');
    assert.equal(await connect(`sslmode=require&${trusted()}`), 'tls');
  });

  it('is refused with verify-full unless the certificate is of the host', { skip }, async () => {
    await assert.rejects(connect(`sslmode=verify-full&${trusted()}`), {
      code: 'SOURCE_UNREACHABLE',
      message: /127\.0\.0\.1/,
    });
    assert.equal(await connect(`sslmode=verify-full&host=localhost&${trusted()}`), 'tls');
  });

  it('takes the other way where the server refuses the first', { skip }, async () => {
    await setAccess('hostssl all guest 127.0.0.1/32 trust');
    assert.equal(await connect('sslmode=allow'), 'tls');
    await assert.rejects(connect('sslmode=disable'), { code: 'SOURCE_REFUSED', message: /no encryption/ });
    await setAccess('hostnossl all guest 127.0.0.1/32 trust');
    assert.equal(await connect('sslmode=prefer'), 'plain');
    await assert.rejects(connect('sslmode=require'), { code: 'SOURCE_REFUSED' });
  });

  it('is BAD_CONNECTION if the root certificate cannot be read', { skip }, () =>
    assert.rejects(connect('sslmode=verify-full&sslrootcert=/none.pem'), {
      code: 'BAD_CONNECTION',
      message: /none\.pem/,
    }),
  );
});

describe('a connection that nobody answers', () => {
  it('is given up after the timeout', async () => {
    const { createServer } = await import('node:net');
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const opening = PostgresSession.open(
      postgresConnection(`postgresql://a@127.0.0.1:${port}/b?connect_timeout=1`, {}),
    );
    await assert.rejects(opening, { code: 'SOURCE_UNREACHABLE', message: /timeout/ });
    silent.close();
  });
});
