import { z } from 'zod';
import { ServiceError } from '../errors.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { agentModels, formatAgentModels } from './model-json.ts';
import { name } from './request-values.ts';
import { errorAnswers } from './route-errors.ts';

const tags = ['models'];
const params = z.strictObject({ agent: name.describe('name of the agent') });
const modelsAnswer = z.object({ agents: z.array(agentModels) }).describe('the models of all agents');
const VERSION = 'must be a version such as 20250607_230000';

type Answer = z.input<typeof agentModels>;

async function listAll({ control }: HttpParts): Promise<{ agents: Answer[] }> {
  const { status } = control;
  return { agents: (await control.models()).map((of) => formatAgentModels(of, status)) };
}

async function listOne(parts: HttpParts, agent: string): Promise<Answer> {
  const found = (await listAll(parts)).agents.find((of) => of.agent === agent);
  if (found === undefined) throw new ServiceError('NOT_FOUND', `there is no agent ${agent}; see /api/agents`);
  return found;
}

/** Which models there are, which one is live, and how that is changed. */
export function modelRoutes(app: HttpApp, parts: HttpParts): void {
  app.get(
    '/api/models',
    {
      schema: {
        operationId: 'listModels',
        summary: 'Versions of models',
        description: 'For each agent: what it judges by now, and all versions that there are.',
        tags,
        response: { 200: modelsAnswer, ...errorAnswers(409, 503) },
      },
    },
    () => listAll(parts),
  );

  app.post(
    '/api/models/reload',
    {
      schema: {
        operationId: 'reloadModels',
        summary: 'Looks at the model directory now',
        description: 'Without waiting for the next look or a back-off.',
        tags,
        response: { 200: modelsAnswer, ...errorAnswers(409, 503) },
      },
    },
    async () => {
      await parts.control.reloadModels();
      return listAll(parts);
    },
  );

  activationRoutes(app, parts);
}

function activationRoutes(app: HttpApp, parts: HttpParts): void {
  app.post(
    '/api/models/:agent/activate',
    {
      schema: {
        operationId: 'activateModel',
        summary: 'Makes a version live',
        description: 'Moves the active links and loads it; if it is refused the one before stays in use: see problem.',
        tags,
        params,
        body: z.strictObject({ version: z.string(VERSION).regex(/^\d{8}_\d{6}$/, VERSION) }),
        response: { 200: agentModels, ...errorAnswers(404, 409, 503) },
      },
    },
    async ({ params: { agent }, body: { version } }) => {
      await parts.control.activateModel(agent, version);
      return listOne(parts, agent);
    },
  );

  app.post(
    '/api/models/:agent/rollback',
    {
      schema: {
        operationId: 'rollBackModel',
        summary: 'Makes the version before live',
        description: 'The newest complete one that is older than the live one.',
        tags,
        params,
        response: { 200: agentModels, ...errorAnswers(404, 409, 503) },
      },
    },
    async ({ params: { agent } }) => {
      await parts.control.rollBackModel(agent);
      return listOne(parts, agent);
    },
  );
}
