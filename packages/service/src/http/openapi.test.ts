import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpParts } from '../testing/http-parts.ts';
import { createHttpServer } from './http-server.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: string[];
  readonly security: object[];
  readonly parameters?: { readonly name: string; readonly description?: string; readonly schema: object }[];
  readonly responses: Record<string, { description: string; content: Record<string, { schema: { $ref?: string } }> }>;
}

const server = createHttpServer(createHttpParts());
/** All routes that the server has, but for those that come with every GET. */
const routes: string[] = [];
server.addHook('onRoute', ({ method, url }) => {
  if (method !== 'HEAD') routes.push(`${String(method).toLowerCase()} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
});
const text = (await server.inject('/api/openapi.json')).body;
const document = JSON.parse(text);
const operations: [string, string, Operation][] = Object.entries<Record<string, Operation>>(document.paths).flatMap(
  ([path, methods]) => Object.entries(methods).map(([method, of]): [string, string, Operation] => [method, path, of]),
);

test('the document is OpenAPI 3.1 with a bearer token', () => {
  assert.equal(document.openapi, '3.1.0');
  assert.equal(document.components.securitySchemes.token.scheme, 'bearer');
});

test('every route is in it, and nothing else', () => {
  assert.equal(routes.length, 27);
  assert.deepEqual(operations.map(([method, path]) => `${method} ${path}`).sort(), routes.sort());
});

test('every operation says what it is for, and each of its parameters and answers too', () => {
  const known = new Set(document.tags.map(({ name }: { name: string }) => name));
  for (const [method, path, of] of operations) {
    const where = `${method} ${path}`;
    assert.ok(of.operationId && of.summary && of.description, where);
    assert.ok(of.tags.length === 1 && known.has(of.tags[0]), where);
    for (const { name, description } of of.parameters ?? []) {
      if (name !== 'last-event-id') assert.ok(description, `${where} ${name}`);
    }
    for (const [status, { description, content }] of Object.entries(of.responses)) {
      assert.ok(description && description !== 'Default Response', `${where} ${status}`);
      assert.ok(Object.values(content)[0]?.schema, `${where} ${status}`);
    }
  }
  const ids = operations.map(([, , { operationId }]) => operationId);
  assert.equal(new Set(ids).size, ids.length);
});

test('what changes something needs the token, questions may come without', () => {
  for (const [method, path, { security, responses }] of operations) {
    const isQuestion = method === 'get' || path === '/api/models/{agent}/check';
    assert.deepEqual(security, isQuestion ? [{}, { token: [] }] : [{ token: [] }], path);
    if (method !== 'get') for (const status of [400, 401, 403, 413, 415, 429]) assert.ok(responses[status], path);
  }
});

test('whatever is referred to is there, and nothing that is not', () => {
  const referred = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
  assert.deepEqual(new Set(Object.keys(document.components.schemas)), new Set([...referred, 'Change']));
});

test('the overview names every route', async () => {
  const overview = (await server.inject('/')).body;
  for (const [method, path, { summary }] of operations) {
    assert.ok(overview.includes(`${method.toUpperCase()} ${path} `) && overview.includes(summary), path);
  }
});
