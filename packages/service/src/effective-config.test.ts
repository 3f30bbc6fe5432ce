import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { parseConfig, readConfig } from './config.ts';
import { formatEffectiveConfig } from './effective-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgewood-effective-'));
after(() => rmSync(folder, { recursive: true }));

const SECRET = 'Hunter2';
const HASH = '0123456789abcdef'.repeat(4);

function shown(text: string, environment = {}): string {
  const path = join(folder, 'edgewood.yaml');
  writeFileSync(path, text);
  return formatEffectiveConfig(readConfig(path, environment));
}

const RICH = `
database: {url: "postgresql://me:${SECRET}@db/logs?sslmode=require", columns: {program: app}}
store: {url: "postgresql://db/found?user=me&password=${SECRET}", max_age: 30d}
http: {tokens: ["sha256:${HASH}"], port: "\${PORT}", read_without_token: "\${OPEN}"}
log: {level: warn}
deploy: {targets: [{name: edge-7, to: "pi@edge-7:/models"}], groups: [{name: sites, targets: [edge-7]}], lease: 90}
agents:
  - {name: lab, use: wifi, grace: 90, severity: {rules: [{feature: log_count, at_least: "3", level: high}]}}
  - {name: silence, options: {after: 20m}}
  - name: ssh
    use: ./ssh.ts
    options: {api_key: ${SECRET}, to: ["https://me:${SECRET}@hook"], deep: {Password: {a: ${SECRET}}}, seen: "$\${x}"}
`;
const ENVIRONMENT = { PORT: '80', OPEN: 'false' };

test('what is shown has every default, in the words of the file, in the order of the documentation', () => {
  const { agents, ...of } = parse(shown('http: {port: 80}\nlog: {level: warn}'));
  assert.deepEqual(of, {
    database: { table: 'log_entries', columns: {}, time_zone: 'UTC' },
    models: { directory: 'models', poll_interval: '2s', trusted_keys: [], report: true },
    store: { file: 'edgewood.sqlite', schema: 'public', max_age: '90d', max_size: '500MB' },
    http: { host: '127.0.0.1', port: 80, tokens: [], read_without_token: true, requests_per_minute: 600 },
    resources: { max_cpu: '80%', max_memory: '80%' },
    log: { level: 'warn' },
    deploy: { targets: [], groups: [], watch_cycles: 3, wait: '2m', lease: '60s' },
  });
  const common = {
    ...{ enabled: true, grace: '2m', late_horizon: '1h', catch_up_max: '24h', time_limit: '10m' },
    ...{ anomalies_per_slot: 100, quiet: 3, severity: { medium: '20%', high: '50%', rules: [] } },
  };
  assert.deepEqual(agents, [
    { name: 'wifi', use: 'wifi', model: 'wifi', detectors: ['forest', 'surprise'], ...common, options: {} },
    {
      name: 'silence',
      use: 'silence',
      ...common,
      options: { after: '15m', device_share: '20%', program_share: '50%', forget: '7d' },
    },
  ]);
});

test('what came from a variable is shown as what it is', () => {
  const { http } = parse(shown(RICH, ENVIRONMENT));
  assert.deepEqual([http.port, http.read_without_token], [80, false]);
});

test('what is shown is a configuration that comes to the same, but for its secrets', () => {
  for (const text of ['', 'agents: [{name: firewall}, {name: wifi}]', RICH]) {
    const before = parseConfig(text, 'x', ENVIRONMENT);
    const now = parseConfig(shown(text, ENVIRONMENT), 'shown', {});
    const secrets = ({ database, store, http, agents, ...of }: typeof before) => ({
      ...of,
      database: { ...database, url: undefined },
      store: { ...store, url: undefined },
      http: { ...http, tokens: [] },
      agents: agents.map((agent) => ({ ...agent, options: undefined })),
    });
    assert.deepEqual(secrets(now), secrets(before));
    assert.equal(shown(shown(text, ENVIRONMENT)), shown(text, ENVIRONMENT));
  }
});

test('no secret is shown, and what is not one is', () => {
  const text = shown(RICH, ENVIRONMENT);
  assert.ok(!text.includes(SECRET), text);
  assert.ok(!text.includes(HASH), text);
  const { database, store, http, agents } = parse(text);
  assert.equal(database.url, 'postgresql://me:***@db/logs?sslmode=require');
  assert.equal(store.url, 'postgresql://db/found?user=me&password=***');
  assert.deepEqual(http.tokens, [`sha256:01234567${'0'.repeat(56)}`]);
  assert.deepEqual(agents[2].options, {
    api_key: '***',
    to: ['https://me:***@hook'],
    deep: { Password: '***' },
    seen: '$${x}',
  });
});
