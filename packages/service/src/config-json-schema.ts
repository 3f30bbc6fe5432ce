/** The configuration's schema as JSON Schema: for editors, for the documentation, and to ask it for keys and secrets. */
import { z } from 'zod';

/** The part of JSON Schema (draft 2020-12) that a configuration's schema is made of. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<PropertyKey, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly pattern?: string;
  /** Of a secret. */
  readonly writeOnly?: boolean;
}

/** Of what may be written, not of what becomes of it. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

/** The keys that the mapping at a path may have; none if there is no mapping. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  return Object.keys(schemaAt(jsonSchemaOf(schema), path)?.properties ?? {});
}

/** Whether a value at a path is a secret, belongs to one, or may hold one. */
export function holdsSecret(schema: z.ZodType, path: readonly PropertyKey[]): boolean {
  const whole = jsonSchemaOf(schema);
  const above = path.some((_key, depth) => schemaAt(whole, path.slice(0, depth))?.writeOnly);
  return above || hasSecret(schemaAt(whole, path));
}

function schemaAt(whole: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  let at: JsonSchema | undefined = whole;
  for (const key of path) at = typeof key === 'number' ? at?.items : at?.properties?.[key];
  return at;
}

function hasSecret(schema: JsonSchema | undefined): boolean {
  if (schema === undefined) return false;
  return schema.writeOnly === true || hasSecret(schema.items) || Object.values(schema.properties ?? {}).some(hasSecret);
}
