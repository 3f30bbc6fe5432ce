/** What the process ends with; `docs/errors.md` explains it to users. */
export const EXIT = {
  ok: 0,
  /** The world did not play along: a file, a database, data. The message says what was seen and what is allowed. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** Stopped by Ctrl-C or SIGTERM; nothing half-written stays. */
  interrupted: 130,
} as const;
