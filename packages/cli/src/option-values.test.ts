import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError } from 'commander';
import {
  parseContamination,
  parseDurationMs,
  parseGrouping,
  parseInteger,
  parseList,
  parseMaxSamples,
} from './option-values.ts';

/** Options, what they are read as, and texts that are refused. */
const CASES: { parse: (text: string) => unknown; good: [string, unknown][]; bad: string[] }[] = [
  {
    parse: parseMaxSamples,
    good: [
      ['auto', 'auto'],
      ['256', 256],
      ['1', 1],
      ['1.0', { fraction: 1 }],
      ['.5', { fraction: 0.5 }],
    ],
    bad: ['', 'all', '-1', '1e3'],
  },
  {
    parse: parseContamination,
    good: [
      ['auto', 'auto'],
      ['0.02', 0.02],
    ],
    bad: ['', ' ', 'some'],
  },
  {
    parse: parseDurationMs,
    good: [
      ['300', 300_000],
      ['90s', 90_000],
      ['5m', 300_000],
      ['1h', 3_600_000],
    ],
    bad: ['', '5 m', '1.5h', 'm'],
  },
  {
    parse: parseInteger,
    good: [
      ['42', 42],
      ['-1', -1],
    ],
    bad: ['', '4.2', '0x10'],
  },
  {
    parse: parseList,
    good: [
      ['hostapd', ['hostapd']],
      ['a, b', ['a', 'b']],
    ],
    bad: ['', 'a,,b', ','],
  },
  {
    parse: parseGrouping,
    good: [
      ['device', 'device'],
      ['global', 'global'],
    ],
    bad: ['', 'site'],
  },
];

test('options are read as scikit-learn and people mean them, and nothing else is', () => {
  for (const { parse, good, bad } of CASES) {
    for (const [text, expected] of good) assert.deepEqual(parse(text), expected, `${parse.name} ${text}`);
    for (const text of bad) assert.throws(() => parse(text), InvalidArgumentError, `${parse.name} '${text}'`);
  }
});
