/** What deployers ask: the report, and whether a version would be accepted. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { formatMetadata, loadMetadata, parseAgentName, parseServiceReport } from '@edgewood/models';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import { agentStatusOf } from '../testing/fake-service-control.ts';
import { createHttpParts } from '../testing/http-parts.ts';
import { addModel } from '../testing/wifi-models.ts';
import { createHttpServer } from './http-server.ts';

const tokens = [`sha256:${createHash('sha256').update('good').digest('hex')}`];
const files = new MemoryModelFiles();
const METADATA = JSON.parse(
  formatMetadata(await loadMetadata(files, parseAgentName('wifi'), await addModel(files))),
) as object;

function setUp(settings = {}, limits = {}) {
  const parts = createHttpParts({ tokens, ...settings });
  const server = createHttpServer(parts, limits);
  const check = async (payload: object | string, { agent = 'wifi', headers = {} } = {}) => {
    const answer = await server.inject({
      method: 'POST',
      url: `/api/models/${agent}/check`,
      headers: { 'content-type': 'application/json', ...headers },
      payload,
    });
    return { status: answer.statusCode, ...answer.json() };
  };
  return { parts, server, check };
}

test('/api/report is the report that a deployer reads, without a token', async () => {
  const { parts, server } = setUp();
  parts.control.agents = [agentStatusOf('wifi', { problem: 'the newer one is broken' })];
  const answer = await server.inject('/api/report');
  assert.equal(answer.statusCode, 200);
  const { models } = parseServiceReport(answer.body, '/api/report');
  assert.deepEqual(
    models.map(({ agent, version, problem }) => [agent, version, problem]),
    [['wifi', '20250608_230000', 'the newer one is broken']],
  );
});

test('a version that fits is accepted, without a token', async () => {
  const { check } = setUp();
  assert.deepEqual(await check(METADATA), { status: 200, accepted: true, problem: null, warnings: [] });
});

test('one that does not is refused with the reason, and so is what is no metadata', async () => {
  const { check } = setUp();
  const other = await check({ ...METADATA, feature_fingerprint: 'a'.repeat(64) });
  assert.deepEqual([other.status, other.accepted], [200, false]);
  assert.match(other.problem, /EXTRACTOR_MISMATCH/);
  assert.match((await check({})).problem, /^the metadata: model_version: .*BAD_METADATA\]$/);
});

test('where questions need a token, this one does', async () => {
  const { check } = setUp({ readWithoutToken: false });
  assert.deepEqual([(await check(METADATA)).status, (await check('{')).status], [401, 401]);
  assert.equal((await check(METADATA, { headers: { authorization: 'Bearer good' } })).status, 200);
});

test('what is no JSON object is 400, no JSON at all 415, an agent that there is not 404', async () => {
  const { check } = setUp();
  for (const body of ['[]', 'null', '"x"', '{', '{"__proto__": {}}'])
    assert.equal((await check(body)).status, 400, body);
  assert.equal((await check('{}', { headers: { 'content-type': 'text/plain' } })).status, 415);
  assert.equal((await check(METADATA, { agent: 'dns' })).status, 404);
});

test('4 MB of metadata are looked at, more are refused', async () => {
  const { check } = setUp();
  const bytes = JSON.stringify({ ...METADATA, note: '' }).length;
  assert.equal((await check({ ...METADATA, note: 'x'.repeat(4_000_000 - bytes) })).status, 200);
  const { status, error } = await check({ ...METADATA, note: 'x'.repeat(4_000_001 - bytes) });
  assert.deepEqual([status, error.code], [413, 'BODY_TOO_LARGE']);
});

test('no more than a few come in at a time, and who leaves makes room', { timeout: 60_000 }, async (t) => {
  const { server } = setUp({}, { metadataChecks: 1 });
  t.after(() => server.close());
  const { port, origin } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
  const ask = async () => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${origin}/api/models/wifi/check`, { method: 'POST', headers, body: '{}' })).status;
  };
  const slow = connect(Number(port), '127.0.0.1');
  slow.write('POST /api/models/wifi/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
  slow.write('Content-Length: 2\r\n\r\n{');
  while ((await ask()) !== 503); // until the slow one is there
  slow.destroy();
  await once(slow, 'close');
  while ((await ask()) !== 200);
});
