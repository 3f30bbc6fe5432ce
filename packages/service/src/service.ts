/**
 * The service puts the parts together and gives them a common life: models are loaded before agents run, and what answers
 * questions stops last.
 */
import { AGENT_PROFILES, type AgentProfile } from '@edgewood/features';
import type { LogEntry, LogSource, TimeSpan } from '@edgewood/logs';
import {
  activate,
  endShadow,
  listVersions,
  type ModelFiles,
  parseAgentName,
  parseVersion,
  rollBack,
  type ServiceReport,
  type TrustedKey,
} from '@edgewood/models';
import type { Agent } from './agents/agent.ts';
import { AgentPost } from './agents/agent-post.ts';
import type { ReplayCount } from './agents/agent-runner.ts';
import { createDetectionAgent } from './agents/detection-agent.ts';
import { createSilenceAgent, SILENCE } from './agents/silence-agent.ts';
import { AlertBudgetWatch } from './alert-budget/alert-budget-watch.ts';
import type { AnomalyStore, ReviewRequest, StoredChange } from './anomalies/anomaly-store.ts';
import { BlindSpotWatch } from './blind-spots/blind-spot-watch.ts';
import type { LogReader } from './blind-spots/log-survey.ts';
import { ChangeAnnouncer } from './change-announcer.ts';
import type { Clock } from './clock.ts';
import type { AgentConfig, ServiceConfig } from './config.ts';
import type { AgentDrift } from './drift/agent-drift.ts';
import { DriftWatch } from './drift/drift-watch.ts';
import { ServiceError } from './errors.ts';
import { createServiceEvents, type ServiceEvents } from './events.ts';
import { createHttpServer } from './http/http-server.ts';
import { logTimeTrouble } from './log-time.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { MetadataCheck } from './models/check-metadata.ts';
import { CountingClock } from './models/counting-clock.ts';
import { ModelManager, type ModelManagerOptions } from './models/model-manager.ts';
import { TrialGuard } from './models/trial-guard.ts';
import { type ModelUser, ReportMaker } from './report/report-maker.ts';
import { ReportWriter } from './report/report-writer.ts';
import type { MachineLoad } from './resources/machine-load.ts';
import { ResourceGuard } from './resources/resource-guard.ts';
import { type AgentModels, ENTRIES_LIMIT, type EntryQuery, type ServiceControl } from './service-control.ts';
import { type ServiceStatus, type ServiceTroubles, serviceStatus } from './service-status.ts';
import { ShadowPost } from './shadow/shadow-post.ts';
import { checkSource, recheckSource } from './source-check.ts';
import { SteadyClock } from './steady-clock.ts';
import type { StoreReplacements } from './store-replacements.ts';
import { countEvents, logEvents, type ServiceLog } from './tell-events.ts';

/** How often what is too old is removed, and what is shown is brought up to date, in milliseconds. */
const UPKEEP_MS = 60_000;
/** What is removed for its age or for room: once in so many upkeeps, first in this one, when a clock has found its time. */
const PRUNE = { every: 60, first: 10 };
/** Whether alert budgets are kept is looked at once in so many upkeeps, first in this one. */
const ALERT_BUDGET = { every: 10, first: 1 };
/** How far things have moved from training is looked at once in so many upkeeps, first in this one. */
const DRIFT = { every: 60, first: 5 };
/** What cannot be seen is looked at once in so many upkeeps, first in this one, unless the machine is over its limits. */
const BLIND_SPOTS = { every: 60, first: 3 };
/** A jump of the clock by so much puts off removing for as long, in milliseconds: what is old may be new. */
const DAY_MS = 86_400_000;

export interface ServiceParts {
  readonly config: ServiceConfig;
  readonly source: LogSource;
  readonly store: AnomalyStore;
  readonly files: ModelFiles;
  readonly metrics: Metrics;
  readonly log: ServiceLog;
  /** Makes an agent of a file or package. */
  readonly loadAgent: (config: AgentConfig) => Agent;
  /** Time of the analysis; the machine's by default. Everything else goes by a clock that nobody can set. */
  readonly clock?: Clock;
  /** How busy the machine is; undefined: analysis never waits for it. */
  readonly load?: MachineLoad;
  /** Damaged stores that were set aside. */
  readonly replacements?: StoreReplacements;
  /** If there are any, models must be signed by one of them. */
  readonly trustedKeys?: readonly TrustedKey[];
}

