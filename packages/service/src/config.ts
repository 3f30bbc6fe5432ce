/**
 * The configuration: one YAML file, strict. Everything that is wrong with it is reported at once, each problem with its
 * line and column, what was seen and what is allowed.
 *
 * `${VAR}` in a text is replaced from the environment, `${VAR:-default}` falls back; a variable that is not set is a problem.
 */
import { readFile } from 'node:fs/promises';
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { configSchema } from './config-schema.ts';
import { ServiceError } from './errors.ts';

/** What the service runs by; durations in milliseconds. */
export type ServiceConfig = z.output<typeof configSchema>;
export type AgentConfig = ServiceConfig['agents'][number];

type Environment = Readonly<Record<string, string | undefined>>;

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * @param path of the file; undefined: all defaults.
 * @throws {ServiceError} `BAD_CONFIG` with all problems, a line each.
 */
export async function loadConfig(path: string | undefined, environment: Environment): Promise<ServiceConfig> {
  if (path === undefined) return parseConfig('', 'the configuration', environment);
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new ServiceError('BAD_CONFIG', `cannot read the configuration ${path}: ${error.message}`, { cause: error });
  });
  return parseConfig(text, path, environment);
}

/** @throws {ServiceError} as {@link loadConfig}; `name` stands in front of every line. */
export function parseConfig(text: string, name: string, environment: Environment): ServiceConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw badConfig(
      document.errors.map(({ pos, message }) => `${place(name, lines, pos[0])} ${message.split('\n')[0]}`),
    );
  }
  const problems: Problem[] = [];
  const value = expand(document.toJS() ?? {}, environment, [], problems);
  const { data, error } = configSchema.safeParse(value, { reportInput: true });
  for (const issue of error?.issues ?? []) problems.push(...problemsOf(issue));
  if (data !== undefined && problems.length === 0) return data;
  const located = problems.map((problem) => ({ problem, offset: offsetOf(document, problem.path) }));
  located.sort((a, b) => a.offset - b.offset);
  throw badConfig(
    located.map(
      ({ problem, offset }) =>
        `${place(name, lines, offset)} ${problem.path.length === 0 ? 'the whole' : problem.path.join('.')}: ${problem.message}`,
    ),
  );
}

function badConfig(lines: readonly string[]): ServiceError {
  return new ServiceError('BAD_CONFIG', `the configuration is wrong:\n${lines.join('\n')}`);
}

function place(name: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${name}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
}

/** Replaces variables in every text of a value. */
function expand(value: unknown, environment: Environment, path: readonly PropertyKey[], problems: Problem[]): unknown {
  if (typeof value === 'string') return expandText(value, environment, path, problems);
  if (Array.isArray(value)) return value.map((item, index) => expand(item, environment, [...path, index], problems));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    expand(item, environment, [...path, key], problems),
  ]);
  return Object.fromEntries(entries);
}

function expandText(text: string, environment: Environment, path: readonly PropertyKey[], problems: Problem[]): string {
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g, (whole, variable: string, fallback?: string) => {
    const found = environment[variable] ?? fallback;
    if (found === undefined) problems.push({ path, message: `the environment has no ${variable}` });
    return found ?? whole;
  });
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: `there is no such key${allowedKeys(issue.path)}`,
    }));
  }
  const seen = issue.input === undefined ? '' : `, got ${JSON.stringify(issue.input)}`;
  return [{ path: issue.path, message: `${issue.message}${seen}` }];
}

interface JsonSchema {
  readonly properties?: Readonly<Record<PropertyKey, JsonSchema>>;
  readonly items?: JsonSchema;
}

/** Lists the keys that the object at a path may have. */
function allowedKeys(path: readonly PropertyKey[]): string {
  let schema: JsonSchema | undefined = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
  }) as JsonSchema;
  for (const key of path) schema = typeof key === 'number' ? schema?.items : schema?.properties?.[key];
  return schema?.properties === undefined ? '' : `; there are ${Object.keys(schema.properties).join(', ')}`;
}

/** Where a path stands in the file: its key if it has one, else the nearest thing above it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: Node | null = document.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair === undefined) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = node.items[key as number] as Node | null;
      offset = node?.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
