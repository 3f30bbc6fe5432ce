/** The OpenAPI document as a test sees it, and whether an answer is as it says. */

/** The keywords of JSON Schema that the document uses; any other is a mistake of this file. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly default?: unknown;
  readonly description?: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

export interface ApiDocument {
  readonly operations: readonly Operation[];
  readonly schemas: Readonly<Record<string, Schema>>;
}

type Methods = Readonly<Record<string, Omit<Operation, 'method' | 'path' | 'body' | 'parameters'> & RawParts>>;
interface RawParts {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** Reads the document as it was answered. */
export function parseDocument(text: string): ApiDocument {
  const { paths, components } = JSON.parse(text) as {
    paths: Record<string, Methods>;
    components: { schemas: Record<string, Schema> };
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]): Operation => {
      const body = requestBody?.content['application/json']?.schema;
      return { method: method.toUpperCase(), path, parameters, body, responses };
    }),
  );
  return { operations, schemas: components.schemas };
}

const KEYWORDS = new Set(
  (
    '$ref type enum const anyOf properties required additionalProperties propertyNames items format pattern minimum maximum ' +
    'minLength maxLength default description'
  ).split(' '),
);

/** What is wrong with a value, by its schema; nothing if it is right. */
export function problemsOf(value: unknown, schema: Schema, schemas: ApiDocument['schemas'], place = '$'): string[] {
  for (const keyword of Object.keys(schema)) {
    if (!KEYWORDS.has(keyword)) return [`${place}: the keyword ${keyword} is not known here`];
  }
  if (schema.$ref !== undefined) {
    const target = schemas[schema.$ref.split('/').at(-1) ?? ''];
    return target === undefined ? [`${place}: there is no ${schema.$ref}`] : problemsOf(value, target, schemas, place);
  }
  if (schema.anyOf !== undefined) {
    const all = schema.anyOf.map((of) => problemsOf(value, of, schemas, place));
    return all.some((problems) => problems.length === 0) ? [] : all.flat();
  }
  const { type, enum: allowed } = schema;
  if (allowed !== undefined && !allowed.includes(value))
    return [`${place}: ${JSON.stringify(value)} is none of those allowed`];
  if ('const' in schema && value !== schema.const) return [`${place}: is not ${JSON.stringify(schema.const)}`];
  const types = type === undefined ? [] : [type].flat();
  if (types.length > 0 && !types.some((of) => isOfType(value, of))) {
    return [`${place}: is no ${types.join(' or ')}: ${JSON.stringify(value)?.slice(0, 80)}`];
  }
  if (typeof value === 'string') return textProblems(value, schema, place);
  if (typeof value === 'number') {
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
    return value >= minimum && value <= maximum ? [] : [`${place}: ${value} is out of range`];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => problemsOf(item, schema.items ?? {}, schemas, `${place}[${index}]`));
  }
  return typeof value === 'object' && value !== null ? objectProblems(value, schema, schemas, place) : [];
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function textProblems(value: string, schema: Schema, place: string): string[] {
  const { format, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  const isWrong =
    (format === 'date-time' && new Date(value).toISOString() !== value) ||
    (pattern !== undefined && !new RegExp(pattern).test(value)) ||
    value.length < minLength ||
    value.length > maxLength;
  return isWrong ? [`${place}: ${JSON.stringify(value)} is no ${format ?? pattern ?? 'text of this length'}`] : [];
}

function objectProblems(value: object, schema: Schema, schemas: ApiDocument['schemas'], place: string): string[] {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const missing = required.filter((name) => !(name in value)).map((name) => `${place}: lacks ${name}`);
  const wrong = Object.entries(value).flatMap(([name, item]) => {
    const of = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (of === false) return [`${place}: has ${name}, of which the document knows nothing`];
    return typeof of === 'object' ? problemsOf(item, of, schemas, `${place}.${name}`) : [];
  });
  return [...missing, ...wrong];
}
