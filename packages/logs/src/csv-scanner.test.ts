import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { CsvScanner } from './csv-scanner.ts';

/** Scans `text`, cut at the lengths in `cuts`, used in turn. */
function scan(text: string, cuts: readonly number[]): string[][] {
  const scanner = new CsvScanner();
  const bytes = Buffer.from(text);
  const records: string[][] = [];
  const takeRecords = () => {
    while (scanner.next()) {
      records.push(Array.from({ length: scanner.fieldCount }, (_, field) => scanner.text(field)));
    }
  };
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = cuts[i % cuts.length]!;
    scanner.push(bytes.subarray(at, at + size));
    takeRecords();
    at += size;
  }
  scanner.finish();
  takeRecords();
  return records;
}

/** What csv-parse makes of the same text. */
function reference(text: string): string[][] {
  return parse(Buffer.from(text), {
    bom: true,
    record_delimiter: ['\r\n', '\n'],
    skip_empty_lines: true,
    relax_column_count: true,
  });
}

function outcome(read: () => string[][]): string[][] | 'refused' {
  try {
    return read();
  } catch {
    return 'refused';
  }
}

const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
const wild = fc.string({
  unit: fc.constantFrom('a', 'ü', '🛜', ',', '"', '""', '\n', '\r\n', '\r', ' ', '\ufeff'),
  maxLength: 60,
});

describe('the CSV scanner', () => {
  it('finds in well-formed text what csv-parse finds, wherever the text is cut', () => {
    const cell = fc.tuple(wild, fc.boolean());
    const row = fc.tuple(fc.array(cell, { minLength: 2, maxLength: 5 }), fc.constantFrom('\n', '\r\n'));
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), cuts, fc.boolean(), (rows, lengths, bom) => {
        const lines = rows.map(
          ([cells, end]) =>
            cells.map(([text, quote]) => (quote || /[",\r\n]/.test(text) ? quoted(text) : text)).join(',') + end,
        );
        const text = `${bom ? '\ufeff' : ''}${lines.join('')}`;
        assert.deepEqual(scan(text, lengths), reference(text));
      }),
      { numRuns: 500 },
    );
  });

  it('reads or refuses any text as csv-parse does, wherever the text is cut', () => {
    fc.assert(
      fc.property(wild, cuts, (text, lengths) => {
        assert.deepEqual(
          outcome(() => scan(text, lengths)),
          outcome(() => reference(text)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('tells the line on which each record begins', () => {
    const scanner = new CsvScanner();
    scanner.push(Buffer.from('a,b\n\n"1\n2",x\r\nlast'));
    scanner.finish();
    const lines: number[] = [];
    while (scanner.next()) lines.push(scanner.line);
    assert.deepEqual(lines, [1, 3, 5]);
  });
});
