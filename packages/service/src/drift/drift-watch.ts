/**
 * The drift watch looks once in a while at the windows of the last week, which the store has with their vectors, and says
 * how far they have moved from what the models in use were trained on.
 */
import { setImmediate } from 'node:timers/promises';
import type { LoadedModel } from '@edgewood/models';
import type { AnomalyStore, JsonValue } from '../anomalies/anomaly-store.ts';
import { windowPages } from '../anomalies/window-pages.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ServiceLog } from '../tell-events.ts';
import type { AgentDrift } from './agent-drift.ts';
import { adviceText, weekText } from './drift-text.ts';
import { modelDrift } from './model-drift.ts';
import { type DriftState, nextDriftState, parseDriftState, TELL_EVERY_MS } from './retrain-advice.ts';
import { WindowSampler } from './window-sample.ts';

const DAY_MS = 86_400_000;
/** So long a time is compared with training, in milliseconds. */
export const DRIFT_SPAN_MS = 7 * DAY_MS;

/** An agent and the model that it judges by; undefined while there is none. */
export interface DriftUser {
  readonly name: string;
  readonly model: () => TrainedModel | undefined;
}

type TrainedModel = Pick<LoadedModel, 'version' | 'metadata'>;

export interface DriftWatchOptions {
  readonly users: readonly DriftUser[];
  readonly store: Pick<AnomalyStore, 'windows' | 'setting' | 'setSetting'>;
  readonly metrics: Pick<Metrics, 'drift'>;
  readonly log: ServiceLog;
  /** Time of the analysis. */
  readonly nowMs: () => number;
}

export class DriftWatch {
  readonly #options: DriftWatchOptions;
  readonly #found = new Map<string, AgentDrift>();
  #look: Promise<void> | undefined;

  constructor(options: DriftWatchOptions) {
    this.#options = options;
  }

  /**
   * As of the last look, of the versions in use now; looks if there was none of them. Agents without a model are left out.
   *
   * @throws {ServiceError} `STORE_FAILED`.
   */
  async drifts(): Promise<readonly AgentDrift[]> {
    if (this.#options.users.some((user) => user.model() !== undefined && this.#current(user) === undefined)) {
      await this.look(new AbortController().signal);
    }
    return this.#options.users.flatMap((user) => this.#current(user) ?? []);
  }

  /** What is advised of the versions in use, a sentence each. */
  get advice(): readonly string[] {
    const current = this.#options.users.flatMap((user) => this.#current(user) ?? []);
    return current.filter(({ retrainAdvised }) => retrainAdvised).map(adviceText);
  }

  /**
   * Looks at all agents, one after the other; of those who ask meanwhile, all get the same look.
   *
   * @param signal ends it between two pages of windows.
   * @throws {ServiceError} `STORE_FAILED`.
   */
  look(signal: AbortSignal): Promise<void> {
    this.#look ??= this.#lookAtAll(signal).finally(() => {
      this.#look = undefined;
    });
    return this.#look;
  }

  #current({ name, model }: DriftUser): AgentDrift | undefined {
    const found = this.#found.get(name);
    return found !== undefined && found.week.version === model()?.version ? found : undefined;
  }

  async #lookAtAll(signal: AbortSignal): Promise<void> {
    for (const { name, model } of this.#options.users) {
      const inUse = model();
      if (inUse !== undefined && !signal.aborted) await this.#lookAt(name, inUse, signal);
    }
  }

  async #lookAt(agent: string, model: TrainedModel, signal: AbortSignal): Promise<void> {
    const atMs = this.#options.nowMs();
    const seen = await this.#compare(agent, model, atMs, signal);
    if (signal.aborted) return;
    const before = await this.#stateOf(agent);
    const state = nextDriftState(before, seen, atMs);
    const { sinceMs, advised } = state;
    const drift = { agent, atMs, ...seen, sinceMs: sinceMs ?? undefined, retrainAdvised: advised };
    this.#found.set(agent, drift);
    this.#options.metrics.drift(agent, drift);
    const toldMs = this.#tell(drift, before, state);
    await this.#options.store.setSetting(settingOf(agent), { ...state, toldMs } satisfies JsonValue);
  }

  /** Reads the windows that this version judged, page by page, into two bounded samples. */
  async #compare(agent: string, { version, metadata }: TrainedModel, nowMs: number, signal: AbortSignal) {
    const [week, day] = [new WindowSampler(), new WindowSampler()];
    const query = { agent, sinceMs: nowMs - DRIFT_SPAN_MS, untilMs: nowMs, vectors: true };
    let newestMs: number | undefined;
    for await (const page of windowPages(this.#options.store, query)) {
      newestMs ??= page.at(-1)?.toMs ?? nowMs;
      for (const window of page) {
        if (window.modelVersion !== version || window.vector === undefined) continue;
        week.add(window);
        if (window.fromMs >= newestMs - DAY_MS) day.add(window);
      }
      await setImmediate(); // others want to use the store and to be answered
      if (signal.aborted) break;
    }
    return { week: modelDrift(metadata, week.sample), day: modelDrift(metadata, day.sample) };
  }

  async #stateOf(agent: string): Promise<DriftState | undefined> {
    return parseDriftState(await this.#options.store.setting(settingOf(agent)));
  }

  /** @returns when the log was told last. */
  #tell(drift: AgentDrift, before: DriftState | undefined, { advised, toldMs }: DriftState): number {
    const { log } = this.#options;
    const { agent, atMs, week } = drift;
    const isNews = advised && !(before?.advised === true && before.version === week.version);
    if (isNews) log.warn({ agent, version: week.version }, adviceText(drift));
    if (atMs - toldMs < TELL_EVERY_MS || week.unknown !== undefined) return toldMs;
    log.info({ agent, version: week.version }, weekText(drift));
    return atMs;
  }
}

function settingOf(agent: string): string {
  return `agent ${agent} drift`;
}
