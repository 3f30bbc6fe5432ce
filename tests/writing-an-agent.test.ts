/** docs/writing-an-agent.md does what it says: its own code, its own configuration, its own command. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { LogEntry } from '@edgewood/logs';
import { openSqliteAnomalyStore, type StoredAnomaly } from '@edgewood/service';
import { LOG_COLUMNS } from '../packages/logs/src/log-columns.ts';
import { createLogTable, loadLogTable } from '../packages/logs/src/testing/log-table.ts';
import { csvRow } from '../packages/logs/src/testing/memory-log-source.ts';
import { type PostgresServer, startPostgres } from '../packages/logs/src/testing/postgres-server.ts';
import { AGENT_LIMITS } from '../packages/service/src/agents/agent-limits.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/writing-an-agent.md'), 'utf8');
const run = promisify(execFile);
const edgewood = join(root, 'packages/cli/bin/edgewood.js');

/** The page's only block of a language. */
function blockOf(language: string): string {
  const blocks = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))];
  assert.equal(blocks.length, 1, language);
  return blocks[0][1];
}

/** What the page calls its agent's file. */
const AGENT_FILE = 'ssh-brute-force.ts';

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'edgewood-writing-an-agent-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function folderOfPage(): string {
  const folder = emptyFolder();
  writeFileSync(join(folder, AGENT_FILE), blockOf('ts'));
  writeFileSync(join(folder, 'edgewood.yaml'), blockOf('yaml'));
  return folder;
}

const QUIET_MS = Date.parse('2025-04-30T00:00:00Z');
const ATTACK_MS = Date.parse('2025-05-01T00:00:00Z');
const WINDOW_MS = 300_000;

/** `count` lines of a device in the `n`-th window of a day. */
function lines(
  dayMs: number,
  n: number,
  deviceId: string,
  count: number,
  program: string,
  message: string,
): LogEntry[] {
  return Array.from({ length: count }, (_, at) => {
    return { timeMs: dayMs + n * WINDOW_MS + at * 1_000, deviceId, program, level: 'info', message };
  });
}

/** People who log in, and now and then mistype their password. */
function ordinary(dayMs: number): LogEntry[] {
  return Array.from({ length: 288 }, (_, n) => [
    ...lines(dayMs, n, '1', 2, 'sshd', 'Accepted publickey for root from 192.0.2.4 port 51000 ssh2: ED25519 SHA256:x'),
    ...lines(dayMs, n, '2', n % 7 === 0 ? 2 : 0, 'sshd', 'Failed password for admin from 192.0.2.4 port 51022 ssh2'),
  ]).flat();
}

const SLOW = 'Failed password for invalid user root from 192.0.2.4 port 22 ssh2 from 203.0.113.9 port 40022 ssh2';
const FAST = `Bad password attempt for 'root' from 2001:db8::7:40022`;

const LOG = [
  ...ordinary(QUIET_MS),
  ...ordinary(ATTACK_MS),
  ...Array.from({ length: 6 }, (_, n) => lines(ATTACK_MS, 100 + n, '2', 6, 'sshd-session', SLOW)).flat(),
  ...lines(ATTACK_MS, 200, '1', 160, 'dropbear', FAST),
].sort((a, b) => a.timeMs - b.timeMs);

let server: PostgresServer;
let url: string;

before(async () => {
  server = await startPostgres();
  url = await createLogTable(server.url);
  async function* csv() {
    yield `${LOG_COLUMNS.join(',')}\n`;
    for (const entry of LOG) yield csvRow(entry);
  }
  await loadLogTable(server.url, csv());
});
after(() => server.stop());

interface Replayed {
  /** Of its log. */
  readonly messages: readonly string[];
  readonly anomalies: readonly StoredAnomaly[];
}

/** The page's command, run in a folder. */
async function replay(folder: string, command: string): Promise<Replayed> {
  const [name, ...args] = command.split(' ');
  assert.equal(name, 'edgewood');
  const env = { ...process.env, DATABASE_URL: url };
  const { stdout } = await run(process.execPath, [edgewood, ...args], { cwd: folder, env });
  const store = openSqliteAnomalyStore(join(folder, 'try.sqlite'));
  const anomalies = (await store.anomalies({})).toReversed();
  await store.close();
  return {
    messages: stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg),
    anomalies,
  };
}

