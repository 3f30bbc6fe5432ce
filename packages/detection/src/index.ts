export * from './compare-judgements.ts';
export * from './detector.ts';
export * from './device-slots.ts';
export { episodesOf, type JudgedEpisode, type JudgedWindow } from './judgement-episodes.ts';
export { rankCorrelation } from './rank-correlation.ts';
