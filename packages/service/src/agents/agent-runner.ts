/**
 * The agent runner gives an agent every finished window of its programs, once.
 *
 * Its cursor, kept by the store, is the end of the last slot that was analysed. The slot plan says what is next, and a cycle
 * analyses from the cursor on. Whatever fails is repeated from the cursor with back-off, for ever. While the agent cannot
 * take up its work (no model, say) the cursor stands still; what is older than the catch-up limit by then is skipped. The
 * first time of all it begins with the last finished slot.
 */
import type { LogSource, TimeSpan } from '@edgewood/logs';
import type { AnomalyStore } from '../anomalies/anomaly-store.ts';
import { waitMs } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import { ServiceError } from '../errors.ts';
import type { ServiceEvents } from '../events.ts';
import type { Agent, Inspection } from './agent.ts';
import { analyseSlots } from './analysis-cycle.ts';
import { planSlots, type SlotTiming } from './slot-plan.ts';

/** How often an agent that cannot take up its work is asked again, in milliseconds. */
const TAKE_UP_WAIT_MS = 1_000;
/** Between attempts at a cycle that failed. */
const CYCLE_BACKOFF = { firstMs: 1_000, longestMs: 60_000 };
/** Default of `cycleLimitMs`. */
const CYCLE_LIMIT_MS = 600_000;

export interface AgentRunnerOptions {
  readonly agent: Agent;
  readonly source: LogSource;
  readonly store: AnomalyStore;
  readonly events: ServiceEvents;
  readonly clock: Clock;
  readonly timing: Omit<SlotTiming, 'windowMs'>;
  /** A cycle that has not ended after this long, in real time, is given up and repeated: its source hangs. */
  readonly cycleLimitMs?: number;
}

/** What a replay came to. */
export interface ReplayCount {
  readonly windows: number;
  readonly anomalies: number;
}

export class AgentRunner {
  readonly #options: AgentRunnerOptions;
  #cursorMs: number | undefined;
  #windowMs: number | undefined;
  #lastError: Error | undefined;
  #failures = 0;

  constructor(options: AgentRunnerOptions) {
    this.#options = options;
  }

  /** Up to where all is analysed, Unix milliseconds; at first, where it began; undefined before it knows. */
  get analysedUntilMs(): number | undefined {
    return this.#cursorMs;
  }

  /** How far the analysis is behind what is due, in milliseconds; 0 while nothing is due, undefined before the first slot. */
  get lagMs(): number | undefined {
    const { clock, timing } = this.#options;
    if (this.#cursorMs === undefined || this.#windowMs === undefined) return undefined;
    return Math.max(0, clock.nowMs() - (this.#cursorMs + this.#windowMs + timing.graceMs));
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
    const { agent, clock, timing } = this.#options;
    const count = { windows: 0, anomalies: 0 };
    for (;;) {
      const inspection = agent.takeUp();
      if (inspection === undefined) {
        throw new ServiceError('AGENT_FAILED', `the ${agent.name} agent cannot look at windows: ${agent.problem}`);
      }
      const { windowMs } = inspection;
      const fromMs = Math.max(
        Math.ceil(span.fromMs / windowMs) * windowMs,
        Math.floor((this.#readCursor() ?? 0) / windowMs) * windowMs,
      );
      const toMs = fromMs + windowMs;
      if (toMs > span.toMs) return count;
      await clock.sleepUntil(toMs + timing.graceMs, signal);
      signal.throwIfAborted();
      const { windows, anomalies } = await this.#cycle(inspection, { fromMs, toMs }, signal);
      count.windows += windows;
      count.anomalies += anomalies;
    }
  }

  async #advance(signal: AbortSignal): Promise<void> {
    const { agent, clock, timing } = this.#options;
    const inspection = agent.takeUp();
    const cursorMs = this.#readCursor();
    if (inspection === undefined) return clock.sleepUntil(clock.nowMs() + TAKE_UP_WAIT_MS, signal);
    this.#windowMs = inspection.windowMs;
    const plan = planSlots(cursorMs, clock.nowMs(), { ...timing, windowMs: inspection.windowMs });
    if (plan.action === 'wait') return clock.sleepUntil(plan.untilMs, signal);
    if (plan.action === 'skip') return this.#skip(plan.span);
    this.#cursorMs = plan.span.fromMs; // the first time it is decided here, and stays even if the cycle fails
    await this.#cycle(inspection, plan.span, signal);
  }

  async #cycle(inspection: Inspection, span: TimeSpan, stop: AbortSignal): Promise<ReplayCount> {
    const { agent, clock, events, cycleLimitMs = CYCLE_LIMIT_MS } = this.#options;
    const count = { windows: 0, anomalies: 0 };
    const limit = AbortSignal.timeout(cycleLimitMs);
    const startedMs = performance.now();
    const parts = { ...this.#options, nowMs: () => clock.nowMs() };
    this.#windowMs = inspection.windowMs;
    try {
      for await (const slot of analyseSlots(parts, inspection, span, AbortSignal.any([stop, limit]))) {
        const { toMs, windows, anomalies, fresh } = slot;
        this.#cursorMs = Math.max(toMs, this.#cursorMs ?? toMs);
        count.windows += windows;
        count.anomalies += anomalies;
        events.emit('slot:analysed', { agent: agent.name, toMs, windows, anomalies });
        for (const anomaly of fresh) events.emit('anomaly:detected', anomaly);
      }
    } catch (cause) {
      if (!limit.aborted || stop.aborted) throw cause;
      throw new ServiceError(
        'AGENT_FAILED',
        `the ${agent.name} agent's cycle took more than ${cycleLimitMs / 1000} s`,
        { cause },
      );
    }
    this.#lastError = undefined;
    this.#failures = 0;
    const durationMs = performance.now() - startedMs;
    events.emit('cycle:finished', { agent: agent.name, toMs: span.toMs, durationMs });
    return count;
  }

  #skip(span: TimeSpan): void {
    const { agent, store, events } = this.#options;
    store.append({ agent: agent.name, toMs: span.toMs, anomalies: [], devices: [] });
    this.#cursorMs = span.toMs;
    events.emit('slots:skipped', { agent: agent.name, ...span });
  }

  async #backOff(error: Error, signal: AbortSignal): Promise<void> {
    const { agent, clock, events } = this.#options;
    this.#lastError = error;
    this.#failures += 1;
    const retryMs = waitMs(CYCLE_BACKOFF, this.#failures);
    events.emit('cycle:failed', { agent: agent.name, error, retryMs });
    await clock.sleepUntil(clock.nowMs() + retryMs, signal);
  }

  /** The store is asked once: afterwards nobody else moves the cursor. */
  #readCursor(): number | undefined {
    this.#cursorMs ??= this.#options.store.cursorMs(this.#options.agent.name);
    return this.#cursorMs;
  }
}
