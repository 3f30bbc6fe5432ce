/**
 * The service puts the parts together and gives them a common life: models are loaded before agents run, and what answers
 * questions stops last.
 */
import { agentProfile } from '@edgewood/features';
import type { LogSource, TimeSpan } from '@edgewood/logs';
import { listVersions, type ModelFiles, parseAgentName } from '@edgewood/models';
import { AgentRunner, type ReplayCount } from './agents/agent-runner.ts';
import { createForestAgent } from './agents/forest-agent.ts';
import type { AnomalyStore } from './anomalies/anomaly-store.ts';
import { type Clock, SystemClock } from './clock.ts';
import type { AgentConfig, ServiceConfig } from './config.ts';
import { ServiceError } from './errors.ts';
import { createServiceEvents, type ServiceEvents } from './events.ts';
import { createHttpServer, type ModelsAnswer } from './http/http-server.ts';
import type { Metrics } from './metrics/metrics.ts';
import { ModelManager } from './models/model-manager.ts';
import { type AgentStatus, type ServiceStatus, serviceStatus } from './service-status.ts';
import { checkSource } from './source-check.ts';
import { countEvents, logEvents, type ServiceLog } from './tell-events.ts';

export interface ServiceParts {
  readonly config: ServiceConfig;
  readonly source: LogSource;
  readonly store: AnomalyStore;
  readonly files: ModelFiles;
  readonly metrics: Metrics;
  readonly log: ServiceLog;
  /** Time of the analysis; the machine's by default. The model directory is watched in the machine's time in any case. */
  readonly clock?: Clock;
}

/** An agent at work and the models that it judges by. */
interface Post {
  readonly agent: string;
  readonly runner: AgentRunner;
  readonly models: ModelManager;
}

export class Service {
  readonly events: ServiceEvents;
  readonly #parts: ServiceParts;
  readonly #clock: Clock;
  readonly #posts: readonly Post[];
  readonly #http: ReturnType<typeof createHttpServer>;
  readonly #stopping = new AbortController();
  readonly #endings: (() => void)[] = [];
  #running: Promise<unknown>[] = [];
  #address: string | undefined;
  #sourceProblem: string | undefined = 'the log source has not answered yet';

  constructor(parts: ServiceParts) {
    const { config, store, metrics, log } = parts;
    this.#parts = parts;
    this.#clock = parts.clock ?? new SystemClock();
    this.events = createServiceEvents((error) => log.error({ err: error }, 'a listener failed: a mistake of ours'));
    this.#posts = config.agents.map((agent) => this.#createPost(agent));
    const models = () => this.#listModels();
    this.#http = createHttpServer({ status: () => this.status, store, models, metrics, log });
  }

  /** Where HTTP answers: `http://127.0.0.1:8420`; undefined before the start. */
  get address(): string | undefined {
    return this.#address;
  }

  /**
   * Loads the active models, answers HTTP, and runs the agents. A missing model or an unreachable log source is no error:
   * the service says so and goes on trying.
   *
   * @throws {ServiceError} `CANNOT_LISTEN`.
   */
  async start(): Promise<void> {
    await this.open();
    this.#running.push(...this.#posts.map(({ runner }) => runner.run(this.#stopping.signal)));
  }

