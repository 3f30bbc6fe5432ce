import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CatalogueColumn, type ColumnMapping, type LogTableSettings, mapColumns } from './column-mapping.ts';
import type { LogErrorCode } from './errors.ts';

/** Columns from `name:type` each; the type is text if it is left out. */
function table(columns: string): CatalogueColumn[] {
  return columns.split(' ').map((column) => {
    const [name = '', type = 'text'] = column.split(':');
    return { name, type };
  });
}

const SPECIFIED = 'id:int8 device_id:int4 device_ip timestamp:timestamptz log_level program message raw_message';
const NETMONITOR = 'id:int4 device_id:int4 timestamp:timestamp log_level:varchar process_name:varchar message';
const RSYSLOG = 'id:int4 receivedat:timestamp fromhost:varchar priority:int2 syslogtag:varchar message';
const STANDARD: ColumnMapping['columns'] = {
  timestamp: 'timestamp',
  device_id: 'device_id',
  program: 'program',
  log_level: 'log_level',
  message: 'message',
};

describe('the columns of a log table', () => {
  const cases: readonly (readonly [string, string, LogTableSettings, ColumnMapping])[] = [
    [
      'are found by the names of the specification',
      SPECIFIED,
      {},
      { columns: STANDARD, id: 'id', zoneAssumed: false, programIsText: true },
    ],
    [
      'are found in netmonitor’s table, whose times are taken to be in UTC',
      NETMONITOR,
      {},
      {
        columns: { ...STANDARD, program: 'process_name' },
        id: 'id',
        timeZone: 'UTC',
        zoneAssumed: true,
        programIsText: true,
      },
    ],
    [
      'with the zone of the settings, which is then no assumption',
      NETMONITOR,
      { timeZone: 'Europe/Berlin' },
      {
        columns: { ...STANDARD, program: 'process_name' },
        id: 'id',
        timeZone: 'Europe/Berlin',
        zoneAssumed: false,
        programIsText: true,
      },
    ],
    [
      'with a zone of their own need none of the settings',
      SPECIFIED,
      { timeZone: 'Europe/Berlin' },
      { columns: STANDARD, id: 'id', zoneAssumed: false, programIsText: true },
    ],
    [
      'are those that the settings name',
      RSYSLOG,
      {
        columns: { timestamp: 'receivedat', device_id: 'fromhost', program: 'syslogtag', log_level: 'priority' },
        timeZone: 'UTC',
      },
      {
        columns: {
          timestamp: 'receivedat',
          device_id: 'fromhost',
          program: 'syslogtag',
          log_level: 'priority',
          message: 'message',
        },
        id: 'id',
        timeZone: 'UTC',
        zoneAssumed: false,
        programIsText: true,
      },
    ],
    [
      'may lack an id, and have a program that is no text',
      SPECIFIED.replace('id:int8 ', '').replace(' program', ' program:daemon severity level'),
      {},
      { columns: STANDARD, zoneAssumed: false, programIsText: false },
    ],
    [
      'have as program the one of that name where there is process_name too',
      SPECIFIED.replace('id:int8', 'process_name number:int8'),
      { columns: { id: 'number' } },
      { columns: STANDARD, id: 'number', zoneAssumed: false, programIsText: true },
    ],
  ];
  for (const [title, columns, settings, expected] of cases) {
    it(title, () => assert.deepEqual(mapColumns(table(columns), settings), expected));
  }

  const faults: readonly (readonly [string, string, LogTableSettings, LogErrorCode, RegExp])[] = [
    [
      'without a program',
      'timestamp:timestamptz device_id log_level message',
      {},
      'SOURCE_MISMATCH',
      /^log_entries has no column program or process_name; it has timestamp, device_id, log_level, message; /,
    ],
    [
      'without most of them',
      RSYSLOG,
      { table: 'syslog.events' },
      'SOURCE_MISMATCH',
      /^syslog\.events has no column timestamp, no device_id, no program or process_name, no log_level or level or severity; it has id, receivedat/,
    ],
    [
      'of a time that is text',
      SPECIFIED.replace('timestamptz', 'text'),
      {},
      'SOURCE_MISMATCH',
      /time column timestamp of log_entries is of type text; it must be timestamptz or timestamp/,
    ],
    ['of a time that is a date', SPECIFIED.replace('timestamptz', 'date'), {}, 'SOURCE_MISMATCH', /is of type date/],
    [
      'that a setting names and nobody has',
      SPECIFIED,
      { columns: { message: 'msg' } },
      'BAD_MAPPING',
      /^the column for message is set to msg, but log_entries has only id, device_id/,
    ],
    ['with an id that nobody has', SPECIFIED, { columns: { id: 'seq' } }, 'BAD_MAPPING', /column for id is set to seq/],
    ['in a zone that is none', SPECIFIED, { timeZone: 'Mars' }, 'BAD_MAPPING', /'Mars' is no time zone/],
    [
      'in a bare offset, which PostgreSQL reads the other way round',
      NETMONITOR,
      { timeZone: '+02:00' },
      'BAD_MAPPING',
      /'\+02:00' is no time zone/,
    ],
  ];
  for (const [title, columns, settings, code, message] of faults) {
    it(`${title} are ${code}`, () => {
      assert.throws(() => mapColumns(table(columns), settings), { name: 'LogError', code, message });
    });
  }
});
