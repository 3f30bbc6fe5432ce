/**
 * A shadow post is a candidate at work beside the agent that it might replace: it judges the same windows, under a name of
 * its own, and alerts nobody.
 *
 * ```
 * a candidate is there, it is not the live version itself, and its agent is on  ──▶ cycles run; otherwise they rest
 * ```
 *
 * It has events of its own. Nothing that happens to a candidate is among those of the service, so that none of it is told to
 * people, counted in metrics, heeded by a deployment or said to be wrong in `/healthz`; the log alone has it.
 */
import type { Agent } from '../agents/agent.ts';
import type { AgentPost } from '../agents/agent-post.ts';
import { AgentRunner, type AgentRunnerOptions } from '../agents/agent-runner.ts';
import { createServiceEvents, type ServiceEvents } from '../events.ts';
import type { ModelManager } from '../models/model-manager.ts';
import { logEvents, type ServiceLog } from '../tell-events.ts';
import { shadowAgent } from './shadow-agent.ts';

/** What a candidate is doing. */
export interface ShadowStatus {
  /** The candidate that is loaded; undefined while none could be. */
  readonly version: string | undefined;
  /** Why the candidate does not judge, or not as it should; undefined if all is well. */
  readonly problem: string | undefined;
  /** Up to where all windows are analysed, Unix milliseconds; undefined before the first. */
  readonly analysedUntilMs: number | undefined;
}

/** What candidates are called whose live version an agent judges by: no agent can have this name. */
export function shadowName(agent: string): string {
  return `${agent}~shadow`;
}

export interface ShadowPostOptions extends Omit<AgentRunnerOptions, 'agent' | 'events' | 'settings' | 'announce'> {
  /** The agent in whose shadow the candidate is. */
  readonly beside: AgentPost;
  /** Keeps the candidate; is told of by these events, which nobody else listens to. */
  readonly createModels: (name: string, events: ServiceEvents) => ModelManager;
  /** Makes the agent that judges by it. */
  readonly createAgent: (name: string, models: ModelManager) => Agent;
  /** The service's, to hear what becomes of the agent beside. */
  readonly serviceEvents: ServiceEvents;
  readonly log: ServiceLog;
}

/** Cycles under way, and what ends them. */
interface ShadowWork {
  readonly agent: Agent;
  readonly runner: AgentRunner;
  readonly stopping: AbortController;
  readonly ended: Promise<void>;
}

export class ShadowPost {
  /** Of the agent in whose shadow it is. */
  readonly of: string;
  readonly #options: ShadowPostOptions;
  readonly #name: string;
  readonly #events: ServiceEvents;
  readonly #models: ModelManager;
  readonly #endings: (() => void)[];
  #isBegun = false;
  /** The cycles under way; undefined while they rest, so that nothing is held for a candidate that is gone. */
  #work: ShadowWork | undefined;
  #settling: Promise<void> = Promise.resolve();

  constructor(options: ShadowPostOptions) {
    const { beside, serviceEvents, log } = options;
    this.#options = options;
    this.of = beside.name;
    this.#name = shadowName(beside.name);
    this.#events = createServiceEvents((error) => log.error({ err: error }, 'a listener failed: a mistake of ours'));
    this.#models = options.createModels(this.#name, this.#events);
    const settle = () => void this.settle();
    this.#endings = [
      logEvents(this.#events, log),
      this.#events.on('model:loaded', settle),
      this.#events.on('model:dropped', settle),
      serviceEvents.on('model:loaded', settle),
      serviceEvents.on('agent:switched', settle),
    ];
  }

  /** Undefined while nothing is in the shadow. */
  get status(): ShadowStatus | undefined {
    const { live, problem } = this.#models;
    const version = live?.model.version;
    if (version === undefined && problem === undefined) return undefined;
    const { agent, runner } = this.#work ?? {};
    const whyNot = problem ?? this.#whyResting ?? agent?.problem ?? runner?.lastError?.message;
    return { version, problem: whyNot, analysedUntilMs: runner?.analysedUntilMs };
  }

  /** Looks whether there is a candidate, and begins to watch. */
  async open(): Promise<void> {
    await this.#models.start();
  }

  /** From now on cycles run whenever there is a candidate. */
  async start(): Promise<void> {
    this.#isBegun = true;
    await this.settle();
  }

  /** Looks for the candidate now, without waiting for a poll or a back-off. */
  async check(): Promise<void> {
    await this.#models.check();
    await this.#settling;
  }

  /** Lets cycles run, or ends them after the slot under way, as it should be by now. */
  settle(): Promise<void> {
    this.#settling = this.#settling.then(() => (this.#isWanted ? this.#run() : this.#rest()));
    return this.#settling;
  }

  /** Ends everything. May be called twice. */
  async stop(): Promise<void> {
    this.#isBegun = false;
    await this.settle();
    await this.#models.stop();
    for (const end of this.#endings.splice(0)) end();
  }

  /** Why a candidate that is loaded shall not judge; undefined if it shall. */
  get #whyResting(): string | undefined {
    const { beside } = this.#options;
    const version = this.#models.live?.model.version;
    if (version !== undefined && version === beside.models?.live?.model.version) return `${version} is live itself`;
    return beside.enabled ? undefined : `the ${beside.name} agent is switched off`;
  }

  get #isWanted(): boolean {
    return this.#isBegun && this.#models.live !== undefined && this.#whyResting === undefined;
  }

  async #run(): Promise<void> {
    if (this.#work !== undefined) return;
    const agent = shadowAgent(this.#options.createAgent(this.#name, this.#models));
    await agent.open?.();
    const { beside } = this.#options;
    const announce = async () => {}; // without anomalies nothing changes that anybody could be told of
    const parts = { ...this.#options, agent, events: this.#events, settings: beside.config, announce };
    const runner = new AgentRunner(parts);
    const stopping = new AbortController();
    this.#work = { agent, runner, stopping, ended: runner.run(stopping.signal) };
  }

  async #rest(): Promise<void> {
    const work = this.#work;
    this.#work = undefined;
    work?.stopping.abort();
    await work?.ended;
    await work?.agent.stop();
  }
}
