import type { ModelDrift } from './model-drift.ts';

/** How far an agent's world has moved, as of one look. */
export interface AgentDrift {
  readonly agent: string;
  /** When it was looked at, Unix milliseconds. */
  readonly atMs: number;
  /** The last seven days, and the last one of them. */
  readonly week: ModelDrift;
  readonly day: ModelDrift;
  /** Since when it has moved far; undefined while it has not. */
  readonly sinceMs: number | undefined;
  /** Whether that has lasted. */
  readonly retrainAdvised: boolean;
}
