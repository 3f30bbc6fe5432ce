/** The JSON Schema by which an editor completes and checks `edgewood.yaml`. */
import { type JsonSchema, jsonSchemaOf } from './config-json-schema.ts';
import { configSchema } from './config-schema.ts';

/** A text with a variable in it may become anything. */
const VARIABLE: JsonSchema = { type: 'string', pattern: '\\$\\{[A-Za-z_]' };

/** Draft 2020-12. What depends on more than one key, `edgewood config check` knows and an editor does not. */
export function editorSchema(): JsonSchema {
  const { $schema, ...of } = withVariables(jsonSchemaOf(configSchema)) as JsonSchema & { $schema: string };
  const description = 'The configuration of the Edgewood service; edgewood config schema writes this schema.';
  return { $schema, title: 'edgewood.yaml', description, ...of } as JsonSchema;
}

/** Where anything but a plain text is asked for, a text with a variable will do as well. */
function withVariables(schema: JsonSchema): JsonSchema {
  const { properties, items, anyOf, type, ...of } = schema;
  if (properties !== undefined) {
    const entries = Object.entries(properties).map(([key, inner]) => [key, withVariables(inner)]);
    return { ...schema, properties: Object.fromEntries(entries) };
  }
  if (items !== undefined) return { ...schema, items: withVariables(items) };
  if (anyOf !== undefined) return { ...schema, anyOf: [...anyOf, VARIABLE] };
  const isPlain = type === 'object' || (type === 'string' && of.enum === undefined && of.pattern === undefined);
  if (isPlain) return schema;
  const { description, default: fallback, writeOnly, ...narrow } = of;
  const about = { description, default: fallback, writeOnly };
  const known = Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined));
  return { ...known, anyOf: [{ ...(type !== undefined && { type }), ...narrow }, VARIABLE] };
}
