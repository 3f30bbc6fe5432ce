import type { FeatureDefinition, FeatureTable } from './feature-table.ts';

/** The first three features of every agent, of the specification, with their exact meaning. */
export const GENERAL_FEATURES: FeatureTable = [
  {
    name: 'log_count',
    unit: 'entries',
    doc: "Entries of the agent's programs in the window.",
    revision: 1,
    compute: (facts) => facts.logCount,
  },
  {
    name: 'error_log_ratio',
    unit: 'ratio',
    doc: 'Share of the entries whose level is error or worse (syslog severity 0 to 3); 0 if there are none.',
    revision: 1,
    compute: (facts) => share(facts.errorCount, facts.logCount),
  },
  {
    name: 'unique_program_count',
    unit: 'programs',
    doc: 'Different programs among the entries.',
    revision: 1,
    compute: (facts) => facts.programCount,
  },
];

export const WARNING_COUNT: FeatureDefinition = {
  name: 'warning_count',
  unit: 'entries',
  doc: 'Entries of level warning.',
  revision: 1,
  compute: (facts) => facts.warningCount,
};

export const UNKNOWN_EVENTS: FeatureDefinition = {
  name: 'unknown_events',
  unit: 'entries',
  doc: 'Entries that no pattern of the event table knows.',
  revision: 1,
  compute: (facts) => facts.unknownCount,
};

/** Counts the entries of some events of the table. */
export function eventCount(name: string, doc: string, ...events: string[]): FeatureDefinition {
  return { name, unit: 'entries', doc, revision: 1, compute: (facts) => facts.count(...events) };
}

/** A part of a whole, 0 if there is none. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
