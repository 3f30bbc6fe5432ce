/**
 * The agent runner gives an agent every finished window of its programs, once.
 *
 * Its cursor, kept by the store, is the end of the last slot that was analysed. The slot plan says what is next, and a cycle
 * analyses from the cursor on. Whatever fails is repeated from the cursor with back-off, for ever; only a slot at which the
 * agent itself fails time and again is given up, so that one line of log cannot end the watch. While the agent cannot take
 * up its work (no model, say) the cursor stands still; what is older than the catch-up limit by then is skipped. The first
 * time of all it begins with the last finished slot.
 *
 * After every cycle the runner looks whether entries came late, and has their windows analysed again, with all that came
 * after them where the agent judges by what was before. Where it has to catch
 * up it looks before as well: what came late meanwhile may lie beyond the horizon of where it will be.
 */
import type { EntryCount, LogSource, TimeSpan } from '@edgewood/logs';
import type { Anomaly } from '../anomalies/anomaly.ts';
import {
  type AgentProgress,
  type AnalysedWindow,
  type SlotStore,
  type StoredWindow,
  WINDOW_LIMIT,
} from '../anomalies/anomaly-store.ts';
import { waitMs } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import { ServiceError } from '../errors.ts';
import type { ServiceEvents } from '../events.ts';
import type { Agent, Inspection } from './agent.ts';
import { type CycleSpan, type JudgedSlot, judgeSlots } from './analysis-cycle.ts';
import { type LateSlot, lateSlots, runsAgain, type SlotsAgain } from './late-entries.ts';
import { planSlots, type SlotTiming } from './slot-plan.ts';

/** How often an agent that cannot take up its work is asked again, in milliseconds. */
const TAKE_UP_WAIT_MS = 1_000;
/** Between attempts at a cycle that failed. */
const CYCLE_BACKOFF = { firstMs: 1_000, longestMs: 60_000 };
/** After so many failures in a row at one slot the agent's windows there are given up. */
const AGENT_ATTEMPTS = 5;

/** How an agent is run. */
export interface RunnerSettings extends Omit<SlotTiming, 'windowMs'> {
  /** How far back late entries make a window be analysed again, in milliseconds; 0: never. */
  readonly lateHorizonMs: number;
  /** A cycle that has not ended after this long, in real time, is given up and repeated: something hangs. */
  readonly timeLimitMs: number;
  /** Most anomalies that are kept of one slot. */
  readonly anomaliesPerSlot: number;
  /** So many ordinary windows in a row end an incident. */
  readonly quietWindows: number;
}

export interface AgentRunnerOptions {
  readonly agent: Agent;
  readonly source: LogSource;
  readonly store: SlotStore;
  readonly events: ServiceEvents;
  readonly clock: Clock;
  readonly settings: RunnerSettings;
  /** Resolves when a cycle may begin: the machine may be over its limits. Default: at once. */
  readonly gate?: (signal: AbortSignal) => Promise<void>;
  /** Is called when a slot has been stored: what changed is to be announced. */
  readonly announce: () => Promise<void>;
}

/** What a replay came to. */
export interface ReplayCount {
  readonly windows: number;
  readonly anomalies: number;
}

export class AgentRunner {
  readonly #options: AgentRunnerOptions;
  #progress: AgentProgress | undefined;
  /** Whether the store may know better: it was told to move the cursor, or it failed and may have begun anew. */
  #mustRead = true;
  #windowMs: number | undefined;
  #lastError: Error | undefined;
  #failures = 0;
  /** How often in a row the agent itself failed, and at which slot. */
  #agentFailures = { fromMs: Number.NaN, count: 0 };
  /** Windows as they were counted when they were looked at again: what reading does not give is not late for ever. */
  #recounted = new Map<string, number>();

  constructor(options: AgentRunnerOptions) {
    this.#options = options;
  }

  /** Up to where all is analysed, Unix milliseconds; at first, where it began; undefined before it knows. */
  get analysedUntilMs(): number | undefined {
    return this.#progress?.cursorMs;
  }

