/** What is wrong with a configuration, in words and with its place in the file. */
import { type Document, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';
import { z } from 'zod';
import { closestName } from './closest-name.ts';

/** Something wrong with the value, or the key, at a path. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  /** Whether it is the key that is wrong, and not its value. */
  readonly ofKey?: boolean;
  /** What is allowed, and what was seen. */
  readonly message: string;
}

/** Most characters of a wrong value that are shown. */
const SHOWN_MOST = 60;

/** @param schema which refused; says what keys there are instead of an unknown one. */
export function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType): Problem[] {
  const { path } = issue;
  if (issue.code !== 'unrecognized_keys') return [{ path, message: messageOf(issue) }];
  const known = keysAt(schema, path);
  return issue.keys.map((key) => ({ path: [...path, key], ofKey: true, message: unknownKey(key, known) }));
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = closestName(key, known);
  const question = meant === undefined ? '' : `, did you mean ${meant}?`;
  return `there is no such key${question} (there are ${known.join(', ')})`;
}

function messageOf(issue: z.core.$ZodIssue): string {
  const allowed = allowedBy(issue);
  return allowed.includes(', got ') ? allowed : `${allowed}, got ${shown(issue.input)}`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'must be text',
  object: 'must be a mapping of keys',
  array: 'must be a list',
  number: 'must be a whole number', // the other numbers are durations
  int: 'must be a whole number',
};

function allowedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? `must be ${issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty';
      return issue.origin === 'array' ? `must have at least ${issue.minimum}` : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

/** A value for people: short, and without the password of a URL. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  const masked = text.replace(/(:\/\/[^:@/\s"]*:)[^@\s"]*@/g, '$1***@');
  return masked.length <= SHOWN_MOST ? masked : `${masked.slice(0, SHOWN_MOST)}…`;
}

interface JsonSchema {
  readonly properties?: Readonly<Record<PropertyKey, JsonSchema>>;
  readonly items?: JsonSchema;
}

/** The keys that the mapping at a path may have. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: JsonSchema | undefined = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  for (const key of path) at = typeof key === 'number' ? at?.items : at?.properties?.[key];
  return Object.keys(at?.properties ?? {});
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
function offsetOf(document: Document, { path, ofKey }: Problem): number {
  let node = document.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, key] of path.entries()) {
    if (isSeq(node)) {
      node = (node.items[Number(key)] ?? null) as Node | null;
    } else if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) return offset;
      const { key: name, value } = pair as Pair<Node, Node | null>;
      if (ofKey && depth === path.length - 1) return name.range?.[0] ?? offset;
      offset = name.range?.[0] ?? offset;
      node = value;
    } else return offset;
    const isEmpty = isScalar(node) && node.source === '' && node.type === 'PLAIN';
    if (!isEmpty) offset = node?.range?.[0] ?? offset;
  }
  return offset;
}
