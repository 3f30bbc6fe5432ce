/**
 * The program in whose process a third party's agent lives. It loads the agent, asks it about one window after another, and
 * answers the service over the channel between the two processes.
 *
 * It imports nothing but Node: the service's bundle carries it as text.
 */
import { registerHooks } from 'node:module';

/** What the service asks; answers carry the same `id`. */
export type AgentRequest =
  | ({ readonly id: number; readonly ask: 'load' } & LoadRequest)
  | ({ readonly id: number; readonly ask: 'inspect' } & InspectRequest);

export interface LoadRequest {
  /** For `ps`. */
  readonly title: string;
  /** A file's URL, or the name of a package. */
  readonly specifier: string;
  /** URL of a file beside which packages are looked for. */
  readonly parentUrl: string;
  readonly options: unknown;
  readonly limits: { readonly findings: number; readonly answerLength: number; readonly deviceMemoryLength: number };
}

export interface InspectRequest {
  readonly window: unknown;
  /** Undefined at the first window. */
  readonly memory: unknown;
  readonly late: boolean;
}

/** Either `done` or `failed`, which says why. */
export interface AgentAnswer {
  readonly id: number;
  readonly done?: LoadAnswer | InspectAnswer;
  readonly failed?: string;
}

export interface LoadAnswer {
  /** The definition; functions are `{ isFunction: true }`. */
  readonly definition: unknown;
  /** What its own functions refuse. */
  readonly problems: readonly string[];
}

export interface InspectAnswer {
  /** JSON: the worst findings, unchecked. */
  readonly findings: string;
  /** How many there were. */
  readonly found: number;
  /** JSON. */
  readonly memory: string | undefined;
  /** The length of a memory that was too long and is not kept. */
  readonly forgotten?: number;
}

/** The last word of a process that ends by an exception. */
export interface AgentLastWord {
  readonly died: string;
}

/** Lines of a finding that are passed on. */
const LINES_MOST = 5;
/** Longest reason that is passed on, in characters. */
const REASON_LENGTH = 1_000;
/** Under this name the agent is imported. */
const ENTRY: string = 'edgewood:entry';
/** The module that an agent imports, wherever it lies, and what it is here. */
const OWN_MODULE = '@edgewood/service/agent';
const OWN_MODULE_URL = 'edgewood:agent';
const OWN_MODULE_SOURCE = 'export const defineAgent = (definition) => definition;';

/** What is used of a definition. It is checked by the service, but may be anything until then. */
interface Definition {
  options?(given: unknown): unknown;
  memory?(): unknown;
  inspect(window: unknown, context: object): unknown;
}

interface Loaded {
  readonly definition: Definition;
  readonly options: unknown;
  readonly limits: LoadRequest['limits'];
}

// The agent shall not speak on the service's channel by mistake.
const send = process.send?.bind(process);
delete process.send;
let loaded: Loaded | undefined;

process.on('disconnect', () => process.exit());
process.on('message', (request: AgentRequest) => void answer(request));
process.on('uncaughtException', (error) =>
  send?.({ died: reasonOf(error) } satisfies AgentLastWord, () => process.exit(1)),
);
// Signals to the whole group are the service's to understand: it ends this process when it is time.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

async function answer(request: AgentRequest): Promise<void> {
  const { id } = request;
  try {
    send?.({ id, done: request.ask === 'load' ? await load(request) : await inspect(request) } satisfies AgentAnswer);
  } catch (error) {
    send?.({ id, failed: reasonOf(error) } satisfies AgentAnswer);
  }
}

async function load({ title, specifier, parentUrl, options, limits }: LoadRequest): Promise<LoadAnswer> {
  process.title = title;
  registerHooks({
    resolve(name, context, next) {
      if (name === ENTRY) return next(specifier, { ...context, parentURL: parentUrl });
      if (name === OWN_MODULE) return { url: OWN_MODULE_URL, format: 'module', shortCircuit: true };
      return next(name, context);
    },
    load(url, context, next) {
      if (url === OWN_MODULE_URL) return { format: 'module', source: OWN_MODULE_SOURCE, shortCircuit: true };
      return next(url, context);
    },
  });
  const definition = definitionOf(await import(ENTRY));
  const problems: string[] = [];
  const checked = await settled(() => definition.options?.(options) ?? options, 'options', problems);
  const memory = await settled(() => definition.memory?.() ?? {}, 'memory', problems);
  if (typeof memory !== 'object') problems.push(`memory must give an object, got ${typeof memory}`);
  loaded = { definition, options: checked, limits };
  return { definition: described(definition), problems };
}

