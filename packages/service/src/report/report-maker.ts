import type { ServiceReport, TrustedKey } from '@edgewood/models';
import type { ServiceEvents } from '../events.ts';
import type { ModelManager } from '../models/model-manager.ts';
import { countForReport, ModelStatistics } from '../models/model-statistics.ts';
import { SERVICE_VERSION } from '../service-version.ts';
import { formatServiceReport } from './format-service-report.ts';

/** An agent that judges by a model. */
export interface ModelUser {
  /** The agent's name. */
  readonly name: string;
  /** The model's. */
  readonly model: string;
  readonly models: Pick<ModelManager, 'live' | 'problem' | 'look'>;
}

export interface ReportMakerOptions {
  readonly users: readonly ModelUser[];
  readonly trustedKeys: readonly TrustedKey[];
  readonly events: ServiceEvents;
  /** When the service began, Unix milliseconds UTC. */
  readonly startedMs: number;
  /** Now, Unix milliseconds UTC. */
  readonly nowMs: () => number;
}

/** Makes reports, each with a number of its own. */
export class ReportMaker {
  readonly #options: ReportMakerOptions;
  readonly #statistics: ReadonlyMap<string, ModelStatistics>;
  #sequence = 0;

  constructor(options: ReportMakerOptions) {
    this.#options = options;
    this.#statistics = new Map(options.users.map(({ name }) => [name, new ModelStatistics()]));
  }

  /** Begins to count; returns what ends it. */
  listen(): () => void {
    return countForReport(this.#options.events, this.#statistics);
  }

  /**
   * What is to be said now. It looks at the model directory first: a problem that it tells of is one of the version that is
   * active now, not of one that was before.
   */
  async make(): Promise<ServiceReport> {
    const { users, trustedKeys, startedMs, nowMs } = this.#options;
    await Promise.all(users.map(({ models }) => models.look()));
    const models = users.map(({ name, model, models }) => {
      const { sinceLoaded } = this.#statistics.get(name) ?? new ModelStatistics();
      return { agent: name, model, version: models.live?.model.version, problem: models.problem, sinceLoaded };
    });
    this.#sequence += 1;
    return formatServiceReport({
      serviceVersion: SERVICE_VERSION,
      startedMs,
      nowMs: nowMs(),
      sequence: this.#sequence,
      trustedKeys,
      models,
    });
  }
}
