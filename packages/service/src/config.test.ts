import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgentConfig, loadConfig, parseConfig } from './config.ts';

const AGENT: AgentConfig = {
  name: 'wifi',
  use: 'wifi',
  enabled: true,
  programs: undefined,
  model: 'wifi',
  windowMs: undefined,
  groupBy: undefined,
  features: undefined,
  detectors: ['forest', 'surprise'],
  graceMs: 120_000,
  lateHorizonMs: 3_600_000,
  catchUpMaxMs: 86_400_000,
  timeLimitMs: 600_000,
  anomaliesPerSlot: 100,
  quietWindows: 3,
  severity: { medium: 0.2, high: 0.5, rules: [] },
  options: {},
};

const DEFAULTS = {
  database: { url: undefined, table: 'log_entries', columns: {}, timeZone: 'UTC' },
  models: { directory: 'models', pollIntervalMs: 2_000, trustedKeys: [], report: true },
  store: {
    file: 'edgewood.sqlite',
    url: undefined,
    schema: 'public',
    limits: { maxAgeMs: 7_776_000_000, maxBytes: 500_000_000 },
  },
  http: { host: '127.0.0.1', port: 8420, tokens: [], readWithoutToken: true, requestsPerMinute: 600 },
  agents: [AGENT, { ...AGENT, name: 'silence', use: 'silence', model: 'silence' }],
  resources: { maxCpuShare: 0.8, maxMemoryShare: 0.8 },
  log: { level: 'info' },
  deploy: { targets: [], groups: [], watchCycles: 3, waitMs: 120_000, leaseMs: 60_000 },
};

test('no file, an empty one and one of empty sections are configurations: all defaults', async () => {
  assert.deepEqual(await loadConfig(undefined, {}), DEFAULTS);
  for (const text of ['', '# nothing\n', '{}', 'http:\nagents:\ndatabase:\n  columns:\n']) {
    assert.deepEqual(parseConfig(text, 'x', {}), DEFAULTS, text);
  }
});

test('everything can be set', () => {
  const hash = `sha256:${'0123456789abcdef'.repeat(4)}`;
  const text = `
database: {url: postgresql://db/logs, table: log.entries, columns: {program: app}, time_zone: Europe/Berlin}
models: {directory: /srv/models, poll_interval: 10s, trusted_keys: [keys/a.pem], report: false}
store: {url: postgresql://db/found, schema: edgewood, max_age: 30d, max_size: 2GB}
http: {host: 0.0.0.0, port: 0, tokens: ["${hash}"], read_without_token: false, requests_per_minute: 60}
resources: {max_cpu: 0.5, max_memory: 90%}
agents:
  - name: lab
    use: wifi
    enabled: false
    programs: [hostapd]
    model: lab-wifi
    window: 5m
    group_by: global
    features: [log_count]
    detectors: [surprise]
    grace: 1m
    late_horizon: 2h
    catch_up_max: 2d
    time_limit: 30s
    anomalies_per_slot: 7
    quiet: 5
    severity: {medium: 0.3, high: 60%, rules: [{feature: log_count, at_least: 2.5, level: high}]}
  - name: ssh
    use: edgewood-agent-ssh
    options: {ports: [22]}
log: {level: debug}
deploy:
  targets: [{name: edge-7, to: "pi@edge-7:/models", api: "http://edge-7:8420", token_file: t}, {name: nas, to: /mnt}]
  groups: [{name: sites, targets: [edge-7]}]
  watch_cycles: 0
  wait: 30s
  lease: 2m`;
  assert.deepEqual(parseConfig(text, 'x', {}), {
    database: {
      url: 'postgresql://db/logs',
      table: 'log.entries',
      columns: { program: 'app' },
      timeZone: 'Europe/Berlin',
    },
    models: { directory: '/srv/models', pollIntervalMs: 10_000, trustedKeys: ['keys/a.pem'], report: false },
    store: {
      file: 'edgewood.sqlite',
      url: 'postgresql://db/found',
      schema: 'edgewood',
      limits: { maxAgeMs: 2_592_000_000, maxBytes: 2_000_000_000 },
    },
    http: { host: '0.0.0.0', port: 0, tokens: [hash], readWithoutToken: false, requestsPerMinute: 60 },
    agents: [
      {
        name: 'lab',
        use: 'wifi',
        enabled: false,
        programs: ['hostapd'],
        model: 'lab-wifi',
        windowMs: 300_000,
        groupBy: 'global',
        features: ['log_count'],
        detectors: ['surprise'],
        graceMs: 60_000,
        lateHorizonMs: 7_200_000,
        catchUpMaxMs: 172_800_000,
        timeLimitMs: 30_000,
        anomaliesPerSlot: 7,
        quietWindows: 5,
        severity: { medium: 0.3, high: 0.6, rules: [{ feature: 'log_count', atLeast: 2.5, level: 'high' }] },
        options: {},
      },
      { ...AGENT, name: 'ssh', use: 'edgewood-agent-ssh', model: 'ssh', options: { ports: [22] } },
    ],
    resources: { maxCpuShare: 0.5, maxMemoryShare: 0.9 },
    log: { level: 'debug' },
    deploy: {
      targets: [
        { name: 'edge-7', to: 'pi@edge-7:/models', api: 'http://edge-7:8420', tokenFile: 't' },
        { name: 'nas', to: '/mnt', tokenFile: undefined },
      ],
      groups: [{ name: 'sites', targets: ['edge-7'] }],
      watchCycles: 0,
      waitMs: 30_000,
      leaseMs: 120_000,
    },
  });
});

test('durations are seconds, or have a unit', () => {
  const catchUpMaxMs = (text: string) =>
    parseConfig(`agents: [{name: wifi, catch_up_max: ${text}}]`, 'x', {}).agents[0]?.catchUpMaxMs;
  const found = ['90', '0', '"90"', '300s', '5m', '2h', '1d', '1.5h', '0.001', '250ms', '1e-4'].map(catchUpMaxMs);
  assert.deepEqual(found, [90_000, 0, 90_000, 300_000, 300_000, 7_200_000, 86_400_000, 5_400_000, 1, 250, 0]);
});

test('sizes are bytes, or have a unit', () => {
  const maxBytes = (text: string) => parseConfig(`store: {max_size: ${text}}`, 'x', {}).store.limits.maxBytes;
  const found = ['2000000', '"2000000"', '2000kB', '500MB', '1.5 GB'].map(maxBytes);
  assert.deepEqual(found, [2_000_000, 2_000_000, 2_000_000, 500_000_000, 1_500_000_000]);
});

test('shares are percent, or from 0 to 1', () => {
  const maxCpuShare = (text: string) => parseConfig(`resources: {max_cpu: ${text}}`, 'x', {}).resources.maxCpuShare;
  assert.deepEqual(['80%', '0.8', '"0.8"', '1', '100%', '0.5%'].map(maxCpuShare), [0.8, 0.8, 0.8, 1, 1, 0.005]);
});

test('a file that cannot be read, or is far too long for a configuration, is an error that names it', async () => {
  await assert.rejects(loadConfig('/nonexistent/edgewood.yaml', {}), {
    code: 'BAD_CONFIG',
    message: /\/nonexistent\/edgewood\.yaml/,
  });
  await assert.rejects(loadConfig('/dev/zero', {}), { code: 'BAD_CONFIG', message: /longer than 1000000 bytes/ });
});
