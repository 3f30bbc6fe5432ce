import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ForestError } from '../errors.ts';
import { ByteReader } from './byte-reader.ts';
import { NumpyArray, numbersOf } from './ndarray.ts';
import { readPickle } from './pickle-reader.ts';
import { PyFloat, PyObject, PySequence, type PyValue } from './pickle-values.ts';

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** The value of a stream, written as Latin-1 text. */
function valueIn(stream: string): PyValue {
  return readPickle(new ByteReader(latin1(stream))).value;
}

/** A value as plain JavaScript, to compare. */
function plain(value: PyValue): unknown {
  if (value instanceof PyFloat) return { float: value.value };
  if (value instanceof PySequence) return { [value.kind]: value.items.map(plain) };
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return value;
}

describe('a pickle stream', () => {
  const cases: readonly (readonly [stream: string, value: unknown])[] = [
    ['N.', null],
    ['\x88.', true],
    ['I01\n.', true],
    ['I00\n.', false],
    ['I-12\n.', -12],
    ['L-12L\n.', -12],
    ['L123456789012345678901234567890L\n.', 123456789012345678901234567890n],
    ['J\xfe\xff\xff\xff.', -2],
    ['K\xff.', 255],
    ['M\xff\xff.', 65535],
    ['\x8a\x00.', 0],
    ['\x8a\x01\xff.', -1],
    ['\x8a\x02\xff\x00.', 255],
    ['\x8a\x07\xff\xff\xff\xff\xff\xff\x1f.', 2 ** 53 - 1],
    ['\x8a\x07\x00\x00\x00\x00\x00\x00\x20.', 2n ** 53n],
    ['\x8b\x01\x00\x00\x00\x80.', -128],
    ['F-1.5e3\n.', { float: -1500 }],
    ['Finf\n.', { float: Number.POSITIVE_INFINITY }],
    ['G?\xf0\0\0\0\0\0\0.', { float: 1 }],
    ['V\\u00e4\xe4\\U0001f600\n.', 'ää😀'],
    ['\x8c\x02\xc3\xa4.', 'ä'],
    ['X\x01\0\0\0a.', 'a'],
    ['\x8d\x01\0\0\0\0\0\0\0a.', 'a'],
    ['C\x02ab.', latin1('ab')],
    ['\x96\x02\0\0\0\0\0\0\0ab.', latin1('ab')],
    ['K\x01K\x02K\x03\x87.', { tuple: [1, 2, 3] }],
    ['(K\x01K\x02t.', { tuple: [1, 2] }],
    ['](K\x01K\x02eK\x03a.', { list: [1, 2, 3] }],
    ['(lp0\nI1\na.', { list: [1] }],
    ['(dp0\nVa\nI1\ns.', { a: 1 }],
    ['}(\x8c\x01aK\x01\x8c\x01bNu.', { a: 1, b: null }],
    ['K\x07q\x00g0\n\x86.', { tuple: [7, 7] }],
    ['K\x01K\x020.', 1],
    ['K\x01(K\x02K\x031.', 1],
    ['c_codecs\nencode\n(V\xe4b\nVlatin1\ntR.', latin1('\xe4b')],
  ];
  for (const [stream, value] of cases) {
    it(`${JSON.stringify(stream)} is read`, () => assert.deepEqual(plain(valueIn(stream)), value));
  }

  it('that has a frame is read as one without', () => {
    assert.equal(valueIn('\x80\x04\x95\x04\0\0\0\0\0\0\0NN0.'), null);
  });

  it('ends exactly behind its end', () => {
    const reader = new ByteReader(latin1('N.rest'));
    readPickle(reader);
    assert.equal(reader.left, 4);
  });

  it('of an unknown class is forbidden, with its name and place', () => {
    assert.throws(() => valueIn('N0cos\nsystem\n.'), {
      code: 'FORBIDDEN',
      offset: 2,
      message: /"os\.system" at byte 2/,
    });
  });

  it('makes an object once and then refers to it', () => {
    const value = valueIn('csklearn.pipeline\nPipeline\n)\x81q\x00}bh\x00\x86.');
    assert.ok(value instanceof PySequence);
    assert.ok(value.items[0] instanceof PyObject);
    assert.equal(value.items[0], value.items[1]);
  });
});

