import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTime, parseTimeSpan } from './time-text.ts';
import { TimeZone } from './time-zone.ts';

const berlin = TimeZone.named('Europe/Berlin');

describe('a time in text', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['2025-05-01', '2025-05-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2025-05-01 06:30', '2025-05-01T06:30:00.000Z'],
    ['2025-05-01T06:30:15', '2025-05-01T06:30:15.000Z'],
    ['2025-05-01 00:00:05.123456+00:00', '2025-05-01T00:00:05.123Z'],
    ['2025-05-01 00:00:05.1+00', '2025-05-01T00:00:05.100Z'],
    ['2025-05-01t00:00:05z', '2025-05-01T00:00:05.000Z'],
    ['2025-05-01 00:00:05+0530', '2025-04-30T18:30:05.000Z'],
    ['2025-05-01 00:00:05-03:30', '2025-05-01T03:30:05.000Z'],
    ['1960-01-01 00:00:00.0019-00:44:30', '1960-01-01T00:44:30.001Z'],
    [' 2025-05-01 ', '2025-05-01T00:00:00.000Z'],
  ];
  for (const [text, expected] of cases) {
    it(`'${text}' is ${expected}`, () => assert.equal(new Date(parseTime(text)).toISOString(), expected));
  }

  const wrong = [
    '',
    'yesterday',
    '2025-02-29',
    '2025-13-01',
    '2025-05-01 24:00',
    '2025-05-01 10:60',
    '2025-05-01T10',
    '2025-05-01Z',
    '01.05.2025',
    '1746057605',
    '2025-05-01 00:00:05.+00',
  ];
  for (const text of wrong) {
    it(`'${text}' is BAD_TIME`, () =>
      assert.throws(() => parseTime(text), { code: 'BAD_TIME', message: /is no time/ }));
  }
});

describe('a time without a zone', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['is local in summer', '2025-07-01 02:00', '2025-07-01T00:00:00.000Z'],
    ['is local in winter', '2025-01-01', '2024-12-31T23:00:00.000Z'],
    ['just before clocks go forward', '2025-03-30 01:59:59', '2025-03-30T00:59:59.000Z'],
    ['that is skipped counts on with the offset before', '2025-03-30 02:30', '2025-03-30T01:30:00.000Z'],
    ['just after clocks went forward', '2025-03-30 03:00', '2025-03-30T01:00:00.000Z'],
    ['just before clocks go back', '2025-10-26 01:59:59', '2025-10-25T23:59:59.000Z'],
    ['that happens twice is its second pass', '2025-10-26 02:30', '2025-10-26T01:30:00.000Z'],
    ['just after clocks went back', '2025-10-26 03:00', '2025-10-26T02:00:00.000Z'],
  ];
  for (const [title, text, expected] of cases) {
    it(title, () => assert.equal(new Date(parseTime(text, berlin)).toISOString(), expected));
  }

  it('with one of its own is not touched by the zone', () => {
    assert.equal(parseTime('2025-07-01T00:00:00Z', berlin), Date.parse('2025-07-01T00:00:00Z'));
  });
});

describe('a time zone', () => {
  it('is a name of the IANA database, in any case of letters', () => {
    assert.equal(TimeZone.named('europe/berlin').instantOf(0), -3_600_000);
    assert.equal(TimeZone.named('utc').instantOf(0), 0);
  });
  for (const name of ['Mars/Olympus', '+02:00', '', 'Europe/']) {
    it(`is not '${name}'`, () =>
      assert.throws(() => TimeZone.named(name), { code: 'BAD_TIME', message: /no time zone/ }));
  }
});

describe('a span of time', () => {
  it('of two dates is from midnight to midnight', () => {
    assert.deepEqual(parseTimeSpan('2025-05-01', '2025-06-01'), {
      fromMs: Date.parse('2025-05-01T00:00:00Z'),
      toMs: Date.parse('2025-06-01T00:00:00Z'),
    });
  });

  it('of the day on which clocks go forward has 23 hours', () => {
    const { fromMs, toMs } = parseTimeSpan('2025-03-30', '2025-03-31', 'Europe/Berlin');
    assert.equal(toMs - fromMs, 23 * 3_600_000);
  });

  it('must end after its start', () => {
    assert.throws(() => parseTimeSpan('2025-05-01', '2025-05-01'), { code: 'BAD_SPAN' });
    assert.throws(() => parseTimeSpan('2025-05-02', '2025-05-01'), {
      code: 'BAD_SPAN',
      message: /2025-05-02 to 2025-05-01/,
    });
  });

  it('has a start and an end that are times, in a zone that is one', () => {
    assert.throws(() => parseTimeSpan('May', '2025-06-01'), { code: 'BAD_TIME' });
    assert.throws(() => parseTimeSpan('2025-05-01', '2025-06-01', 'CEST/'), { code: 'BAD_TIME' });
  });
});
