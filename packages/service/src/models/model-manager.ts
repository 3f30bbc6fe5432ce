/**
 * The model manager keeps one agent's live model: at every look at the directory the reload policy decides, what the active
 * link names is loaded aside and checked, and one reference is replaced. Whoever took the old model finishes on it; whatever
 * goes wrong, the old model stays.
 *
 * A candidate in the shadow is kept in the same way, with two differences: that there is none is no problem, and of one that
 * is refused or taken out nothing stays, since nobody depends on it and only what the link names is to be compared.
 */
import { type DetectionModel, detectionModel } from '@edgewood/detection';
import type { AgentProfile, WindowSettings } from '@edgewood/features';
import {
  type AgentName,
  loadActiveModel,
  ModelError,
  type ModelFiles,
  type ModelRole,
  parseAgentName,
  type TrustedKey,
} from '@edgewood/models';
import type { Clock } from '../clock.ts';
import type { ServiceEvents } from '../events.ts';
import { checkMetadata, type MetadataCheck } from './check-metadata.ts';
import { CountingClock } from './counting-clock.ts';
import { ModelWatcher, type SeenFiles } from './model-watcher.ts';
import { refusalReason } from './refusal-reason.ts';
import { decideReload, type LoadAttempt } from './reload-policy.ts';

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

export interface ModelManagerOptions {
  readonly files: ModelFiles;
  readonly agent: AgentProfile;
  /** The first part of the model files' names; default: the agent's name. */
  readonly model?: string | undefined;
  /** Which links are followed; default: those of the live version. */
  readonly role?: ModelRole | undefined;
  /** Who is told of in events: the name of whoever judges by the model; default: the model's. */
  readonly name?: string | undefined;
  readonly settings: WindowSettings;
  /** If there are any, a model must be signed by one of them. */
  readonly trustedKeys?: readonly TrustedKey[] | undefined;
  readonly events: ServiceEvents;
  /** For the watch and the back-off, so one that is not set meanwhile; default: a {@link CountingClock}. */
  readonly clock?: Clock | undefined;
  readonly pollIntervalMs: number;
}

/** A look under way for longer than this is not waited for by {@link ModelManager.look}, in milliseconds. */
const PATIENCE_MS = 1_000;

/** A look at the directory that takes longer than this is a problem by itself, in milliseconds: the disk does not answer. */
export const LONGEST_LOOK_MS = 60_000;

export class ModelManager {
  readonly #options: ModelManagerOptions;
  readonly #agent: string;
  readonly #model: AgentName;
  readonly #role: ModelRole;
  readonly #clock: Clock;
  readonly #watcher: ModelWatcher;
  #live: DetectionModel | undefined;
  #last: LoadAttempt | undefined;
  #problem: string | undefined;

