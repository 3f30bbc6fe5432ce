import type { EventClassifier } from './event-table.ts';
import type { LogWindow } from './log-window.ts';

/** What one pass over a window finds; every feature is computed from this. */
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
  /** Distinct hardware addresses (MACs) named by the messages; each message's first one counts. */
  readonly stationCount: number;
  /** Distinct stations that left: named by a message of a disassociation. */
  readonly leavingStationCount: number;
  /** Entries of the station that is named most often. */
  readonly busiestStationCount: number;
}

/** Events whose station is counted as leaving. */
export type LeavingEvents = ReadonlySet<string>;

const ERROR_LEVELS = new Set([
  'emerg',
  'emergency',
  'panic',
  'alert',
  'crit',
  'critical',
  'err',
  'error',
  '0',
  '1',
  '2',
  '3',
]);
const WARNING_LEVELS = new Set(['warn', 'warning', '4']);

/** Severity as the log tables spell it: words of syslog in either length, any case, or the numbers 0 to 7. */
export function severityOf(level: string): 'error' | 'warning' | 'other' {
  const word = level.toLowerCase();
  if (ERROR_LEVELS.has(word)) return 'error';
  return WARNING_LEVELS.has(word) ? 'warning' : 'other';
}

const MAC = /\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/i;

/** The first hardware address in a message, in lower case. */
export function stationOf(message: string): string | undefined {
  return message.includes(':') ? MAC.exec(message)?.[0].toLowerCase() : undefined;
}

/** Looks at every entry of a window once. */
export function windowFacts(window: LogWindow, classifier: EventClassifier, leaving: LeavingEvents): WindowFacts {
  const counts = new Int32Array(classifier.events.length);
  const programs = new Set<string>();
  const stations = new Map<string, number>();
  const leavingStations = new Set<string>();
  const total = { error: 0, warning: 0, other: 0, unknown: 0 };
  for (const entry of window.entries) {
    programs.add(entry.program);
    total[severityOf(entry.level)] += 1;
    const event = classifier.classify(entry);
    if (event < 0) total.unknown += 1;
    else counts[event] += 1;
    const station = stationOf(entry.message);
    if (station === undefined) continue;
    stations.set(station, (stations.get(station) ?? 0) + 1);
    if (event >= 0 && leaving.has(classifier.events[event])) leavingStations.add(station);
  }
  return {
    windowMs: window.toMs - window.fromMs,
    logCount: window.entries.length,
    errorCount: total.error,
    warningCount: total.warning,
    programCount: programs.size,
    count: (...events) => events.reduce((sum, event) => sum + (counts[classifier.events.indexOf(event)] ?? 0), 0),
    unknownCount: total.unknown,
    stationCount: stations.size,
    leavingStationCount: leavingStations.size,
    busiestStationCount: stations.values().reduce((most, count) => Math.max(most, count), 0),
  };
}
