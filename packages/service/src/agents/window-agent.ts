/**
 * A window agent looks at every finished window of its programs, once.
 *
 * A slot of time is finished when its end plus a grace has passed: late rows have had their time. The agent's cursor is the
 * end of the last slot that it stored. One cycle reads from the cursor on, judges slot after slot, and stores each
 * together with the cursor behind it; whatever fails before that is repeated. Without a model the cursor stands still.
 */
import { type AgentProfile, type LogWindow, tumblingWindows } from '@edgewood/features';
import type { LogSource, TimeSpan } from '@edgewood/logs';
import type { Anomaly } from '../anomalies/anomaly.ts';
import type { AnomalyStore } from '../anomalies/anomaly-store.ts';
import type { Clock } from '../clock.ts';
import { ServiceError } from '../errors.ts';
import type { ServiceEvents } from '../events.ts';
import { inferWith, type LiveModel, type ModelManager } from '../models/model-manager.ts';
import { explainAnomaly } from './explain-anomaly.ts';

/** Most slots that are read at once while catching up, so that a model is never held for long. */
const SLOTS_PER_READ = 288;
/** How often an agent without a model looks whether there is one, in milliseconds. */
const MODEL_WAIT_MS = 1_000;
/** Wait after a failed cycle, and at most, in milliseconds. */
const RETRY_MS = { first: 1_000, longest: 60_000 };

export interface WindowAgentOptions {
  readonly agent: AgentProfile;
  readonly source: LogSource;
  readonly store: AnomalyStore;
  readonly models: ModelManager;
  readonly events: ServiceEvents;
  readonly clock: Clock;
  /** How long after its end a window waits for late rows, in milliseconds. */
  readonly graceMs: number;
  /** How far back a cycle reads after downtime, in milliseconds; what is older is skipped, and said. */
  readonly catchUpMaxMs: number;
}

export class WindowAgent {
  readonly #options: WindowAgentOptions;
  #lastError: string | undefined;
  #failures = 0;

  constructor(options: WindowAgentOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.agent.name;
  }

  /** Why the last cycle failed; undefined if it did not. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  get analysedUntilMs(): number | undefined {
    return this.#options.store.cursorMs(this.name);
  }

  /** How far the analysis is behind the clock; 0 while nothing is due. */
  get lagMs(): number | undefined {
    const { models, clock, graceMs } = this.#options;
    const windowMs = models.live?.extractor.windowMs;
    const cursorMs = this.analysedUntilMs;
    if (windowMs === undefined || cursorMs === undefined) return undefined;
    return Math.max(0, clock.nowMs() - (cursorMs + windowMs + graceMs));
  }

  /** Cycle after cycle, each when its slot is finished, until the signal is aborted. A cycle that fails is repeated. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, models, events } = this.#options;
    while (!signal.aborted) {
      const live = models.live;
      if (live === undefined) {
        await clock.sleepUntil(clock.nowMs() + MODEL_WAIT_MS, signal);
        continue;
      }
      const dueMs = this.#nextDueMs(live);
      if (clock.nowMs() < dueMs) {
        await clock.sleepUntil(dueMs, signal); // and then ask again: there may be another model by then
        continue;
      }
      try {
        await this.#cycle(live, this.#dueSpan(live), signal);
        this.#succeeded();
      } catch (error) {
        if (signal.aborted) return;
        const retryMs = this.#failed(error as Error);
        events.emit('cycle:failed', { agent: this.name, error: error as Error, retryMs });
        await clock.sleepUntil(clock.nowMs() + retryMs, signal);
      }
    }
  }

  /**
   * Analyses a span of the past, one slot after another, each at the moment at which it would have been due: the clock must
   * be driven. Slots that were analysed before are not analysed again.
   *
   * @throws whatever a cycle throws: a replay is not repeated.
   */
  async replay(span: TimeSpan, signal: AbortSignal): Promise<void> {
    const { clock, models, store } = this.#options;
    const live = models.live;
    if (live === undefined)
      throw new ServiceError('AGENT_FAILED', `the ${this.name} agent has no model: ${models.problem}`);
    const { windowMs } = live.extractor;
    let fromMs = Math.max(Math.ceil(span.fromMs / windowMs) * windowMs, store.cursorMs(this.name) ?? 0);
    for (; fromMs + windowMs <= span.toMs && !signal.aborted; fromMs += windowMs) {
      await clock.sleepUntil(fromMs + windowMs + this.#options.graceMs, signal);
      if (!signal.aborted) await this.#cycle(models.live ?? live, { fromMs, toMs: fromMs + windowMs }, signal);
    }
  }

  /** Where the next slot begins: at the cursor, or, before the first, at the last slot that is finished now. */
  #nextFromMs({ extractor }: LiveModel): number {
    const { clock, graceMs } = this.#options;
    const { windowMs } = extractor;
    const finishedMs = Math.floor((clock.nowMs() - graceMs) / windowMs) * windowMs;
    const cursorMs = this.analysedUntilMs ?? finishedMs - windowMs;
    return Math.floor(cursorMs / windowMs) * windowMs; // a model with longer windows begins with a whole one
  }

