const ERROR_LEVELS = new Set([
  'emerg',
  'emergency',
  'panic',
  'alert',
  'crit',
  'critical',
  'err',
  'error',
  '0',
  '1',
  '2',
  '3',
]);
const WARNING_LEVELS = new Set(['warn', 'warning', '4']);

/** Severity as the log tables spell it: words of syslog in either length, any case, or the numbers 0 to 7. */
export function severityOf(level: string): 'error' | 'warning' | 'other' {
  const word = level.toLowerCase();
  if (ERROR_LEVELS.has(word)) return 'error';
  return WARNING_LEVELS.has(word) ? 'warning' : 'other';
}
