import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { describe, it } from 'node:test';
import { type PostgresConnection, postgresConnection } from './postgres-connection.ts';

type Environment = Record<string, string>;

describe('the connection settings', () => {
  const cases: readonly (readonly [string, string | undefined, Environment, Partial<PostgresConnection>])[] = [
    [
      'are all in a URL',
      'postgresql://reader:s%40fe@db:6432/logs?sslmode=disable&connect_timeout=3',
      {},
      {
        user: 'reader',
        password: 's@fe',
        host: 'db',
        port: 6432,
        database: 'logs',
        sslMode: 'disable',
        connectTimeoutMs: 3000,
      },
    ],
    [
      'come from the PG variables',
      undefined,
      { PGHOST: 'db', PGPORT: '6432', PGUSER: 'reader', PGPASSWORD: 'x', PGDATABASE: 'logs', PGSSLMODE: 'require' },
      { user: 'reader', password: 'x', host: 'db', port: 6432, database: 'logs', sslMode: 'require' },
    ],
    [
      'come from DATABASE_URL, and from the PG variables what that leaves out',
      undefined,
      { DATABASE_URL: 'postgres://reader@db/logs', PGPORT: '6432', PGHOST: 'other', PGSSLMODE: 'allow' },
      { user: 'reader', host: 'db', port: 6432, database: 'logs', sslMode: 'allow' },
    ],
    [
      'come from the URL given rather than from DATABASE_URL',
      'postgres://a@one/x',
      { DATABASE_URL: 'postgres://b@two/y' },
      { user: 'a', host: 'one', database: 'x' },
    ],
    [
      'have libpq’s defaults',
      undefined,
      {},
      {
        user: userInfo().username,
        database: userInfo().username,
        host: 'localhost',
        port: 5432,
        sslMode: 'prefer',
        connectTimeoutMs: 10_000,
      },
    ],
    [
      'take an empty variable for none',
      undefined,
      { PGHOST: '', PGUSER: 'reader' },
      { host: 'localhost', user: 'reader', database: 'reader' },
    ],
    [
      'may name an IPv6 address',
      'postgresql://a@[::1]:1234/b',
      {},
      { host: '::1', port: 1234, location: 'postgresql://a@[::1]:1234/b' },
    ],
    ['may name a socket’s folder in the host', 'postgresql://a@%2Frun%2Fpg/b', {}, { host: '/run/pg' }],
    [
      'may name a socket’s folder in a parameter',
      'postgresql:///b?host=/run/pg&user=a',
      {},
      { host: '/run/pg', user: 'a', database: 'b', location: 'postgresql://a@:5432/b?host=/run/pg' },
    ],
    [
      'verify the server where require comes with a root certificate',
      'postgres://db?sslmode=require&sslrootcert=/ca.pem',
      {},
      { sslMode: 'verify-ca', sslRootCert: '/ca.pem' },
    ],
    [
      'verify all with the system’s certificates',
      'postgres://db?sslrootcert=system',
      {},
      { sslMode: 'verify-full', sslRootCert: 'system' },
    ],
    [
      'may have a certificate of our own',
      'postgres://db',
      { PGSSLCERT: '/c.pem', PGSSLKEY: '/k.pem' },
      { sslCert: '/c.pem', sslKey: '/k.pem' },
    ],
  ];
  for (const [title, url, environment, expected] of cases) {
    it(title, () => assert.partialDeepStrictEqual(postgresConnection(url, environment), expected));
  }

  it('are told in a location that lacks the password', () => {
    const { location } = postgresConnection('postgresql://reader:secret@db:6432/logs?sslmode=require', {});
    assert.equal(location, 'postgresql://reader@db:6432/logs');
  });

  const faults: readonly (readonly [string, string | undefined, Environment, RegExp])[] = [
    ['a URL of something else', 'mysql://reader:secret@db/logs', {}, /looks like postgresql:/],
    ['no URL', 'reader:secret@db', {}, /looks like postgresql:/],
    ['two hosts', 'postgresql://reader:secret@one,two:5432,/logs', {}, /looks like|known/],
    ['an unknown sslmode', 'postgres://db?sslmode=on', {}, /sslmode must be one of disable, allow, .*, got 'on'/],
    ['an unknown PGSSLMODE', undefined, { PGSSLMODE: 'no-verify' }, /got 'no-verify'/],
    ['an unknown parameter', 'postgres://reader:secret@db?pool=5', {}, /parameter 'pool'.* known are host, port/],
    ['a port that is none', undefined, { PGPORT: '70000' }, /port must be a number from 1 to 65535, got '70000'/],
    ['a timeout that is none', 'postgres://db?connect_timeout=soon', {}, /connect_timeout must be in whole seconds/],
    ['a certificate without its key', 'postgres://db?sslcert=/c.pem', {}, /belong together/],
    [
      'the system’s certificates without proof of the name',
      'postgres://db?sslmode=require&sslrootcert=system',
      {},
      /needs sslmode=verify-full/,
    ],
    ['a percent sign that begins nothing', 'postgres://reader:secret%@db', {}, /%25/],
  ];
  for (const [title, url, environment, message] of faults) {
    it(`are BAD_CONNECTION with ${title}, and the password is not told`, () => {
      assert.throws(
        () => postgresConnection(url, environment),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'BAD_CONNECTION');
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    });
  }
});
