/**
 * A post is an agent at work: its runner, the models that it judges by if it does, and whether it is switched on.
 */
import type { AnomalyStore } from '../anomalies/anomaly-store.ts';
import type { AgentConfig } from '../config.ts';
import { ServiceError } from '../errors.ts';
import type { ServiceEvents } from '../events.ts';
import type { ModelManager } from '../models/model-manager.ts';
import type { AgentStatus } from '../service-status.ts';
import type { Agent } from './agent.ts';
import { AgentRunner, type AgentRunnerOptions } from './agent-runner.ts';

export interface AgentPostOptions extends Omit<AgentRunnerOptions, 'settings' | 'store'> {
  readonly config: AgentConfig;
  readonly agent: Agent;
  /** Undefined for an agent that judges by none. */
  readonly models: ModelManager | undefined;
  readonly store: AnomalyStore;
  readonly events: ServiceEvents;
}

export class AgentPost {
  readonly name: string;
  readonly agent: Agent;
  readonly config: AgentConfig;
  readonly models: ModelManager | undefined;
  readonly runner: AgentRunner;
  readonly #store: AnomalyStore;
  readonly #events: ServiceEvents;
  #enabled: boolean;
  /** The cycles under way and what ends them; undefined while the agent is off, or not begun. */
  #work: { readonly stopping: AbortController; readonly ended: Promise<void> } | undefined;

  constructor(options: AgentPostOptions) {
    const { config, agent, models, store, events } = options;
    this.name = config.name;
    this.agent = agent;
    this.config = config;
    this.models = models;
    this.runner = new AgentRunner({ ...options, settings: config });
    this.#store = store;
    this.#events = events;
    this.#enabled = config.enabled;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** Takes up the models, gets the agent ready, and learns whether a person had switched the agent on or off. */
  async open(): Promise<void> {
    const kept = await this.#store.setting(this.#setting).catch((error: unknown) => {
      // A store that fails now is no reason not to begin: the cycles say so, and try again.
      if (!(error instanceof ServiceError)) throw error;
    });
    if (typeof kept === 'boolean') this.#enabled = kept;
    await Promise.all([this.models?.start(), this.#enabled ? this.agent.open?.() : undefined]);
  }

  /** Begins the cycles, unless the agent is off. */
  start(): void {
    if (!this.#enabled || this.#work !== undefined) return;
    const stopping = new AbortController();
    this.#work = { stopping, ended: this.runner.run(stopping.signal) };
  }

  /** Ends the cycles after the slot under way; what was being read is broken off. */
  async rest(): Promise<void> {
    const work = this.#work;
    this.#work = undefined;
    work?.stopping.abort();
    await work?.ended;
  }

  /** Switches the agent on or off; that outlives a restart. @throws {ServiceError} `STORE_FAILED`. */
  async switch(enabled: boolean): Promise<void> {
    await this.#store.setSetting(this.#setting, enabled);
    const changes = enabled !== this.#enabled;
    this.#enabled = enabled;
    if (enabled) this.start();
    else await this.rest();
    if (changes) this.#events.emit('agent:switched', { agent: this.name, enabled });
  }

  /** Ends everything. May be called twice. */
  async stop(): Promise<void> {
    await this.rest();
    await this.models?.stop();
    await this.agent.stop();
  }

  get status(): AgentStatus {
    const { models, agent, runner } = this;
    const { lastError } = runner;
    return {
      agent: this.name,
      enabled: this.#enabled,
      needsModel: models !== undefined,
      modelVersion: models?.live?.model.version,
      problem: models === undefined ? agent.problem : models.problem,
      modelWarnings: models?.live?.model.warnings ?? [],
      analysedUntilMs: runner.analysedUntilMs,
      nextDueMs: runner.nextDueMs,
      lagMs: runner.lagMs,
      windowMs: runner.windowMs,
      lastError: lastError?.message,
      storeFailed: lastError instanceof ServiceError && lastError.code === 'STORE_FAILED',
    };
  }

  get #setting(): string {
    return `agent ${this.name} enabled`;
  }
}
