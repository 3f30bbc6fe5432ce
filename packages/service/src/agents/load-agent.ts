import type { Agent } from './agent.ts';
import { AGENT_LIMITS, type AgentLimits } from './agent-limits.ts';
import { OutsideAgent, type OutsideAgentConfig, type OutsideAgentParts } from './outside-agent.ts';

export interface LoadAgentParts extends Omit<OutsideAgentParts, 'limits'> {
  /** Default: {@link AGENT_LIMITS}. */
  readonly limits?: Partial<AgentLimits>;
}

/**
 * A third party's agent, `use` in its configuration: a file, or an npm package, whose default export is a definition as
 * `defineAgent` has it. It is loaded by `open`, and runs in a process of its own, which `stop` ends.
 *
 * An agent that cannot be loaded has a `problem`, which also stands in the log, takes up nothing, and tries again with
 * back-off whenever it is asked to take up its work.
 */
export function loadAgent(config: OutsideAgentConfig, { limits, ...parts }: LoadAgentParts): Agent {
  return new OutsideAgent(config, { ...parts, limits: { ...AGENT_LIMITS, ...limits } });
}
