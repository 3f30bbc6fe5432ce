import { agentProfile } from '@edgewood/features';
import { type LogEntry, LogError } from '@edgewood/logs';
import { ModelError, type ModelMetadata, parseAgentName, type ServiceReport } from '@edgewood/models';
import type { AnomalyStore, ReviewRequest, StoredChange } from '../anomalies/anomaly-store.ts';
import type { BlindSpotReport } from '../blind-spots/blind-spot-watch.ts';
import { LogSurvey } from '../blind-spots/log-survey.ts';
import type { AgentDrift } from '../drift/agent-drift.ts';
import { ServiceError } from '../errors.ts';
import type { ServiceEvents } from '../events.ts';
import { checkMetadata, type MetadataCheck } from '../models/check-metadata.ts';
import { ModelStatistics } from '../models/model-statistics.ts';
import { formatServiceReport } from '../report/format-service-report.ts';
import type { AgentModels, EntryQuery, ServiceControl } from '../service-control.ts';
import { type AgentStatus, type ServiceStatus, serviceStatus } from '../service-status.ts';
import type { ShadowStatus } from '../shadow/shadow-post.ts';

/** An agent that works, up to date. */
export function agentStatusOf(agent: string, overrides: Partial<AgentStatus> = {}): AgentStatus {
  return {
    agent,
    enabled: true,
    needsModel: true,
    modelVersion: undefined,
    problem: undefined,
    modelWarnings: [],
    analysedUntilMs: 600_000,
    nextDueMs: 1_020_000,
    lagMs: 0,
    windowMs: 300_000,
    lastError: undefined,
    storeFailed: false,
    ...overrides,
  };
}

/** Metadata of a small model, with a fingerprint of nothing. */
export function metadataOf(version: string): ModelMetadata {
  return {
    model_version: version,
    model_file: `wifi_model_${version}.joblib`,
    agent_name: 'wifi',
    training_date: '2025-06-07T23:00:00Z',
    training_data_source: 'postgresql://trainer:hunter2@db/logs',
    training_log_count: 1_000,
    hyperparameters: { n_estimators: 20, contamination: 0.01, max_samples: 'auto', random_state: 42 },
    features_used: ['log_count', 'station_count'],
    window_seconds: 300,
  };
}

/** A service that does what it is told in memory. While `sourceDown` is set, its log source does not answer. */
export class FakeServiceControl implements ServiceControl {
  sourceDown = false;
  reloads = 0;
  drifts: AgentDrift[] = [];
  shadow: ShadowStatus | undefined;
  agents: AgentStatus[];
  readonly log: LogEntry[] = [];
  /** Versions that there are, oldest first; the same for each agent. */
  versions = ['20250607_230000', '20250608_230000'];
  readonly #active = new Map<string, string>();
  readonly #store: AnomalyStore;
  readonly #events: ServiceEvents;

  constructor(store: AnomalyStore, events: ServiceEvents, agents: AgentStatus[] = [agentStatusOf('wifi')]) {
    this.#store = store;
    this.#events = events;
    this.agents = agents;
  }

  get status(): ServiceStatus {
    const source = this.sourceDown ? 'the log source does not answer' : undefined;
    const agents = this.agents.map((of) => ({ ...of, modelVersion: this.#activeOf(of.agent) }));
    const troubles = {
      source,
      paused: undefined,
      clock: undefined,
      logTime: undefined,
      store: undefined,
      config: undefined,
    };
    return serviceStatus(agents, troubles, { nowMs: 900_000, startedMs: 0 });
  }

  async models(): Promise<readonly AgentModels[]> {
    return this.agents.map(({ agent }) => {
      const active = this.#activeOf(agent);
      return {
        agent,
        model: agent,
        inUse: active === undefined ? undefined : { version: active, metadata: metadataOf(active) },
        shadow: this.shadow,
        versions: this.versions.toReversed().map((version) => {
          const shadow = version === this.shadow?.version;
          return { version, active: version === active, shadow, complete: true };
        }),
      };
    });
  }

  async report(): Promise<ServiceReport> {
    const models = this.agents.map(({ agent, problem }) => {
      const { sinceLoaded } = new ModelStatistics();
      return { agent, model: agent, version: this.#activeOf(agent), problem, sinceLoaded };
    });
    const about = { serviceVersion: '0.1.0', startedMs: 0, nowMs: 900_000, sequence: 1, trustedKeys: [] };
    return formatServiceReport({ ...about, models });
  }

  async drift(): Promise<readonly AgentDrift[]> {
    return this.drifts;
  }

  async blindSpots(): Promise<BlindSpotReport> {
    const survey = new LogSurvey([{ name: 'wifi', programs: ['hostapd'], profile: agentProfile('wifi') }]);
    survey.add(this.log);
    return { atMs: 900_000, fromMs: 0, toMs: 900_000, problem: undefined, survey: survey.report() };
  }

  /** By the rules of the `wifi` agent, whichever is asked. */
  checkMetadata(agent: string, text: string): MetadataCheck {
    this.#find(agent);
    return checkMetadata(text, { model: parseAgentName('wifi'), agent: agentProfile('wifi'), settings: {} });
  }

  async activateModel(agent: string, version: string): Promise<void> {
    this.#find(agent);
    if (!this.versions.includes(version))
      throw new ModelError('VERSION_NOT_FOUND', `there is no ${version} of ${agent}`);
    this.#active.set(agent, version);
    this.#events.emit('model:loaded', { agent, version, warnings: [] });
  }

  async rollBackModel(agent: string): Promise<string> {
    this.#find(agent);
    const before = this.versions[this.versions.indexOf(this.#activeOf(agent) ?? '') - 1];
    if (before === undefined) throw new ModelError('VERSION_NOT_FOUND', `${agent} has no older version`);
    await this.activateModel(agent, before);
    return before;
  }

  async reloadModels(): Promise<void> {
    this.reloads += 1;
  }

  async switchAgent(agent: string, enabled: boolean): Promise<void> {
    this.#find(agent);
    this.agents = this.agents.map((of) => (of.agent === agent ? { ...of, enabled } : of));
    this.#events.emit('agent:switched', { agent, enabled });
  }

  async review(request: ReviewRequest): Promise<readonly StoredChange[]> {
    const changes = await this.#store.review(request);
    for (const change of changes) this.#events.emit(change.kind, change);
    return changes;
  }

  async entries({ agent, deviceId, span, limit }: EntryQuery, signal: AbortSignal) {
    this.#find(agent);
    if (this.sourceDown) throw new LogError('SOURCE_UNREACHABLE', 'postgresql://reader@db/logs does not answer');
    if (signal.aborted) throw new LogError('ABORTED', 'nobody waits for the entries any more');
    const found = this.log.filter(
      (entry) =>
        entry.timeMs >= span.fromMs &&
        entry.timeMs < span.toMs &&
        (deviceId === undefined || entry.deviceId === deviceId),
    );
    return { entries: found.slice(0, limit), more: found.length > limit };
  }

  #activeOf(agent: string): string | undefined {
    return this.#active.get(agent) ?? this.versions.at(-1);
  }

  #find(agent: string): AgentStatus {
    const found = this.agents.find((of) => of.agent === agent);
    if (found === undefined) throw new ServiceError('NOT_FOUND', `there is no agent ${agent}`);
    return found;
  }
}
