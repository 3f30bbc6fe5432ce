/** Requests made from the OpenAPI document: right ones, wrong ones, and everything between. */
import fc from 'fast-check';
import type { Operation, Parameter, Schema } from './http-document.ts';

/** A request as it goes out. The path is escaped already, or wrong on purpose. */
export interface ApiRequest {
  readonly operation: Operation;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Values that exist, by the name of what asks for them. */
export type KnownValues = Readonly<Record<string, readonly string[]>>;

/** Escaped texts that no client would send. */
const MANGLED = [
  '%',
  '%zz',
  '%0',
  '%00',
  '%c0%af',
  '%ED%A0%80',
  '%FF',
  '%e2%82',
  '%25%32%66',
  '..',
  '%2e%2e%2f',
  '%2F',
  '+',
  '*',
  '~',
  "'",
];
const ODD = [
  '',
  ' ',
  '0',
  '-1',
  '1e3',
  '0x10',
  '1.5',
  'NaN',
  'null',
  'true',
  '[]',
  '{}',
  '__proto__',
  'constructor',
  '\u202e',
  '😀',
  'ﬃ',
  "' OR 1=1 --",
  '99999999999999999999',
];
const TIMES = [
  '1970-01-01T00:05:00Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '2025-02-29T00:00:00Z',
  '1970-01-01T00:00:00+23:59',
  '1970-01-01',
  '1970-01-01T24:00:00Z',
  '1970-01-01T00:00:60Z',
];

const anyText = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
  { weight: 2, arbitrary: fc.constantFrom('\0', 'a\0b', 'wifi\0') }, // PostgreSQL has no such text
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ maxLength: 5 }),
  fc.integer({ min: 190, max: 1_100 }).map((length) => 'x'.repeat(length)),
);

/** Texts that a schema allows, or nearly so. */
function textsOf({ type, enum: allowed, format, minimum = 0, maximum = 10 }: Schema): fc.Arbitrary<string> {
  if (allowed !== undefined) return fc.constantFrom(...allowed.map(String));
  if (format === 'date-time')
    return fc.oneof(
      fc.constantFrom(...TIMES),
      fc.date({ noInvalidDate: true }).map((of) => of.toISOString()),
    );
  if (type === 'integer') {
    const edges = [minimum - 1, minimum, minimum + 1, maximum - 1, maximum, maximum + 1];
    return fc.oneof(fc.constantFrom(...edges.map(String)), fc.integer({ min: 1, max: 20 }).map(String));
  }
  if (type === 'number')
    return fc.oneof(fc.constantFrom('0', '1', '0.5', '.5', '1.0', '1.01'), fc.double().map(String));
  return fc.string({ minLength: 1, maxLength: 20 });
}

function valuesOf({ name, schema }: Parameter, known: KnownValues): fc.Arbitrary<string> {
  const escaped = (arbitrary: fc.Arbitrary<string>) => arbitrary.map(escapeText);
  return fc.oneof(
    ...(known[name] === undefined ? [] : [{ weight: 8, arbitrary: escaped(fc.constantFrom(...known[name])) }]),
    { weight: 4, arbitrary: escaped(textsOf(schema)) },
    { weight: 3, arbitrary: escaped(anyText) },
    { weight: 1, arbitrary: fc.constantFrom(...MANGLED) },
  );
}

