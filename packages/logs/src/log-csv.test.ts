import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type LogCsvOptions, parseLogCsv, readLogCsv } from './log-csv.ts';
import type { LogEntry } from './log-entry.ts';
import { collect } from './testing/collect.ts';

const HEADER = 'timestamp,device_id,program,log_level,message\n';

async function parse(text: string | Uint8Array, options?: LogCsvOptions, pieceBytes = 7): Promise<LogEntry[]> {
  const bytes = Buffer.from(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  return (await collect(parseLogCsv(pieces(), options))).flat();
}

describe('a CSV of log entries', () => {
  it('gives each row as an entry, in order', async () => {
    assert.deepEqual(await parse(`${HEADER}2025-05-01 00:00:05.123456+00:00,7,hostapd,info,associated\n`), [
      { timeMs: 1746057605123, deviceId: '7', program: 'hostapd', level: 'info', message: 'associated' },
    ]);
  });

  it('may have its columns in any order, with others between', async () => {
    const csv =
      'id,message,process_name,severity,raw,device_id,timestamp\n1,hello,crond,6,"<6>x",2,2025-05-01T00:00:00Z\n';
    assert.deepEqual(await parse(csv), [
      { timeMs: 1746057600000, deviceId: '2', program: 'crond', level: '6', message: 'hello' },
    ]);
  });

  it('takes the column named program where there is process_name too', async () => {
    const csv = 'timestamp,device_id,process_name,program,log_level,message\n2025-05-01 00:00:00Z,1,a,b,info,m\n';
    assert.equal((await parse(csv))[0]?.program, 'b');
  });

  it('keeps commas, doubled quotes, line ends and every character of quoted fields', async () => {
    const message = 'said "no",\r\nthen\nleft: ü 無線 🛜';
    const csv = `${HEADER}2025-05-01 00:00:05Z,"1","kernel",info,"${message.replaceAll('"', '""')}"\r\n`;
    for (const pieceBytes of [1, 2, 3, 1000]) {
      const [entry] = await parse(csv, {}, pieceBytes);
      assert.equal(entry?.message, message);
      assert.equal(entry?.program, 'kernel');
    }
  });

  it('may begin with a byte order mark, mix line ends, have empty lines and lack the last line end', async () => {
    const rows =
      '2025-05-01 00:00:01Z,1,a,info,x\r\n\r\n2025-05-01 00:00:02Z,1,a,info,y\n\n2025-05-01 00:00:03Z,1,a,info,';
    const entries = await parse(`\ufeff${HEADER.replace('\n', '\r\n')}${rows}`);
    assert.deepEqual(
      entries.map(({ message }) => message),
      ['x', 'y', ''],
    );
  });

  it('reads bytes that are not UTF-8 as U+FFFD', async () => {
    const csv = Buffer.concat([Buffer.from(`${HEADER}2025-05-01 00:00:01Z,1,a,info,x`), Buffer.from([0xff, 0x0a])]);
    assert.equal((await parse(csv))[0]?.message, 'x\ufffd');
  });

  it('reads times without a zone in the zone given, UTC by default', async () => {
    const csv = `${HEADER}2025-07-01 02:00:00,1,a,info,x\n`;
    assert.equal((await parse(csv))[0]?.timeMs, Date.parse('2025-07-01T02:00:00Z'));
    assert.equal((await parse(csv, { timeZone: 'Europe/Berlin' }))[0]?.timeMs, Date.parse('2025-07-01T00:00:00Z'));
    await assert.rejects(parse(csv, { timeZone: 'Mars/Olympus' }), { code: 'BAD_TIME' });
  });

  it('has no entries if it is a header only', async () => {
    assert.deepEqual(await parse(HEADER.trimEnd()), []);
  });

  it('gives no empty chunks, and chunks of bounded size of one large piece', async () => {
    const row = `2025-05-01 00:00:01Z,1,a,info,${'x'.repeat(100)}\n`;
    const piece = Buffer.from(HEADER + row.repeat(20_000));
    const sizes: number[] = [];
    for await (const entries of parseLogCsv(
      (async function* () {
        yield piece;
      })(),
    ))
      sizes.push(entries.length);
    assert.equal(
      sizes.reduce((sum, size) => sum + size),
      20_000,
    );
    assert.ok(Math.max(...sizes) < 3_000 && Math.min(...sizes) > 0, `${sizes}`);
  });
});

describe('a CSV that cannot be read', () => {
  const row = '2025-05-01 00:00:01Z,1,a,info,x\n';
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    ['without anything', '', 'CSV_EMPTY', /needs a header/],
    ['with a byte order mark only', '\ufeff', 'CSV_EMPTY', /needs a header/],
    [
      'without needed columns',
      'time,program,message\n',
      'CSV_COLUMN_MISSING',
      /lacks timestamp, device_id, log_level or level or severity; it has time, program, message/,
    ],
    ['with a column twice', `message,${HEADER}`, 'CSV_MALFORMED', /message twice/],
    [
      'with a short row',
      `${HEADER}${row}2025-05-01 00:00:01Z,1,a\n`,
      'CSV_MALFORMED',
      /^line 3: 3 fields, the header has 5$/,
    ],
    ['with a long row', `${HEADER}2025-05-01 00:00:01Z,1,a,info,x,y\n`, 'CSV_MALFORMED', /^line 2: 6 fields/],
    [
      'with a quote left open',
      `${HEADER}${row}2025-05-01 00:00:01Z,1,a,info,"x\n${row}`,
      'CSV_MALFORMED',
      /^lines 3 to 5: a quote is left open$/,
    ],
    [
      'with a quote within a plain field',
      `${HEADER}2025-05-01 00:00:01Z,1,a,info,5" disk\n`,
      'CSV_MALFORMED',
      /^line 2: a quote within/,
    ],
    [
      'with text behind a quoted field',
      `${HEADER}2025-05-01 00:00:01Z,1,a,info,"x"y\n`,
      'CSV_MALFORMED',
      /^line 2: text behind/,
    ],
    [
      'with a row whose time is no time',
      `${HEADER}"2025-05-01 00:00:01Z",1,a,info,"x\ny"\nyesterday,1,a,info,x\n`,
      'BAD_TIME',
      /^line 4: 'yesterday' is no timestamp/,
    ],
    ['with a date only', `${HEADER}2025-05-01,1,a,info,x\n`, 'BAD_TIME', /^line 2: '2025-05-01'/],
  ];
  for (const [name, csv, code, message] of cases) {
    it(`${name} is ${code}`, () => assert.rejects(parse(csv), { name: 'LogError', code, message }));
  }

  it('with a record beyond the limit is CSV_MALFORMED, before memory fills up', async () => {
    let pieces = 0;
    async function* endless() {
      yield Buffer.from(`${HEADER}2025-05-01 00:00:01Z,1,a,info,"`);
      for (; pieces < 10_000; pieces++) yield Buffer.alloc(64 * 1024, 'x');
    }
    await assert.rejects(collect(parseLogCsv(endless())), {
      code: 'CSV_MALFORMED',
      message: /^line 2: a record longer than 16777216 bytes; perhaps a quote was left open$/,
    });
    assert.ok(pieces < 300, `${pieces} pieces`);
  });

  it('gives the entries before the fault', async () => {
    const seen: LogEntry[] = [];
    async function* pieces() {
      yield Buffer.from(`${HEADER}${row}`);
      yield Buffer.from('nonsense\n');
    }
    await assert.rejects(async () => {
      for await (const entries of parseLogCsv(pieces())) seen.push(...entries);
    });
    assert.equal(seen.length, 1);
  });
});

describe('a CSV file', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgewood-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('is read like its text', async () => {
    const path = join(folder, 'entries.csv');
    await writeFile(
      path,
      `${HEADER}2025-05-01 00:00:05Z,1,a,info,x\n`.concat('2025-05-01 00:01:05Z,1,a,info,y\n'.repeat(20_000)),
    );
    assert.equal((await collect(readLogCsv(path))).flat().length, 20_001);
  });

  it('is named where it cannot be parsed', async () => {
    const path = join(folder, 'bad.csv');
    await writeFile(path, `${HEADER}x\n`);
    await assert.rejects(collect(readLogCsv(path)), {
      code: 'CSV_MALFORMED',
      message: `${path}: line 2: 1 field, the header has 5`,
    });
  });

  it('that is not there, or a folder, is FILE_UNREADABLE', async () => {
    await assert.rejects(collect(readLogCsv(join(folder, 'none.csv'))), {
      code: 'FILE_UNREADABLE',
      message: /none\.csv/,
    });
    await assert.rejects(collect(readLogCsv(folder)), { code: 'FILE_UNREADABLE' });
  });
});
