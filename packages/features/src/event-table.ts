import type { LogEntry } from '@edgewood/logs';

/**
 * One pattern of an agent's event table: a message of `program` that contains `text`, and all of `also`, is an `event`.
 *
 * Rows are tried in their order and the first that fits decides, so that one message is one event.
 */
export interface EventPattern {
  readonly event: string;
  readonly program: string;
  /** Matched case-sensitively, anywhere in the message. */
  readonly text: string;
  /** More that the message must contain, in any order. */
  readonly also?: readonly string[] | undefined;
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
  const patternsOf = new Map<string, { texts: readonly string[]; event: number }[]>();
  for (const { program, text, also = [], event } of table) {
    const patterns = patternsOf.get(program) ?? [];
    patterns.push({ texts: [text, ...also], event: events.indexOf(event) });
    patternsOf.set(program, patterns);
  }
  return {
    events,
    classify({ program, message }) {
      for (const { texts, event } of patternsOf.get(program) ?? []) if (containsAll(message, texts)) return event;
      return -1;
    },
  };
}

function containsAll(message: string, texts: readonly string[]): boolean {
  for (const text of texts) if (!message.includes(text)) return false;
  return true;
}

/** One row of a table that is written line by line: event, text, example, and what else the message must contain. */
export type PatternRow = readonly [event: string, text: string, example: string, ...also: string[]];

/** The patterns of one source, each for every program that writes the same messages under a name of its own. */
export function eventPatterns(
  programs: readonly string[],
  source: string,
  rows: readonly PatternRow[],
): readonly EventPattern[] {
  return programs.flatMap((program) =>
    rows.map(([event, text, example, ...also]) => ({
      event,
      program,
      text,
      ...(also.length > 0 && { also }),
      example,
      source,
    })),
  );
}
