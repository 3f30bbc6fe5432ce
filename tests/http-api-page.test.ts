/** docs/http-api.md against the server: its routes, its examples, its errors and its numbers. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHANGE_KINDS } from '../packages/service/src/anomalies/anomaly-store.ts';
import { PASSING_EVENTS } from '../packages/service/src/http/event-json.ts';
import { HTTP_LIMITS } from '../packages/service/src/http/http-limits.ts';
import { createHttpServer } from '../packages/service/src/http/http-server.ts';
import { createHttpParts, fill } from '../packages/service/src/testing/http-parts.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/http-api.md'), 'utf8');
const TOKEN = 'token-of-a-test';

async function setUp() {
  const parts = createHttpParts({ tokens: [`sha256:${createHash('sha256').update(TOKEN).digest('hex')}`] });
  await fill(parts);
  return createHttpServer(parts);
}

test('the table has every route of the OpenAPI document, with its summary, and no other', async () => {
  const { paths } = (await (await setUp()).inject('/api/openapi.json')).json();
  const routes = Object.entries<Record<string, { summary: string }>>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary }]) => `| \`${method.toUpperCase()} ${path}\` | ${summary} |`),
  );
  const rows = page.match(/^\| `(?:GET|POST) .*$/gm) ?? [];
  assert.deepEqual([...rows].sort(), routes.sort());
});

test('every curl example is answered with 200', async () => {
  const server = await setUp();
  const commands = page.replaceAll('\\\n', ' ').match(/^curl .*$/gm) ?? [];
  assert.ok(commands.length >= 10);
  for (const command of commands) {
    if (command.includes('/api/events')) continue; // does not end; event-stream.test.ts asks it
    const [, url = ''] = /http:\/\/localhost:8420([^\s']*)/.exec(command) ?? [];
    const [, json = command.includes('--json @') ? '{}' : undefined] = /--json '([^']*)'/.exec(command) ?? [];
    const isChange = json !== undefined || command.includes('-X POST');
    const answer = await server.inject({
      method: isChange ? 'POST' : 'GET',
      url,
      headers: command.includes('Bearer $TOKEN') ? { authorization: `Bearer ${TOKEN}` } : {},
      ...(json !== undefined && { payload: JSON.parse(json) }),
    });
    assert.equal(answer.statusCode, 200, `${command}: ${answer.body}`);
  }
});

test('the errors are those that the server knows', () => {
  const source = readFileSync(join(root, 'packages/service/src/http/http-errors.ts'), 'utf8');
  const [union = ''] = /export type HttpErrorCode =[^;]*;/.exec(source) ?? [];
  const named = [...page.matchAll(/^\| `([A-Z_]+)` \| \d+ \|/gm)].map(([, code]) => code);
  assert.deepEqual(named.sort(), [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code).sort());
});

test('every event is named, and the numbers are those of the limits', () => {
  for (const name of [...CHANGE_KINDS, ...Object.keys(PASSING_EVENTS)]) assert.ok(page.includes(`\`${name}\``), name);
  const { bodyBytes, streams, answerMs, connections, requestMs, metadataBytes, metadataChecks } = HTTP_LIMITS;
  assert.ok(page.includes(`more than ${bodyBytes / 1024} KiB, or ${metadataBytes / 1e6} MB of metadata`));
  assert.ok(page.includes(`${metadataChecks} versions are being checked`));
  assert.ok(page.includes(`${streams} clients listen`));
  assert.ok(page.includes(`took more than ${answerMs / 1000} s`));
  assert.ok(page.includes(`at most ${connections} connections`));
  assert.ok(page.includes(`within ${requestMs / 1000} s`));
});