test('the agent of the page has fewer than sixty lines, and its types are right', async () => {
  assert.ok(blockOf('ts').trimEnd().split('\n').length < 60);
  assert.match(page, new RegExp(`\`${AGENT_FILE}\``));
  const folder = folderOfPage();
  const paths = { '@edgewood/service/agent': [join(root, 'packages/service/src/agents/define-agent.ts')] };
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.tests.json'), 'utf8'));
  const options = { ...compilerOptions, paths, types: [] };
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions: options, files: [AGENT_FILE] };
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).catch(({ stdout }) => assert.fail(stdout));
});

test('the agent of the page finds guessed passwords, slow and fast, and who guesses them', async () => {
  const { anomalies } = await replay(folderOfPage(), blockOf('sh').trim());
  assert.deepEqual(
    anomalies.map(({ agent, deviceId, fromMs, kind, level, why }) => {
      return [agent, deviceId, new Date(fromMs).toISOString().slice(11, 16), kind, level, why.replace(/ within.*/, '')];
    }),
    [
      ['ssh', '2', '08:35', 'guessed_passwords', 'low', '24 wrong passwords from 203.0.113.9'],
      ['ssh', '2', '08:40', 'guessed_passwords', 'low', '30 wrong passwords from 203.0.113.9'],
      ['ssh', '2', '08:45', 'guessed_passwords', 'low', '36 wrong passwords from 203.0.113.9'],
      ['ssh', '1', '16:40', 'guessed_passwords', 'high', '160 wrong passwords from 2001:db8::7'],
    ],
  );
  assert.equal(anomalies[0].why, '24 wrong passwords from 203.0.113.9 within an hour (at most 20 are usual)');
  assert.deepEqual(anomalies[0].exampleLines, Array(5).fill(`sshd-session: ${SLOW}`));
});

test('the agent of the page finds nothing on a day on which nothing happens, from wherever the command is called', async () => {
  const config = join(folderOfPage(), 'edgewood.yaml');
  const command = `edgewood serve --config ${config} --replay-from 2025-04-30 --replay-to 2025-05-01 --exit-after-replay`;
  const { messages, anomalies } = await replay(emptyFolder(), command);
  assert.deepEqual(anomalies, []);
  const expected = [/^ssh: \.\/ssh-brute-force\.ts is loaded/, /replay finished: 57\d windows, 0 anomalies/];
  for (const pattern of expected)
    assert.ok(
      messages.some((message) => pattern.test(message)),
      messages.join('\n'),
    );
});

test('options that the agent of the page refuses are named', async () => {
  const { loadAgent } = await import('../packages/service/src/agents/load-agent.ts');
  const { RecordingLog } = await import('../packages/service/src/testing/recording-log.ts');
  const config = { name: 'ssh', use: `./${AGENT_FILE}`, programs: undefined, windowMs: undefined, groupBy: undefined };
  const agent = loadAgent(
    { ...config, options: { per_hour: 'few' }, severity: { medium: 0.2, high: 0.5, rules: [] }, timeLimitMs: 60_000 },
    { baseDirectory: folderOfPage(), log: new RecordingLog() },
  );
  await agent.open?.();
  await agent.stop();
  assert.match(agent.problem ?? '', /options refused what it was given: Error: per_hour must be above 0, got few/);
});

test('the limits of the page are those of the service', () => {
  const { reload, ...limits } = AGENT_LIMITS;
  const rows = [
    `| loading | ${limits.loadMs / 1_000} s | a problem; tried again after ${reload.firstMs / 1_000} s, then less often, up to every ${reload.longestMs / 60_000} min |`,
    `| all windows of one slot | ${limits.slotMs / 1_000} s |`,
    `| JavaScript objects | ${limits.heapMb} MB |`,
    `| its process | ${limits.processMb} MB |`,
    `| findings of one window | ${limits.findings} |`,
    `| findings of one window, as JSON | ${limits.answerLength.toLocaleString('en')} characters |`,
    `| memory of one device, as JSON | ${limits.deviceMemoryLength.toLocaleString('en')} characters |`,
    `| memory altogether | ${limits.memoryLength.toLocaleString('en')} characters |`,
    `| what it prints, from slot to slot | ${limits.outputLength.toLocaleString('en')} characters |`,
  ];
  for (const row of rows) assert.ok(page.includes(`\n${row}`), row);
});
