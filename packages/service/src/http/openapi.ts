/** The document that describes the API to programs: made from the very schemas that check requests and answers. */
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { kindOf, type RequestKind } from './access.ts';
import type { HttpApp } from './http-parts.ts';
import { errorAnswers } from './route-errors.ts';

/** Raised when something that was there means something else. */
const API_VERSION = '1';

const TAGS = {
  anomalies: 'single windows that an agent found odd',
  incidents: 'anomalies that belong together',
  windows: 'every window with its score, and its entries',
  agents: 'who looks at the entries',
  models: 'what they judge by',
  events: 'what happens, as it happens',
  health: 'whether the service is well',
};

const DESCRIPTION = `Names are in snake_case with their units, times are ISO 8601 in UTC. An error is
\`{"error": {"code", "message"}}\`. Whatever changes something needs a token; whether questions do, the configuration says
(\`http.read_without_token\`).`;

/** How a request can be refused before it comes to its route. */
const REFUSALS: Readonly<Record<RequestKind, object>> = {
  health: errorAnswers(421),
  question: errorAnswers(400, 401, 403, 421, 429),
  change: errorAnswers(400, 401, 403, 413, 415, 421, 429),
};

/** Collects the routes that are added to this server from now on. */
export function describeRoutes(app: HttpApp): void {
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (schema === undefined) return;
    const kind = kindOf(String(method), url);
    schema.response = { ...REFUSALS[kind], ...(schema.response as object) };
    schema.security = kind === 'change' ? [{ token: [] }] : [{}, { token: [] }];
  });
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Edgewood', version: API_VERSION, description: DESCRIPTION, license: { name: 'Apache-2.0' } },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'edgewood config token makes one' },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (routes) => {
      const document = jsonSchemaTransformObject(routes);
      mend(document as object as Document);
      return document;
    },
  });
}

/** The parts of the document that are mended. */
interface Document {
  readonly openapi: string;
  readonly components: { schemas: Record<string, { readonly description?: string }> };
  readonly paths: Record<string, Record<string, Operation>>;
}

interface Operation {
  readonly summary: string;
  readonly responses: Record<string, Response>;
}

interface Response {
  description: string;
  readonly content: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>>;
}

/**
 * Leaves out the shapes that answers would have as requests, for nothing refers to them, and says of each answer what is
 * said of its shape.
 */
function mend(document: Document): void {
  const { components, paths } = document;
  const answers = Object.entries(components.schemas).filter(([name]) => !name.endsWith('Input'));
  components.schemas = Object.fromEntries(answers);
  for (const { responses } of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    for (const response of Object.values(responses)) {
      const name = response.content['application/json']?.schema.$ref?.split('/').at(-1) ?? '';
      const { description } = components.schemas[name] ?? {};
      if (response.description === NO_DESCRIPTION && description !== undefined) response.description = description;
    }
  }
}

/** What the library says where it finds nothing. */
const NO_DESCRIPTION = 'Default Response';

/** The document, and what there is as a text for people. */
export function overviewRoutes(app: HttpApp): void {
  const tags = ['health'];
  let document: Document;
  let documentText = '';
  let overview = '';
  app.addHook('onReady', async () => {
    document = app.swagger() as object as Document;
    documentText = JSON.stringify(document);
    overview = overviewOf(document);
  });

  app.get(
    '/api/openapi.json',
    {
      schema: {
        operationId: 'getDocument',
        summary: 'This API for programs',
        description: 'An OpenAPI 3.1 document.',
        tags,
        response: { 200: z.looseObject({ openapi: z.string() }).describe('the document') },
      },
    },
    async (_request, reply) => {
      reply.type('application/json; charset=utf-8').serializer(() => documentText); // it stays the same
      return reply.send({ ...document });
    },
  );

  app.get(
    '/',
    {
      schema: {
        operationId: 'getOverview',
        summary: 'What there is',
        description: 'A line for each route.',
        tags,
        response: { 200: { description: 'text', content: { 'text/plain': { schema: z.string() } } } },
      },
    },
    async (_request, reply) => reply.type('text/plain; charset=utf-8').send(overview),
  );
}

function overviewOf({ paths }: Document): string {
  const lines = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { summary }]) => `${`${method.toUpperCase()} ${path}`.padEnd(36)} ${summary}\n`,
    ),
  );
  return `Edgewood: isolation forests at the edge.\n\n${lines.join('')}`;
}
