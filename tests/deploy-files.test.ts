/** The files in deploy/ say what is true of the service: its metrics, its configuration, its files, its database. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { PostgresLogSource, postgresConnection } from '@edgewood/logs';
import { PrometheusMetrics, parseConfig } from '@edgewood/service';
import { parse, parseAllDocuments } from 'yaml';
import { execute } from '../packages/logs/src/testing/log-table.ts';
import { startPostgres } from '../packages/logs/src/testing/postgres-server.ts';

const root = join(import.meta.dirname, '..');
const deploy = join(root, 'deploy');
const read = (file: string) => readFileSync(join(deploy, file), 'utf8');
const files = readdirSync(deploy, { recursive: true, encoding: 'utf8' });

test('every YAML and JSON file can be parsed', () => {
  for (const file of files) {
    if (file.endsWith('.json')) assert.doesNotThrow(() => JSON.parse(read(file)), file);
    if (!/\.ya?ml$/.test(file)) continue;
    for (const { errors, warnings } of parseAllDocuments(read(file))) assert.deepEqual([...errors, ...warnings], []);
  }
});

describe('Prometheus and Grafana', () => {
  /** What Prometheus and its scraping add to what a service tells. */
  const ADDED_LABELS = ['job', 'instance'];
  const rules: { alert: string; expr: string }[] = parse(read('prometheus/edgewood.rules.yml')).groups[0].rules;
  const dashboard = JSON.parse(read('grafana/edgewood.json'));

  /** Each metric of the service, by name, and its labels; a histogram has its series. */
  async function metricsOfService(): Promise<Map<string, Set<string>>> {
    const metrics = new PrometheusMetrics();
    metrics.agentStarted('wifi');
    metrics.modelLoaded('wifi', '20250607_230000');
    metrics.lagSeconds('wifi', 0);
    metrics.agentUp('wifi', true);
    metrics.alertBudgetRatio('wifi', 0);
    const found = new Map([['up', new Set(ADDED_LABELS)]]);
    for (const [, name = '', labels = ''] of (await metrics.expose()).matchAll(/^([a-z]\w*)(?:\{(.*)\})? \S+$/gm)) {
      const names = [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
      found.set(name, new Set([...(found.get(name) ?? ADDED_LABELS), ...names]));
    }
    return found;
  }

  const expressions: string[] = [
    ...rules.map(({ expr }) => expr),
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }: { expr: string }) => expr)),
    ...dashboard.annotations.list.map(({ expr }: { expr: string }) => expr),
    ...dashboard.templating.list.flatMap(({ definition = [] }) => definition),
  ];

  test('rules and dashboard ask for metrics that the service has, by labels that these have', async () => {
    const known = await metricsOfService();
    assert.ok(expressions.length > 50, `only ${expressions.length} expressions were found`);
    for (const expression of expressions) {
      const asked = [...expression.matchAll(/\b((?:edgewood|process|nodejs)_\w+|up)\b(?:\{([^}]*)\})?/g)];
      assert.ok(asked.length > 0, `no metric in ${expression}`);
      for (const [, name = '', selector = ''] of asked) {
        const labels = known.get(name);
        assert.ok(labels !== undefined, `there is no metric ${name}: ${expression}`);
        for (const [, label = ''] of selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)) {
          assert.ok(labels.has(label), `${name} has no label ${label}: ${expression}`);
        }
      }
      for (const [, list = ''] of expression.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)) {
        for (const label of list.split(',').map((item) => item.trim())) {
          const has = asked.some(([, name = '']) => known.get(name)?.has(label));
          assert.ok(has, `nothing has the label ${label}: ${expression}`);
        }
      }
    }
  });

  test('rules and dashboard together leave out no metric of the service', async () => {
    const all = expressions.join('\n');
    for (const name of (await metricsOfService()).keys()) {
      if (name.startsWith('edgewood_') && !/_(sum|count)$/.test(name)) assert.match(all, new RegExp(`\\b${name}\\b`));
    }
  });

  test('every alert has a test in which it comes', () => {
    const tests = read('prometheus/edgewood.rules.test.yml');
    for (const { alert } of rules) assert.match(tests, new RegExp(`(alertname="|alertname: )${alert}\\b`));
  });

  test('the dashboard takes its data source from a variable everywhere', () => {
    const uids = [...JSON.stringify(dashboard).matchAll(/"datasource":\{"type":"prometheus","uid":"([^"]*)"/g)];
    assert.ok(uids.length > 50);
    for (const [, uid] of uids) assert.equal(uid, '${datasource}');
  });
});

