export * from './baseline.ts';
export { BaselineLearner } from './learn-baseline.ts';
export { createKindFinder, type KindFinder } from './slot-signals.ts';
export { SLOT_MS, slotOf } from './slot-time.ts';
export * from './surprise-detector.ts';
