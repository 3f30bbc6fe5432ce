import type { WindowFacts } from './window-facts.ts';

/** One feature: what it is called, what it means, and how it follows from a window's facts. */
export interface FeatureDefinition {
  /** snake_case; the name in metadata, feature CSVs and explanations. */
  readonly name: string;
  readonly unit:
    | 'entries'
    | 'programs'
    | 'stations'
    | 'sessions'
    | 'clients'
    | 'names'
    | 'sources'
    | 'destinations'
    | 'ports'
    | 'services'
    | 'ratio';
  /** One sentence that can stand in a manual. */
  readonly doc: string;
  /** Raised by one whenever the same window would give another value than before: it is part of the fingerprint. */
  readonly revision: number;
  readonly compute: (facts: WindowFacts) => number;
}

/** The features of an agent, in the order of its vectors. Names are unique. */
export type FeatureTable = readonly FeatureDefinition[];
