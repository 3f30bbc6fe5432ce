import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EndedDeployment, parseVersion } from '@edgewood/models';
import { WIFI } from './testing/deployment-bench.ts';
import { chooseVersion } from './version-to-return-to.ts';

const [FIRST, SECOND, THIRD] = ['20250601_000000', '20250602_000000', '20250603_000000'].map(parseVersion);

function listed(text: string) {
  const versions = { '1': FIRST, '2': SECOND, '3': THIRD };
  return text.split(' ').map((mark) => {
    const version = versions[mark[0] as '1'] ?? parseVersion('');
    return {
      agent: WIFI,
      version,
      active: mark.includes('*'),
      shadow: false,
      complete: !mark.includes('-'),
      missing: [],
    };
  });
}

function ended(version: string | undefined, outcome: EndedDeployment['outcome']): EndedDeployment {
  const of = { schema_version: 1, id: 'a', by: '', previous: null, started_at: '', steps: [], reason: '' };
  return { ...of, version: String(version), outcome, ended_at: '', ended_by: '' };
}

/** What is there, the newest first, `*` live, `-` incomplete; the log; what is returned to. */
const CASES: [string, EndedDeployment[], string | undefined][] = [
  ['3* 2 1', [], SECOND],
  ['3 2* 1', [], FIRST],
  ['3* 2- 1', [], FIRST],
  ['3* 2 1', [ended(SECOND, 'rolled-back')], FIRST],
  ['3* 2 1', [ended(SECOND, 'rolled-back'), ended(SECOND, 'committed')], SECOND],
  ['3 2 1*', [], undefined],
  ['3 2 1', [], undefined],
];

test('a rollback returns to the newest older version that is complete and was not taken back', () => {
  for (const [versions, log, expected] of CASES) assert.equal(chooseVersion(listed(versions), log), expected, versions);
});
