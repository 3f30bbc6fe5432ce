export * from './agent-profile.ts';
export * from './errors.ts';
export * from './event-table.ts';
export * from './feature-extractor.ts';
export * from './feature-table.ts';
export * from './log-window.ts';
export * from './tumbling-windows.ts';
export * from './window-facts.ts';
