/**
 * The extractor turns windows into vectors. Training and production call this same code, and the fingerprint in a model's
 * metadata proves that they did: it is a hash of everything that could make the same entries give other numbers.
 */
import { createHash } from 'node:crypto';
import type { AgentProfile } from './agent-profile.ts';
import { FeatureError } from './errors.ts';
import type { FeatureDefinition } from './feature-table.ts';
import { checkWindowLength, type LogWindow, type WindowGrouping } from './log-window.ts';
import { createFactFinder } from './window-facts.ts';

export interface FeatureExtractor {
  /** The agent's name. */
  readonly agent: string;
  /** Feature names, in the order of the vectors. */
  readonly names: readonly string[];
  readonly definitions: readonly FeatureDefinition[];
  /** Whose entries its windows are of. */
  readonly programs: readonly string[];
  readonly windowMs: number;
  readonly groupBy: WindowGrouping;
  /** SHA-256 in hex over names, revisions, programs, event patterns, subjects, window length and grouping. */
  readonly fingerprint: string;
  /** Shape `(names.length,)`; all values are finite. Depends on the window alone. */
  extract(window: LogWindow): Float64Array;
}

export interface ExtractorOptions {
  readonly agent: AgentProfile;
  /** Default: the agent's. An entry of a program that the agent's tables do not know is counted, but is no event. */
  readonly programs?: readonly string[] | undefined;
  /** Names out of the agent's table, in any order, each once; default all. */
  readonly features?: readonly string[] | undefined;
  /** Default: the agent's. */
  readonly windowMs?: number | undefined;
  /** Default `device`. */
  readonly groupBy?: WindowGrouping | undefined;
}

/** @throws {FeatureError} `FEATURE_UNKNOWN` at a name that the agent lacks or that is given twice; `BAD_WINDOW`. */
export function createFeatureExtractor(options: ExtractorOptions): FeatureExtractor {
  const { windowMs = options.agent.defaultWindowMs, groupBy = 'device' } = options;
  const agent = { ...options.agent, programs: options.programs ?? options.agent.programs };
  checkWindowLength(windowMs);
  const definitions = chooseFeatures(agent, options.features);
  const findFacts = createFactFinder(agent);
  return {
    agent: agent.name,
    names: definitions.map((definition) => definition.name),
    definitions,
    programs: agent.programs,
    windowMs,
    groupBy,
    fingerprint: fingerprintOf(agent, definitions, windowMs, groupBy),
    extract(window) {
      const facts = findFacts(window);
      return Float64Array.from(definitions, (definition) => definition.compute(facts));
    },
  };
}

function chooseFeatures(agent: AgentProfile, names: readonly string[] | undefined): readonly FeatureDefinition[] {
  if (names === undefined) return agent.features;
  return names.map((name, position) => {
    const definition = agent.features.find((candidate) => candidate.name === name);
    if (definition === undefined) {
      const known = agent.features.map((candidate) => candidate.name).join(', ');
      throw new FeatureError('FEATURE_UNKNOWN', `the ${agent.name} agent has no feature '${name}'; it has: ${known}`);
    }
    if (names.indexOf(name) !== position) throw new FeatureError('FEATURE_UNKNOWN', `feature '${name}' is given twice`);
    return definition;
  });
}

function fingerprintOf(
  agent: AgentProfile,
  definitions: readonly FeatureDefinition[],
  windowMs: number,
  groupBy: WindowGrouping,
): string {
  const { subjects = [], foreignEvents } = agent;
  const others = subjects.filter(({ name }) => name !== 'station' && name !== 'leaving_station');
  const identity = {
    agent: agent.name,
    programs: agent.programs,
    features: definitions.map(({ name, revision }) => [name, revision]),
    events: agent.events.map(({ event, program, text, also = [] }) => [event, program, text, ...also]),
    // Under this name since the first release, whose only subjects were these; what is undefined leaves no trace below.
    leavingEvents: subjects.find(({ name }) => name === 'leaving_station')?.events ?? [],
    windowMs,
    groupBy,
    foreignEvents,
    subjects: others.length > 0 ? others.map(({ name, events }) => [name, events]) : undefined,
  };
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