  /** When the next slot is due, Unix milliseconds; in the past while it is behind, undefined before the first. */
  get nextDueMs(): number | undefined {
    if (this.#progress === undefined || this.#windowMs === undefined) return undefined;
    return this.#progress.cursorMs + this.#windowMs + this.#options.settings.graceMs;
  }

  /** How far the analysis is behind what is due, in milliseconds; 0 while nothing is due, undefined before the first slot. */
  get lagMs(): number | undefined {
    const { nextDueMs } = this;
    return nextDueMs === undefined ? undefined : Math.max(0, this.#options.clock.nowMs() - nextDueMs);
  }

  /** Length of the windows looked at, in milliseconds; undefined before the first. */
  get windowMs(): number | undefined {
    return this.#windowMs;
  }

  /** Why the last cycle failed; undefined if it did not. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Cycle after cycle, each when its slots are finished, until the signal comes. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#advance(signal);
      } catch (error) {
        if (!signal.aborted) await this.#backOff(error as Error, signal);
      }
    }
  }

  /**
   * Analyses a span of the past, one slot after another, each at the moment at which it would have been due: the clock must
   * be driven. Slots before the cursor were analysed before and are left out.
   *
   * @throws {ServiceError} `AGENT_FAILED` if the agent cannot take up its work; the signal's reason; else whatever a cycle
   *   throws, which is not repeated here.
   */
  async replay(span: TimeSpan, signal: AbortSignal): Promise<ReplayCount> {
    const { agent, clock, settings } = this.#options;
    const count = { windows: 0, anomalies: 0 };
    for (;;) {
      const inspection = agent.takeUp();
      if (inspection === undefined) {
        throw new ServiceError('AGENT_FAILED', `the ${agent.name} agent cannot look at windows: ${agent.problem}`);
      }
      const { windowMs } = inspection;
      const progress = await this.#readProgress();
      const fromMs = Math.max(
        Math.ceil(span.fromMs / windowMs) * windowMs,
        Math.floor((progress?.cursorMs ?? 0) / windowMs) * windowMs,
      );
      const toMs = fromMs + windowMs;
      if (toMs > span.toMs) return count;
      await clock.sleepUntil(toMs + settings.graceMs, signal);
      signal.throwIfAborted();
      const { windows, anomalies } = await this.#cycle(inspection, { fromMs, toMs }, signal);
      count.windows += windows;
      count.anomalies += anomalies;
    }
  }

  async #advance(signal: AbortSignal): Promise<void> {
    const { agent, clock, settings, gate } = this.#options;
    const inspection = agent.takeUp();
    const progress = await this.#readProgress();
    if (inspection === undefined) return clock.sleepUntil(clock.nowMs() + TAKE_UP_WAIT_MS, signal);
    const { windowMs } = inspection;
    this.#windowMs = windowMs;
    const plan = planSlots(progress, clock.nowMs(), { ...settings, windowMs });
    switch (plan.action) {
      case 'wait':
        return clock.sleepUntil(plan.untilMs, signal);
      case 'skip':
        return this.#skip(plan.span);
      case 'rewind':
        return this.#rewind(inspection, plan.toMs, signal);
      case 'analyse':
        // The first time the beginning is decided here, and stays even if the cycle fails.
        this.#progress ??= freshProgress(plan.span.fromMs);
        await gate?.(signal);
        if (signal.aborted) return;
        if (plan.span.toMs - plan.span.fromMs > windowMs) await this.#lookForLateEntries(inspection, signal);
        await this.#cycle(inspection, plan.span, signal);
        await this.#lookForLateEntries(inspection, signal);
    }
  }

  async #cycle(inspection: Inspection, span: TimeSpan, stop: AbortSignal): Promise<ReplayCount> {
    const { agent, events } = this.#options;
    const count = { windows: 0, anomalies: 0 };
    const startedMs = performance.now();
    this.#windowMs = inspection.windowMs;
    const cycle = {
      span,
      giveUp: this.#agentFailures.fromMs === span.fromMs && this.#agentFailures.count >= AGENT_ATTEMPTS,
    };
    for await (const judged of this.#judge(inspection, cycle, stop)) {
      await this.#keep(judged);
      count.windows += judged.slot.windows.length;
      count.anomalies += judged.slot.anomalies.length;
    }
    this.#lastError = undefined;
    this.#failures = 0;
    const durationMs = performance.now() - startedMs;
    events.emit('cycle:finished', { agent: agent.name, toMs: span.toMs, durationMs });
    return count;
  }