describe('the image', () => {
  const dockerfile = read('Dockerfile').replaceAll('\\\n', '');
  const [buildStage = '', finalStage = ''] = dockerfile.split(/^FROM /m).slice(1);

  /** What the build stage copies from the clone. */
  const copied = [...buildStage.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '));

  test('it copies files that there are, and .dockerignore lets them through', () => {
    const config = /^COPY (deploy\/\S+) /m.exec(finalStage)?.[1] ?? '';
    const letThrough = readFileSync(join(root, '.dockerignore'), 'utf8').match(/(?<=^!).+$/gm);
    const wanted = [...copied, config].map((source) => source.replace(/\/$/, ''));
    for (const source of wanted) assert.ok(existsSync(join(root, source)), source);
    assert.deepEqual(letThrough?.sort(), wanted.sort());
  });

  test('its build commands are scripts of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const names = [...buildStage.matchAll(/^RUN npm run (\S+)$/gm)].map(([, name = '']) => name);
    assert.deepEqual(names, ['setup', 'bundle']);
    for (const name of names) assert.ok(name in scripts, name);
  });

  test('it runs nothing while it is built, and as nobody in particular', () => {
    assert.doesNotMatch(finalStage, /^RUN /m);
    assert.match(finalStage, /^USER node$/m);
    for (const [, command = ''] of finalStage.matchAll(/^(?:HEALTHCHECK .*?)?CMD (.*)$/gm)) {
      assert.equal(JSON.parse(command)[0], 'node'); // exec form: no shell that keeps signals to itself
    }
  });

  test('its configuration can be reached from outside, and writes into volumes alone', () => {
    const host = /EDGEWOOD_HOST=(\S+)/.exec(finalStage)?.[1];
    const config = parseConfig(read('edgewood.yaml'), 'edgewood.yaml', {
      DATABASE_URL: 'postgresql://edgewood_reader@postgres:5432/logs',
      EDGEWOOD_HOST: host,
    });
    assert.equal(config.http.host, '0.0.0.0');
    assert.match(finalStage, new RegExp(`^EXPOSE ${config.http.port}$`, 'm'));
    const workingDirectory = /^WORKDIR (.+)$/m.exec(finalStage)?.[1] ?? '';
    const folders = [config.models.directory, posix.dirname(config.store.file)];
    const volumes = JSON.parse(/^VOLUME (.+)$/m.exec(finalStage)?.[1] ?? '[]');
    assert.deepEqual(
      volumes,
      folders.map((folder) => posix.join(workingDirectory, folder)),
    );
  });

  test('outside a container the same configuration listens on loopback alone', () => {
    const environment = { DATABASE_URL: 'postgresql://localhost/logs' };
    assert.equal(parseConfig(read('edgewood.yaml'), 'edgewood.yaml', environment).http.host, '127.0.0.1');
  });
});

