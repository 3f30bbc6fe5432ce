import type { StoredAnomaly } from './anomalies/anomaly-store.ts';
import type { ServiceEvents } from './events.ts';
import type { Metrics } from './metrics/metrics.ts';

/** The part of a logger that the service uses; pino's fits. */
export interface ServiceLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Writes a line of log for what happens. Secrets never stand in events, so they never stand in the log.
 *
 * @returns what ends it.
 */
export function logEvents(events: ServiceEvents, log: ServiceLog): () => void {
  return endAll([
    events.on('source:ready', ({ description, warnings }) => {
      log.info({}, `reading logs from ${description}`);
      for (const warning of warnings) log.warn({}, warning);
    }),
    events.on('source:failed', ({ error, retryMs }) => {
      log.error({ retryMs }, `${error.message}; again in ${retryMs / 1000} s`);
    }),
    events.on('model:loaded', ({ agent, version, warnings }) => {
      log.info({ agent, version }, `${agent}: model ${version} is in use`);
      for (const warning of warnings) log.warn({ agent, version }, `${agent}: ${warning}`);
    }),
    events.on('model:rejected', ({ agent, reason, inUse, again }) => {
      if (again) return; // said once for each change of state, not at every try
      const consequence = inUse === undefined ? 'no model, no analysis' : `${inUse} stays in use`;
      log.warn({ agent, inUse }, `${agent}: ${reason}; ${consequence}`);
    }),
    events.on('anomaly:detected', (anomaly) => {
      const { id, agent, deviceId, score, severity, modelVersion } = anomaly;
      log.warn({ id, agent, deviceId, score, severity, modelVersion }, anomalyLine(anomaly));
    }),
    events.on('slots:skipped', ({ agent, fromMs, toMs }) => {
      log.warn({ agent }, `${agent}: too old to be caught up, never analysed: ${isoOf(fromMs)} to ${isoOf(toMs)}`);
    }),
    events.on('cycle:failed', ({ agent, error, retryMs }) => {
      log.error({ agent, retryMs }, `${agent}: ${error.message}; again in ${retryMs / 1000} s`);
    }),
  ]);
}

/** `wifi: device 2, 2025-05-02T12:00:00Z to 12:05:00Z, severity 0.43: disassociation_events 38 (usually 0–2)`. */
function anomalyLine({ agent, deviceId, fromMs, toMs, severity, why }: StoredAnomaly): string {
  const where = deviceId === null ? 'all devices' : `device ${deviceId}`;
  return `${agent}: ${where}, ${isoOf(fromMs)} to ${isoOf(toMs).slice(11)}, severity ${severity.toFixed(2)}: ${why}`;
}

function isoOf(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

/**
 * Counts what happens.
 *
 * @returns what ends it.
 */
export function countEvents(events: ServiceEvents, metrics: Metrics): () => void {
  return endAll([
    events.on('slot:analysed', ({ agent, windows }) => metrics.windowsAnalysed(agent, windows)),
    events.on('anomaly:detected', ({ agent }) => metrics.anomalyFound(agent)),
    events.on('cycle:finished', ({ agent, durationMs }) => metrics.cycleFinished(agent, durationMs / 1000)),
    events.on('cycle:failed', ({ agent }) => metrics.cycleFailed(agent)),
    events.on('model:loaded', ({ agent, version }) => metrics.modelLoaded(agent, version)),
    events.on('model:rejected', ({ agent }) => metrics.modelRejected(agent)),
  ]);
}

function endAll(endings: readonly (() => void)[]): () => void {
  return () => {
    for (const end of endings) end();
  };
}