/** As `encodeURIComponent`, which refuses halves of characters: they become what UTF-8 has for them. */
function escapeText(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function pathOf(operation: Operation, known: KnownValues): fc.Arbitrary<string> {
  const parameters = operation.parameters.filter((of) => of.in === 'path');
  return fc.tuple(...parameters.map((of) => valuesOf(of, known))).map((values) => {
    return parameters.reduce(
      (path, { name }, index) => path.replace(`{${name}}`, () => values[index] ?? ''),
      operation.path,
    );
  });
}

/** Each parameter missing, once or twice, in any order, and now and then one that there is not. */
function queryOf(operation: Operation, known: KnownValues): fc.Arbitrary<string> {
  const one = (of: Parameter) => {
    const pair = valuesOf(of, known).map((value) => `${of.name}=${value}`);
    const lengths = of.required ? [1, 1, 1, 1, 1, 1, 1, 1, 0, 2] : [0, 0, 0, 0, 0, 0, 1, 1, 1, 2];
    return fc.constantFrom(...lengths).chain((length) => fc.array(pair, { minLength: length, maxLength: length }));
  };
  const stranger = fc.oneof(
    { weight: 12, arbitrary: fc.constant([]) },
    fc.tuple(fc.constantFrom('x=1', '=', '&&', 'a[b]=c', '__proto__=1', 'limit', '%=%')),
  );
  const parameters = operation.parameters.filter((of) => of.in === 'query');
  return fc
    .tuple(stranger, ...parameters.map(one))
    .chain((parts) => fc.shuffledSubarray(parts.flat(), { minLength: parts.flat().length }))
    .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`));
}

/** Values of a body by its schema, each field now and then missing or of another sort. */
function bodyOf(schema: Schema, known: KnownValues): fc.Arbitrary<string | undefined> {
  const fields = Object.entries(schema.properties ?? {}).map(([name, of]): [string, fc.Arbitrary<unknown>] => {
    const right = known[name] === undefined ? textsOf(of) : fc.constantFrom(...known[name]);
    return [name, fc.oneof({ weight: 6, arbitrary: right }, fc.jsonValue(), anyText)];
  });
  const required = (schema.required ?? []) as never[];
  const nearly = fc.record(Object.fromEntries(fields), { requiredKeys: required });
  return fc.oneof(
    { weight: 6, arbitrary: nearly.map((of) => JSON.stringify(of)) },
    fc.record(Object.fromEntries(fields), { requiredKeys: [] }).map((of) => JSON.stringify({ ...of, x: 1 })),
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '{"state":"open","__proto__":{}}',
      '{"constructor":{"prototype":1}}',
      '['.repeat(60_000),
      '1e999',
      '"\\ud800"',
      '',
    ),
    fc.constant(JSON.stringify({ state: 'open', note: 'x'.repeat(70_000) })),
    fc.constant(undefined),
  );
}

const JSON_TYPE = 'application/json';
const contentType = fc.oneof(
  { weight: 12, arbitrary: fc.constant(JSON_TYPE) },
  fc.constantFrom(
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    ';',
    'application/jsonx',
    '',
  ),
);

/** One request to any of the operations. */
export function requestsOf(
  operations: readonly Operation[],
  known: KnownValues,
  token: string,
): fc.Arbitrary<ApiRequest> {
  const authorization = fc.oneof(
    { weight: 20, arbitrary: fc.constant(`Bearer ${token}`) },
    fc.constantFrom('Bearer wrong', 'Basic eDp5', 'Bearer', '', 'Bearer a b'),
  );
  const lastId = fc.oneof(fc.constant(undefined), fc.constantFrom('0', '3', '999', '-1', 'x', '1'.repeat(40)));
  return fc.constantFrom(...operations).chain((operation) =>
    fc
      .record({
        method: fc.oneof(
          { weight: 30, arbitrary: fc.constant(operation.method) },
          fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
        ),
        path: pathOf(operation, known),
        query: queryOf(operation, known),
        body: operation.body === undefined ? fc.constant(undefined) : bodyOf(operation.body, known),
        authorization,
        contentType,
        lastId,
      })
      .map((of): ApiRequest => {
        const lastId = operation.path === '/api/events' ? of.lastId : undefined;
        const hasBody = of.body !== undefined && of.method !== 'GET' && of.method !== 'HEAD';
        return {
          operation,
          method: of.method,
          path: of.path + of.query,
          headers: {
            authorization: of.authorization,
            ...(hasBody && { 'content-type': of.contentType }),
            ...(lastId !== undefined && { 'last-event-id': lastId }),
          },
          body: hasBody ? of.body : undefined,
        };
      }),
  );
}
