import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig, parseConfig } from './config.ts';
import { ServiceError } from './errors.ts';

/** What is said of a file, line by line, without the heading. */
function complaintsAbout(text: string, environment = {}): string[] {
  try {
    parseConfig(text, 'edgewood.yaml', environment);
  } catch (error) {
    assert.ok(error instanceof ServiceError && error.code === 'BAD_CONFIG');
    return error.message.split('\n').slice(1);
  }
  return [];
}

test('no file is a configuration: the wifi agent on the database of the environment', async () => {
  const config = await loadConfig(undefined, {});
  assert.deepEqual(
    config.agents.map(({ name }) => name),
    ['wifi'],
  );
  assert.equal(config.database.url, undefined);
  assert.deepEqual(config.http, { host: '127.0.0.1', port: 8420 });
  assert.deepEqual(config.models, { directory: 'models', pollIntervalMs: 2_000 });
});

test('durations are seconds, or have a unit', () => {
  const config = parseConfig('agents: [{name: wifi, window: 15m, grace: 90, catch_up_max: 2d}]', 'x', {});
  const [agent] = config.agents;
  assert.deepEqual([agent?.windowMs, agent?.graceMs, agent?.catchUpMaxMs], [900_000, 90_000, 172_800_000]);
});

test('variables come from the environment, or from their default', () => {
  const text = 'database: {url: "postgresql://${HOST}:${PORT:-5432}/logs"}';
  assert.equal(parseConfig(text, 'x', { HOST: 'db' }).database.url, 'postgresql://db:5432/logs');
  assert.equal(parseConfig(text, 'x', { HOST: 'db', PORT: '6000' }).database.url, 'postgresql://db:6000/logs');
});

test('everything that is wrong is said at once, in the order of the file, with its place', () => {
  const complaints = complaintsAbout(`models:
  directory: \${NOWHERE}
  pol_interval: 3s
http:
  port: 99999
agents:
  - name: wlan
    window: 7s
  - name: wifi
    windw: 3
    grace: soon
`);
  assert.deepEqual(
    complaints.map((line) => line.split(': ').slice(0, 1).join()),
    [
      'edgewood.yaml:2:3 models.directory',
      'edgewood.yaml:3:3 models.pol_interval',
      'edgewood.yaml:5:3 http.port',
      'edgewood.yaml:7:5 agents.0.name',
      'edgewood.yaml:8:5 agents.0.window',
      'edgewood.yaml:10:5 agents.1.windw',
      'edgewood.yaml:11:5 agents.1.grace',
    ],
  );
  assert.match(complaints[0] ?? '', /the environment has no NOWHERE$/);
  assert.match(complaints[1] ?? '', /there is no such key; there are directory, poll_interval$/);
  assert.match(complaints[2] ?? '', /<=65535, got 99999$/);
  assert.match(complaints[3] ?? '', /expected one of wifi, got "wlan"$/);
  assert.match(complaints[5] ?? '', /there are name, window, group_by, grace/);
  assert.match(complaints[6] ?? '', /expected a duration such as 300s, 5m or 2h, got "soon"$/);
});

test('the same agent twice is said', () => {
  assert.match(
    complaintsAbout('agents: [{name: wifi}, {name: wifi}]')[0] ?? '',
    /agents\.1\.name: the agent wifi is there already/,
  );
});

test('text that is no YAML is said with its place', () => {
  assert.match(complaintsAbout('agents: [1')[0] ?? '', /^edgewood\.yaml:1:\d+ /);
  assert.match(complaintsAbout('- 1')[0] ?? '', /^edgewood\.yaml:1:1 the whole: .*expected object/);
});

test('a file that cannot be read is an error that names it', async () => {
  await assert.rejects(loadConfig('/nonexistent/edgewood.yaml', {}), {
    code: 'BAD_CONFIG',
    message: /\/nonexistent\/edgewood\.yaml/,
  });
});
