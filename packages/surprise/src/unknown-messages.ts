import { type AgentProfile, createEventClassifier, type EventClassifier } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import { templateOf } from './message-template.ts';

/** What is kept of messages that no pattern knows is bounded. */
export const UNKNOWN_LIMITS = {
  /** Different templates; lines of further ones are counted, without their template. */
  templates: 2_000,
  /** Different devices that are counted of one template. */
  devicesPerTemplate: 100,
  /** Of a first example; what is longer is cut. */
  exampleCharacters: 200,
} as const;

/** A kind of message that an agent reads and none of its patterns knows. */
export interface UnknownTemplate {
  /** Whose program it is; the first one's, where two agents read it and neither knows it. */
  readonly agent: string;
  readonly program: string;
  /** The message without its numbers, addresses and names. */
  readonly template: string;
  readonly lineCount: number;
  /** The first message of it. */
  readonly example: string;
  /** Up to {@link UNKNOWN_LIMITS}. */
  readonly deviceCount: number;
}

export interface UnknownReport {
  /** For each agent, in their order, the lines that it read and those that no pattern knew. */
  readonly agents: readonly { readonly agent: string; readonly lineCount: number; readonly unknownCount: number }[];
  /** The most frequent first. */
  readonly templates: readonly UnknownTemplate[];
  /** Lines of templates beyond the limit. */
  readonly otherLineCount: number;
}

interface Reader {
  readonly agent: AgentProfile;
  readonly classifier: EventClassifier;
  lineCount: number;
  unknownCount: number;
}

interface Counted {
  readonly agent: string;
  readonly program: string;
  readonly template: string;
  readonly example: string;
  readonly devices: Set<string>;
  lineCount: number;
}

/**
 * Counts the messages of agents' programs that no pattern of their tables knows, neither an event's nor a detail's, by
 * template; entries in any order.
 */
export class UnknownMessages {
  readonly #readers: readonly Reader[];
  readonly #templates = new Map<string, Counted>();
  #otherLineCount = 0;

  constructor(agents: readonly AgentProfile[]) {
    this.#readers = agents.map((agent) => {
      const classifier = createEventClassifier([...agent.events, ...(agent.details ?? [])]);
      return { agent, classifier, lineCount: 0, unknownCount: 0 };
    });
  }

  add(entries: Iterable<LogEntry>): void {
    for (const entry of entries) {
      const { reader, isKnown } = this.#readerOf(entry);
      if (reader === undefined) continue;
      reader.lineCount += 1;
      if (isKnown) continue;
      reader.unknownCount += 1;
      this.#count(reader.agent.name, entry);
    }
  }

  report(): UnknownReport {
    const agents = this.#readers.map(({ agent, lineCount, unknownCount }) => {
      return { agent: agent.name, lineCount, unknownCount };
    });
    const templates = [...this.#templates.values()]
      .map(({ devices, ...counted }) => ({ ...counted, deviceCount: devices.size }))
      .sort((one, other) => other.lineCount - one.lineCount);
    return { agents, templates, otherLineCount: this.#otherLineCount };
  }

  /** The agent that knows the entry, else the first that ought to; undefined if it is nobody's, or foreign to all. */
  #readerOf(entry: LogEntry): { readonly reader: Reader | undefined; readonly isKnown: boolean } {
    let ignorant: Reader | undefined;
    for (const reader of this.#readers) {
      const { agent, classifier } = reader;
      if (!agent.programs.includes(entry.program)) continue;
      const event = classifier.events[classifier.classify(entry)];
      if (event === undefined) ignorant ??= reader;
      else if (!agent.foreignEvents?.includes(event)) return { reader, isKnown: true };
    }
    return { reader: ignorant, isKnown: false };
  }

  #count(agent: string, { program, message, deviceId }: LogEntry): void {
    const template = templateOf(message);
    const key = `${program}\n${template}`;
    let counted = this.#templates.get(key);
    if (counted === undefined) {
      if (this.#templates.size >= UNKNOWN_LIMITS.templates) {
        this.#otherLineCount += 1;
        return;
      }
      const example = message.slice(0, UNKNOWN_LIMITS.exampleCharacters);
      counted = { agent, program, template, example, devices: new Set(), lineCount: 0 };
      this.#templates.set(key, counted);
    }
    counted.lineCount += 1;
    if (counted.devices.size < UNKNOWN_LIMITS.devicesPerTemplate) counted.devices.add(deviceId);
  }
}
