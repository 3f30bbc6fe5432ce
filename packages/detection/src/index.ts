export * from './compare-judgements.ts';
export * from './detector.ts';
export * from './device-slots.ts';
export * from './join-episodes.ts';
export * from './judgement-episodes.ts';
export { rankCorrelation } from './rank-correlation.ts';
export * from './thresholds.ts';
export * from './window-judge.ts';