  #nextDueMs(live: LiveModel): number {
    return this.#nextFromMs(live) + live.extractor.windowMs + this.#options.graceMs;
  }

  /** The finished slots from the cursor on, after skipping what is too old to be caught up. */
  #dueSpan(live: LiveModel): TimeSpan {
    const { clock, graceMs, catchUpMaxMs, events } = this.#options;
    const { windowMs } = live.extractor;
    const nowMs = clock.nowMs();
    const cursorMs = this.#nextFromMs(live);
    const oldestMs = Math.ceil((nowMs - catchUpMaxMs) / windowMs) * windowMs;
    if (cursorMs < oldestMs) events.emit('slots:skipped', { agent: this.name, fromMs: cursorMs, toMs: oldestMs });
    const fromMs = Math.max(cursorMs, oldestMs);
    const finishedMs = Math.floor((nowMs - graceMs) / windowMs) * windowMs;
    return { fromMs, toMs: Math.min(finishedMs, fromMs + SLOTS_PER_READ * windowMs) };
  }

  async #cycle(live: LiveModel, span: TimeSpan, signal: AbortSignal): Promise<void> {
    const { agent, source, store, events } = this.#options;
    const { windowMs, groupBy } = live.extractor;
    const devices = [...store.devices(this.name), ...(live.model.metadata.devices ?? [])];
    const chunks = source.read({ span, programs: agent.programs }, signal);
    let toMs = span.fromMs;
    for await (const slot of tumblingWindows(chunks, span, { windowMs, groupBy, devices })) {
      toMs += windowMs;
      const anomalies = this.#judge(live, slot);
      const known = slot.map((window) => window.deviceId).filter((device) => device !== null);
      const stored = store.append({ agent: this.name, toMs, anomalies, devices: known });
      events.emit('slot:analysed', { agent: this.name, toMs, windows: slot.length, anomalies: anomalies.length });
      for (const anomaly of stored) events.emit('anomaly:detected', anomaly);
    }
  }

  #judge(live: LiveModel, slot: readonly LogWindow[]): readonly Anomaly[] {
    const { agent, clock } = this.#options;
    const { extractor, model } = live;
    const vectors = slot.map((window) => extractor.extract(window));
    const nFeatures = extractor.names.length;
    const data = new Float64Array(slot.length * nFeatures);
    vectors.forEach((vector, row) => {
      data.set(vector, row * nFeatures);
    });
    const { scores, decisions } = inferWith(live, { data, nSamples: slot.length, nFeatures });
    return slot.flatMap((window, row) => {
      const [score = 0, decision = 0, vector] = [scores[row], decisions[row], vectors[row]];
      if (decision >= 0 || vector === undefined) return [];
      const contributions = model.forest.contributions(vector);
      const verdict = { window, vector, score, decision, offset: model.forest.offset, contributions };
      return [explainAnomaly(verdict, agent, model.metadata, clock.nowMs())];
    });
  }

  #succeeded(): void {
    this.#lastError = undefined;
    this.#failures = 0;
  }

  #failed(error: Error): number {
    this.#lastError = error.message;
    this.#failures += 1;
    return Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** (this.#failures - 1));
  }
}
