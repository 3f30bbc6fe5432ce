import { LogError } from '@edgewood/logs';
import type { StoredAnomaly } from './anomalies/anomaly-store.ts';
import type { Incident } from './anomalies/incident.ts';
import type { ServiceEvents } from './events.ts';
import type { Metrics } from './metrics/metrics.ts';

/** The part of a logger that the service uses; pino's fits. */
export interface ServiceLog {
  debug(fields: object, message: string): void;
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
    events.on('model:dropped', ({ agent, version }) => {
      log.info({ agent, version }, `${agent}: model ${version} is not in use any more`);
    }),
    events.on('deployment:seen', ({ agent, by, version }) => log.info({ agent }, `${agent}: ${by} deploys ${version}`)),
    events.on('deployment:stuck', ({ agent, reason }) => log.warn({ agent }, `${agent}: ${reason}`)),
    events.on('model:taken-back', ({ agent, version, previous, reason }) => {
      log.warn(
        { agent, version, previous },
        `${agent}: ${version} is taken back, ${previous} is live again: ${reason}`,
      );
    }),
    events.on('anomaly:detected', ({ anomaly, incident }) => {
      if (anomaly === undefined) return;
      // What goes on for hours is warned of when it begins; its incident says how long it was.
      const begins = incident === undefined || anomaly.fromMs <= incident.fromMs;
      log[begins ? 'warn' : 'debug'](fieldsOf(anomaly), anomalyLine(anomaly));
    }),
    events.on('anomaly:withdrawn', ({ anomaly }) => {
      if (anomaly !== undefined)
        log.info(fieldsOf(anomaly), `withdrawn, for late entries explain it: ${anomalyLine(anomaly)}`);
    }),
    events.on('incident:resolved', ({ incident }) => {
      if (incident !== undefined) log.info({ incident: incident.id, agent: incident.agent }, incidentLine(incident));
    }),
    events.on('store:replaced', ({ location, setAside }) => {
      log.error(
        { setAside },
        `the anomaly store ${location} was broken and begins anew; what was there is in ${setAside}`,
      );
    }),
    events.on('entries:late', ({ agent, entries, fromMs, toMs }) => {
      log.info({ agent, entries }, `${agent}: ${entries} entries came late, ${spanOf(fromMs, toMs)} is analysed again`);
    }),
    events.on('slot:failed', ({ agent, fromMs, toMs, windows, error }) => {
      log.error({ agent, windows }, `${agent}: given up ${spanOf(fromMs, toMs)}: ${error.message}`);
    }),
    events.on('anomalies:capped', ({ agent, fromMs, toMs, found, kept }) => {
      log.warn(
        { agent, found, kept },
        `${agent}: ${found} anomalies in ${spanOf(fromMs, toMs)}, the worst ${kept} are kept`,
      );
    }),
    events.on('cursor:rewound', ({ agent, fromMs, toMs }) => {
      log.warn({ agent }, `${agent}: the clock was set back: goes on at ${isoOf(toMs)}, was at ${isoOf(fromMs)}`);
    }),
    events.on('clock:jumped', ({ byMs, held }) => {
      const consequence = held ? 'the time before is carried on for a while' : 'believed from now on';
      log.warn({ byMs }, `the clock jumped by ${Math.round(byMs / 1000)} s: ${consequence}`);
    }),
    events.on('analysis:paused', ({ reason }) => log.warn({}, `analysis waits: ${reason}`)),
    events.on('analysis:resumed', ({ pausedMs }) => {
      log.info({ pausedMs }, `analysis goes on after ${Math.round(pausedMs / 1000)} s`);
    }),
    events.on('agent:switched', ({ agent, enabled }) => {
      log.info({ agent, enabled }, `${agent}: switched ${enabled ? 'on' : 'off'}`);
    }),
    events.on('config:refused', ({ reason, problems }) => log.error({ problems }, reason)),
    events.on('slots:skipped', ({ agent, fromMs, toMs }) => {
      log.warn({ agent }, `${agent}: too old to be caught up, never analysed: ${isoOf(fromMs)} to ${isoOf(toMs)}`);
    }),
    events.on('cycle:failed', ({ agent, error, retryMs }) => {
      log.error({ agent, retryMs }, `${agent}: ${error.message}; again in ${retryMs / 1000} s`);
    }),
  ]);
}

/** `level` is the log line's own. */
function fieldsOf({ id, agent, deviceId, score, surprise, severity, level, modelVersion }: StoredAnomaly): object {
  return { id, agent, deviceId, score, surprise: surprise?.score, severity, severityLevel: level, modelVersion };
}

/** `wifi: device 2, 2025-05-02T12:00:00Z to 12:05:00Z, severity 0.43: disassociation_events 38 (usually 0–2)`. */
function anomalyLine({ agent, deviceId, fromMs, toMs, severity, why }: StoredAnomaly): string {
  return `${agent}: ${placeOf(deviceId)}, ${spanOf(fromMs, toMs)}, severity ${severity.toFixed(2)}: ${why}`;
}

/** `wifi: over: device 2, 2025-05-02T12:00:00Z to 12:15:00Z, 3 windows: …`. */
function incidentLine({ agent, deviceId, fromMs, toMs, anomalies, why }: Incident): string {
  return `${agent}: over: ${placeOf(deviceId)}, ${spanOf(fromMs, toMs)}, ${anomalies} ${anomalies === 1 ? 'window' : 'windows'}: ${why}`;
}

function placeOf(deviceId: string | null): string {
  return deviceId === null ? 'all devices' : `device ${deviceId}`;
}

function spanOf(fromMs: number, toMs: number): string {
  return `${isoOf(fromMs)} to ${isoOf(toMs).slice(11)}`;
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
    events.on('anomaly:detected', ({ anomaly }) => metrics.anomalyFound(anomaly?.agent ?? '')),
    events.on('anomalies:capped', ({ agent, found, kept }) => metrics.anomaliesDropped(agent, found - kept)),
    events.on('entries:late', ({ agent, entries }) => metrics.lateEntries(agent, entries)),
    events.on('slot:failed', ({ agent, windows }) => metrics.windowsFailed(agent, windows)),
    events.on('slots:skipped', ({ agent, slots }) => metrics.slotsSkipped(agent, slots)),
    events.on('clock:jumped', ({ held }) => held && metrics.clockJumped()),
    events.on('source:ready', () => metrics.sourceUp(true)),
    events.on('source:failed', () => metrics.sourceUp(false)),
    events.on('analysis:paused', () => metrics.analysisPaused(true)),
    events.on('analysis:resumed', () => metrics.analysisPaused(false)),
    events.on('cycle:finished', ({ agent, durationMs }) => metrics.cycleFinished(agent, durationMs / 1000)),
    events.on('cycle:finished', () => metrics.sourceUp(true)),
    events.on('cycle:failed', ({ agent, error }) => {
      metrics.cycleFailed(agent);
      if (error instanceof LogError) metrics.sourceUp(false);
    }),
    events.on('config:refused', () => metrics.configReloadFailed()),
    events.on('model:loaded', ({ agent, version }) => metrics.modelLoaded(agent, version)),
    events.on('model:rejected', ({ agent }) => metrics.modelRejected(agent)),
    events.on('model:taken-back', ({ agent }) => metrics.modelTakenBack(agent)),
  ]);
}

function endAll(endings: readonly (() => void)[]): () => void {
  return () => {
    for (const end of endings) end();
  };
}
