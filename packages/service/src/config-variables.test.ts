import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseConfig } from './config.ts';
import { withoutVariables, withSecretFiles } from './config-variables.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgewood-variables-'));
after(() => rmSync(folder, { recursive: true }));

/** A file with a secret; its path. */
function secretFile(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('variables come from the environment, or from their default if they are not set or empty', () => {
  const text = 'database: {url: "postgresql://${HOST}:${PORT:-5432}/logs"}\nhttp: {port: "${HTTP:-8421}"}';
  const found = (environment: Record<string, string>) => {
    const { database, http } = parseConfig(text, 'x', environment);
    return [database.url, http.port];
  };
  assert.deepEqual(found({ HOST: 'db' }), ['postgresql://db:5432/logs', 8421]);
  assert.deepEqual(found({ HOST: 'db', PORT: '' }), ['postgresql://db:5432/logs', 8421]);
  assert.deepEqual(found({ HOST: 'db', PORT: '6000', HTTP: '80' }), ['postgresql://db:6000/logs', 80]);
});

test('every sort of value can come from a variable', () => {
  const text = `http: {port: "\${A}", read_without_token: "\${B}"}
resources: {max_cpu: "\${C}"}
store: {max_age: "\${D}", max_size: "\${E}"}
agents: [{name: wifi, severity: {rules: [{feature: log_count, at_least: "\${F}", level: "\${G}"}]}}]
`;
  const { http, resources, store, agents } = parseConfig(text, 'x', {
    ...{ A: '80', B: 'true', C: '50%', D: '2d', E: '5MB', F: '-1.5', G: 'high' },
  });
  assert.deepEqual([http.port, http.readWithoutToken, resources.maxCpuShare], [80, true, 0.5]);
  assert.deepEqual(store.limits, { maxAgeMs: 172_800_000, maxBytes: 5_000_000 });
  assert.deepEqual(agents[0]?.severity.rules, [{ feature: 'log_count', atLeast: -1.5, level: 'high' }]);
});

test('what a variable holds is not looked at for variables again', () => {
  const { store } = parseConfig('store: {file: "${NAME}"}', 'x', { NAME: 'a${b}$&@' });
  assert.equal(store.file, 'a${b}$&@');
});

test('what only looks like a variable is written with two dollars', () => {
  const found = (file: string) => parseConfig(`store: {file: "${file}"}`, 'x', { A: 'b' }).store.file;
  assert.equal(found('$${A}'), '${A}');
  assert.equal(found('$$${A}$A$'), '$${A}$A$');
  for (const text of ['${A}', '$${', 'a${A', '$A}${${']) assert.equal(found(withoutVariables(text)), text);
});

test('a variable that is not set or empty is what the file holds that NAME_FILE names, without its last line break', () => {
  const found = (environment: Record<string, string>) =>
    parseConfig('store: {file: "${NAME}"}', 'x', environment).store.file;
  assert.equal(found({ NAME_FILE: secretFile('unix', 'secret\n') }), 'secret');
  assert.equal(found({ NAME: '', NAME_FILE: secretFile('windows', ' two words\r\n') }), ' two words');
  assert.equal(found({ NAME_FILE: secretFile('bare', 'two\nlines\n\n') }), 'two\nlines\n');
  assert.equal(found({ NAME: 'itself', NAME_FILE: '/nonexistent' }), 'itself');
});

test('a file comes before a default', () => {
  const found = (environment: Record<string, string>) =>
    parseConfig('store: {file: "${NAME:-default}"}', 'x', environment).store.file;
  assert.equal(found({ NAME_FILE: secretFile('first', 'secret') }), 'secret');
  assert.equal(found({ NAME_FILE: '' }), 'default');
});

test('a file that cannot be read, is empty or far too long for a secret is told of at its place', () => {
  const complaint = (environment: Record<string, string>): string => {
    try {
      return parseConfig('store: {file: "${NAME:-default}"}', 'f', environment).store.file;
    } catch (error) {
      return (error as Error).message.split('\n')[1] ?? '';
    }
  };
  const place = 'f:1:15 store.file: NAME_FILE: ';
  assert.match(complaint({ NAME_FILE: '/nonexistent' }), new RegExp(`^${place}ENOENT.*'/nonexistent'`));
  const empty = secretFile('empty', '\n');
  assert.equal(complaint({ NAME_FILE: empty }), `${place}${empty} is empty`);
  const long = secretFile('long', 'x'.repeat(65_537));
  assert.equal(complaint({ NAME_FILE: long }), `${place}${long} is longer than 65536 bytes`);
});

test('the connection to the log entries is completed from DATABASE_URL_FILE and PGPASSWORD_FILE', () => {
  const files = {
    DATABASE_URL_FILE: secretFile('url', 'postgresql://db/logs\n'),
    PGPASSWORD_FILE: secretFile('pw', 'x'),
  };
  const found = withSecretFiles({ ...files, PGUSER: 'me' });
  assert.deepEqual([found.DATABASE_URL, found.PGPASSWORD, found.PGUSER], ['postgresql://db/logs', 'x', 'me']);
  assert.equal(withSecretFiles({ ...files, PGPASSWORD: 'own' }).PGPASSWORD, 'own');
  assert.deepEqual(withSecretFiles({ HOME: '/' }), { HOME: '/' });
});

test('where one of those two cannot be read, the configuration is wrong', () => {
  const environment = { PGPASSWORD_FILE: '/nonexistent' };
  assert.throws(() => parseConfig('http: {}\ndatabase: {url: postgresql://db}', 'f', environment), {
    code: 'BAD_CONFIG',
    message: /f:2:17 database\.url: PGPASSWORD_FILE: ENOENT/,
  });
  assert.throws(() => withSecretFiles(environment), { code: 'BAD_CONFIG', message: /^PGPASSWORD_FILE: ENOENT/ });
});
