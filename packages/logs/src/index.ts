export * from './errors.ts';
export * from './log-entry.ts';
export * from './log-source.ts';
