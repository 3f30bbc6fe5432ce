import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseTimestamp } from './time-text.ts';
import { TimeZone } from './time-zone.ts';
import { TimestampReader } from './timestamp-reader.ts';

const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom('0', '1', '5', '9'), minLength: length, maxLength: length });

/** Mostly timestamps, of few minutes so that consecutive ones share theirs, and some that are none. */
const timestamp = fc
  .tuple(
    fc.constantFrom('2025-05-01 00:00', '2025-05-01T00:00', '2025-03-30 02:30', '2025-03-30 03:00', '2025-13-01 00:00'),
    fc.constantFrom(':00', ':07', ':59', ':60', ':5', ''),
    fc.oneof(
      fc.constantFrom('', '', '.', '.1234567890', 'x'),
      digits(3).map((text) => `.${text}`),
      digits(6).map((text) => `.${text}`),
    ),
    fc.constantFrom('', '+00', '+00:00', 'Z', '-03:30', '+0', ' '),
  )
  .map((parts) => parts.join(''));

describe('the timestamp reader', () => {
  for (const zone of ['UTC', 'Europe/Berlin']) {
    it(`reads any sequence of texts as if each came alone, in ${zone}`, () => {
      fc.assert(
        fc.property(fc.array(timestamp, { maxLength: 30 }), (texts) => {
          const timeZone = TimeZone.named(zone);
          const reader = new TimestampReader(timeZone);
          for (const text of texts) {
            // What stands around a field must not matter.
            const bytes = Buffer.from(`9${text}9`);
            assert.equal(reader.read(bytes, 1, bytes.length - 1), parseTimestamp(text, timeZone), text);
          }
        }),
        { numRuns: 300 },
      );
    });
  }
});
