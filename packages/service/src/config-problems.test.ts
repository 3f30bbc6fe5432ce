import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENT_PROFILES, agentProfile } from '@edgewood/features';
import fc from 'fast-check';
import { parseConfig } from './config.ts';
import { type JsonSchema, jsonSchemaOf } from './config-json-schema.ts';
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

const SHIPPED = [...AGENT_PROFILES.map(({ name }) => name), 'silence'].join(', ');
const FEATURES = agentProfile('wifi')
  .features.map(({ name }) => name)
  .join(', ');
const SECTIONS = 'database, models, store, http, agents, resources, log, deploy';
const AGENT_KEYS =
  'name, use, enabled, programs, model, window, group_by, features, detectors, grace, late_horizon, catch_up_max, time_limit, ' +
  'anomalies_per_slot, quiet, severity, options';
const DURATION = 'must be a duration such as 300s, 5m or 2h';

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
    grace: 2h
  - grace: \${NOWHERE}
store:
  url: postgresql://db/found
  file: found.sqlite
  max_age: 30m
lgo: {}
`;
  assert.deepEqual(complaintsAbout(text), [
    '2:14 models.directory: the environment has neither NOWHERE nor NOWHERE_FILE',
    '3:3 models.pol_interval: there is no such key, did you mean poll_interval? (there are directory, poll_interval, trusted_keys, report)',
    '5:9 http.port: must be at most 65535, got 99999',
    `7:11 agents.0.name: must be one of ${SHIPPED}, unless use says where the agent is, got "wlan"`,
    '8:13 agents.0.window: a window must be whole seconds, at most a day, and divide the day (60, 300, 900 s, …), got 7 s',
    `10:5 agents.1.windw: there is no such key, did you mean window? (there are ${AGENT_KEYS})`,
    `11:12 agents.1.grace: ${DURATION}, got "soon"`,
    '12:11 agents.2.name: must be there once, got "wifi"',
    '13:12 agents.2.late_horizon: must be 0 (never), or more than grace, which is 2h, got 1h',
    '14:5 agents.3.name: must be text, got nothing',
    '14:12 agents.3.grace: the environment has neither NOWHERE nor NOWHERE_FILE',
    '17:9 store.file: does not go together with store.url: anomalies are kept in one place, got "found.sqlite"',
    '18:12 agents.0.late_horizon: must be at most store.max_age, which is 30m, got 1h',
    '18:12 agents.1.late_horizon: must be at most store.max_age, which is 30m, got 1h',
    '18:12 agents.2.late_horizon: must be at most store.max_age, which is 30m, got 1h',
    '18:12 agents.3.late_horizon: must be at most store.max_age, which is 30m, got 1h',
    `19:1 lgo: there is no such key, did you mean log? (there are ${SECTIONS})`,
  ]);
});

const WRONG: readonly [string, ...string[]][] = [
  ['- 1', '1:1 the whole file: must be a mapping of keys, got a list'],
  ['edgewood', '1:1 the whole file: must be a mapping of keys, got a text that is not shown'],
  ['store: 80', '1:8 store: must be a mapping of keys, got a number that is not shown'],
  ['log: 80', '1:6 log: must be a mapping of keys, got 80'],
  ['http: {port: 80.5}', '1:14 http.port: must be a whole number, got 80.5'],
  ['http: {port: -1}', '1:14 http.port: must be at least 0, got -1'],
  ['http: {port: .nan}', '1:14 http.port: must be a whole number, got NaN'],
  ['http: {port: eighty}', '1:14 http.port: must be a whole number, got "eighty"'],
  ['http: {host: ""}', '1:14 http.host: must not be empty, got ""'],
  [
    'http: {8420: 1}',
    '1:8 http.8420: there is no such key (there are host, port, tokens, read_without_token, requests_per_minute)',
  ],
  ['http: {read_without_token: yes}', '1:28 http.read_without_token: must be true or false, got "yes"'],
  ['http: {requests_per_minute: 0}', '1:29 http.requests_per_minute: must be at least 1, got 0'],
  ['store:\n  file: [a, b]', '2:9 store.file: must be text, got a list'],
  ['store: {max_size: big}', '1:19 store.max_size: must be a size such as 500MB or 2GB, got "big"'],
  ['store: {max_size: -5}', '1:19 store.max_size: must be a size such as 500MB or 2GB, got -5'],
  ['store: {max_size: 10kB}', '1:19 store.max_size: must be at least 1MB, got "10kB"'],
  ['store: {max_size: 2000000GB}', '1:19 store.max_size: must be at most 1000000GB, got "2000000GB"'],
  ['store: {max_age: 0}', '1:18 store.max_age: must be at least 1m, got 0'],
  ['store: {schema: mine}', '1:17 store.schema: goes together with store.url only: a file has no schemas, got "mine"'],
  ['log: {level: loud}', '1:14 log.level: must be one of trace, debug, info, warn, error, got "loud"'],
  ['models: {poll_interval: 0}', '1:25 models.poll_interval: must be at least 100ms, got 0'],
  ['models: {poll_interval: 2d}', '1:25 models.poll_interval: must be at most 1d, got "2d"'],
  ['models: {poll_interval: -2s}', `1:25 models.poll_interval: ${DURATION}, got "-2s"`],
  ['models: {poll_interval: -2}', `1:25 models.poll_interval: ${DURATION}, got -2`],
  ['models: {poll_interval: [2]}', `1:25 models.poll_interval: ${DURATION}, got a list`],
  ['models: {trusted_keys: key.pem}', '1:24 models.trusted_keys: must be a list, got "key.pem"'],
  ['resources: {max_cpu: 0}', '1:22 resources.max_cpu: must be more than 0%: the analysis would wait for ever, got 0'],
  ['resources: {max_memory: 80}', '1:25 resources.max_memory: must be a share such as 80% or 0.8, got 80'],
  ['resources: {max_memory: 101%}', '1:25 resources.max_memory: must be a share such as 80% or 0.8, got "101%"'],
  [
    'database: {time_zone: Mars/Olympus}',
    '1:23 database.time_zone: must be a time zone such as UTC or Europe/Berlin, got "Mars/Olympus"',
  ],
  [
    'database: {columns: {device: id}}',
    '1:22 database.columns.device: there is no such key (there are id, timestamp, device_id, program, log_level, message)',
  ],
  [
    'store: {url: "postgresql://me:a/b@db/found"}',
    '1:14 store.url: has an @ behind its host; in a password, / is written %2F, ? %3F, # %23, @ %40',
  ],
  [
    'store: {url: "postgresql://db/found?sslmode=maybe"}',
    "1:14 store.url: sslmode must be one of disable, allow, prefer, require, verify-ca, verify-full, got '…'",
  ],
  ['deploy: {targets: [{name: a b, to: /m}]}', '1:27 deploy.targets.0.name: must be a name such as edge-7, got "a b"'],
  [
    'deploy: {targets: [{name: a, to: /m, api: "edge-7:8420"}]}',
    '1:43 deploy.targets.0.api: must be a URL such as http://edge-7:8420, without user and password, got "edge-7:8420"',
  ],
  ['deploy: {lease: 1s}', '1:17 deploy.lease: must be at least 5s, got "1s"'],
  ['deploy: {watch_cycles: -1}', '1:24 deploy.watch_cycles: must be at least 0, got -1'],
  [
    'deploy:\n  groups:\n    - {name: g, targets: [a]}',
    '3:27 deploy.groups.0.targets.0: must be one of the targets, of which there are none, got "a"',
  ],
  [
    'deploy:\n  targets: [{name: a, to: /m}]\n  groups: [{name: g, targets: [a, b]}]',
    '3:35 deploy.groups.0.targets.1: must be one of a, got "b"',
  ],
  [
    'deploy:\n  targets: [{name: a, to: /m}]\n  groups: [{name: a, targets: [a]}]',
    '3:19 deploy.groups.0.name: must be there once, got "a"',
  ],
  ['deploy: {targets: [{name: all, to: /m}]}', '1:27 deploy.targets.0.name: is all targets already, got "all"'],
  ['agents: []', '1:9 agents: must have at least 1, got an empty list'],
  ['agents: wifi', '1:9 agents: must be a list, got "wifi"'],
  ['agents: [wifi]', '1:10 agents.0: must be a mapping of keys, got "wifi"'],
  ['agents:\n  -', '2:3 agents.0: must be a mapping of keys, got nothing'],
  ['agents: [{name: Wifi, use: wifi}]', '1:17 agents.0.name: must be a lower-case word such as wifi, got "Wifi"'],
  ['agents: [{name: "", use: wifi}]', '1:17 agents.0.name: must not be empty, got ""'],
  [
    'agents: [{name: wifi, detectors: [trees]}]',
    '1:35 agents.0.detectors.0: must be one of forest, surprise, got "trees"',
  ],
  [
    'agents: [{name: wifi, detectors: [forest, forest]}]',
    '1:43 agents.0.detectors.1: must be named once, got "forest"',
  ],
  ['agents: [{name: wifi, group_by: all}]', '1:33 agents.0.group_by: must be one of device, global, got "all"'],
  ['agents: [{name: wifi, features: []}]', '1:33 agents.0.features: must have at least 1, got an empty list'],
  [
    'agents: [{name: wifi, features: [log_count, logs, log_count]}]',
    `1:45 agents.0.features.1: must be one of ${FEATURES}, got "logs"`,
    '1:51 agents.0.features.2: must be named once, got "log_count"',
  ],
  [
    'agents: [{name: lab, use: wifi, severity: {rules: [{feature: logs, at_least: two, level: huge}]}}]',
    `1:62 agents.0.severity.rules.0.feature: must be one of ${FEATURES}, got "logs"`,
    '1:78 agents.0.severity.rules.0.at_least: must be a number, got "two"',
    '1:90 agents.0.severity.rules.0.level: must be one of low, medium, high, got "huge"',
  ],
  [
    'agents: [{name: wifi, features: [log_count], severity: {rules: [{feature: station_count, at_least: 2, level: high}]}}]',
    '1:75 agents.0.severity.rules.0.feature: must be one of log_count, got "station_count"',
  ],
  [
    'agents: [{name: wifi, severity: {high: 10%}}]',
    '1:40 agents.0.severity.high: must be at least medium, which is 20%, got 10%',
  ],
  [
    'agents: [{name: wifi, severity: {medium: 0.55}}]',
    '1:42 agents.0.severity.high: must be at least medium, which is 55%, got 50%',
  ],
  [
    'agents: [{name: wifi, late_horizon: 2m}]',
    '1:37 agents.0.late_horizon: must be 0 (never), or more than grace, which is 2m, got 2m',
  ],
  [
    'agents: [{name: wifi, late_horizon: 91d}]',
    '1:37 agents.0.late_horizon: must be at most store.max_age, which is 90d, got 91d',
  ],
  ['agents: [{name: wifi, options: {sharp: true}}]', '1:33 agents.0.options.sharp: wifi has no options'],
  [
    'agents: [{name: silence, features: [log_count], model: wifi, group_by: global, detectors: [forest]}]',
    '1:26 agents.0.features: silence judges without a model, so it has no features',
    '1:49 agents.0.model: silence judges without a model, so it has no model',
    '1:62 agents.0.group_by: silence judges without a model, so it has no group_by',
    '1:80 agents.0.detectors: silence judges without a model, so it has no detectors',
  ],
  [
    'agents: [{name: quiet, use: silence, options: {aftr: 5m, forget: long}}]',
    '1:48 agents.0.options.aftr: there is no such key, did you mean after? (there are after, device_share, program_share, forget)',
    `1:66 agents.0.options.forget: ${DURATION}, got "long"`,
  ],
  [
    'agents: [{name: silence, severity: {rules: [{feature: log_count, at_least: 1, level: high}]}}]',
    '1:37 agents.0.severity.rules: silence judges without features, so there can be no rules about them',
  ],
  ['agents: [{name: ssh, use: ./ssh.ts, options: 3}]', '1:46 agents.0.options: must be a mapping of keys, got 3'],
  ['store: {file: "${A B}"}', '1:15 store.file: a variable must be written ${NAME} or ${NAME:-default}'],
  ['store: {file: "x${A"}', '1:15 store.file: a variable must be written ${NAME} or ${NAME:-default}'],
  [
    'store: {file: "${A}/${B}"}',
    '1:15 store.file: the environment has neither A nor A_FILE',
    '1:15 store.file: the environment has neither B nor B_FILE',
  ],
  ['store: {file: a}\nstore: {file: b}', '2:1 Map keys must be unique'],
  ['store: *other', '1:8 aliases are not allowed; a text that begins with * must be quoted'],
  ['store: {file: !there x}', '1:22 tags are not allowed; a text that begins with ! must be quoted'],
  [
    'a: [1\nb: @x',
    '2:1 Flow sequence in block collection must be sufficiently indented and end with a ]',
    '2:4 Plain value cannot start with reserved character @',
  ],
];

for (const [text, ...expected] of WRONG) {
  test(`what is wrong with ${JSON.stringify(text)} is said`, () => assert.deepEqual(complaintsAbout(text), expected));
}

/** A key of the schema: where it is, and what may stand there. */
interface Key {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
}

/** All keys below a schema; a list is gone into at its first element. */
function keysOf(schema: JsonSchema, path: readonly string[] = []): Key[] {
  const below = Object.entries(schema.properties ?? {}).map(([key, of]) => [key, of] as const);
  const inside = schema.items === undefined ? below : [['0', schema.items] as const];
  return inside.flatMap(([key, of]) => [{ path: [...path, key], schema: of }, ...keysOf(of, [...path, key])]);
}

/** YAML of one line in which a value stands at a path, among what its neighbours need. */
function writtenAt(path: readonly string[], value: string): string {
  return path.reduceRight((inner, key) => (key === '0' ? `[${inner}]` : `{${key}: ${inner}}`), value);
}

const KEYS = keysOf(jsonSchemaOf(configSchema));

test('a mapping or a list where none may stand is told of at every key, at its place', () => {
  assert.ok(KEYS.length > 50);
  for (const { path, schema } of KEYS) {
    const isMapping = schema.type === 'object';
    const wrong = isMapping || schema.type === 'array' ? '3' : '{nonsense: 3}';
    const text = writtenAt(path, wrong);
    const place = `1:${text.indexOf(wrong) + 1} ${path.join('.')}: `;
    const said = complaintsAbout(text).find((line) => line.startsWith(place)) ?? '';
    assert.match(said, /: must (be|have) .*, got (3|a )/, text);
  }
});

test('a key that is not there is told of in every mapping, with the one that was meant', () => {
  const mappings = KEYS.filter(({ schema }) => schema.properties !== undefined);
  assert.ok(mappings.length > 8);
  for (const { path, schema } of mappings) {
    for (const key of Object.keys(schema.properties ?? {})) {
      const written = `${key}x`;
      const said = complaintsAbout(writtenAt([...path, written], '3'));
      const line = `${[...path, written].join('.')}: there is no such key, did you mean ${key}? (there are `;
      assert.ok(
        said.some((found) => found.includes(line)),
        `${line} is not in ${said.join('\n')}`,
      );
    }
  }
});

test('keys that every JavaScript object has are no keys of the configuration', () => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    assert.match(
      complaintsAbout(`http: {${key}: {port: 1}}`)[0] ?? '',
      new RegExp(`http.${key}: there is no such key`),
    );
  }
});

const SECRET = 'Hunter2';
/** Where a secret may come to stand, in a right file or in a wrong one. */
const SECRET_PLACES = [
  ...['url: X', 'url: [X]', 'url: {a: X}', 'url: {password: X, host: 3}', 'url: X X', 'url: "postgresql://u:X@h:p/x"'],
  ...['url: "postgresql://u:X/y@h/x"', 'url: "postgresql://u:5/X@h/x?a=b"', 'url: "postgresql://u:5?X@h/x"'],
  ...['url: "postgresql://u:a@X@h/x?port=0"', 'url: "host=db password=X"', 'url: !X y', 'url: *X', 'url: "${X y}"'],
  ...['url: |X', 'url: &X', 'url: "X\\q"', "url: 'X", 'url: %X', 'url: "postgresql://X:X@h:99999"', 'url: X: y'],
  ...['url: "postgresql://?u:Xdb/logs"', 'url: "postgresql://h/x?sslmode=a\'X"', 'url: "postgresql://h/x?port=X"'],
].flatMap((line) => [`database:\n  ${line}\n`, `store:\n  ${line}\n`, `store: {${line}}`]);
const TOKEN_PLACES = ['[X]', 'X', '{a: X}', '["sha256:X"]', '[[X]]', '[!X a]', '["${X y}"]', '[a, "X\\q"]', '[*X]'];

test('no secret is ever shown, whatever else is wrong', () => {
  const places = [
    ...SECRET_PLACES,
    ...TOKEN_PLACES.map((value) => `http: {tokens: ${value}}`),
    ...[
      'http: X',
      'database: "host=db password=X"',
      'store: ["postgresql://u:X@h"]',
      'X',
      '[X]',
      '"postgresql://u:X@h"',
    ],
    'agents: {name: ssh, use: ./a.ts, options: {password: X}}',
    'agents: [[{options: {password: X}}]]',
  ];
  for (const place of places) {
    const said = complaintsAbout(place.replaceAll('X', SECRET)).join('\n');
    assert.ok(!said.includes(SECRET), `${place}: ${said}`);
  }
});

test('no secret is ever shown, wherever a character is lost, doubled or changed around it', () => {
  const text = `database: {url: "postgresql://me:${SECRET}@db/logs"}\nhttp:\n  tokens:\n    - "${SECRET}"\n`;
  const change = fc.record({
    at: fc.nat(text.length - 1),
    length: fc.nat(3),
    instead: fc.string({ maxLength: 2, unit: fc.constantFrom(...'{}[]:,"\'!&*|>%@#? \n\t-$\\') }),
  });
  const isKey = (said: string) => /: there is no such key/.test(said); // a key is shown: it may be a misspelt one
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const changed = changes.reduce(
        (now, { at, length, instead }) => now.slice(0, at) + instead + now.slice(at + length),
        text,
      );
      const shown = complaintsAbout(changed).filter((line) => line.includes(SECRET) && !isKey(line));
      assert.deepEqual(shown, [], JSON.stringify(changed));
    }),
    { numRuns: 1_000 },
  );
});

test('every key says what it is for', () => {
  assert.deepEqual(
    KEYS.filter(({ path, schema }) => path.at(-1) !== '0' && schema.description === undefined),
    [],
  );
});
