/** What an entry is made of, in the order of an exported CSV. */
export const LOG_COLUMNS = ['timestamp', 'device_id', 'program', 'log_level', 'message'] as const;

/** One of the five columns that an entry is made of, by its name in `log_entries` and in an exported CSV. */
export type LogColumn = (typeof LOG_COLUMNS)[number];

/**
 * Names under which a column is recognised if no setting names it, the best one first: `process_name` is how
 * netmonitor's own table spells the program; `level` and `severity` are what other collectors call the level.
 */
export const LOG_COLUMN_NAMES: Readonly<Record<LogColumn, readonly string[]>> = {
  timestamp: ['timestamp'],
  device_id: ['device_id'],
  program: ['program', 'process_name'],
  log_level: ['log_level', 'level', 'severity'],
  message: ['message'],
};
