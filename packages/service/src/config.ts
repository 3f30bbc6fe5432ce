/**
 * The configuration: one YAML file, strict. Everything that is wrong with it is reported at once, each problem with its
 * line and column, what is allowed and what was seen.
 *
 * `${VAR}` in a text is replaced from the environment; a variable that is not set is a problem. `${VAR:-default}` falls
 * back if it is not set or empty. A key without a value is as good as left out.
 */
import { readFile } from 'node:fs/promises';
import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { formatPlace, formatProblems, type Problem, problemsOf } from './config-problems.ts';
import { configSchema } from './config-schema.ts';
import { ServiceError } from './errors.ts';

/** What the service runs by; durations in milliseconds. */
export type ServiceConfig = z.output<typeof configSchema>;
/** What one agent runs by. */
export type AgentConfig = ServiceConfig['agents'][number];

type Environment = Readonly<Record<string, string | undefined>>;

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
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const faults = faultsOf(document);
  if (faults.length > 0) {
    throw badConfig(faults.map(({ offset, message }) => `${formatPlace(name, lines, offset)} ${message}`));
  }
  const problems: Problem[] = [];
  const value = expand(document.toJS() ?? {}, environment, [], problems);
  const unset = new Set(problems.map(({ path }) => path.join('.')));
  const { data, error } = configSchema.safeParse(value, { reportInput: true });
  for (const issue of error?.issues ?? []) {
    if (!unset.has(issue.path.join('.'))) problems.push(...problemsOf(issue, configSchema));
  }
  if (data !== undefined && problems.length === 0) return data;
  throw badConfig(formatProblems(problems, { name, document, lines }));
}

function badConfig(lines: readonly string[]): ServiceError {
  return new ServiceError('BAD_CONFIG', `the configuration is wrong:\n${lines.join('\n')}`);
}

/** Why a text is no YAML, or not of the plain sort that is read here. */
function faultsOf(document: Document.Parsed): { offset: number; message: string }[] {
  const faults = document.errors.map(({ pos, message }) => ({ offset: pos[0], message }));
  visit(document, {
    Alias: (_key, { range, source }) => {
      faults.push({ offset: range?.[0] ?? 0, message: `aliases are not allowed, got *${source}` });
    },
  });
  return faults;
}

/** Replaces variables in every text of a value, and leaves out keys without a value. */
function expand(value: unknown, environment: Environment, path: readonly PropertyKey[], problems: Problem[]): unknown {
  if (typeof value === 'string') return expandText(value, environment, path, problems);
  if (Array.isArray(value)) return value.map((item, index) => expand(item, environment, [...path, index], problems));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([, item]) => item !== null)
    .map(([key, item]) => [key, expand(item, environment, [...path, key], problems)]);
  return Object.fromEntries(entries);
}

function expandText(text: string, environment: Environment, path: readonly PropertyKey[], problems: Problem[]): string {
  return text.replace(/\$\{([^}]*)\}?/g, (whole, inner: string) => {
    const reference = whole.endsWith('}') ? /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(inner) : null;
    if (reference === null) {
      problems.push({ path, message: `a variable must be \${NAME} or \${NAME:-default}, got ${whole}` });
      return whole;
    }
    const [, variable = '', fallback] = reference;
    const found = fallback === undefined ? environment[variable] : environment[variable] || fallback;
    if (found === undefined) problems.push({ path, message: `the environment has no ${variable}` });
    return found ?? whole;
  });
}
