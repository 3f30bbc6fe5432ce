/**
 * The model manager keeps one agent's live model: it loads what the active link names, watches the directory, and replaces
 * one reference when a newer version has been loaded and checked. Whoever took the old model finishes on it.
 */
import {
  type AgentProfile,
  FeatureError,
  type FeatureExtractor,
  trainedExtractor,
  type WindowSettings,
} from '@edgewood/features';
import {
  activeIdentity,
  type LoadedModel,
  loadActiveModel,
  ModelError,
  type ModelFiles,
  parseAgentName,
  trainedWith,
} from '@edgewood/models';
import type { Clock } from '../clock.ts';
import type { ServiceEvents } from '../events.ts';
import { type LoadAttempt, shouldLoad } from './reload-policy.ts';

/** Vectors of many windows, row-major. */
export interface Samples {
  readonly data: Float64Array;
  readonly nSamples: number;
  readonly nFeatures: number;
}

/** What a model says of samples; element `i` is of row `i`. */
export interface Inference {
  /** scikit-learn's `predict`: -1 is an anomaly, 1 is not. */
  readonly predictions: Int8Array;
  /** scikit-learn's `score_samples`, in `[-1, 0)`: lower is more abnormal. */
  readonly scores: Float64Array;
  /** `decision_function`, below 0 for an anomaly. */
  readonly decisions: Float64Array;
  readonly version: string;
}

/** A model and the extractor that makes its vectors: taken together, used together, replaced together. */
export interface LiveModel {
  readonly model: LoadedModel;
  readonly extractor: FeatureExtractor;
}

export interface ModelManagerOptions {
  readonly files: ModelFiles;
  readonly agent: AgentProfile;
  readonly settings: WindowSettings;
  readonly events: ServiceEvents;
  /** For the watch and the back-off; real time even where the analysis is driven. */
  readonly clock: Clock;
  readonly pollIntervalMs: number;
}

export class ModelManager {
  readonly #options: ModelManagerOptions;
  readonly #stopping = new AbortController();
  #live: LiveModel | undefined;
  #last: LoadAttempt | undefined;
  #problem: string | undefined;
  #watching: Promise<void> | undefined;

  constructor(options: ModelManagerOptions) {
    this.#options = options;
  }

  /** The model in use; undefined until one could be loaded. Hold it for one unit of work, not longer. */
  get live(): LiveModel | undefined {
    return this.#live;
  }

  /** Why the newest look at the directory did not end with the model in use; undefined if it did. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Loads what is active, if it can be loaded, and begins to watch. A model that cannot be loaded is no error here. */
  async start(): Promise<void> {
    await this.check();
    this.#watching = this.#watch();
  }

  /** Ends the watch; the model stays usable. May be called twice. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  /** Looks at the directory now and loads if the reload policy says so. Never throws for what is wrong with a model. */
  async check(): Promise<void> {
    const { clock, files, agent } = this.#options;
    const identity = await activeIdentity(files, parseAgentName(agent.name));
    if (!shouldLoad(this.#last, identity, clock.nowMs())) return;
    try {
      const live = await this.#load();
      this.#last = { identity, outcome: 'loaded', failures: 0, atMs: clock.nowMs() };
      this.#accept(live);
    } catch (error) {
      if (!(error instanceof ModelError || error instanceof FeatureError)) throw error;
      const failures = this.#last?.identity === identity ? this.#last.failures + 1 : 1;
      this.#last = { identity, outcome: 'failed', failures, atMs: clock.nowMs() };
      this.#reject(`${error.message} [${error.code}]`);
    }
  }

  /**
   * scikit-learn's predictions and scores by the model in use.
   *
   * @param samples shape `(nSamples, nFeatures)`, features in the order of the model's metadata.
   * @returns null without a model.
   */
  infer(samples: Samples): Inference | null {
    return this.#live === undefined ? null : inferWith(this.#live, samples);
  }

  async #load(): Promise<LiveModel> {
    const { files, agent, settings } = this.#options;
    const model = await loadActiveModel(files, parseAgentName(agent.name));
    return { model, extractor: trainedExtractor(trainedWith(model), agent, settings) };
  }

  #accept(live: LiveModel): void {
    this.#live = live;
    this.#problem = undefined;
    const { version, warnings } = live.model;
    this.#options.events.emit('model:loaded', { agent: this.#options.agent.name, version, warnings });
  }

  #reject(reason: string): void {
    const told = this.#problem === reason;
    this.#problem = reason;
    if (told) return; // said once for each change of state, not at every try
    const inUse = this.#live?.model.version;
    this.#options.events.emit('model:rejected', { agent: this.#options.agent.name, reason, inUse });
  }

  async #watch(): Promise<void> {
    const { clock, pollIntervalMs } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.sleepUntil(clock.nowMs() + pollIntervalMs, signal);
      if (!signal.aborted) await this.check();
    }
  }
}

/** As {@link ModelManager.infer}, by a model that the caller holds. */
export function inferWith({ model }: LiveModel, samples: Samples): Inference {
  const scores = model.forest.scoreSamples(samples);
  const decisions = scores.map((score) => score - model.forest.offset);
  const predictions = Int8Array.from(decisions, (decision) => (decision < 0 ? -1 : 1));
  return { predictions, scores, decisions, version: model.version };
}
