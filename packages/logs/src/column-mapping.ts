import { LogError } from './errors.ts';
import { LOG_COLUMN_NAMES, LOG_COLUMNS, type LogColumn } from './log-columns.ts';
import { TimeZone } from './time-zone.ts';

/** Which table holds the entries and how its columns are named. What is left out is found by its usual names. */
export interface LogTableSettings {
  /** Name, or `schema.name`, spelled as in the catalogue; without a schema it is looked up in the search path. */
  readonly table?: string;
  readonly columns?: { readonly [column in LogColumn | 'id']?: string };
  /** IANA name of the zone of a time column that has none of its own. UTC if it is left out, with a warning. */
  readonly timeZone?: string;
}

export const DEFAULT_LOG_TABLE = 'log_entries';

/** A column as the catalogue has it. */
export interface CatalogueColumn {
  readonly name: string;
  /** The type's name in `pg_type`, of a domain that of its base type: `timestamptz`, `varchar`, `int4`. */
  readonly type: string;
}

/** Where in a table the parts of an entry are. */
export interface ColumnMapping {
  /** The table's column for each part of an entry. */
  readonly columns: Readonly<Record<LogColumn, string>>;
  /** A column that puts entries of the same time in order. */
  readonly id?: string;
  /** IANA name of the zone of the time column, if its type has none. */
  readonly timeZone?: string;
  /** Whether that zone is our guess and not a setting. */
  readonly zoneAssumed: boolean;
  /** Whether the program's type compares with text as it is. */
  readonly programIsText: boolean;
}

const TEXT_TYPES = ['text', 'varchar', 'bpchar'];

/**
 * Finds the parts of an entry among a table's columns: where a setting says, else by their usual names.
 *
 * @throws {LogError} `SOURCE_MISMATCH` if a part is not found or the time is of a type that is no time; `BAD_MAPPING` if a
 *   setting names a column or a zone that is not there. Both say what columns there are.
 */
export function mapColumns(available: readonly CatalogueColumn[], settings: LogTableSettings = {}): ColumnMapping {
  const table = settings.table ?? DEFAULT_LOG_TABLE;
  const seen = available.map(({ name }) => name).join(', ');
  const has = (name: string) => available.some((column) => column.name === name);
  const typeOf = (name: string) => available.find((column) => column.name === name)?.type ?? '';

  for (const [part, name] of Object.entries(settings.columns ?? {})) {
    if (has(name)) continue;
    throw new LogError('BAD_MAPPING', `the column for ${part} is set to ${name}, but ${table} has only ${seen}`);
  }
  const found = LOG_COLUMNS.map(
    (part) => [part, settings.columns?.[part] ?? LOG_COLUMN_NAMES[part].find(has)] as const,
  );
  const missing = found.filter(([, name]) => name === undefined).map(([part]) => LOG_COLUMN_NAMES[part].join(' or '));
  if (missing.length > 0) {
    const remedy = 'the setting columns says which one to take';
    throw new LogError('SOURCE_MISMATCH', `${table} has no column ${missing.join(', no ')}; it has ${seen}; ${remedy}`);
  }
  const columns = Object.fromEntries(found) as Record<LogColumn, string>;
  const id = settings.columns?.id ?? (has('id') ? 'id' : undefined);
  return {
    columns,
    ...(id !== undefined && { id }),
    ...zoneOf(columns.timestamp, typeOf(columns.timestamp), table, settings.timeZone),
    programIsText: TEXT_TYPES.includes(typeOf(columns.program)),
  };
}

function zoneOf(
  column: string,
  type: string,
  table: string,
  setting: string | undefined,
): Pick<ColumnMapping, 'timeZone' | 'zoneAssumed'> {
  if (setting !== undefined) checkZone(setting);
  if (type === 'timestamptz') return { zoneAssumed: false };
  if (type === 'timestamp') return { timeZone: setting ?? 'UTC', zoneAssumed: setting === undefined };
  throw new LogError(
    'SOURCE_MISMATCH',
    `the time column ${column} of ${table} is of type ${type}; it must be timestamptz or timestamp (a view can cast it)`,
  );
}

function checkZone(name: string): void {
  try {
    TimeZone.named(name);
  } catch (cause) {
    throw new LogError('BAD_MAPPING', `timeZone: ${(cause as Error).message}`, { cause });
  }
}
