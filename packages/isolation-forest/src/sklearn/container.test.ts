import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ForestError } from '../errors.ts';
import { CONTAINER_LIMITS, unwrap } from './container.ts';
import { readSklearnFile } from './read-sklearn-file.ts';

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A pickle of None. */
const STREAM = latin1('\x80\x04N.');

describe('a file', () => {
  const wrapped: readonly (readonly [compression: string, bytes: Uint8Array])[] = [
    ['none', STREAM],
    ['zlib', deflateSync(STREAM, { level: 1 })],
    ['zlib', deflateSync(STREAM, { level: 9 })],
    ['gzip', gzipSync(STREAM)],
  ];
  for (const [compression, bytes] of wrapped) {
    it(`that begins with ${bytes[0]}, ${bytes[1]} has the compression ${compression}`, async () => {
      assert.deepEqual(await unwrap(new Uint8Array(bytes)), { stream: STREAM, compression });
    });
  }

  const refused: readonly (readonly [what: string, bytes: string, code: string, message: RegExp])[] = [
    ['of nothing', '', 'NOT_JOBLIB', /empty/],
    ['that is a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n', 'NOT_JOBLIB', /git lfs pull/],
    ['that is a web page', '<!DOCTYPE html>', 'NOT_JOBLIB', /web page/],
    ['that is JSON', '{"a": 1}', 'NOT_JOBLIB', /JSON/],
    ['that is a zip file', 'PK\x03\x04', 'NOT_JOBLIB', /zip/],
    ['of numpy.save', '\x93NUMPY\x01\x00', 'NOT_JOBLIB', /numpy\.save/],
    ['of any other text', 'model', 'NOT_JOBLIB', /0x6d/],
    ['of bzip2', 'BZh91AY', 'UNSUPPORTED', /bzip2.*joblib\.dump/],
    ['of xz', '\xfd7zXZ\0', 'UNSUPPORTED', /xz.*joblib\.dump/],
    ['of lzma', ']\0\0\x80\0', 'UNSUPPORTED', /lzma.*joblib\.dump/],
    ['of lz4', '\x04"M\x18', 'UNSUPPORTED', /lz4.*joblib\.dump/],
    ['of joblib before 0.10', 'ZF0x1', 'UNSUPPORTED', /0\.10.*joblib\.dump/],
  ];
  for (const [what, bytes, code, message] of refused) {
    it(`${what} is refused with ${code}, and the message says what it is`, async () => {
      await assert.rejects(unwrap(latin1(bytes)), { name: 'ForestError', code, message });
    });
  }
});

describe('a compressed stream', () => {
  const damaged = (bytes: Uint8Array, at: number) =>
    new Uint8Array(bytes).map((byte, index) => (index === at ? ~byte : byte));

  for (const [name, compress] of [
    ['zlib', deflateSync],
    ['gzip', gzipSync],
  ] as const) {
    const whole = new Uint8Array(compress(Buffer.alloc(1000, 'model')));
    const cases: Readonly<Record<string, Uint8Array>> = {
      'that ends early': whole.subarray(0, -1),
      'without anything but its beginning': whole.subarray(0, 3),
      'whose checksum is wrong': damaged(whole, whole.length - (name === 'zlib' ? 1 : 5)),
      'that is followed by a byte': new Uint8Array([...whole, 0]),
      'that is followed by another': new Uint8Array([...whole, ...whole]),
    };
    for (const [what, bytes] of Object.entries(cases)) {
      it(`of ${name} ${what} is refused`, async () => {
        await assert.rejects(unwrap(bytes), { name: 'ForestError', code: 'BAD_COMPRESSION' });
      });
    }

    it(`of ${name} that unpacks to more than a model can be is refused before it is unpacked`, async () => {
      const bytes = new Uint8Array(compress(Buffer.alloc(CONTAINER_LIMITS.expansionFloorBytes + 1)));
      await assert.rejects(unwrap(bytes), { name: 'ForestError', code: 'LIMIT' });
    });

    it(`of ${name} may unpack to as much as the limit`, async () => {
      const bytes = new Uint8Array(compress(Buffer.alloc(CONTAINER_LIMITS.expansionFloorBytes)));
      assert.equal((await unwrap(bytes)).stream.length, CONTAINER_LIMITS.expansionFloorBytes);
    });
  }

  it('of no method at all is refused', async () => {
    const bytes = new Uint8Array([0x78, 0x9c, ...deflateRawSync(STREAM)]);
    await assert.rejects(unwrap(bytes), { code: 'BAD_COMPRESSION' });
  });
});

describe('bytes of any kind', () => {
  const isRefused = async (bytes: Uint8Array) => {
    await assert.rejects(readSklearnFile(bytes), (error) => error instanceof ForestError);
  };
  const beginnings = [
    '',
    '\x80\x04',
    '\x80\x02',
    '\x78\x9c',
    '\x1f\x8b\x08\0',
    'ccopyreg\n',
    '(',
    '}',
    ']',
    'BZh',
    'ZF',
  ];

  it('are no model, and only ever refused by a ForestError', async () => {
    const file = fc
      .tuple(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 300 }))
      .map(([beginning, rest]) => new Uint8Array([...latin1(beginning), ...rest]));
    await fc.assert(fc.asyncProperty(file, isRefused), { numRuns: 3000 });
  });

  it('are so compressed as well', async () => {
    const file = fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(deflateSync(bytes)));
    await fc.assert(fc.asyncProperty(file, isRefused), { numRuns: 1000 });
  });
});