describe('an array of joblib', () => {
  const array = (dtype: string, order: string, shape: string, rest: string, elements: string) =>
    `cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(\x8c\x08subclasscnumpy\nndarray\n\x8c\x05shape${shape}\x8c\x05order\x8c\x01${order}` +
    `\x8c\x05dtypecnumpy\ndtype\n\x8c\x02${dtype}\x85R(K\x03\x8c\x01>NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb${rest}ub${elements}.`;

  it('is a view of the bytes behind its description, big-endian where its dtype says so', () => {
    const value = valueIn(array('i2', 'C', 'K\x02\x85', '', '\x01\x02\xff\xff'));
    assert.ok(value instanceof NumpyArray);
    assert.deepEqual(numbersOf(value), Float64Array.of(0x102, -1));
  });

  it('may begin behind padding', () => {
    const padded = array(
      'u1',
      'C',
      'K\x02\x85',
      '\x8c\x1bnumpy_array_alignment_bytesK\x10',
      '\x03\xff\xff\xff\x07\x08',
    );
    const value = valueIn(padded);
    assert.ok(value instanceof NumpyArray);
    assert.deepEqual(numbersOf(value), Float64Array.of(7, 8));
  });

  it('of integers beyond 2^53 has numbers that are no model', () => {
    const value = valueIn(array('i8', 'C', 'K\x01\x85', '', '\x7f\0\0\0\0\0\0\0'));
    assert.ok(value instanceof NumpyArray);
    assert.throws(() => numbersOf(value), { code: 'BAD_MODEL' });
  });

  it('of several columns, column by column, is not read', () => {
    const value = valueIn(array('u1', 'F', 'K\x02K\x02\x86', '', '\0\0\0\0'));
    assert.ok(value instanceof NumpyArray);
    assert.throws(() => numbersOf(value), { code: 'UNSUPPORTED' });
  });
});

describe('bytes of any kind', () => {
  const isReadOrRefused = (bytes: Uint8Array) => {
    try {
      readPickle(new ByteReader(bytes));
    } catch (error) {
      assert.ok(error instanceof ForestError, String(error));
      assert.ok(error.offset !== undefined && error.offset <= bytes.length, error.message);
    }
  };

  it('are a pickle or refused with a place', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), isReadOrRefused), { numRuns: 5000 });
  });

  it('are a pickle or refused with a place, if they are sequences of operations as well', () => {
    const operation = fc.constantFrom(
      ...['N', ')', '}', ']', '(', '0', '1', '2', 't', 'l', 'd', 'e', 'u', 'a', 's', 'b', 'R', '.', '\x81', '\x85'],
      ...['\x86', '\x87', '\x88', '\x93', '\x94', 'K\x01', 'h\x00', 'h\x01', 'q\x00', 'J\xff\xff\xff\xff', 'C\x02ab'],
      ...[
        '\x8c\x01a',
        '\x8c\x02f8',
        '\x8c\x02V8',
        '\x8c\x02O8',
        '\x8c\x01<',
        '\x8c\x01C',
        '\x8c\x06latin1',
        'G?\xf0\0\0\0\0\0\0',
      ],
      ...['cnumpy\ndtype\n', 'cnumpy\nndarray\n', 'cnumpy.core.multiarray\n_reconstruct\n', 'c_codecs\nencode\n'],
      ...['cnumpy.core.multiarray\nscalar\n', 'cnumpy.core.numeric\n_frombuffer\n', 'ccopyreg\n_reconstructor\n'],
      ...['csklearn.tree._tree\nTree\n', 'csklearn.pipeline\nPipeline\n', 'cbuiltins\nobject\n', 'cbuiltins\nbytes\n'],
      ...[
        'cjoblib.numpy_pickle\nNumpyArrayWrapper\n',
        '\x80\x04',
        '\x95\x08\0\0\0\0\0\0\0',
        '(K\x03\x8c\x01<NNNK\0K\0K\0tb',
      ],
    );
    const stream = fc.array(operation, { maxLength: 60, size: 'max' }).map((pieces) => latin1(pieces.join('')));
    fc.assert(fc.property(stream, isReadOrRefused), { numRuns: 20_000 });
  });
});