function definitionOf(module: Record<string, unknown>): Definition {
  const { default: definition, ...others } = module;
  if (typeof definition === 'object' && definition !== null) return definition as Definition;
  const seen =
    'default' in module ? typeof definition : `none, but ${Object.keys(others).join(', ') || 'nothing else either'}`;
  throw new Error(`its default export must be an agent's definition, got ${seen}`);
}

/** What one of the definition's functions gives; if it throws, that is one of the problems. */
async function settled(call: () => unknown, name: string, problems: string[]): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    problems.push(`${name} refused what it was given: ${reasonOf(error)}`);
    return {};
  }
}

function described(definition: Definition): unknown {
  const entries = Object.entries(definition);
  const pairs = entries.map(([key, value]) => [key, typeof value === 'function' ? { isFunction: true } : value]);
  return JSON.parse(JSON.stringify(Object.fromEntries(pairs), plain));
}

async function inspect({ window, memory: kept, late }: InspectRequest): Promise<InspectAnswer> {
  if (loaded === undefined) throw new Error('no agent is loaded');
  const { definition, options, limits } = loaded;
  const memory = kept ?? definition.memory?.() ?? {};
  const given = await definition.inspect(window, { options, memory, late });
  const all: readonly unknown[] = Array.isArray(given) ? given : given === undefined || given === null ? [] : [given];
  const worst = all.toSorted((a, b) => severityOf(b) - severityOf(a)).slice(0, limits.findings);
  const findings = JSON.stringify(worst.map(withFewLines), plain);
  if (findings.length > limits.answerLength) {
    throw new Error(`its findings have ${findings.length} characters, at most ${limits.answerLength} are allowed`);
  }
  const remembered = JSON.stringify(memory, plain);
  if (remembered.length <= limits.deviceMemoryLength) return { findings, found: all.length, memory: remembered };
  return { findings, found: all.length, memory: undefined, forgotten: remembered.length };
}

/** What is no finding comes first, so that it is noticed. */
function severityOf(finding: unknown): number {
  const severity = (finding as { severity?: unknown } | null)?.severity;
  return typeof severity === 'number' && severity <= 1 ? severity : Number.MAX_VALUE;
}

function withFewLines(finding: unknown): unknown {
  const lines = (finding as { lines?: unknown } | null)?.lines;
  return Array.isArray(lines) ? { ...(finding as object), lines: lines.slice(0, LINES_MOST) } : finding;
}

/** Replaces nothing, but refuses what JSON would change in silence. */
function plain(this: unknown, key: string, value: unknown): unknown {
  const place = key === '' ? 'it' : key;
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`${place} is ${value}: JSON has no such number`);
  const isLost = typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint';
  if (isLost) throw new TypeError(`${place} is a ${typeof value}: JSON has no such thing`);
  if (value instanceof Map || value instanceof Set || value instanceof Promise) {
    throw new TypeError(`${place} is a ${value.constructor.name}: JSON has no such thing`);
  }
  return value;
}

/** A file with line and column, at the end of a line of a stack. */
const PLACE = /(?:^|\(|at )((?:file:\/\/)?\/\S*\/)([^/\s]+:\d+(?::\d+)?)\)?$/gm;

/** An error's own words, and where in the agent's files it was thrown; for whatever was thrown. */
function reasonOf(error: unknown): string {
  try {
    const text = `${error}`.slice(0, REASON_LENGTH);
    const places = String((error as Error | null)?.stack ?? '').matchAll(PLACE);
    const own = [...places].find(([, folder = '', place = '']) => !`${folder}${place}`.startsWith(import.meta.url));
    return own === undefined ? text : `${text} (${own[2]})`;
  } catch {
    return 'something was thrown that cannot be shown';
  }
}
