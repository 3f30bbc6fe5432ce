import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  DEPLOYMENT_LOG_LENGTH,
  type DeploymentUnderWay,
  deploymentFile,
  deploymentLogFile,
  type EndedDeployment,
  formatDeployment,
  formatDeploymentLog,
  MAX_DEPLOYMENT_FILE_BYTES,
  parseDeployment,
  parseDeploymentLog,
} from './deployment-files.ts';
import { ModelError } from './errors.ts';
import { parseAgentName, parseFileName } from './model-version.ts';

const wifi = parseAgentName('wifi');

const DEPLOYMENT = {
  schema_version: 1,
  id: 'a-1',
  by: 'anna@laptop',
  version: '20250608_230000',
  previous: '20250607_230000',
  started_at: '2025-06-09T08:00:00.000Z',
  steps: [{ step: 'upload', at: '2025-06-09T08:00:01.000Z', note: '' }],
};
const UNDER_WAY: DeploymentUnderWay = { ...DEPLOYMENT, stage: 'trial', lease_seconds: 60, renewal: 3 };

function endedAs(id: string, overrides: Partial<EndedDeployment> = {}): EndedDeployment {
  const ended = { outcome: 'committed', reason: '', ended_at: '2025-06-09T08:10:00.000Z', ended_by: DEPLOYMENT.by };
  return { ...DEPLOYMENT, ...ended, id, ...overrides } as EndedDeployment;
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

test('the files are named for the agent, and are no files of a version', () => {
  assert.deepEqual(
    [deploymentFile(wifi), deploymentLogFile(wifi)],
    ['wifi_deployment.json', 'wifi_deployment_log.json'],
  );
  for (const name of [deploymentFile(wifi), deploymentLogFile(wifi)]) assert.equal(parseFileName(name), undefined);
});

test('a deployment under way is read as it was written, the first one of all too', () => {
  const first: DeploymentUnderWay = { ...UNDER_WAY, previous: null, stage: 'preparing', steps: [] };
  for (const deployment of [UNDER_WAY, first]) {
    assert.deepEqual(parseDeployment(formatDeployment(deployment), 'x'), deployment);
  }
});

test('a log is read as it was written', () => {
  const log = [endedAs('a'), endedAs('b', { outcome: 'rolled-back', reason: 'too many anomalies' })];
  assert.deepEqual(parseDeploymentLog(formatDeploymentLog(log), 'x'), log);
  assert.deepEqual(parseDeploymentLog(formatDeploymentLog([]), 'x'), []);
});

test(`a log keeps the last ${DEPLOYMENT_LOG_LENGTH} deployments`, () => {
  const log = Array.from({ length: DEPLOYMENT_LOG_LENGTH + 7 }, (_, n) => endedAs(`${n}`));
  const kept = parseDeploymentLog(formatDeploymentLog(log), 'x');
  assert.deepEqual([kept.length, kept[0]?.id], [DEPLOYMENT_LOG_LENGTH, '7']);
});

test('a log never becomes too large to be read: then it keeps fewer', () => {
  const log = ['old', 'newer', 'newest'].map((id) => endedAs(id, { reason: 'x'.repeat(400_000) }));
  const bytes = formatDeploymentLog(log);
  assert.ok(bytes.length <= MAX_DEPLOYMENT_FILE_BYTES);
  assert.deepEqual(
    parseDeploymentLog(bytes, 'x').map(({ id }) => id),
    ['newer', 'newest'],
  );
});

for (const [what, value] of [
  ['no id', { ...UNDER_WAY, id: '' }],
  ['an id that is too long', { ...UNDER_WAY, id: 'x'.repeat(65) }],
  ['another stage', { ...UNDER_WAY, stage: 'done' }],
  ['a lease shorter than 5 s', { ...UNDER_WAY, lease_seconds: 4 }],
  ['a lease longer than an hour', { ...UNDER_WAY, lease_seconds: 3_601 }],
  ['no renewal', { ...UNDER_WAY, renewal: undefined }],
  ['steps that are none', { ...UNDER_WAY, steps: ['upload'] }],
  ['a later schema', { ...UNDER_WAY, schema_version: 2 }],
  ['nothing', null],
] as const) {
  test(`a deployment with ${what} is refused by the name of its file`, () => {
    assert.throws(() => parseDeployment(bytesOf(value), 'wifi_deployment.json'), {
      code: 'BAD_DEPLOYMENT_FILE',
      message: /^wifi_deployment\.json/,
    });
  });
}

test('a log with an outcome that there is not is refused', () => {
  const log = { schema_version: 1, deployments: [{ ...endedAs('a'), outcome: 'fine' }] };
  assert.throws(() => parseDeploymentLog(bytesOf(log), 'x'), { code: 'BAD_DEPLOYMENT_FILE', message: /outcome/ });
});

test('bytes of any sort are refused and nothing worse', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytesOf)), (bytes) => {
      for (const parse of [parseDeployment, parseDeploymentLog]) {
        assert.throws(
          () => parse(bytes, 'x'),
          (error) => error instanceof ModelError && error.code === 'BAD_DEPLOYMENT_FILE',
        );
      }
    }),
  );
});
