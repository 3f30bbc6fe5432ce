import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile } from '@edgewood/features';
import { z } from 'zod';
import { loadConfig, parseConfig } from './config.ts';
import { configSchema } from './config-schema.ts';
import { ServiceError } from './errors.ts';

/** What is said of a file, line by line, without the heading and the file's name. */
function complaintsAbout(text: string, environment = {}): string[] {
  try {
    parseConfig(text, 'edgewood.yaml', environment);
  } catch (error) {
    assert.ok(error instanceof ServiceError && error.code === 'BAD_CONFIG', String(error));
    const [heading, ...lines] = error.message.split('\n');
    assert.equal(heading, 'the configuration is wrong:');
    return lines.map((line) => {
      assert.ok(line.startsWith('edgewood.yaml:'), line);
      return line.slice('edgewood.yaml:'.length);
    });
  }
  return [];
}

const DEFAULTS = {
  database: { url: undefined, table: 'log_entries', columns: {}, timeZone: 'UTC' },
  models: { directory: 'models', pollIntervalMs: 2_000 },
  store: { file: 'edgewood.sqlite' },
  http: { host: '127.0.0.1', port: 8420 },
  agents: [
    {
      name: 'wifi',
      windowMs: undefined,
      groupBy: undefined,
      graceMs: 120_000,
      catchUpMaxMs: 86_400_000,
      features: undefined,
    },
  ],
  log: { level: 'info' },
};

test('no file, an empty one and one of empty sections are configurations: all defaults', async () => {
  assert.deepEqual(await loadConfig(undefined, {}), DEFAULTS);
  for (const text of ['', '# nothing\n', '{}', 'http:\nagents:\ndatabase:\n  columns:\n']) {
    assert.deepEqual(parseConfig(text, 'x', {}), DEFAULTS, text);
  }
});

test('everything can be set', () => {
  const text = `
database: {url: postgresql://db/logs, table: log.entries, columns: {program: app}, time_zone: Europe/Berlin}
models: {directory: /srv/models, poll_interval: 10s}
store: {file: found.sqlite}
http: {host: 0.0.0.0, port: 0}
agents: [{name: wifi, window: 5m, group_by: global, grace: 1m, catch_up_max: 2d, features: [log_count]}]
log: {level: debug}`;
  assert.deepEqual(parseConfig(text, 'x', {}), {
    database: {
      url: 'postgresql://db/logs',
      table: 'log.entries',
      columns: { program: 'app' },
      timeZone: 'Europe/Berlin',
    },
    models: { directory: '/srv/models', pollIntervalMs: 10_000 },
    store: { file: 'found.sqlite' },
    http: { host: '0.0.0.0', port: 0 },
    agents: [
      {
        name: 'wifi',
        windowMs: 300_000,
        groupBy: 'global',
        graceMs: 60_000,
        catchUpMaxMs: 172_800_000,
        features: ['log_count'],
      },
    ],
    log: { level: 'debug' },
  });
});

test('durations are seconds, or have a unit', () => {
  const graceMs = (grace: string) => parseConfig(`agents: [{name: wifi, grace: ${grace}}]`, 'x', {}).agents[0]?.graceMs;
  const found = ['90', '0', '"90"', '300s', '5m', '2h', '1d', '1.5h', '0.001'].map(graceMs);
  assert.deepEqual(found, [90_000, 0, 90_000, 300_000, 300_000, 7_200_000, 86_400_000, 5_400_000, 1]);
});

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

test('what a variable holds is not looked at for variables again', () => {
  const { database } = parseConfig('database: {url: "${URL}"}', 'x', { URL: 'postgresql://u:a${b}$&@db/logs' });
  assert.equal(database.url, 'postgresql://u:a${b}$&@db/logs');
});

test('everything that is wrong is said at once, in the order of the file, with its place', () => {
  const text = `models:
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
  - name: wifi
  - grace: \${NOWHERE}
lgo: {}
`;
  assert.deepEqual(complaintsAbout(text), [
    '2:14 models.directory: the environment has no NOWHERE',
    '3:3 models.pol_interval: there is no such key, did you mean poll_interval? (there are directory, poll_interval)',
    '5:9 http.port: must be at most 65535, got 99999',
    '7:11 agents.0.name: must be one of wifi, got "wlan"',
    '8:13 agents.0.window: a window must be whole seconds, at most a day, and divide the day (60, 300, 900 s, …), got 7 s',
    '10:5 agents.1.windw: there is no such key, did you mean window? (there are name, window, group_by, grace, catch_up_max, features)',
    '11:12 agents.1.grace: must be a duration such as 300s, 5m or 2h, got "soon"',
    '12:11 agents.2.name: must be there once, got "wifi"',
    '13:5 agents.3.name: must be one of wifi, got nothing',
    '13:12 agents.3.grace: the environment has no NOWHERE',
    '14:1 lgo: there is no such key, did you mean log? (there are database, models, store, http, agents, log)',
  ]);
});

