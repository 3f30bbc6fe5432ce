/** What is wrong with a configuration, in words and with its place in the file. */
import { type Document, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';
import type { z } from 'zod';
import { closestName } from './closest-name.ts';
import { holdsSecret, keysAt } from './config-json-schema.ts';

/** Something wrong with the value, or the key, at a path. */
export interface Problem extends ProblemParams {
  readonly path: readonly PropertyKey[];
  /** What is allowed, and what was seen. */
  readonly message: string;
}

/** What a check may add to an issue of its own, as `params`. */
export interface ProblemParams {
  /** Whether the message says what was seen; otherwise the value is added. */
  readonly complete?: boolean;
  /** Whether it is the key that is wrong, and not its value. */
  readonly ofKey?: boolean;
  /** From the path, that of another key that may be at fault: if only that one stands in the file, its place is shown. */
  readonly orAt?: (path: readonly PropertyKey[]) => readonly PropertyKey[];
}

/** Most characters of a wrong value that are shown. */
const SHOWN_MOST = 60;

/** @param schema which refused; says what keys there are instead of an unknown one, and what is secret. */
export function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType): Problem[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({ path: [...path, key], ofKey: true, message: unknownKey(key, known) }));
  }
  const params: ProblemParams = (issue.code === 'custom' && issue.params) || {};
  if (params.complete) return [{ ...params, path, message: issue.message }];
  const seen = holdsSecret(schema, path) ? kindOf(issue.input) : shown(issue.input);
  return [{ ...params, path, message: `${issue.message}, got ${seen}` }];
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = closestName(key, known);
  const question = meant === undefined ? '' : `, did you mean ${meant}?`;
  return `there is no such key${question} (there are ${known.join(', ')})`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'must be text',
  object: 'must be a mapping of keys',
  record: 'must be a mapping of keys',
  array: 'must be a list',
  number: 'must be a number',
  boolean: 'must be true or false',
};

/** What is allowed instead of a value; for zod, as the `error` of a parse. */
export function allowedInstead(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[String(issue.expected)];
    case 'invalid_value':
      return `must be one of ${(issue.values as unknown[]).join(', ')}`;
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty';
      return issue.origin === 'array' ? `must have at least ${issue.minimum}` : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

/** A value for people: short, and without the password of a URL. Lists and mappings may hold anything: they are not shown. */
function shown(value: unknown): string {
  if (value === undefined || typeof value === 'object') return kindOf(value);
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  const masked = text.replace(/(:\/\/[^:@/\s"]*:)[^\s"]*@/g, '$1***@');
  return masked.length <= SHOWN_MOST ? masked : `${masked.slice(0, SHOWN_MOST)}…`;
}

/** All that is shown where there may be a secret. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  return `a ${typeof value === 'string' ? 'text' : typeof value} that is not shown`;
}

/** One line per problem, `edgewood.yaml:6:13 agents.0.window: …`, in the order of the file. */
export function formatProblems(
  problems: readonly Problem[],
  file: { readonly name: string; readonly document: Document; readonly lines: LineCounter },
): string[] {
  return problems
    .map((problem) => ({ ...problem, offset: offsetOf(file.document, problem) }))
    .sort((a, b) => a.offset - b.offset)
    .map(({ path, message, offset }) => {
      const what = path.length === 0 ? 'the whole file' : path.join('.');
      return `${formatPlace(file.name, file.lines, offset)} ${what}: ${message}`;
    });
}

/** `edgewood.yaml:6:13`; both numbers begin at 1. */
export function formatPlace(name: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${name}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
}

/** Where a problem is: its value or key if it stands in the file, else the nearest thing above it. */
function offsetOf(document: Document, { path, ofKey, orAt }: Problem): number {
  const found = findPlace(document, path, ofKey);
  if (found.whole || orAt === undefined) return found.offset;
  const other = findPlace(document, orAt(path));
  return other.whole ? other.offset : found.offset;
}

/** `whole` if the path leads to something; the offset is that of the last thing on the way. */
function findPlace(
  document: Document,
  path: readonly PropertyKey[],
  ofKey = false,
): { offset: number; whole: boolean } {
  let node = document.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, key] of path.entries()) {
    if (isSeq(node)) {
      node = (node.items[Number(key)] ?? null) as Node | null;
    } else if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) return { offset, whole: false };
      const { key: name, value } = pair as Pair<Node, Node | null>;
      if (ofKey && depth === path.length - 1) return { offset: name.range?.[0] ?? offset, whole: true };
      offset = name.range?.[0] ?? offset;
      node = value;
    } else return { offset, whole: false };
    const isEmpty = isScalar(node) && node.source === '' && node.type === 'PLAIN';
    if (!isEmpty) offset = node?.range?.[0] ?? offset;
  }
  return { offset, whole: node !== null };
}
