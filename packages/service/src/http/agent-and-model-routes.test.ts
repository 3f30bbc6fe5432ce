import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ModelError } from '@edgewood/models';
import { agentStatusOf } from '../testing/fake-service-control.ts';
import { createHttpParts } from '../testing/http-parts.ts';
import { createHttpServer } from './http-server.ts';

const headers = { authorization: 'Bearer good' };
const tokens = [`sha256:${createHash('sha256').update('good').digest('hex')}`];

function setUp() {
  const parts = createHttpParts({ tokens });
  const server = createHttpServer(parts);
  const post = async (url: string, payload?: object) => {
    const answer = await server.inject({ method: 'POST', url, headers, ...(payload && { payload }) });
    return { status: answer.statusCode, ...answer.json() };
  };
  return { parts, server, post };
}

test('/api/agents says what each agent is doing', async () => {
  const { parts, server } = setUp();
  const alertBudget = { incidents: 3, allowed: 2, ratio: 1.5 };
  const wifi = agentStatusOf('wifi', { lagMs: 1_500, lastError: 'no', alertBudget });
  parts.control.agents = [wifi, agentStatusOf('silence')];
  const { agents } = (await server.inject('/api/agents')).json();
  assert.equal(agents.length, 2);
  assert.deepEqual(agents[0], {
    agent: 'wifi',
    enabled: true,
    needs_model: true,
    model_version: '20250608_230000',
    problem: null,
    model_warnings: [],
    analysed_until: '1970-01-01T00:10:00.000Z',
    next_due: '1970-01-01T00:17:00.000Z',
    lag_seconds: 1.5,
    window_seconds: 300,
    last_error: 'no',
    alert_budget: { incidents: 3, allowed: 2, ratio: 1.5 },
  });
  assert.equal(agents[1].alert_budget, null);
});

test('an agent is switched off and on, and the answer says how it is then', async () => {
  const { parts, post } = setUp();
  assert.equal((await post('/api/agents/wifi/disable')).enabled, false);
  assert.equal(parts.control.status.agents[0]?.enabled, false);
  assert.equal((await post('/api/agents/wifi/enable')).enabled, true);
});

test('an agent that there is not is 404', async () => {
  const { post } = setUp();
  for (const what of ['agents/dns/enable', 'agents/dns/disable', 'models/dns/rollback']) {
    const { status, error } = await post(`/api/${what}`);
    assert.deepEqual([status, error.code], [404, 'NOT_FOUND'], what);
  }
});

test('/api/models says what is in use, without where its data came from', async () => {
  const { server } = setUp();
  const answer = await server.inject('/api/models');
  const [wifi] = answer.json().agents;
  assert.equal(wifi.in_use.version, '20250608_230000');
  assert.deepEqual(wifi.in_use.features, ['log_count', 'station_count']);
  assert.deepEqual(wifi.versions, [
    { version: '20250608_230000', active: true, shadow: false, complete: true },
    { version: '20250607_230000', active: false, shadow: false, complete: true },
  ]);
  assert.doesNotMatch(answer.body, /hunter2/);
});

test('an agent without a model has none in use, and the reason', async () => {
  const { parts, server } = setUp();
  parts.control.versions = [];
  parts.control.agents = [agentStatusOf('wifi', { problem: 'no model of wifi is active' })];
  const { agents } = (await server.inject('/api/models')).json();
  assert.deepEqual(agents, [
    { agent: 'wifi', model: 'wifi', in_use: null, problem: 'no model of wifi is active', shadow: null, versions: [] },
  ]);
});

test('a version is made live, and the one before again', async () => {
  const { post } = setUp();
  const activated = await post('/api/models/wifi/activate', { version: '20250608_230000' });
  assert.deepEqual([activated.status, activated.in_use.version], [200, '20250608_230000']);
  const back = await post('/api/models/wifi/rollback');
  assert.deepEqual([back.status, back.in_use.version], [200, '20250607_230000']);
  const none = await post('/api/models/wifi/rollback');
  assert.deepEqual([none.status, none.error.code], [404, 'VERSION_NOT_FOUND']);
});

test('a version that there is not is 404, and one that is none 400', async () => {
  const { post } = setUp();
  const missing = await post('/api/models/wifi/activate', { version: '20200101_000000' });
  assert.deepEqual([missing.status, missing.error.code], [404, 'VERSION_NOT_FOUND']);
  for (const version of ['latest', '../../etc/passwd', '20250608_230000\n', 20250608]) {
    const wrong = await post('/api/models/wifi/activate', { version });
    assert.deepEqual(wrong.error.message, 'version must be a version such as 20250607_230000');
  }
});

for (const [code, status] of [
  ['VERSION_NOT_FOUND', 404],
  ['HASH_MISMATCH', 409],
  ['NO_ACTIVE_MODEL', 409],
  ['BAD_METADATA', 409],
  ['FILE_UNREADABLE', 503],
  ['FILE_UNWRITABLE', 503],
] as const) {
  test(`${code} of a model directory is ${status}`, async () => {
    const { parts, post } = setUp();
    parts.control.rollBackModel = () => Promise.reject(new ModelError(code, 'what was seen'));
    const { error, status: seen } = await post('/api/models/wifi/rollback');
    assert.deepEqual([seen, error], [status, { code, message: 'what was seen' }]);
  });
}

test('the directory is looked at when somebody says so', async () => {
  const { parts, post } = setUp();
  const { status, agents } = await post('/api/models/reload');
  assert.deepEqual([status, agents.length, parts.control.reloads], [200, 1, 1]);
});
