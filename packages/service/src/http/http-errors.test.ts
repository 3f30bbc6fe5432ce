import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogError } from '@edgewood/logs';
import { ModelError } from '@edgewood/models';
import { ServiceError } from '../errors.ts';
import { answerOf, HttpError } from './http-errors.ts';

const OURS = 'this is a mistake of ours; the log says more';
const ofLibrary = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode });

const CASES: readonly [Error, number, string, string][] = [
  [new HttpError(421, 'WRONG_HOST', 'no'), 421, 'WRONG_HOST', 'no'],
  [new ServiceError('NOT_FOUND', 'no'), 404, 'NOT_FOUND', 'no'],
  [new ServiceError('BAD_REVIEW', 'no'), 409, 'BAD_REVIEW', 'no'],
  [new ServiceError('STORE_FAILED', 'no'), 503, 'STORE_FAILED', 'no'],
  [new ModelError('VERSION_NOT_FOUND', 'no'), 404, 'VERSION_NOT_FOUND', 'no'],
  [new ModelError('BAD_NAME', 'no'), 400, 'BAD_NAME', 'no'],
  [new ModelError('HASH_MISMATCH', 'no'), 409, 'HASH_MISMATCH', 'no'],
  [new ModelError('FILE_UNREADABLE', 'no'), 503, 'FILE_UNREADABLE', 'no'],
  [new LogError('SOURCE_UNREACHABLE', 'no'), 503, 'SOURCE_UNREACHABLE', 'no'],
  [new LogError('SOURCE_REFUSED', 'no'), 503, 'SOURCE_REFUSED', 'no'],
  [new LogError('SOURCE_MISMATCH', 'no'), 503, 'SOURCE_MISMATCH', 'no'],
  [new LogError('ABORTED', 'no'), 503, 'ABORTED', 'no'],
  [new LogError('BAD_SPAN', 'no'), 400, 'BAD_SPAN', 'no'],
  [ofLibrary(400, 'limit must be less'), 400, 'BAD_REQUEST', 'limit must be less'],
  [ofLibrary(413, 'no'), 413, 'BODY_TOO_LARGE', 'the body is larger than anything that is asked for'],
  [ofLibrary(415, 'no'), 415, 'NOT_JSON', 'the body must be JSON, with Content-Type: application/json'],
  [ofLibrary(503, 'no'), 503, 'TIMEOUT', 'the answer took too long and was given up'],
  [ofLibrary(500, 'a path of ours'), 500, 'INTERNAL', OURS],
  [ofLibrary(502, 'a path of ours'), 500, 'INTERNAL', OURS],
  [new TypeError('a path of ours'), 500, 'INTERNAL', OURS],
];

for (const [error, statusCode, code, message] of CASES) {
  test(`${error.name} ${'code' in error ? error.code : error.message} is ${statusCode} ${code}`, () => {
    assert.deepEqual(answerOf(error), { statusCode, code, message });
  });
}
