import type { LogEntry } from '@edgewood/logs';

/**
 * One pattern of an agent's event table: a message of `program` that contains `text` is an `event`.
 *
 * Rows are tried in their order and the first that fits decides, so that one message is one event.
 */
export interface EventPattern {
  readonly event: string;
  readonly program: string;
  /** Matched case-sensitively, anywhere in the message. */
  readonly text: string;
  /** A line that was seen or is documented, without its `program:` tag; a test matches it. */
  readonly example: string;
  /** Where the line comes from. */
  readonly source: string;
}

/** Tells which event a message is: an index into `events`, or -1 for a message that no pattern knows. */
export interface EventClassifier {
  readonly events: readonly string[];
  classify(entry: LogEntry): number;
}

/** Builds the classifier of a table: its events in the order in which they first appear there. */
export function createEventClassifier(table: readonly EventPattern[]): EventClassifier {
  const events = [...new Set(table.map((row) => row.event))];
  const patternsOf = new Map<string, { text: string; event: number }[]>();
  for (const { program, text, event } of table) {
    const patterns = patternsOf.get(program) ?? [];
    patterns.push({ text, event: events.indexOf(event) });
    patternsOf.set(program, patterns);
  }
  return {
    events,
    classify({ program, message }) {
      for (const { text, event } of patternsOf.get(program) ?? []) if (message.includes(text)) return event;
      return -1;
    },
  };
}