export class Service implements ServiceControl {
  readonly events: ServiceEvents;
  readonly #parts: ServiceParts;
  readonly #clock: Clock;
  readonly #posts: readonly AgentPost[];
  readonly #shadows: readonly ShadowPost[];
  readonly #trialGuards: readonly TrialGuard[];
  readonly #reports: ReportMaker;
  readonly #reportWriter: ReportWriter | undefined;
  readonly #drift: DriftWatch;
  readonly #alertBudgets: AlertBudgetWatch;
  readonly #blindSpots: BlindSpotWatch;
  readonly #announcer: ChangeAnnouncer;
  readonly #guard: ResourceGuard | undefined;
  readonly #http: ReturnType<typeof createHttpServer>;
  readonly #stopping = new AbortController();
  readonly #endings: (() => void)[] = [];
  readonly #startedMs: number;
  #running: Promise<unknown>[] = [];
  #address: string | undefined;
  /** As `performance.now` counts. */
  #noPruneUntilMs = 0;
  #troubles: ServiceTroubles = {
    source: 'the log source has not answered yet',
    paused: undefined,
    clock: undefined,
    logTime: undefined,
    store: undefined,
    config: undefined,
  };

  constructor(parts: ServiceParts) {
    const { config, store, metrics, log } = parts;
    this.#parts = parts;
    this.events = createServiceEvents((error) => log.error({ err: error }, 'a listener failed: a mistake of ours'));
    this.#clock = parts.clock ?? new SteadyClock({ onJump: (jump) => this.events.emit('clock:jumped', jump) });
    this.#startedMs = this.#clock.nowMs();
    this.#announcer = new ChangeAnnouncer(store, this.events);
    this.#guard = parts.load === undefined ? undefined : this.#createGuard(parts.load);
    this.#posts = config.agents.map((agent) => this.#createPost(agent));
    this.#shadows = this.#posts.flatMap((post) => this.#createShadow(post));
    this.#trialGuards = this.#createTrialGuards();
    this.#reports = this.#createReports();
    this.#reportWriter = config.models.report ? this.#createReportWriter() : undefined;
    const users = this.#modelUsers.map(({ name, models }) => ({ name, model: () => models.live?.model }));
    this.#drift = new DriftWatch({ users, store, metrics, log, nowMs: () => this.#clock.nowMs() });
    this.#alertBudgets = new AlertBudgetWatch({ users, store, metrics, log });
    this.#blindSpots = new BlindSpotWatch({
      readers: () => this.#logReaders,
      source: parts.source,
      metrics,
      nowMs: () => this.#clock.nowMs(),
    });
    this.#http = createHttpServer({
      control: this,
      store,
      events: this.events,
      metrics,
      log,
      settings: config.http,
      clock: this.#clock,
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
    if (this.#guard !== undefined) this.#running.push(this.#guard.run(this.#stopping.signal));
    for (const post of this.#posts) post.start();
    for (const shadow of this.#shadows) await shadow.start();
  }

  /**
   * Instead of `start`: loads the models and answers HTTP, but analyses nothing until `replay` is called.
   *
   * @throws {ServiceError} `CANNOT_LISTEN`.
   */
  async open(): Promise<void> {
    const { store, log, metrics, replacements } = this.#parts;
    this.#endings.push(logEvents(this.events, log), countEvents(this.events, metrics), this.#watchTroubles());
    this.#endings.push(this.#reports.listen());
    replacements?.listen((setAside) => this.events.emit('store:replaced', { location: store.location, setAside }));
    for (const { name } of this.#posts) metrics.agentStarted(name);
    await Promise.all(this.#posts.map((post) => post.open()));
    await Promise.all(this.#shadows.map((shadow) => shadow.open()));
    this.#address = await this.#listen();
    log.info({ address: this.#address }, `listening on ${this.#address}`);
    await this.#announce(); // what a crash kept from being told
    const { signal } = this.#stopping;
    this.#running.push(this.#watchSource(signal), this.#keepUp(signal));
    this.#running.push(...this.#trialGuards.map((guard) => guard.run(signal)));
    this.#reportWriter?.start();
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
    const resting = [...this.#shadows, ...this.#posts].map((post) => post.stop());
    await source.close();
    await Promise.all([...resting, this.#reportWriter?.stop(), ...this.#running]);
    await this.#http.close();
    await store.close();
    for (const end of this.#endings.splice(0)) end();
  }

  get status(): ServiceStatus {
    const nowMs = this.#clock.nowMs();
    const heldMs = this.#clock instanceof SteadyClock ? this.#clock.heldJumpMs : undefined;
    const clock = heldMs === undefined ? undefined : `the clock jumped by ${Math.round(heldMs / 1000)} s`;
    const statuses = this.#posts.map(({ name, status }) => ({
      ...status,
      alertBudget: this.#alertBudgets.useOf(name),
    }));
    return serviceStatus(
      statuses,
      { ...this.#troubles, clock },
      { nowMs, startedMs: this.#startedMs },
      this.#drift.advice,
    );
  }

  models(): Promise<readonly AgentModels[]> {
    const { files } = this.#parts;
    const withModels = this.#posts.filter(({ models }) => models !== undefined);
    const listed = withModels.map(async ({ name, config, models }): Promise<AgentModels> => {
      const versions = await listVersions(files, parseAgentName(config.model));
      const live = models?.live?.model;
      return {
        agent: name,
        model: config.model,
        inUse: live === undefined ? undefined : { version: live.version, metadata: live.metadata },
        shadow: this.#shadows.find((shadow) => shadow.of === name)?.status,
        versions: versions.map(({ version, active, shadow, complete }) => ({ version, active, shadow, complete })),
      };
    });
    return Promise.all(listed);
  }

  report(): Promise<ServiceReport> {
    return this.#reports.make();
  }

  drift(): Promise<readonly AgentDrift[]> {
    return this.#drift.drifts();
  }

  blindSpots() {
    return this.#blindSpots.report();
  }

  checkMetadata(agent: string, text: string): MetadataCheck {
    const { models } = this.#postOf(agent);
    if (models !== undefined) return models.checkMetadata(text);
    return { accepted: false, problem: `the ${agent} agent judges by no model`, warnings: [] };
  }

  async activateModel(agent: string, version: string): Promise<void> {
    const { config } = this.#postOf(agent);
    const { files } = this.#parts;
    const [model, chosen] = [parseAgentName(config.model), parseVersion(version)];
    await activate(files, model, chosen);
    await endShadow(files, model, chosen);
    await this.reloadModels();
  }

  async rollBackModel(agent: string): Promise<string> {
    const { config } = this.#postOf(agent);
    const { files } = this.#parts;
    const model = parseAgentName(config.model);
    const version = await rollBack(files, model);
    await endShadow(files, model, version);
    await this.reloadModels();
    return version;
  }

  async reloadModels(): Promise<void> {
    await Promise.all(this.#posts.map(({ models }) => models?.check()));
    await Promise.all(this.#shadows.map((shadow) => shadow.check()));
  }

  async switchAgent(agent: string, enabled: boolean): Promise<void> {
    await this.#postOf(agent).switch(enabled);
  }

  async review(request: ReviewRequest): Promise<readonly StoredChange[]> {
    const changes = await this.#parts.store.review(request);
    await this.#announce();
    return changes;
  }

  async entries({ agent, deviceId, span, limit }: EntryQuery, signal: AbortSignal) {
    signal.throwIfAborted();
    const { programs } = this.#postOf(agent).agent;
    const entries: LogEntry[] = [];
    let characters = 0;
    for await (const chunk of this.#parts.source.read({ span, programs }, signal)) {
      for (const entry of chunk) {
        if (deviceId !== undefined && entry.deviceId !== deviceId) continue;
        if (entries.length === limit || characters > ENTRIES_LIMIT.characters) return { entries, more: true };
        entries.push(entry);
        characters += entry.message.length;
      }
    }
    return { entries, more: false };
  }

  #postOf(agent: string): AgentPost {
    const post = this.#posts.find(({ name }) => name === agent);
    if (post !== undefined) return post;
    const known = this.#posts.map(({ name }) => name).join(', ');
    throw new ServiceError('NOT_FOUND', `no agent is called '${agent}'; there are: ${known}`);
  }

  #createPost(config: AgentConfig): AgentPost {
    const { source, store } = this.#parts;
    const { events } = this;
    const announce = () => this.#announcer.announce();
    const gate = async (signal: AbortSignal) => this.#guard?.gate(signal);
    const common = { config, source, store, events, clock: this.#clock, announce, gate };
    if (config.use === SILENCE)
      return new AgentPost({ ...common, agent: createSilenceAgent(config), models: undefined });
    const profile = profileOf(config);
    if (profile === undefined) {
      return new AgentPost({ ...common, agent: this.#parts.loadAgent(config), models: undefined });
    }
    const models = this.#createModels(profile, config);
    return new AgentPost({ ...common, agent: createDetectionAgent(profile, models, config), models });
  }

  /** One for each agent that judges by a model. */
  #createShadow(beside: AgentPost): ShadowPost[] {
    const { source, store, log } = this.#parts;
    const { config, models: live } = beside;
    const profile = profileOf(config);
    if (live === undefined || profile === undefined) return [];
    return [
      new ShadowPost({
        beside,
        source,
        store,
        log,
        serviceEvents: this.events,
        clock: this.#clock,
        gate: async (signal) => this.#guard?.gate(signal),
        createModels: (name, events) => this.#createModels(profile, config, { name, events, role: 'shadow' }),
        createAgent: (name, models) => createDetectionAgent(profile, models, { ...config, name }),
      }),
    ];
  }

  #createGuard(load: MachineLoad): ResourceGuard {
    const { config, metrics } = this.#parts;
    return new ResourceGuard({
      load,
      limits: config.resources,
      clock: new CountingClock(),
      onPause: (reason) => this.events.emit('analysis:paused', { reason }),
      onResume: (pausedMs) => this.events.emit('analysis:resumed', { pausedMs }),
      onReading: ({ writtenBytes }) => writtenBytes !== undefined && metrics.diskWritten(writtenBytes),
    });
  }

  #createModels(
    agent: AgentProfile,
    settings: AgentConfig,
    of: Partial<Pick<ModelManagerOptions, 'name' | 'events' | 'role'>> = {},
  ): ModelManager {
    const { files, config, trustedKeys } = this.#parts;
    return new ModelManager({
      files,
      agent,
      model: settings.model,
      name: settings.name,
      settings: { ...settings, programs: agent.programs },
      trustedKeys,
      events: this.events,
      pollIntervalMs: config.models.pollIntervalMs,
      ...of,
    });
  }

  /** One for each model, however many agents use it. */
  #createTrialGuards(): TrialGuard[] {
    const { files, config } = this.#parts;
    const userOf = new Map(this.#modelUsers.toReversed().map(({ model, name }) => [model, name])); // the first of each
    return [...userOf].map(([model, name]) => {
      return new TrialGuard({
        files,
        model: parseAgentName(model),
        name,
        events: this.events,
        clock: new CountingClock(),
        pollIntervalMs: config.models.pollIntervalMs,
        nowMs: () => this.#clock.nowMs(),
      });
    });
  }

  #createReports(): ReportMaker {
    const { trustedKeys = [] } = this.#parts;
    const times = { startedMs: this.#startedMs, nowMs: () => this.#clock.nowMs() };
    return new ReportMaker({ users: this.#modelUsers, trustedKeys, events: this.events, ...times });
  }

  #createReportWriter(): ReportWriter {
    const { files, log } = this.#parts;
    return new ReportWriter({
      files,
      events: this.events,
      log,
      clock: new CountingClock(),
      make: () => this.#reports.make(),
      isDeploying: () => this.#trialGuards.some(({ isDeploying }) => isDeploying),
    });
  }

  get #modelUsers(): ModelUser[] {
    return this.#posts.flatMap(({ name, config: { model }, models }) =>
      models === undefined ? [] : [{ name, model, models }],
    );
  }

  async #replayAll(span: TimeSpan): Promise<ReplayCount> {
    const count = { windows: 0, anomalies: 0 };
    for (const { runner, enabled } of this.#posts) {
      if (!enabled) continue;
      const { windows, anomalies } = await runner.replay(span, this.#stopping.signal);
      count.windows += windows;
      count.anomalies += anomalies;
    }
    return count;
  }

  async #watchSource(signal: AbortSignal): Promise<void> {
    const clock = new CountingClock();
    await checkSource(this.#parts.source, this.events, clock, signal);
    await recheckSource(this.#parts.source, this.events, clock, signal);
  }

  /** Tells of what is stored; a store that fails now is asked again at the next cycle. */
  async #announce(): Promise<void> {
    await this.#announcer.announce().catch((error: Error) => {
      this.#parts.log.error({ err: error }, `cannot tell of changes yet: ${error.message}`);
    });
  }

  /** What a service does once in a while: brings its gauges up to date, and removes what is beyond the store's limits. */
  async #keepUp(signal: AbortSignal): Promise<void> {
    const { store, config, log } = this.#parts;
    const clock = new CountingClock();
    for (let turn = 0; !signal.aborted; turn += 1) {
      try {
        await this.#bringGaugesUpToDate();
        if (turn % ALERT_BUDGET.every === ALERT_BUDGET.first) await this.#alertBudgets.look();
        if (turn % DRIFT.every === DRIFT.first) await this.#drift.look(signal);
        if (turn % BLIND_SPOTS.every === BLIND_SPOTS.first && this.#troubles.paused === undefined) {
          await this.#blindSpots.look(signal);
        }
        const mayPrune = performance.now() >= this.#noPruneUntilMs;
        if (turn % PRUNE.every === PRUNE.first && mayPrune) await store.prune(config.store.limits, this.#clock.nowMs());
      } catch (error) {
        log.error({ err: error }, `upkeep failed: ${(error as Error).message}`);
      }
      await clock.sleepUntil(clock.nowMs() + UPKEEP_MS, signal);
    }
  }

  async #bringGaugesUpToDate(): Promise<void> {
    const { store, metrics } = this.#parts;
    for (const { name, status } of this.#posts) {
      const open = await store.incidents({ agent: name, state: 'open', limit: 1_000 });
      metrics.openIncidents(name, open.length);
      metrics.agentUp(name, !status.enabled || status.problem === undefined);
    }
  }

  /** The source has answered when its check succeeds, or a cycle that read from it. */
  #watchTroubles(): () => void {
    const { metrics, log } = this.#parts;
    const note = (trouble: Partial<ServiceTroubles>) => {
      this.#troubles = { ...this.#troubles, ...trouble };
    };
    const endings = [
      this.events.on('source:ready', () => note({ source: undefined })),
      this.events.on('cycle:finished', () => note({ source: undefined })),
      this.events.on('source:failed', ({ error }) => note({ source: error.message })),
      this.events.on('source:checked', ({ newestMs }) => {
        if (!(this.#clock instanceof SteadyClock)) return; // a driven clock is not to be right
        const trouble = logTimeTrouble(newestMs, this.#clock.nowMs());
        if (trouble !== undefined && this.#troubles.logTime === undefined) log.warn({}, trouble);
        note({ logTime: trouble });
      }),
      this.events.on('analysis:paused', ({ reason }) => note({ paused: `analysis waits: ${reason}` })),
      this.events.on('analysis:resumed', () => note({ paused: undefined })),
      this.events.on('clock:jumped', ({ byMs }) => {
        if (Math.abs(byMs) >= DAY_MS) this.#noPruneUntilMs = performance.now() + DAY_MS;
      }),
      this.events.on('store:replaced', ({ setAside }) => note({ store: `the store was broken; it is in ${setAside}` })),
      this.events.on('config:refused', ({ reason }) => note({ config: reason })),
      this.events.on('config:accepted', () => note({ config: undefined })),
      this.events.on('slot:analysed', ({ agent, anomalies }) => {
        if (!this.#isSilence(agent)) return;
        for (const kind of ['pipeline_silent', 'device_silent', 'program_silent']) {
          metrics.silent(kind, anomalies[kind] ?? 0);
        }
      }),
    ];
    return () => {
      for (const end of endings) end();
    };
  }

  /** Who reads what is logged; silence only hears that something is. */
  get #logReaders(): readonly LogReader[] {
    const reading = this.#posts.filter(({ config }) => config.use !== SILENCE);
    return reading.map(({ name, agent, config }) => {
      return { name, programs: agent.programs, profile: AGENT_PROFILES.find((profile) => profile.name === config.use) };
    });
  }

  #isSilence(agent: string): boolean {
    return this.#posts.some(({ name, config }) => name === agent && config.use === SILENCE);
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
}

/** Which shipped agent's windows and features are meant, with the programs that are configured; undefined: none of those. */
function profileOf({ use, programs }: AgentConfig): AgentProfile | undefined {
  const shipped = AGENT_PROFILES.find(({ name }) => name === use);
  return shipped && { ...shipped, programs: programs ?? shipped.programs };
}
