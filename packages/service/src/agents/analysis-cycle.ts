import { type LogWindow, tumblingWindows } from '@edgewood/features';
import { LogError, type LogSource, type TimeSpan } from '@edgewood/logs';
import type { Anomaly } from '../anomalies/anomaly.ts';
import type { AnalysedSlot, AnalysedWindow, JsonValue } from '../anomalies/anomaly-store.ts';
import { ServiceError } from '../errors.ts';
import type { Agent, InspectContext, Inspection, SlotVerdict } from './agent.ts';
import { unscoredWindow } from './unscored-window.ts';

/** Most that an agent may keep from slot to slot, in characters of JSON. */
const MEMORY_LIMIT = 1_000_000;

export interface CycleParts {
  readonly agent: Agent;
  readonly source: LogSource;
  /** Now, Unix milliseconds. */
  readonly nowMs: () => number;
  /** Most anomalies that are kept of one slot; the worst are. */
  readonly anomaliesPerSlot: number;
  /** So many ordinary windows in a row end an incident. */
  readonly quietWindows: number;
}

/** What is analysed, and what is known before. */
export interface CycleSpan {
  /** Whole windows of the inspection's length. */
  readonly span: TimeSpan;
  /** Devices that have windows even without entries. */
  readonly devices: readonly string[];
  readonly memory: JsonValue | undefined;
  /**
   * Slots that are looked at again, by their beginning: of these devices, or of all where it is undefined. Windows are given
   * up where the agent fails. Other slots of the span are shown to the agent, and nothing is made of that.
   */
  readonly again?: ReadonlyMap<number, ReadonlySet<string> | undefined> | undefined;
  /** The agent failed at the first slot before: its windows are looked at one by one, and given up where it still fails. */
  readonly giveUp?: boolean | undefined;
}

/** A slot as it is to be stored, and what is not stored of it. */
export interface JudgedSlot {
  readonly slot: AnalysedSlot;
  /** How many anomalies were found, kept or not. */
  readonly found: number;
  /** Why windows were given up. */
  readonly failure: Error | undefined;
}

/**
 * Reads the entries of a span once and judges slot after slot, oldest first. The next slot is judged when it is asked for,
 * with what the agent remembered at the one before.
 *
 * @throws {LogError} if the source fails; {ServiceError} `AGENT_FAILED` if the agent does, or answers nonsense.
 */
export async function* judgeSlots(
  parts: CycleParts,
  inspection: Inspection,
  { span, devices, memory, again, giveUp = false }: CycleSpan,
  signal: AbortSignal,
): AsyncGenerator<JudgedSlot> {
  const { agent, source } = parts;
  const { windowMs, groupBy } = inspection;
  const entries = source.read({ span, programs: agent.programs }, signal);
  const judge = new SlotJudge(parts, inspection, signal, { memory, devices, late: again !== undefined });
  let { fromMs } = span;
  for await (const slot of tumblingWindows(entries, span, { windowMs, groupBy, devices })) {
    if (again !== undefined) {
      const judged = await judge.again(slot, fromMs, again.get(fromMs));
      if (again.has(fromMs)) yield judged;
    } else if (giveUp && fromMs === span.fromMs) yield await judge.oneByOne(slot, fromMs);
    else yield await judge.together(slot, fromMs);
    fromMs += windowMs;
  }
}

/** Whether something is said of one of these devices, or of all together. */
function isAbout(devices: ReadonlySet<string> | undefined): (about: { readonly deviceId: string | null }) => boolean {
  return ({ deviceId }) => devices === undefined || deviceId === null || devices.has(deviceId);
}

class SlotJudge {
  readonly #parts: CycleParts;
  readonly #inspection: Inspection;
  readonly #signal: AbortSignal;
  readonly #devices: readonly string[];
  readonly #late: boolean;
  #memory: JsonValue | undefined;

  constructor(
    parts: CycleParts,
    inspection: Inspection,
    signal: AbortSignal,
    { memory, devices, late }: Pick<CycleSpan, 'memory' | 'devices'> & { readonly late: boolean },
  ) {
    this.#parts = parts;
    this.#inspection = inspection;
    this.#signal = signal;
    this.#devices = devices;
    this.#late = late;
    this.#memory = memory;
  }

  /** @param windows of the slot that begins at `fromMs`; none if no device is known and nothing was logged. */
  async together(windows: readonly LogWindow[], fromMs: number): Promise<JudgedSlot> {
    return this.#slotOf(fromMs, await this.#inspect(windows, fromMs));
  }

