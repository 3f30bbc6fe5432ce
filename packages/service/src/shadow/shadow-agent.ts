import type { Agent } from '../agents/agent.ts';

/**
 * The same agent, alerting nobody: its windows are kept with what it thinks of them (`anomalous`), and no anomaly is made of
 * any. So none opens an incident, is told, or has to be reviewed.
 */
export function shadowAgent(agent: Agent): Agent {
  return {
    name: agent.name,
    programs: agent.programs,
    get problem() {
      return agent.problem;
    },
    open: async () => agent.open?.(),
    takeUp() {
      const inspection = agent.takeUp();
      if (inspection === undefined) return undefined;
      return {
        ...inspection,
        async inspect(slot, context) {
          return { ...(await inspection.inspect(slot, context)), anomalies: [] };
        },
      };
    },
    stop: () => agent.stop(),
  };
}
