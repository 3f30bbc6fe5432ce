/**
 * What a third party's agent is: the module `@edgewood/service/agent`, which stands in for itself and brings nothing along.
 *
 * ```ts
 * export default defineAgent({
 *   name: 'reboots',
 *   programs: ['kernel'],
 *   window: '5m',
 *   inspect({ entries }) {
 *     const lines = entries.filter(({ message }) => message.startsWith('Linux version'));
 *     return lines.length === 0 ? undefined : { kind: 'reboot', severity: 0.4, why: 'the device was restarted', lines };
 *   },
 * });
 * ```
 */
import type { LogWindow, WindowGrouping } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';

export type { LogEntry, LogWindow };

/** What an agent finds in a window. */
export interface Finding {
  /** What sort of finding, a word in snake_case: `wrong_passwords`. */
  readonly kind: string;
  /** 0 to 1, higher is worse. */
  readonly severity: number;
  /** One sentence: what is odd, and what would be usual. */
  readonly why: string;
  /** Entries or texts that show it; the first five are kept. */
  readonly lines?: readonly (LogEntry | string)[] | undefined;
  /** Numbers behind it, by name in snake_case; the configuration's severity rules may ask for them. At most 50. */
  readonly features?: Readonly<Record<string, number>> | undefined;
  /** An isolation forest's `score_samples`, in `[-1, 0)`: lower is more abnormal. */
  readonly score?: number | undefined;
}

/** What an agent has at hand beside the window. */
export interface AgentContext<Options, Memory> {
  /** What the definition's `options` made of the configuration's. */
  readonly options: Options;
  /**
   * What the agent kept at the window before of the same device. Whatever is changed in it is kept for the next one, as JSON
   * and together with the findings: never one without the other.
   */
  readonly memory: Memory;
  /**
   * Entries came late and the window is looked at again. The memory may then know of this window, and of later ones; what is
   * changed in it is not kept.
   */
  readonly late: boolean;
}

/** The worst of several is kept for a window; the others are named in its reason. */
export type Findings = Finding | readonly Finding[] | null | undefined;

/**
 * An agent: whose entries it looks at, in which windows, and what is odd about them. The configuration may overrule
 * `programs`, `window` and `groupBy`.
 */
export interface AgentDefinition<Options = Readonly<Record<string, unknown>>, Memory extends object = object> {
  /** A lower-case word. */
  readonly name: string;
  /** Whose entries, matched exactly. */
  readonly programs: readonly string[] | 'all';
  /** Length of a window: `30s`, `5m`, `1h`, or a number of seconds; it must divide a day. */
  readonly window: string | number;
  /** Whether each device gets windows of its own, which is the default, or all devices share one. */
  readonly groupBy?: WindowGrouping;
  /** Checks what the configuration says under `options`, and throws if it is wrong. Default: it is taken as it is. */
  readonly options?: (given: Readonly<Record<string, unknown>>) => Options | Promise<Options>;
  /** What is remembered at a device's first window: an object that JSON can say. Default: an empty one. */
  readonly memory?: () => Memory;
  /**
   * Looks at one window at a time, oldest first. It must neither ask the clock nor draw lots, so that the same windows give
   * the same findings again.
   */
  inspect(window: LogWindow, context: AgentContext<Options, Memory>): Findings | Promise<Findings>;
}

/** Gives the definition back, which makes its types known to whoever writes it. The service checks it when it is loaded. */
export function defineAgent<Options = Readonly<Record<string, unknown>>, Memory extends object = Record<string, never>>(
  definition: AgentDefinition<Options, Memory>,
): AgentDefinition<Options, Memory> {
  return definition;
}
