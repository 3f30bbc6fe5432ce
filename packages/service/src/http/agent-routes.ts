import { z } from 'zod';
import { ServiceError } from '../errors.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { name } from './request-values.ts';
import { errorAnswers } from './route-errors.ts';
import { agentStatus, formatAgentStatus } from './status-json.ts';

const tags = ['agents'];
const agentsAnswer = z.object({ agents: z.array(agentStatus) }).describe('all agents');

/** What the agents are doing, and switching them off and on. */
export function agentRoutes(app: HttpApp, { control }: HttpParts): void {
  app.get(
    '/api/agents',
    {
      schema: {
        operationId: 'listAgents',
        summary: 'What the agents are doing',
        description: 'How far each has come, what it judges by, and what is wrong with it.',
        tags,
        response: { 200: agentsAnswer },
      },
    },
    async () => ({ agents: control.status.agents.map(formatAgentStatus) }),
  );

  for (const [action, enabled, summary, description] of [
    ['enable', true, 'Switches an agent on', 'It goes on where it stopped, and catches up.'],
    ['disable', false, 'Switches an agent off', 'After the windows under way; it stays off over a restart.'],
  ] as const) {
    app.post(
      `/api/agents/:agent/${action}`,
      {
        schema: {
          operationId: `${action}Agent`,
          summary,
          description,
          tags,
          params: z.strictObject({ agent: name.describe('its name') }),
          response: { 200: agentStatus, ...errorAnswers(404, 503) },
        },
      },
      async ({ params: { agent } }) => {
        await control.switchAgent(agent, enabled);
        const status = control.status.agents.find((of) => of.agent === agent);
        if (status === undefined) throw new ServiceError('NOT_FOUND', `there is no agent ${agent}; see /api/agents`);
        return formatAgentStatus(status);
      },
    );
  }
}
