import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isKnownToken } from '../../service/src/http/bearer-token.ts';
import { hashOfToken } from './access-token.ts';
import { runEdgewood } from './testing/run-edgewood.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples/configuration');
const SECRET = 'Hunter2';

const folder = mkdtempSync(join(tmpdir(), 'edgewood-config-command-'));
after(() => rmSync(folder, { recursive: true }));

/** What the examples take from the environment. */
const ENV = {
  LOG_READER_PASSWORD: SECRET,
  LOGS_URL: `postgresql://reader:${SECRET}@db/logs`,
  FINDINGS_URL_FILE: written('url', `postgresql://writer:${SECRET}@db/found\n`),
  TOKEN_HASH: hashOfToken(SECRET),
};

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

for (const name of readdirSync(EXAMPLES)) {
  test(`the example ${name} is right, and so is what is shown of it`, async () => {
    const path = join(EXAMPLES, name);
    const checked = await runEdgewood(['config', 'check', '--config', path], { env: ENV });
    assert.deepEqual([checked.code, checked.stderr], [0, '']);
    assert.ok(checked.stdout.startsWith(`${path}: ok\n`), checked.stdout);
    const shown = await runEdgewood(['config', 'show', '--config', path], { env: ENV });
    assert.equal(shown.code, 0);
    const again = await runEdgewood(['config', 'check', '--config', written('shown.yaml', shown.stdout)]);
    assert.deepEqual([again.code, again.stderr], [0, '']);
    for (const said of [checked.stdout, shown.stdout]) assert.ok(!said.includes(SECRET), said);
  });
}

test('check says what a configuration means, and warns of what is probably not meant', async () => {
  const path = written(
    'open.yaml',
    'http: {host: 0.0.0.0, port: 0}\nagents: [{name: wifi, window: 15m}, {name: silence}]\n',
  );
  const env = { DATABASE_URL: `postgresql://reader:${SECRET}@db:6000/logs`, NO_COLOR: '1' };
  const { code, stdout, stderr } = await runEdgewood(['config', 'check', '--config', path], { env });
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `${path}: ok

log entries  postgresql://reader@db:6000/logs, table log_entries
models       models, looked at every 2s, signed or not
findings     edgewood.sqlite, for 90d, at most 500MB
http         http://0.0.0.0:<any free port>, read by everybody, changed by nobody, 600 requests a minute
resources    above 80% CPU or 80% memory, analysis waits

agent    is       model  window   grace  late until  catches up
wifi     wifi     wifi   15m      2m     1h          1d
silence  silence  –      its own  2m     1h          1d
`,
  );
  assert.match(stderr, /^warning: http: whoever reaches 0\.0\.0\.0:0 can read/);
});

test('check says everything that is wrong, and fails', async () => {
  const path = written('wrong.yaml', 'http: {prt: 80}\ndatabase:\n  url: 3\n');
  const { code, stdout, stderr } = await runEdgewood(['config', 'check', '--config', path]);
  assert.deepEqual([code, stdout], [1, '']);
  const [heading, ...lines] = stderr.trim().split('\n');
  assert.equal(heading, 'edgewood: the configuration is wrong:');
  assert.ok(lines[0]?.startsWith(`${path}:1:8 http.prt: there is no such key, did you mean port?`), stderr);
  assert.ok(lines[1]?.startsWith(`${path}:3:8 database.url: must be text`), stderr);
});

test('check fails if the environment names no database that there can be', async () => {
  const { code, stderr } = await runEdgewood(['config', 'check'], { env: { DATABASE_URL: `mysql://me:${SECRET}@db` } });
  assert.equal(code, 1);
  assert.match(stderr, /a database URL looks like .*\[BAD_CONNECTION\]/);
  assert.ok(!stderr.includes(SECRET));
});

test('schema writes the schema that lies in docs/', async () => {
  const { code, stdout } = await runEdgewood(['config', 'schema']);
  assert.equal(code, 0);
  assert.equal(stdout, readFileSync(join(import.meta.dirname, '../../../docs/edgewood.schema.json'), 'utf8'));
});

test('token makes another token each time, which the service knows by the hash beside it', async () => {
  const tokens = [];
  for (const _ of [1, 2]) {
    const { code, stdout, stderr } = await runEdgewood(['config', 'token']);
    const [, token = '', hash = ''] = /^token: ([\w-]{43})\nhash: {2}(sha256:[0-9a-f]{64})\n$/.exec(stdout) ?? [];
    assert.equal(code, 0);
    assert.ok(isKnownToken(`Bearer ${token}`, [hash]), stdout);
    assert.ok(!stderr.includes(token), 'it is shown once');
    tokens.push(token);
  }
  assert.notEqual(tokens[0], tokens[1]);
});

test('token --hash hashes a token that is read, whatever follows it', async () => {
  for (const input of ['my-token', 'my-token\n', ' my-token \r\nmore\n']) {
    const { code, stdout } = await runEdgewood(['config', 'token', '--hash'], { input });
    assert.deepEqual([code, stdout], [0, `${hashOfToken('my-token')}\n`]);
    assert.ok(isKnownToken('Bearer my-token', [stdout.trim()]));
  }
});

test('token --hash refuses what no request can carry', async () => {
  for (const input of ['', '\n', 'two words', 'smörgås']) {
    const { code, stdout, stderr } = await runEdgewood(['config', 'token', '--hash'], { input });
    assert.deepEqual([code, stdout], [2, ''], input);
    assert.match(stderr, /a token has letters, digits and/);
  }
});
