/**
 * Variables in the texts of a configuration, and secrets that stand in files.
 *
 * `${NAME}` is what the environment has under that name. If it has nothing, or something empty, `NAME_FILE` may name a file
 * that holds it instead, as container runtimes hand over secrets. `${NAME:-default}` falls back to the default after that.
 * `$${` is a plain `${`.
 */
import type { Problem } from './config-problems.ts';
import { ServiceError } from './errors.ts';
import { readSmallFile } from './read-small-file.ts';

/** Variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A secret is no longer, in bytes. */
const LONGEST_SECRET_BYTES = 65_536;
/** Variables that a connection takes up where the configuration names none. */
const CONNECTION_SECRETS = ['DATABASE_URL', 'PGPASSWORD'];

/**
 * Replaces variables in every text of a value, and leaves out keys without a value.
 *
 * @param problems what cannot be replaced is added here, and stays as it was written.
 */
export function expandVariables(
  value: unknown,
  environment: Environment,
  problems: Problem[],
  path: readonly PropertyKey[] = [],
): unknown {
  if (typeof value === 'string') return expandText(value, environment, problems, path);
  if (Array.isArray(value)) return value.map((item, at) => expandVariables(item, environment, problems, [...path, at]));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([, item]) => item !== null)
    .map(([key, item]) => [key, expandVariables(item, environment, problems, [...path, key])]);
  return Object.fromEntries(entries);
}

function expandText(text: string, environment: Environment, problems: Problem[], path: readonly PropertyKey[]): string {
  return text.replace(/\$\$\{|\$\{([^}]*)\}?/g, (whole, inner: string | undefined) => {
    if (inner === undefined) return whole.slice(1);
    const reference = whole.endsWith('}') ? /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(inner) : null;
    if (reference === null) {
      // What was seen is not shown: it may be a part of a password that looks like a variable.
      problems.push({ path, message: `a variable must be written \${NAME} or \${NAME:-default}` });
      return whole;
    }
    const [, name = '', fallback] = reference;
    const { value, problem } = variableOf(name, environment);
    if (problem !== undefined) problems.push({ path, message: problem });
    else if (value === undefined && fallback === undefined) {
      problems.push({ path, message: `the environment has neither ${name} nor ${name}_FILE` });
    }
    return (fallback === undefined ? value : value || fallback) ?? whole;
  });
}

/** A text that means itself: whatever looks like a variable in it is none. */
export function withoutVariables(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/** What the environment has under a name, or the file that `NAME_FILE` names; neither is no problem. */
function variableOf(name: string, environment: Environment): { value?: string | undefined; problem?: string } {
  const [value, file] = [environment[name], environment[`${name}_FILE`]];
  if (value || !file) return { value };
  try {
    const text = readSmallFile(file, LONGEST_SECRET_BYTES).replace(/\r?\n$/, '');
    return text === '' ? { problem: `${name}_FILE: ${file} is empty` } : { value: text };
  } catch (error) {
    return { problem: `${name}_FILE: ${(error as Error).message}` };
  }
}

/** Why `DATABASE_URL_FILE` or `PGPASSWORD_FILE` cannot be read, if they are needed. */
export function connectionProblems(environment: Environment): Problem[] {
  return CONNECTION_SECRETS.flatMap((name) => {
    const { problem } = variableOf(name, environment);
    return problem === undefined ? [] : [{ path: ['database', 'url'], message: problem }];
  });
}

/**
 * The environment with `DATABASE_URL` and `PGPASSWORD` from the files that `DATABASE_URL_FILE` and `PGPASSWORD_FILE` name,
 * where it does not have them itself: what a connection is to be completed with.
 *
 * @throws {ServiceError} `BAD_CONFIG` if one of them cannot be read.
 */
export function withSecretFiles(environment: Environment): Environment {
  const [problem] = connectionProblems(environment);
  if (problem !== undefined) throw new ServiceError('BAD_CONFIG', problem.message);
  const found = CONNECTION_SECRETS.map((name) => [name, variableOf(name, environment).value] as const);
  return { ...environment, ...Object.fromEntries(found.filter(([, value]) => value !== undefined)) };
}
