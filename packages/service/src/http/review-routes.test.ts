import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createHttpParts, fill } from '../testing/http-parts.ts';
import { createHttpServer } from './http-server.ts';

const headers = { authorization: 'Bearer good' };
const tokens = [`sha256:${createHash('sha256').update('good').digest('hex')}`];

async function setUp() {
  const parts = createHttpParts({ tokens });
  await fill(parts);
  const server = createHttpServer(parts);
  const judge = async (what: string, payload: object) => {
    const answer = await server.inject({ method: 'POST', url: `/api/${what}/review`, headers, payload });
    return { status: answer.statusCode, ...answer.json() };
  };
  return { parts, server, judge };
}

test('a judgement is stored with its note and time, and told of', async () => {
  const { parts, server, judge } = await setUp();
  const told: string[] = [];
  parts.events.on('anomaly:reviewed', ({ anomaly }) => told.push(`${anomaly?.id} ${anomaly?.review.state}`));
  const judged = await judge('anomalies/2', { state: 'acknowledged', note: 'the new access point' });
  assert.deepEqual(
    [judged.status, judged.id, judged.review],
    [200, 2, { state: 'acknowledged', note: 'the new access point', by: 'person', at: '1970-01-01T00:15:00.000Z' }],
  );
  assert.deepEqual(told, ['2 acknowledged']);
  const found = (await server.inject('/api/anomalies?state=acknowledged')).json().anomalies;
  assert.deepEqual(
    found.map(({ id }: { id: number }) => id),
    [2],
  );
});

test('a judgement of an incident is one of all its anomalies', async () => {
  const { server, judge } = await setUp();
  const judged = await judge('incidents/1', { state: 'false_positive' });
  assert.deepEqual([judged.status, judged.review.state, judged.review.note], [200, 'false_positive', null]);
  const { anomalies } = (await server.inject('/api/incidents/1')).json();
  for (const { review } of anomalies) assert.equal(review.state, 'false_positive');
});

test('a state that cannot be reached is 409 with those that can', async () => {
  const { judge } = await setUp();
  await judge('anomalies/1', { state: 'false_positive' });
  const refused = await judge('anomalies/1', { state: 'resolved' });
  assert.deepEqual([refused.status, refused.error.code], [409, 'BAD_REVIEW']);
  assert.match(refused.error.message, /open/);
});

test('what is not there cannot be judged', async () => {
  const { judge } = await setUp();
  for (const what of ['anomalies/99', 'incidents/99']) {
    const refused = await judge(what, { state: 'resolved' });
    assert.deepEqual([refused.status, refused.error.code], [404, 'NOT_FOUND']);
  }
});

const WRONG: readonly [object, string][] = [
  [{}, 'state must be one of open, acknowledged, resolved, false_positive'],
  [{ state: 'closed' }, 'state must be one of open, acknowledged, resolved, false_positive'],
  [{ state: 'open', note: 'x'.repeat(4_001) }, 'note must have at most 4000 characters'],
  [{ state: 'open', note: 5 }, 'note must be a text or null'],
  [{ state: 'open', note: 'a\0b' }, 'note must not hold the character NUL'],
  [{ state: 'open', by: 'service', at: 0 }, 'there is no by and no at'],
];

for (const [payload, message] of WRONG) {
  test(`the judgement ${JSON.stringify(payload).slice(0, 40)} is refused: ${message}`, async () => {
    const { judge } = await setUp();
    const { status, error } = await judge('anomalies/1', payload);
    assert.deepEqual([status, error], [400, { code: 'BAD_REQUEST', message }]);
  });
}

test('a note may have as many characters as it may, of any alphabet', async () => {
  const { judge } = await setUp();
  const note = '"😀\n'.repeat(1_000);
  assert.equal((await judge('anomalies/1', { state: 'open', note })).review.note, note);
});
