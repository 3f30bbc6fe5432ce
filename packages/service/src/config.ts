/**
 * The configuration: one YAML file, strict. Everything that is wrong with it is reported at once, each problem with its
 * line and column, what is allowed and what was seen.
 *
 * Texts may hold variables of the environment. A key without a value is as good as left out. Secrets are never shown.
 */
import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { allowedInstead, formatPlace, formatProblems, problemsOf } from './config-problems.ts';
import { configSchema } from './config-schema.ts';
import { connectionProblems, type Environment, expandVariables } from './config-variables.ts';
import { ServiceError } from './errors.ts';
import { readSmallFile } from './read-small-file.ts';

/** What the service runs by; durations in milliseconds, sizes in bytes, shares from 0 to 1. */
export type ServiceConfig = z.output<typeof configSchema>;
/** What one agent runs by. */
export type AgentConfig = ServiceConfig['agents'][number];

/** A configuration file is no longer, in bytes. */
const LONGEST_FILE_BYTES = 1_000_000;

/** A configuration as it was written and as it is understood. */
export interface ReadConfig {
  /** In the file's own words, variables replaced; what was left out is missing. */
  readonly written: unknown;
  readonly config: ServiceConfig;
}

/**
 * @param path of the file; undefined: all defaults.
 * @throws {ServiceError} `BAD_CONFIG` with all problems, a line each.
 */
export async function loadConfig(path: string | undefined, environment: Environment): Promise<ServiceConfig> {
  return readConfig(path, environment).config;
}

/** @throws {ServiceError} as {@link loadConfig}; `name` stands in front of every line. */
export function parseConfig(text: string, name: string, environment: Environment): ServiceConfig {
  return readText(text, name, environment).config;
}

/** As {@link loadConfig}, with the words of the file. */
export function readConfig(path: string | undefined, environment: Environment): ReadConfig {
  if (path === undefined) return readText('', 'the configuration', environment);
  let text: string;
  try {
    text = readSmallFile(path, LONGEST_FILE_BYTES);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new ServiceError('BAD_CONFIG', `cannot read the configuration ${path}: ${reason}`, { cause });
  }
  return readText(text, path, environment);
}

function readText(text: string, name: string, environment: Environment): ReadConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const faults = faultsOf(document);
  if (faults.length > 0) {
    throw badConfig(faults.map(({ offset, message }) => `${formatPlace(name, lines, offset)} ${message}`));
  }
  const problems = connectionProblems(environment);
  const written = expandVariables(document.toJS() ?? {}, environment, problems);
  const unset = new Set(problems.map(({ path }) => path.join('.')));
  const { data, error } = configSchema.safeParse(written, { reportInput: true, error: allowedInstead });
  for (const issue of error?.issues ?? []) {
    if (!unset.has(issue.path.join('.'))) problems.push(...problemsOf(issue, configSchema));
  }
  if (data === undefined || problems.length > 0) throw badConfig(formatProblems(problems, { name, document, lines }));
  return { written, config: data };
}

function badConfig(lines: readonly string[]): ServiceError {
  return new ServiceError('BAD_CONFIG', `the configuration is wrong:\n${lines.join('\n')}`);
}

/** Why a text is no YAML, or not of the plain sort that is read here. What stands in the text is not repeated. */
function faultsOf(document: Document.Parsed): { offset: number; message: string }[] {
  const faults = document.errors
    .filter(({ code }) => code !== 'TAG_RESOLVE_FAILED')
    .map(({ pos, message }) => ({ offset: pos[0], message: message.replace(/(: |, so ).*$/s, '') }));
  visit(document, {
    Alias: (_key, { range }) => {
      faults.push({
        offset: range?.[0] ?? 0,
        message: 'aliases are not allowed; a text that begins with * must be quoted',
      });
    },
    Node: (_key, { tag, range }) => {
      if (tag === undefined) return;
      faults.push({
        offset: range?.[0] ?? 0,
        message: 'tags are not allowed; a text that begins with ! must be quoted',
      });
    },
  });
  return faults;
}