  /** Judges slot after slot, within the time limit; remembers at which slot the agent itself fails. */
  async *#judge(
    inspection: Inspection,
    cycle: Pick<CycleSpan, 'span' | 'again' | 'giveUp'>,
    stop: AbortSignal,
  ): AsyncGenerator<JudgedSlot> {
    const { agent, source, clock, settings } = this.#options;
    const { memory, devices = [] } = this.#progress ?? {};
    const limit = AbortSignal.timeout(settings.timeLimitMs);
    const parts = { agent, source, ...settings, nowMs: () => clock.nowMs() };
    const whole = { ...cycle, memory, devices: [...devices, ...inspection.devices] };
    let { fromMs } = cycle.span;
    try {
      for await (const judged of judgeSlots(parts, inspection, whole, AbortSignal.any([stop, limit]))) {
        fromMs = judged.slot.toMs;
        yield judged;
      }
    } catch (cause) {
      if (stop.aborted) throw cause;
      const error = limit.aborted ? this.#tookTooLong(cause) : (cause as Error);
      if (error instanceof ServiceError && error.code === 'AGENT_FAILED') this.#countAgentFailure(fromMs);
      throw error;
    }
  }

  #tookTooLong(cause: unknown): ServiceError {
    const { agent, settings } = this.#options;
    const limit = `${settings.timeLimitMs / 1000} s`;
    return new ServiceError('AGENT_FAILED', `the ${agent.name} agent's cycle took more than ${limit}`, { cause });
  }

  #countAgentFailure(fromMs: number): void {
    const { fromMs: before, count } = this.#agentFailures;
    this.#agentFailures = { fromMs, count: before === fromMs ? count + 1 : 1 };
  }

  /**
   * Stores a slot, and tells of it.
   *
   * @param isNews whether it is told that it was analysed: not if it was only looked at again for what came late before it.
   */
  async #keep({ slot, found, failure }: JudgedSlot, isNews = true): Promise<void> {
    const { agent, store, events, announce } = this.#options;
    const { fromMs, toMs, windows, anomalies } = slot;
    const changes = await store.append(slot);
    this.#progress = progressAfter(this.#progress, slot);
    const place = { agent: agent.name, fromMs, toMs };
    const counts = { windows: windows.length, anomalies: countByKind(anomalies) };
    if (isNews) events.emit('slot:analysed', { ...place, ...counts, judged: windows });
    if (found > anomalies.length) events.emit('anomalies:capped', { ...place, found, kept: anomalies.length });
    if (failure !== undefined) {
      const failed = windows.filter((window) => window.failure !== undefined).length;
      events.emit('slot:failed', { ...place, windows: failed, error: failure });
    }
    if (changes.length > 0) await announce();
  }

  /** Looks for them within the horizon of where the agent is. */
  async #lookForLateEntries(inspection: Inspection, signal: AbortSignal): Promise<void> {
    const toMs = this.#progress?.cursorMs ?? 0;
    await this.#lookBack(inspection, { toMs, byMs: this.#options.settings.lateHorizonMs }, signal);
  }

  /** Compares how many entries the windows of a span had with how many they have now. */
  async #lookBack(
    inspection: Inspection,
    { toMs, byMs }: { readonly toMs: number; readonly byMs: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { agent, store } = this.#options;
    const { windowMs, groupBy } = inspection;
    const fromMs = Math.ceil((toMs - byMs) / windowMs) * windowMs;
    if (fromMs >= toMs) return;
    const counted = await this.#countEntries({ fromMs, toMs }, windowMs, signal);
    const query = { agent: agent.name, sinceMs: fromMs, untilMs: toMs, limit: WINDOW_LIMIT.most };
    const stored = await store.windows(query);
    const fresh = counted.filter((count) => count.entries !== this.#recounted.get(`${count.fromMs} ${count.deviceId}`));
    const late = lateSlots(stored, fresh, windowMs, groupBy);
    for (const run of runsAgain(late, stored, inspection))
      await this.#analyseAgain(inspection, run, late, stored, signal);
    const within = counted.map((count): [string, number] => [`${count.fromMs} ${count.deviceId}`, count.entries]);
    this.#recounted = new Map(within);
  }

  /** Within the time limit: a source that hangs here must not end the watch. */
  async #countEntries(span: TimeSpan, windowMs: number, stop: AbortSignal): Promise<readonly EntryCount[]> {
    const { agent, source, settings } = this.#options;
    const limit = AbortSignal.timeout(settings.timeLimitMs);
    try {
      return await source.countEntries({ span, programs: agent.programs }, windowMs, AbortSignal.any([stop, limit]));
    } catch (cause) {
      throw limit.aborted && !stop.aborted ? this.#tookTooLong(cause) : cause;
    }
  }

  /**
   * Late slots are stored when all others have been, the oldest last: whoever is interrupted finds it late once more, and
   * what depends on it is judged again.
   */
  async #analyseAgain(
    inspection: Inspection,
    again: SlotsAgain,
    late: readonly LateSlot[],
    stored: readonly StoredWindow[],
    signal: AbortSignal,
  ): Promise<void> {
    const span = { fromMs: Math.min(...again.keys()), toMs: Math.max(...again.keys()) + inspection.windowMs };
    const held: { readonly judged: JudgedSlot; readonly slot: LateSlot }[] = [];
    for await (const judged of this.#judge(inspection, { span, again }, signal)) {
      const slot = late.find(({ fromMs }) => fromMs === judged.slot.fromMs);
      if (slot === undefined) await this.#keep(judged, false);
      else held.push({ judged, slot });
    }
    for (const { judged, slot } of held.reverse()) {
      await this.#keep(judged);
      this.#tellLate(judged, slot, stored);
    }
  }

  #tellLate({ slot: { fromMs, toMs, windows } }: JudgedSlot, slot: LateSlot, stored: readonly StoredWindow[]): void {
    const { agent, events } = this.#options;
    const before = stored.filter((window) => window.fromMs === fromMs);
    const entries = entriesAmong(windows, slot) - entriesAmong(before, slot);
    if (entries > 0) events.emit('entries:late', { agent: agent.name, fromMs, toMs, entries });
  }

  async #skip(span: TimeSpan): Promise<void> {
    const { agent, store, events } = this.#options;
    const furthestMs = this.#progress?.furthestMs ?? span.fromMs;
    await store.moveCursor(agent.name, span.toMs, span.fromMs);
    this.#mustRead = true;
    const fromMs = Math.max(span.fromMs, furthestMs); // before a clock was set back, everything up to here was analysed
    const slots = Math.floor((span.toMs - fromMs) / (this.#windowMs ?? span.toMs - fromMs));
    if (fromMs < span.toMs) events.emit('slots:skipped', { agent: agent.name, fromMs, toMs: span.toMs, slots });
  }

  /** While a clock was ahead windows were looked at before their time: whatever they lacked then is late. */
  async #rewind(inspection: Inspection, toMs: number, signal: AbortSignal): Promise<void> {
    const { agent, store, events, settings } = this.#options;
    await this.#lookBack(inspection, { toMs, byMs: settings.catchUpMaxMs }, signal);
    const fromMs = this.#progress?.cursorMs ?? toMs;
    await store.moveCursor(agent.name, toMs);
    this.#mustRead = true;
    events.emit('cursor:rewound', { agent: agent.name, fromMs, toMs });
  }

  async #backOff(error: Error, signal: AbortSignal): Promise<void> {
    const { agent, clock, events } = this.#options;
    this.#lastError = error;
    this.#failures += 1;
    const retryMs = waitMs(CYCLE_BACKOFF, this.#failures);
    events.emit('cycle:failed', { agent: agent.name, error, retryMs });
    if (error instanceof ServiceError && error.code === 'STORE_FAILED') this.#mustRead = true;
    await clock.sleepUntil(clock.nowMs() + retryMs, signal);
  }

  /** A store that knows nothing, since it is new or had to begin anew, does not undo what is known here. */
  async #readProgress(): Promise<AgentProgress | undefined> {
    if (this.#mustRead) {
      const { store, agent } = this.#options;
      this.#progress = (await store.progress(agent.name)) ?? this.#progress;
      this.#mustRead = false;
    }
    return this.#progress;
  }
}

function freshProgress(cursorMs: number): AgentProgress {
  return { cursorMs, furthestMs: cursorMs, skippedFromMs: undefined, memory: undefined, devices: [] };
}

/** As the store has it after a slot. */
function progressAfter(before: AgentProgress | undefined, slot: JudgedSlot['slot']): AgentProgress {
  const { toMs, memory, windows } = slot;
  const { cursorMs, furthestMs, devices, ...rest } = before ?? freshProgress(toMs);
  const seen = windows.map(({ deviceId }) => deviceId).filter((deviceId) => deviceId !== null);
  return {
    ...rest,
    cursorMs: Math.max(cursorMs, toMs),
    furthestMs: Math.max(furthestMs, toMs),
    memory: memory ?? rest.memory,
    devices: [...new Set([...devices, ...seen])],
  };
}

function entriesAmong(windows: readonly AnalysedWindow[], { devices }: LateSlot): number {
  const isAmong = ({ deviceId }: AnalysedWindow) =>
    devices === undefined ? deviceId === null : deviceId !== null && devices.has(deviceId);
  return windows.filter(isAmong).reduce((sum, { entries }) => sum + entries, 0);
}

function countByKind(anomalies: readonly Anomaly[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of anomalies) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