  constructor(options: ModelManagerOptions) {
    this.#options = options;
    this.#model = parseAgentName(options.model ?? options.agent.name);
    this.#agent = options.name ?? this.#model;
    this.#role = options.role ?? 'active';
    this.#clock = options.clock ?? new CountingClock();
    const { files, pollIntervalMs } = options;
    const onLook = (seen: SeenFiles, asked: boolean) => this.#reconsider(seen, asked);
    const watched = { files, agent: this.#model, role: this.#role };
    this.#watcher = new ModelWatcher({ ...watched, clock: this.#clock, pollIntervalMs, onLook });
  }

  /** The model in use; undefined until one could be loaded. Hold it for one unit of work, not longer. */
  get live(): DetectionModel | undefined {
    return this.#live;
  }

  /** Why the newest look at the directory did not end with the model in use, or does not end; undefined if all is well. */
  get problem(): string | undefined {
    const { lookingForMs = 0 } = this.#watcher;
    if (lookingForMs <= LONGEST_LOOK_MS) return this.#problem;
    return `the model directory ${this.#options.files.location} has not answered for ${Math.round(lookingForMs / 1000)} s`;
  }

  /** Loads what is active, if it can be loaded, and begins to watch. A model that cannot be loaded is no error here. */
  async start(): Promise<void> {
    await this.#watcher.start();
  }

  /** Ends the watch; the model stays usable. May be called twice. */
  async stop(): Promise<void> {
    await this.#watcher.stop();
  }

  /** Looks at the directory now, without waiting for a poll or a back-off. Never throws, whatever is wrong there. */
  async check(): Promise<void> {
    await this.#watcher.look(true);
  }

  /**
   * Has {@link live} and {@link problem} be of what the active link names now: looks as a poll does, unless the directory
   * does not answer. Never throws.
   */
  async look(): Promise<void> {
    if ((this.#watcher.lookingForMs ?? 0) <= PATIENCE_MS) await this.#watcher.look();
  }

  /** Whether a version would be refused by what its metadata says; see {@link checkMetadata}. Throws nothing. */
  checkMetadata(text: string): MetadataCheck {
    return checkMetadata(text, { ...this.#options, model: this.#model });
  }

  /**
   * scikit-learn's predictions and scores by the model in use.
   *
   * @param samples shape `(nSamples, nFeatures)`, features in the order of the model's metadata.
   * @returns null without a model; that there is none was told by `model:rejected`, once.
   */
  infer(samples: Samples): Inference | null {
    if (this.#live === undefined) return null;
    const { forest, version } = this.#live.model;
    const scores = forest.scoreSamples(samples);
    const decisions = scores.map((score) => score - forest.offset);
    const predictions = Int8Array.from(decisions, (decision) => (decision < 0 ? -1 : 1));
    return { predictions, scores, decisions, version };
  }

  async #reconsider({ identity, content }: SeenFiles, asked: boolean): Promise<void> {
    const seen = `${identity} ${content}`;
    if (decideReload(this.#last, { identity: seen, nowMs: this.#clock.nowMs(), asked }) !== 'load') return;
    const loaded = await this.#load().catch((error: unknown) => ({ error }));
    const atMs = this.#clock.nowMs();
    if ('error' in loaded) {
      const failures = this.#last?.identity === seen ? this.#last.failures + 1 : 1;
      this.#last = { identity: seen, outcome: 'failed', failures, atMs };
      if (this.#role === 'shadow') this.#drop();
      if (isNoCandidate(loaded.error)) this.#problem = undefined;
      else this.#reject(refusalReason(loaded.error));
    } else {
      // By what was loaded, not by what was seen: it may have changed between, and even have changed back since.
      this.#last = { identity: `${identity} ${loaded.model.content}`, outcome: 'loaded', failures: 0, atMs };
      this.#accept(loaded);
    }
  }

  /** Loads aside: what is in use is not touched. Whatever it throws: bytes from outside must not end the service. */
  async #load(): Promise<DetectionModel> {
    const { files, agent, settings, trustedKeys } = this.#options;
    const model = await loadActiveModel(files, this.#model, { trustedKeys, role: this.#role });
    return detectionModel(model, agent, settings);
  }

  #accept(live: DetectionModel): void {
    this.#live = live;
    this.#problem = undefined;
    const { version, warnings } = live.model;
    this.#options.events.emit('model:loaded', { agent: this.#agent, version, warnings });
  }

  #drop(): void {
    const before = this.#live;
    this.#live = undefined;
    if (before !== undefined) {
      this.#options.events.emit('model:dropped', { agent: this.#agent, version: before.model.version });
    }
  }

  #reject(reason: string): void {
    const again = this.#problem === reason;
    this.#problem = reason;
    const inUse = this.#live?.model.version;
    this.#options.events.emit('model:rejected', { agent: this.#agent, reason, inUse, again });
  }
}

function isNoCandidate(error: unknown): boolean {
  return error instanceof ModelError && error.code === 'NO_SHADOW_MODEL';
}
