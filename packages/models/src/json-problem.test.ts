import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDeploymentLog } from './deployment-files.ts';
import { parseMetadata } from './model-metadata.ts';
import { parseServiceReport } from './service-report.ts';

test('nothing is shown of a file that is not JSON at all, such as a password behind a link', () => {
  const readers = [parseMetadata, parseServiceReport, (text: string, name: string) => readLog(text, name)];
  for (const read of readers) {
    for (const secret of ['hunter2', `postgresql://reader:hunter2@db/logs`, ' \n\thunter2']) {
      assert.throws(
        () => read(secret, 'm.json'),
        ({ message }: Error) =>
          /is not JSON: it begins with neither/.test(message) && !/h?unter2|postgres/.test(message),
      );
    }
  }
});

test('of a text that begins like ours the message shows where it stops being JSON', () => {
  assert.throws(() => parseMetadata('{"training_log_count": NaN}', 'm.json'), {
    message: /Unexpected token 'N'.*count/,
  });
});

function readLog(text: string, name: string) {
  return parseDeploymentLog(new TextEncoder().encode(text), name);
}