describe('Compose', () => {
  const { services, volumes, secrets } = parse(read('compose.yaml'), { merge: true });

  test('it names files, volumes and secrets that there are', () => {
    const { context, dockerfile } = services.edgewood.build;
    assert.ok(existsSync(join(deploy, context, dockerfile)));
    for (const service of Object.values<{ volumes: string[]; secrets: string[] }>(services)) {
      for (const [source = ''] of service.volumes.map((volume) => volume.split(':'))) {
        assert.ok(source.startsWith('./') ? existsSync(join(deploy, source)) : source in volumes, source);
      }
      for (const secret of service.secrets) assert.ok(secret in secrets, secret);
    }
  });

  test('the service may change nothing but its volumes, and is reached from this machine alone', () => {
    const { read_only, cap_drop, security_opt, ports } = services.edgewood;
    assert.deepEqual([read_only, cap_drop, security_opt], [true, ['ALL'], ['no-new-privileges:true']]);
    for (const port of [...ports, ...services.postgres.ports]) assert.match(port, /^127\.0\.0\.1:/);
  });

  test('passwords stand in files that git does not take', () => {
    assert.match(read('secrets/.gitignore'), /^\*$/m);
    for (const { file } of Object.values<{ file: string }>(secrets)) assert.match(file, /^\.\/secrets\/\w+$/);
    for (const [, name = ''] of read('postgres/20-passwords.sh').matchAll(/\/run\/secrets\/(\w+)/g)) {
      assert.ok(services.postgres.secrets.includes(name), name);
    }
  });
});

test('the unit starts what the image starts, and lets it write where the configuration does', () => {
  const unit = read('edgewood.service');
  const command = JSON.parse(/^CMD (.*)$/m.exec(read('Dockerfile'))?.[1] ?? '[]');
  const flags = command.filter((word: string) => word.startsWith('--') && word !== '--config').join(' ');
  assert.match(unit, new RegExp(`^ExecStart=/usr/local/bin/node ${flags} /opt/edgewood/edgewood.mjs serve `, 'm'));
  const rooms = /^StateDirectory=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
  assert.deepEqual(rooms.slice(1), ['edgewood/models', 'edgewood/data']);
  assert.match(unit, /^WorkingDirectory=\/var\/lib\/edgewood$/m);
  assert.match(unit, /^ProtectSystem=strict$/m);
});

test('on the database that is set up, the reader may read and nothing else, the writer may add and nothing else', async (t) => {
  const { url, stop } = await startPostgres();
  t.after(stop);
  await execute(url, read('postgres/10-log-entries.sql'));
  const as = (role: string) => Object.assign(new URL(url), { username: role }).href;
  const [reader, writer] = [as('edgewood_reader'), as('log_writer')];

  const insert = `INSERT INTO log_entries (device_id, "timestamp", log_level, program, message)
    VALUES ('192.0.2.1', '2025-05-01T02:00:00.5+02:00', 'info', 'hostapd', 'it''s up')`;
  await execute(writer, insert);
  await assert.rejects(execute(writer, 'SELECT * FROM log_entries'), /permission denied/);
  await assert.rejects(execute(writer, 'DELETE FROM log_entries'), /permission denied/);
  assert.deepEqual(await execute(reader, 'SELECT device_id, program, message FROM log_entries'), [
    { device_id: '192.0.2.1', program: 'hostapd', message: "it's up" },
  ]);
  const anyway = 'BEGIN READ WRITE;'; // the setting keeps mistakes away; the missing right is what counts
  await assert.rejects(execute(reader, anyway + insert), /permission denied/);
  await assert.rejects(execute(reader, `${anyway} DELETE FROM log_entries`), /permission denied/);
  await assert.rejects(execute(reader, `${anyway} CREATE TABLE mine ()`), /permission denied/);

  const source = new PostgresLogSource({ connection: postgresConnection(reader, {}) });
  assert.deepEqual((await source.check()).warnings, []);
  await source.close();
});

test('rsyslog fills columns that there are', () => {
  const [, columns = ''] = /INSERT INTO log_entries \(([^)]*)\)/.exec(read('rsyslog-edgewood.conf')) ?? [];
  for (const column of columns.replaceAll('\\', '').split(', ')) {
    assert.match(read('postgres/10-log-entries.sql'), new RegExp(`^  ${column} `, 'm'));
  }
  assert.match(read('rsyslog-edgewood.conf'), /option\.stdsql="on"/); // a quote in a message ends no text
});
