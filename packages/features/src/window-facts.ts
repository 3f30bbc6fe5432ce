import assert from 'node:assert/strict';
import type { AgentProfile } from './agent-profile.ts';
import { createEventClassifier, type EventClassifier } from './event-table.ts';
import type { LogWindow } from './log-window.ts';
import { severityOf } from './severity.ts';
import { followSessions, type StationSessions } from './station-sessions.ts';
import type { SubjectKind } from './subject-kind.ts';

/** What one pass over a window finds; every feature is computed from this. Entries of foreign events are not in it. */
export interface WindowFacts {
  readonly windowMs: number;
  readonly logCount: number;
  /** Entries of severity error or worse. */
  readonly errorCount: number;
  /** Entries of severity warning. */
  readonly warningCount: number;
  readonly programCount: number;
  /** How often each event of the agent's table occurred; undefined events count 0. */
  count(...events: string[]): number;
  /** Entries that no pattern of the table knows. */
  readonly unknownCount: number;
  /** Different subjects of a kind. */
  distinct(kind: string): number;
  /** Entries of the subject that is named most often. */
  busiest(kind: string): number;
  /** Entries that name this very subject. */
  naming(kind: string, subject: string): number;
  /** Different partners of the subject that has most of them; 0 for a kind without partners. */
  widest(kind: string): number;
  /** Subjects of a kind that are not among those of another. */
  missing(kind: string, other: string): number;
  /** Sessions of stations, followed when first asked for. */
  sessions(): StationSessions;
}

/** The subjects of one kind in one window: at most as many as it has entries, which are held in memory anyway. */
interface Tally {
  readonly entries: Map<string, number>;
  readonly partners: Map<string, Set<string>>;
}

/**
 * What finds an agent's facts in a window, looking at every entry once.
 *
 * Asking the facts for a kind of subject that the agent lacks is a mistake in a feature, and throws.
 */
export function createFactFinder(agent: AgentProfile): (window: LogWindow) => WindowFacts {
  const classifier = createEventClassifier(agent.events);
  const kinds = agent.subjects ?? [];
  const foreign = new Set(agent.foreignEvents);
  const noted = kindsByEvent(kinds, classifier.events);
  return (window) => {
    const counts = new Int32Array(classifier.events.length);
    const programs = new Set<string>();
    const tallies = kinds.map((): Tally => ({ entries: new Map(), partners: new Map() }));
    const total = { all: 0, error: 0, warning: 0, other: 0, unknown: 0 };
    for (const entry of window.entries) {
      const event = classifier.classify(entry);
      if (event >= 0 && foreign.has(classifier.events[event])) continue;
      total.all += 1;
      programs.add(entry.program);
      total[severityOf(entry.level)] += 1;
      if (event < 0) total.unknown += 1;
      else counts[event] += 1;
      for (const kind of noted[event + 1]) note(kinds[kind], tallies[kind], entry.message);
    }
    return {
      windowMs: window.toMs - window.fromMs,
      logCount: total.all,
      errorCount: total.error,
      warningCount: total.warning,
      programCount: programs.size,
      unknownCount: total.unknown,
      count: (...events) => countOf(events, counts, classifier),
      ...answersOf(kinds, tallies),
      sessions: followOnce(window),
    };
  };
}

/** Windows of agents and models that ask for no sessions need not be followed. */
function followOnce(window: LogWindow): () => StationSessions {
  let followed: StationSessions | undefined;
  return () => {
    followed ??= followSessions(window);
    return followed;
  };
}

/** For each event, unknown (-1) first, the positions of the kinds of subject that its entries may name. */
function kindsByEvent(kinds: readonly SubjectKind[], events: readonly string[]): readonly number[][] {
  const positions = [...kinds.keys()];
  return [undefined, ...events].map((event) =>
    positions.filter((position) => {
      const only = kinds[position].events;
      return only === undefined || (event !== undefined && only.includes(event));
    }),
  );
}

function note(kind: SubjectKind, { entries, partners }: Tally, message: string): void {
  const subject = kind.of(message);
  if (subject === undefined) return;
  entries.set(subject, (entries.get(subject) ?? 0) + 1);
  const partner = kind.partnerOf?.(message);
  if (partner === undefined) return;
  const known = partners.get(subject);
  if (known === undefined) partners.set(subject, new Set([partner]));
  else known.add(partner);
}

function countOf(events: readonly string[], counts: Int32Array, classifier: EventClassifier): number {
  return events.reduce((sum, event) => sum + (counts[classifier.events.indexOf(event)] ?? 0), 0);
}

type SubjectAnswers = Pick<WindowFacts, 'distinct' | 'busiest' | 'naming' | 'widest' | 'missing'>;

function answersOf(kinds: readonly SubjectKind[], tallies: readonly Tally[]): SubjectAnswers {
  const tallyOf = (name: string): Tally => {
    const tally = tallies[kinds.findIndex((kind) => kind.name === name)];
    assert(tally !== undefined, `the agent has no subjects called '${name}'`);
    return tally;
  };
  return {
    distinct: (kind) => tallyOf(kind).entries.size,
    busiest: (kind) => largest(tallyOf(kind).entries.values()),
    naming: (kind, subject) => tallyOf(kind).entries.get(subject) ?? 0,
    widest: (kind) =>
      largest(
        tallyOf(kind)
          .partners.values()
          .map((partners) => partners.size),
      ),
    missing: (kind, other) => {
      const known = tallyOf(other).entries;
      return tallyOf(kind)
        .entries.keys()
        .reduce((sum, subject) => sum + (known.has(subject) ? 0 : 1), 0);
    },
  };
}

function largest(counts: IteratorObject<number>): number {
  return counts.reduce((most, count) => Math.max(most, count), 0);
}
