/**
 * The service puts the parts together and gives them a common life: models are loaded before agents run, and what answers
 * questions stops last.
 */
import { agentProfile } from '@edgewood/features';
import type { LogSource, TimeSpan } from '@edgewood/logs';
import { listVersions, type ModelFiles, parseAgentName } from '@edgewood/models';
import { WindowAgent } from './agents/window-agent.ts';
import type { AnomalyStore } from './anomalies/anomaly-store.ts';
import { type Clock, SystemClock } from './clock.ts';
import type { AgentConfig, ServiceConfig } from './config.ts';
import { ServiceError } from './errors.ts';
import { createServiceEvents, type ServiceEvents } from './events.ts';
import { createHttpServer, type ModelsAnswer } from './http/http-server.ts';
import type { Metrics } from './metrics/metrics.ts';
import { ModelManager } from './models/model-manager.ts';
import type { AgentStatus, ServiceStatus } from './service-status.ts';
import { countEvents, logEvents, type ServiceLog } from './tell-events.ts';

export interface ServiceParts {
  readonly config: ServiceConfig;
  readonly source: LogSource;
  readonly store: AnomalyStore;
  readonly files: ModelFiles;
  readonly metrics: Metrics;
  readonly log: ServiceLog;
  /** Time of the analysis; the machine's by default. Models are watched in the machine's time in any case. */
  readonly clock?: Clock;
}

/** An agent and the model that it uses. */
interface Pair {
  readonly agent: WindowAgent;
  readonly models: ModelManager;
}

export class Service {
  readonly events: ServiceEvents = createServiceEvents();
  readonly #parts: ServiceParts;
  readonly #clock: Clock;
  readonly #pairs: readonly Pair[];
  readonly #stopping = new AbortController();
  readonly #http: ReturnType<typeof createHttpServer>;
  #running: Promise<unknown> = Promise.resolve();
  #address: string | undefined;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? new SystemClock();
    this.#pairs = parts.config.agents.map((agent) => this.#createPair(agent));
    this.#http = createHttpServer({
      status: () => this.status,
      store: parts.store,
      models: () => this.#models(),
      metrics: parts.metrics,
    });
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
    const { signal } = this.#stopping;
    this.#running = Promise.all(this.#pairs.map(({ agent }) => agent.run(signal)));
  }

  /**
   * Instead of `start`: loads the models and answers HTTP, but analyses nothing until `replay` is called.
   *
   * @throws {ServiceError} `CANNOT_LISTEN`.
   */
  async open(): Promise<void> {
    const { config, log, metrics } = this.#parts;
    logEvents(this.events, log);
    countEvents(this.events, metrics);
    await Promise.all(this.#pairs.map(({ models }) => models.start()));
    const { host, port } = config.http;
    try {
      this.#address = await this.#http.listen({ host, port });
    } catch (error) {
      throw new ServiceError('CANNOT_LISTEN', `cannot listen on ${host}:${port}: ${(error as Error).message}`, {
        cause: error,
      });
    }
    log.info({ address: this.#address }, `listening on ${this.#address}`);
  }

  /**
   * Analyses a span of the past as if its time had come, one cycle after another; the clock must be driven.
   *
   * @throws {ServiceError} `AGENT_FAILED` without a model; whatever the source or the store throws.
   */
  async replay(span: TimeSpan): Promise<void> {
    for (const { agent } of this.#pairs) await agent.replay(span, this.#stopping.signal);
  }

  /** Ends the cycles under way, then stops to answer, then closes what was handed in. May be called twice. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all(this.#pairs.map(({ models }) => models.stop()));
    await this.#http.close();
    await this.#parts.source.close();
    this.#parts.store.close();
  }

  /** Forces a look at the model directory, without waiting for the next poll. */
  async checkModels(): Promise<void> {
    await Promise.all(this.#pairs.map(({ models }) => models.check()));
  }

  get status(): ServiceStatus {
    const agents = this.#pairs.map(statusOf);
    const reasons = agents.flatMap(reasonsOf);
    const ready = agents.every(({ modelVersion, lastError }) => modelVersion !== undefined && lastError === undefined);
    return { status: reasons.length === 0 ? 'ok' : 'degraded', ready, reasons, nowMs: this.#clock.nowMs(), agents };
  }

  #createPair(config: AgentConfig): Pair {
    const { source, store, files, config: service } = this.#parts;
    const { events } = this;
    const agent = agentProfile(config.name);
    const { pollIntervalMs } = service.models;
    const models = new ModelManager({
      files,
      agent,
      settings: config,
      events,
      clock: new SystemClock(),
      pollIntervalMs,
    });
    const { graceMs, catchUpMaxMs } = config;
    return {
      models,
      agent: new WindowAgent({ agent, source, store, models, events, clock: this.#clock, graceMs, catchUpMaxMs }),
    };
  }

  async #models(): Promise<ModelsAnswer> {
    const { files } = this.#parts;
    const agents = this.#pairs.map(async ({ agent, models }) => {
      const versions = await listVersions(files, parseAgentName(agent.name));
      return {
        agent: agent.name,
        active: models.live?.model.version,
        versions: versions.map(({ version, active, complete }) => ({ version, active, complete })),
      };
    });
    return { agents: await Promise.all(agents) };
  }
}

function statusOf({ agent, models }: Pair): AgentStatus {
  return {
    agent: agent.name,
    modelVersion: models.live?.model.version,
    modelProblem: models.problem,
    modelWarnings: models.live?.model.warnings ?? [],
    analysedUntilMs: agent.analysedUntilMs,
    lagMs: agent.lagMs,
    lastError: agent.lastError,
  };
}

function reasonsOf({ agent, modelVersion, modelProblem, lastError }: AgentStatus): string[] {
  const reasons: string[] = [];
  if (modelProblem !== undefined) {
    reasons.push(`${agent}: ${modelProblem}${modelVersion === undefined ? '' : `; ${modelVersion} stays in use`}`);
  }
  if (lastError !== undefined) reasons.push(`${agent}: ${lastError}`);
  return reasons;
}
