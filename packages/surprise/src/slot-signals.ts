/**
 * A signal is something that is counted of a device, minute by minute: all entries, errors, minutes in which a kind of
 * message came, stations that it came of. What the entries of one slot give, and nothing of other slots, is found here;
 * what takes a memory is added by `recent-subjects.ts`.
 */
import { type AgentProfile, createEventClassifier, hardwareAddressOf, severityOf } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import { templateOf } from './message-template.ts';

/** A kind of message: an event of a table, or the template of a message that no table knows. */
export interface MessageKind {
  /** `wifi:psk_mismatch, hostapd`, `kernel: * Hardware restart was requested`. */
  readonly name: string;
  readonly program: string;
}

/** What is remembered of an entry: enough to count it, nothing to read it by. */
export interface KindOfEntry {
  readonly kind: MessageKind;
  /** The station's hardware address, where the message names one. */
  readonly subject: string | undefined;
  readonly severity: 'critical' | 'error' | 'warning' | 'other';
}

/** Tells an entry's kind; undefined for one that another agent answers for. */
export type KindFinder = (entry: LogEntry) => KindOfEntry | undefined;

const CRITICAL = new Set(['emerg', 'emergency', 'panic', 'alert', 'crit', 'critical', '0', '1', '2']);
/** So many different messages are remembered with their kind, since most come again, and none that is longer, in characters. */
const REMEMBERED = { messages: 50_000, characters: 500 };
/** No program's name is longer, in characters; a longer one is cut. */
const LONGEST_PROGRAM = 100;

/** @param profiles whose tables of events are looked at, the first one first. */
export function createKindFinder(profiles: readonly AgentProfile[]): KindFinder {
  const tables = profiles.map((profile) => ({ profile, classifier: createEventClassifier(profile.events) }));
  const remembered = new Map<string, MessageKind | null>();
  const findKind = (entry: LogEntry): MessageKind | null => {
    const { message } = entry;
    const program = entry.program.slice(0, LONGEST_PROGRAM);
    for (const { profile, classifier } of tables) {
      if (!profile.programs.includes(program)) continue;
      const event = classifier.events[classifier.classify(entry)];
      if (event === undefined) continue;
      if (profile.foreignEvents?.includes(event)) {
        if (tables.length === 1) return null;
        continue;
      }
      return { name: `${profile.name}:${event}, ${program}`, program };
    }
    return { name: `${program}: ${templateOf(message)}`, program };
  };
  return (entry) => {
    const key = `${entry.program}\n${entry.message}`;
    let kind = remembered.get(key);
    if (kind === undefined) {
      kind = findKind(entry);
      if (remembered.size >= REMEMBERED.messages) remembered.clear();
      if (key.length <= REMEMBERED.characters) remembered.set(key, kind);
    }
    if (kind === null) return undefined;
    return { kind, subject: hardwareAddressOf(entry.message), severity: severityOfEntry(entry.level) };
  };
}

function severityOfEntry(level: string): KindOfEntry['severity'] {
  return CRITICAL.has(level.toLowerCase()) ? 'critical' : severityOf(level);
}
