export * from './errors.ts';
export * from './forest-state.ts';
export * from './isolation-tree.ts';
export * from './parameters.ts';
