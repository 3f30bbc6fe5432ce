/** Writes docs/configuration.md from the configuration's schema: `npm run docs`. A test compares the two. */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { configSchema } from '../packages/service/src/config-schema.ts';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

const INTRODUCTION = `# Configuration

One YAML file, named by \`--config\`. Every key has a default, so that no file at all is a configuration too. What is wrong with
a file is reported all at once, with line and column. \`\${VAR}\` in a text is replaced from the environment,
\`\${VAR:-default}\` falls back. Durations are \`300s\`, \`5m\`, \`2h\`, \`1d\` or a number of seconds. This page is made from the
schema (\`npm run docs\`).

| key | default | meaning |
| --- | --- | --- |
`;

/** The keys below a schema, each with its path: \`agents[].grace\`. */
function rowsOf(schema: Schema, path: string): string[] {
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([key, of]) => rowsOf(of, path === '' ? key : `${path}.${key}`));
  }
  if (schema.items?.properties !== undefined) return rowsOf(schema.items, `${path}[]`);
  const value = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
  const meaning = [schema.description, schema.enum?.map((word) => `\`${word}\``).join(', ')].filter(Boolean).join('; ');
  return [`| \`${path}\` | ${value} | ${meaning} |`];
}

/** The whole page. */
export function configurationPage(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Schema;
  return `${INTRODUCTION}${rowsOf(schema, '').join('\n')}\n`;
}

if (import.meta.main) writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationPage());
