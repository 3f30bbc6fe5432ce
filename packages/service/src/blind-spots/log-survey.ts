import { type AgentProfile, type SightReport, SightSurvey } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import { UnknownMessages, type UnknownReport } from '@edgewood/surprise';

/** An agent of the service, as one who reads logs. */
export interface LogReader {
  readonly name: string;
  readonly programs: readonly string[] | 'all';
  /** Undefined for an agent of a third party, which has no table of patterns. */
  readonly profile: AgentProfile | undefined;
}

export interface SurveyReport {
  readonly sight: SightReport;
  readonly messages: UnknownReport;
}

/** Looks through entries of all programs, in any order: what they cannot show, and what agents make nothing of. */
export class LogSurvey {
  readonly #sight: SightSurvey;
  readonly #messages: UnknownMessages;
  readonly #isAllRead: boolean;

  constructor(readers: readonly LogReader[]) {
    this.#isAllRead = readers.some(({ programs }) => programs === 'all');
    this.#sight = new SightSurvey(readers.flatMap(({ programs }) => (programs === 'all' ? [] : programs)));
    this.#messages = new UnknownMessages(readers.flatMap(profileOf));
  }

  add(entries: readonly LogEntry[]): void {
    this.#sight.add(entries);
    this.#messages.add(entries);
  }

  /** For each agent with a table of patterns, its messages that no pattern knew. */
  unknownCounts(): ReadonlyMap<string, number> {
    return new Map(this.#messages.report().agents.map(({ agent, unknownCount }) => [agent, unknownCount]));
  }

  report(): SurveyReport {
    const sight = this.#sight.report();
    return { sight: this.#isAllRead ? { ...sight, unread: [] } : sight, messages: this.#messages.report() };
  }
}

/** The table of an agent of the service, under its name and with its programs. */
function profileOf({ name, programs, profile }: LogReader): AgentProfile[] {
  if (profile === undefined) return [];
  return [{ ...profile, name, programs: programs === 'all' ? profile.programs : programs }];
}