  /**
   * Instead of `start`: loads the models and answers HTTP, but analyses nothing until `replay` is called.
   *
   * @throws {ServiceError} `CANNOT_LISTEN`.
   */
  async open(): Promise<void> {
    const { source, log, metrics } = this.#parts;
    this.#endings.push(logEvents(this.events, log), countEvents(this.events, metrics), this.#watchSource());
    for (const { agent } of this.#posts) metrics.agentStarted(agent);
    await Promise.all(this.#posts.map(({ models }) => models.start()));
    this.#address = await this.#listen();
    log.info({ address: this.#address }, `listening on ${this.#address}`);
    this.#running.push(checkSource(source, this.events, new SystemClock(), this.#stopping.signal));
  }

  /**
   * Analyses a span of the past as if its time had come, one cycle after another; the clock must be driven.
   *
   * @throws {ServiceError} `AGENT_FAILED` without a model; whatever the source or the store throws; an `AbortError` if the
   *   service is stopped before the end.
   */
  replay(span: TimeSpan): Promise<ReplayCount> {
    const replaying = this.#replayAll(span);
    this.#running.push(replaying.catch(() => {})); // who called hears of it
    return replaying;
  }

  /** Breaks off what is being read, ends the cycles, then stops to answer, and closes the store last. May be called twice. */
  async stop(): Promise<void> {
    const { source, store } = this.#parts;
    this.#stopping.abort();
    await source.close();
    await Promise.all(this.#running);
    await Promise.all(this.#posts.map(({ models }) => models.stop()));
    await this.#http.close();
    store.close();
    for (const end of this.#endings.splice(0)) end();
  }

  /** Forces a look at the model directory, without waiting for the next poll or a back-off. */
  async checkModels(): Promise<void> {
    await Promise.all(this.#posts.map(({ models }) => models.check()));
  }

  get status(): ServiceStatus {
    return serviceStatus(this.#posts.map(statusOf), this.#sourceProblem, this.#clock.nowMs());
  }

  #createPost(config: AgentConfig): Post {
    const { source, store, files, config: service } = this.#parts;
    const { events } = this;
    const profile = agentProfile(config.name);
    const { pollIntervalMs } = service.models;
    const models = new ModelManager({
      files,
      agent: profile,
      settings: config,
      events,
      clock: new SystemClock(),
      pollIntervalMs,
    });
    const agent = createForestAgent(profile, models);
    const runner = new AgentRunner({ agent, source, store, events, clock: this.#clock, timing: config });
    return { agent: agent.name, models, runner };
  }

  async #replayAll(span: TimeSpan): Promise<ReplayCount> {
    const count = { windows: 0, anomalies: 0 };
    for (const { runner } of this.#posts) {
      const { windows, anomalies } = await runner.replay(span, this.#stopping.signal);
      count.windows += windows;
      count.anomalies += anomalies;
    }
    return count;
  }

  /** The source has answered when its check succeeds, or a cycle that read from it. */
  #watchSource(): () => void {
    const settle = () => {
      this.#sourceProblem = undefined;
    };
    const endings = [
      this.events.on('source:ready', settle),
      this.events.on('cycle:finished', settle),
      this.events.on('source:failed', ({ error }) => {
        this.#sourceProblem = error.message;
      }),
    ];
    return () => {
      for (const end of endings) end();
    };
  }

  async #listen(): Promise<string> {
    const { host, port } = this.#parts.config.http;
    try {
      return await this.#http.listen({ host, port });
    } catch (cause) {
      throw new ServiceError('CANNOT_LISTEN', `cannot listen on ${host}:${port}: ${(cause as Error).message}`, {
        cause,
      });
    }
  }

  async #listModels(): Promise<ModelsAnswer> {
    const { files } = this.#parts;
    const agents = this.#posts.map(async ({ agent, models }) => {
      const versions = await listVersions(files, parseAgentName(agent));
      return {
        agent,
        active: models.live?.model.version,
        versions: versions.map(({ version, active, complete }) => ({ version, active, complete })),
      };
    });
    return { agents: await Promise.all(agents) };
  }
}

function statusOf({ agent, runner, models }: Post): AgentStatus {
  const { lastError } = runner;
  return {
    agent,
    modelVersion: models.live?.model.version,
    modelProblem: models.problem,
    modelWarnings: models.live?.model.warnings ?? [],
    analysedUntilMs: runner.analysedUntilMs,
    lagMs: runner.lagMs,
    windowMs: runner.windowMs,
    lastError: lastError?.message,
    storeFailed: lastError instanceof ServiceError && lastError.code === 'STORE_FAILED',
  };
}