  /**
   * As {@link together}, of windows that were looked at before: the agent sees all of the slot, and what it says of other
   * devices stays as it was. Where it fails its windows are given up alone.
   */
  async again(
    windows: readonly LogWindow[],
    fromMs: number,
    devices: ReadonlySet<string> | undefined,
  ): Promise<JudgedSlot> {
    try {
      const verdict = await this.#inspect(windows, fromMs);
      return this.#slotOf(fromMs, {
        windows: verdict.windows.filter(isAbout(devices)),
        anomalies: verdict.anomalies.filter(isAbout(devices)),
      });
    } catch (error) {
      if (this.#signal.aborted) throw error;
      return this.oneByOne(windows.filter(isAbout(devices)), fromMs);
    }
  }

  /** As {@link together}, but a window at which the agent fails is given up alone. */
  async oneByOne(windows: readonly LogWindow[], fromMs: number): Promise<JudgedSlot> {
    const judged: AnalysedWindow[] = [];
    const anomalies: Anomaly[] = [];
    let failure: Error | undefined;
    for (const window of windows) {
      try {
        const verdict = await this.#inspect([window], fromMs, true);
        judged.push(...verdict.windows);
        anomalies.push(...verdict.anomalies);
      } catch (error) {
        if (this.#signal.aborted) throw error;
        failure = error as Error;
        if (!this.#late) judged.push(failedWindow(window, failure)); // a late one keeps what was found before
      }
    }
    return { ...this.#slotOf(fromMs, { windows: judged, anomalies, memory: this.#memory }), failure };
  }

  async #inspect(windows: readonly LogWindow[], fromMs: number, alone = false): Promise<SlotVerdict> {
    const { name } = this.#parts.agent;
    const context = {
      memory: this.#memory,
      late: this.#late,
      alone,
      before: () => this.#before(fromMs),
      nowMs: this.#parts.nowMs(),
      signal: this.#signal,
    };
    const verdict = await this.#ask(windows, context);
    if (verdict.memory === undefined || this.#late) return verdict;
    const characters = JSON.stringify(verdict.memory).length;
    if (characters > MEMORY_LIMIT) {
      throw new ServiceError(
        'AGENT_FAILED',
        `the ${name} agent wants to remember ${characters} characters of JSON; at most ${MEMORY_LIMIT} are kept`,
      );
    }
    this.#memory = verdict.memory;
    return verdict;
  }

  #before(toMs: number): AsyncIterable<readonly LogWindow[]> {
    const { agent, source } = this.#parts;
    const { windowMs, groupBy, lookBackMs = 0 } = this.#inspection;
    const span = { fromMs: toMs - lookBackMs, toMs };
    const entries = source.read({ span, programs: agent.programs }, this.#signal);
    return tumblingWindows(entries, span, { windowMs, groupBy, devices: this.#devices });
  }

  /** The agent's answer, or the signal's reason if it comes first: an agent need not heed the signal. */
  async #ask(windows: readonly LogWindow[], context: InspectContext): Promise<SlotVerdict> {
    this.#signal.throwIfAborted();
    try {
      const answer = this.#inspection.inspect(windows, context);
      return answer instanceof Promise ? await untilAborted(answer, this.#signal) : answer;
    } catch (cause) {
      if (this.#signal.aborted || cause instanceof LogError) throw cause;
      if (cause instanceof ServiceError && cause.code === 'AGENT_FAILED') throw cause;
      const { name } = this.#parts.agent;
      throw new ServiceError('AGENT_FAILED', `the ${name} agent failed: ${(cause as Error).message}`, { cause });
    }
  }

  #slotOf(fromMs: number, { windows, anomalies, memory }: SlotVerdict): JudgedSlot {
    const { agent, nowMs, anomaliesPerSlot, quietWindows } = this.#parts;
    const { windowMs, features, lookBackMs = 0 } = this.#inspection;
    const kept = [...anomalies].sort((a, b) => b.severity - a.severity).slice(0, anomaliesPerSlot);
    return {
      slot: {
        agent: agent.name,
        fromMs,
        toMs: fromMs + windowMs,
        windows,
        judgedAgain: this.#late && lookBackMs > 0,
        features,
        anomalies: anomalies.filter((anomaly) => kept.includes(anomaly)),
        memory: this.#late ? undefined : memory,
        quietMs: quietWindows * windowMs,
        analysedAtMs: nowMs(),
      },
      found: anomalies.length,
      failure: undefined,
    };
  }
}

function failedWindow({ deviceId, entries }: LogWindow, { message }: Error): AnalysedWindow {
  return { ...unscoredWindow(deviceId, entries.length, false), failure: message };
}

function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}
