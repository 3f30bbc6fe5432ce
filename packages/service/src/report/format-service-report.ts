import { REPORT_SCHEMA_VERSION, type ServiceReport, type TrustedKey } from '@edgewood/models';
import type { SinceLoaded } from '../models/model-statistics.ts';

/** A sentence of a report is cut after so many characters, so that the report stays small whatever an error says. */
export const LONGEST_SENTENCE = 2_000;

/** One agent and its model, as they are. */
export interface ReportedModel {
  readonly agent: string;
  readonly model: string;
  /** The version in use; undefined without one. */
  readonly version: string | undefined;
  /** Why the version that the active link names is not in use; undefined if it is. */
  readonly problem: string | undefined;
  readonly sinceLoaded: SinceLoaded;
}

/** What a report is made of. */
export interface ReportContents {
  readonly serviceVersion: string;
  /** When the service began, Unix milliseconds UTC. */
  readonly startedMs: number;
  /** Now, Unix milliseconds UTC. */
  readonly nowMs: number;
  /** See the report. */
  readonly sequence: number;
  readonly trustedKeys: readonly TrustedKey[];
  readonly models: readonly ReportedModel[];
}

/** The report as it is written and answered. Of keys it has the ids. */
export function formatServiceReport(of: ReportContents): ServiceReport {
  return {
    schema_version: REPORT_SCHEMA_VERSION,
    service_version: of.serviceVersion,
    started_at: new Date(of.startedMs).toISOString(),
    written_at: new Date(of.nowMs).toISOString(),
    sequence: of.sequence,
    trusted_keys: of.trustedKeys.map(({ id }) => id),
    models: of.models.map(({ agent, model, version, problem, sinceLoaded }) => ({
      agent,
      model,
      version: version ?? null,
      problem: shortened(problem ?? null),
      since_loaded: { ...sinceLoaded, last_error: shortened(sinceLoaded.last_error) },
    })),
  };
}

function shortened(sentence: string | null): string | null {
  if (sentence === null || sentence.length <= LONGEST_SENTENCE) return sentence;
  return `${sentence.slice(0, LONGEST_SENTENCE - 1)}…`;
}
