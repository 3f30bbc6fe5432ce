import type { LogEntry, TimeSpan } from '@edgewood/logs';
import type { ModelMetadata, ServiceReport } from '@edgewood/models';
import type { ReviewRequest, StoredChange } from './anomalies/anomaly-store.ts';
import type { BlindSpotReport } from './blind-spots/blind-spot-watch.ts';
import type { AgentDrift } from './drift/agent-drift.ts';
import type { MetadataCheck } from './models/check-metadata.ts';
import type { ServiceStatus } from './service-status.ts';
import type { ShadowStatus } from './shadow/shadow-post.ts';

/** One version of a model in the directory. */
export interface ModelVersionStatus {
  readonly version: string;
  /** Whether the active link leads to it. */
  readonly active: boolean;
  /** Whether the shadow link leads to it. */
  readonly shadow: boolean;
  /** Whether none of its files is missing. */
  readonly complete: boolean;
}

/** The models of one agent. */
export interface AgentModels {
  readonly agent: string;
  /** Name of the model; several agents may use one. */
  readonly model: string;
  /** The version in use, and what is said of it; undefined without a model. */
  readonly inUse: { readonly version: string; readonly metadata: ModelMetadata } | undefined;
  /** The candidate that judges beside it and alerts nobody; undefined without one. */
  readonly shadow: ShadowStatus | undefined;
  /** Newest first. */
  readonly versions: readonly ModelVersionStatus[];
}

/** Most entries that one question is answered with, and most characters of their messages, give or take one message. */
export const ENTRIES_LIMIT = { usual: 200, most: 5_000, characters: 4_000_000 };

/** Which entries of an agent's programs. */
export interface EntryQuery {
  readonly agent: string;
  /** Undefined: all. */
  readonly deviceId?: string | undefined;
  readonly span: TimeSpan;
  /** See {@link ENTRIES_LIMIT}; the first so many. */
  readonly limit: number;
}

/**
 * What may be asked of a service beyond its store, and what it can be told to do.
 *
 * @throws {ServiceError} `NOT_FOUND` for an agent that there is not; {ModelError}, {LogError} as the directory or the log
 *   source has it.
 */
export interface ServiceControl {
  readonly status: ServiceStatus;
  models(): Promise<readonly AgentModels[]>;
  /** What deployers want to know, as of now: looks at the model directory first. */
  report(): Promise<ServiceReport>;
  /** How far what the models in use see has moved from their training, as of the last look. */
  drift(): Promise<readonly AgentDrift[]>;
  /** What the agents cannot see in the logs that there are, as of the last look. */
  blindSpots(): Promise<BlindSpotReport>;
  /** Whether the agent would refuse a version by what its metadata says; see `checkMetadata`. Changes nothing. */
  checkMetadata(agent: string, text: string): MetadataCheck;
  /**
   * Makes a version live and looks at once whether it can be loaded; the status says what came of it. If it was in the
   * shadow, nothing is there any more; the same with a rollback.
   */
  activateModel(agent: string, version: string): Promise<void>;
  /** Activates the version before; returns which. */
  rollBackModel(agent: string): Promise<string>;
  /** Looks at the model directory now, without waiting for a poll or a back-off. */
  reloadModels(): Promise<void>;
  /** Stops an agent after the slot under way, or lets it go on from its cursor; outlives a restart. */
  switchAgent(agent: string, enabled: boolean): Promise<void>;
  /** Stores a person's judgement and tells of it. @throws {ServiceError} `NOT_FOUND`, `BAD_REVIEW`. */
  review(request: ReviewRequest): Promise<readonly StoredChange[]>;
  /** Entries in order of time; `more` if there are more than the limit. */
  entries(
    query: EntryQuery,
    signal: AbortSignal,
  ): Promise<{ readonly entries: readonly LogEntry[]; readonly more: boolean }>;
}
