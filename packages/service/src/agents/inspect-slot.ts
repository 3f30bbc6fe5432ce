import type { LogWindow } from '@edgewood/features';
import type { Anomaly } from '../anomalies/anomaly.ts';
import type { JsonValue } from '../anomalies/anomaly-store.ts';
import type { AgentConfig } from '../config.ts';
import { ServiceError } from '../errors.ts';
import type { ServiceLog } from '../tell-events.ts';
import type { InspectContext, SlotVerdict } from './agent.ts';
import { anomalyOf } from './agent-findings.ts';
import type { InspectAnswer, InspectRequest } from './agent-host.ts';
import { keptMemories, memoriesOf } from './agent-memory.ts';
import { unscoredWindow } from './unscored-window.ts';

export interface SlotParts {
  /** Asks the agent about one window. */
  readonly ask: (request: InspectRequest) => Promise<InspectAnswer>;
  readonly config: Pick<AgentConfig, 'name' | 'severity'>;
  /** Most that is kept for the next slot, in characters of JSON. */
  readonly memoryLength: number;
  readonly log: ServiceLog;
}

/**
 * Asks a third party's agent about the windows of a slot, one after another, each with what it remembers of that device.
 *
 * @throws {ServiceError} `AGENT_FAILED` if it does not answer; `BAD_AGENT` if it answers nonsense.
 */
export async function inspectSlot(
  slot: readonly LogWindow[],
  { memory, late, nowMs }: InspectContext,
  { ask, config, memoryLength, log }: SlotParts,
): Promise<SlotVerdict> {
  const memories = new Map(memoriesOf(memory));
  const anomalies: Anomaly[] = [];
  const warn = (deviceId: string | null, what: string) => {
    log.warn({ agent: config.name, deviceId }, `${config.name}: ${what} about ${nameOf(deviceId)}: it was forgotten`);
  };
  for (const window of slot) {
    const { deviceId } = window;
    const answer = await ask({ window, memory: memories.get(deviceId), late }).catch((cause: Error) => {
      const place = `${nameOf(deviceId)}, ${new Date(window.fromMs).toISOString()}`;
      throw new ServiceError('AGENT_FAILED', `the ${config.name} agent failed at ${place}: ${cause.message}`, {
        cause,
      });
    });
    const anomaly = anomalyOf(answer, window, config, nowMs);
    if (anomaly !== undefined) anomalies.push(anomaly);
    if (answer.forgotten !== undefined) warn(deviceId, `it wanted to remember ${answer.forgotten} characters`);
    remember(memories, deviceId, answer.memory);
  }
  const odd = new Set(anomalies.map(({ deviceId }) => deviceId));
  const windows = slot.map(({ deviceId, entries }) => unscoredWindow(deviceId, entries.length, odd.has(deviceId)));
  if (late) return { windows, anomalies };
  const kept = keptMemories(memories, memoryLength);
  for (const deviceId of kept.forgotten)
    warn(deviceId, `it remembers more than ${memoryLength} characters, most of them`);
  return { windows, anomalies, memory: kept.memory };
}

/** @param memory JSON; of an empty one nothing is kept. */
function remember(memories: Map<string | null, JsonValue>, deviceId: string | null, memory: string | undefined): void {
  if (memory === undefined || memory === '{}') memories.delete(deviceId);
  else memories.set(deviceId, JSON.parse(memory));
}

function nameOf(deviceId: string | null): string {
  return deviceId === null ? 'all devices' : `device ${deviceId}`;
}
