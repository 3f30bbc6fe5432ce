/** One line of a device's log, as stored in `log_entries`. Columns that are NULL there are empty strings here. */
export interface LogEntry {
  /** When it was logged, by the collector: Unix milliseconds UTC, rounded down. */
  readonly timeMs: number;
  readonly deviceId: string;
  /** The program that logged it, without a process number: `hostapd`. */
  readonly program: string;
  /** Severity as the table spells it: a word (`info`, `error`, …) or a digit 0 to 7. */
  readonly level: string;
  readonly message: string;
}

/** The half-open span `[fromMs, toMs)` in Unix milliseconds UTC; `fromMs <= toMs`. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}
