export * from './errors.ts';
export * from './log-columns.ts';
export * from './log-csv.ts';
export * from './log-entry.ts';
export * from './log-source.ts';
export { parseTime, parseTimeSpan } from './time-text.ts';
export { TimeZone } from './time-zone.ts';
