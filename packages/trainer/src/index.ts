export * from './chosen-entries.ts';
export * from './errors.ts';
export * from './feature-csv.ts';
export * from './feature-rows.ts';
export * from './quantiles.ts';
export * from './train-model.ts';
export * from './training-report.ts';