const features = agentProfile('wifi')
  .features.map(({ name }) => name)
  .join(', ');

const WRONG: readonly [string, ...string[]][] = [
  ['- 1', '1:1 the whole file: must be a mapping of keys, got [1]'],
  ['edgewood', '1:1 the whole file: must be a mapping of keys, got "edgewood"'],
  ['http: 80', '1:7 http: must be a mapping of keys, got 80'],
  ['http: {port: 80.5}', '1:14 http.port: must be a whole number, got 80.5'],
  ['http: {port: -1}', '1:14 http.port: must be at least 0, got -1'],
  ['http: {port: .nan}', '1:14 http.port: must be a whole number, got NaN'],
  ['http: {port: eighty}', '1:14 http.port: must be a whole number, got "eighty"'],
  ['http: {host: ""}', '1:14 http.host: must not be empty, got ""'],
  ['http: {8420: 1}', '1:8 http.8420: there is no such key (there are host, port)'],
  ['store:\n  file: [a, b]', '2:9 store.file: must be text, got ["a","b"]'],
  ['log: {level: loud}', '1:14 log.level: must be one of trace, debug, info, warn, error, got "loud"'],
  ['models: {poll_interval: 0}', '1:25 models.poll_interval: must be at least 0.1s, got 0'],
  ['models: {poll_interval: -2s}', '1:25 models.poll_interval: must be a duration such as 300s, 5m or 2h, got "-2s"'],
  ['models: {poll_interval: [2]}', '1:25 models.poll_interval: must be a duration such as 300s, 5m or 2h, got [2]'],
  [
    'database: {time_zone: Mars/Olympus}',
    '1:23 database.time_zone: must be a time zone such as UTC or Europe/Berlin, got "Mars/Olympus"',
  ],
  [
    'database: {columns: {device: id}}',
    '1:22 database.columns.device: there is no such key (there are id, timestamp, device_id, program, log_level, message)',
  ],
  ['database: postgresql://me:secret@db/x', '1:11 database: must be a mapping of keys, got "postgresql://me:***@db/x"'],
  ['agents: []', '1:9 agents: must have at least 1, got []'],
  ['agents: wifi', '1:9 agents: must be a list, got "wifi"'],
  ['agents: [wifi]', '1:10 agents.0: must be a mapping of keys, got "wifi"'],
  ['agents:\n  -', '2:3 agents.0: must be a mapping of keys, got null'],
  ['agents: [{name: wifi, group_by: all}]', '1:33 agents.0.group_by: must be one of device, global, got "all"'],
  ['agents: [{name: wifi, features: []}]', '1:33 agents.0.features: must have at least 1, got []'],
  [
    'agents: [{name: wifi, features: [log_count, logs, log_count]}]',
    `1:45 agents.0.features.1: must be one of ${features}, got "logs"`,
    '1:51 agents.0.features.2: must be named once, got "log_count"',
  ],
  ['store: {file: "${A B}"}', '1:15 store.file: a variable must be ${NAME} or ${NAME:-default}, got ${A B}'],
  ['store: {file: "x${A"}', '1:15 store.file: a variable must be ${NAME} or ${NAME:-default}, got ${A'],
  [
    'store: {file: "${A}/${B}"}',
    '1:15 store.file: the environment has no A',
    '1:15 store.file: the environment has no B',
  ],
  ['store: {file: a}\nstore: {file: b}', '2:1 Map keys must be unique'],
  ['store: *other', '1:8 aliases are not allowed, got *other'],
  [
    'a: [1\nb: @x',
    '2:1 Flow sequence in block collection must be sufficiently indented and end with a ]',
    '2:4 Plain value cannot start with reserved character @',
  ],
];

for (const [text, ...expected] of WRONG) {
  test(`what is wrong with ${JSON.stringify(text)} is said`, () => assert.deepEqual(complaintsAbout(text), expected));
}

test('a file that cannot be read is an error that names it', async () => {
  await assert.rejects(loadConfig('/nonexistent/edgewood.yaml', {}), {
    code: 'BAD_CONFIG',
    message: /\/nonexistent\/edgewood\.yaml/,
  });
});

interface DescribedSchema {
  readonly description?: string;
  readonly properties?: Record<string, DescribedSchema>;
  readonly items?: DescribedSchema;
}

test('every key says what it is for', () => {
  const silent = (schema: DescribedSchema, path: string): string[] => [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => [
      ...(inner.description === undefined ? [`${path}${key}`] : []),
      ...silent(inner, `${path}${key}.`),
    ]),
    ...(schema.items === undefined ? [] : silent(schema.items, path)),
  ];
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as DescribedSchema;
  assert.ok(Object.keys(schema.properties ?? {}).length > 0);
  assert.deepEqual(silent(schema, ''), []);
});
