export * from './device-slots.ts';
