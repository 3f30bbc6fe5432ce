import type { InspectContext } from '../agents/agent.ts';

/** As of a slot that is looked at in its turn, with nothing before it. */
export function inspectContext(of: Partial<InspectContext> = {}): InspectContext {
  return {
    memory: undefined,
    late: false,
    alone: false,
    before: async function* () {},
    nowMs: 0,
    signal: new AbortController().signal,
    ...of,
  };
}
