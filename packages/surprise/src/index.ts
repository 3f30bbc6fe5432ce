export type { Baseline, DeviceBaseline, SignalBaseline } from './baseline.ts';
export * from './baseline-json.ts';
export { BASELINE_LIMITS, BASELINE_SCHEMA_VERSION } from './baseline-schema.ts';
export * from './errors.ts';
export { BaselineLearner } from './learn-baseline.ts';
export { createKindFinder, type KindFinder } from './slot-signals.ts';
export { SLOT_MS, slotOf } from './slot-time.ts';
export * from './surprise-detector.ts';
export * from './unknown-messages.ts';
