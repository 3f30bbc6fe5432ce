/**
 * A third party's agent as the service sees it: an agent like the others, whose work is done in a process of its own.
 *
 * ```
 *          load                    inspect
 *   -----> loading ----> ready <------------> asked
 *             |  ^         |                    |
 *       fails |  | waits   | its process ends   | fails or takes too long: AGENT_FAILED
 *             v  |         v                    v
 *           problem      no process; the next windows start a new one
 * ```
 */
import { resolve } from 'node:path';
import type { LogWindow } from '@edgewood/features';
import { waitMs } from '../backoff.ts';
import type { AgentConfig } from '../config.ts';
import { ServiceError } from '../errors.ts';
import type { ServiceLog } from '../tell-events.ts';
import type { Agent, InspectContext, Inspection, SlotVerdict } from './agent.ts';
import { type AgentDescription, describeAgent } from './agent-description.ts';
import type { InspectRequest } from './agent-host.ts';
import type { AgentLimits } from './agent-limits.ts';
import { AgentOutput } from './agent-output.ts';
import { placeOf } from './agent-place.ts';
import { AgentProcess } from './agent-process.ts';
import { inspectSlot } from './inspect-slot.ts';

/** What of its configuration an agent itself goes by. */
export type OutsideAgentConfig = Pick<
  AgentConfig,
  'name' | 'use' | 'programs' | 'windowMs' | 'groupBy' | 'options' | 'severity' | 'timeLimitMs'
>;

export interface OutsideAgentParts {
  /** Where the configuration lies: files and packages are looked for from here. */
  readonly baseDirectory: string;
  readonly log: ServiceLog;
  readonly limits: AgentLimits;
}

export class OutsideAgent implements Agent {
  readonly #config: OutsideAgentConfig;
  readonly #parts: OutsideAgentParts;
  readonly #output: AgentOutput;
  readonly #stopping = new AbortController();
  #process: AgentProcess | undefined;
  #description: AgentDescription | undefined;
  #loading: Promise<void> | undefined;
  #problem: string | undefined = 'it is not loaded yet';
  #failures = 0;
  /** When loading may be tried again, as `performance.now` counts. */
  #retryAtMs = 0;

  constructor(config: OutsideAgentConfig, parts: OutsideAgentParts) {
    this.#config = config;
    this.#parts = parts;
    this.#output = new AgentOutput(config.name, parts.log, parts.limits.outputLength);
  }

  get name(): string {
    return this.#config.name;
  }

  get programs(): readonly string[] | 'all' {
    return this.#config.programs ?? this.#description?.programs ?? [];
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** While it cannot be loaded, being asked for makes it try again when it is time. */
  takeUp(): Inspection | undefined {
    const description = this.#description;
    if (this.#problem !== undefined || description === undefined) {
      if (performance.now() >= this.#retryAtMs) void this.open();
      return undefined;
    }
    return {
      windowMs: this.#config.windowMs ?? description.windowMs,
      groupBy: this.#config.groupBy ?? description.groupBy,
      devices: [],
      features: [],
      inspect: (slot, context) => this.#inspect(slot, context),
    };
  }

  /** Loads the agent in a new process. If that fails, `problem` says why: it does not throw. */
  open(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loading;
    await this.#process?.stop();
    this.#output.renew();
  }

  async #load(): Promise<void> {
    const { name, use } = this.#config;
    const { log, limits } = this.#parts;
    if (this.#stopping.signal.aborted) return;
    try {
      const description = await this.#startProcess();
      this.#description = description;
      this.#problem = undefined;
      this.#failures = 0;
      log.info({ agent: name }, `${name}: ${use} is loaded: ${sentenceOf(description)}`);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#failures += 1;
      const retryMs = waitMs(limits.reload, this.#failures);
      this.#retryAtMs = performance.now() + retryMs;
      this.#problem = (error as Error).message;
      log.error({ agent: name, err: error, retryMs }, `${this.#problem}; again in ${retryMs / 1000} s`);
    }
  }

  /** @throws {ServiceError} `BAD_AGENT` with all that is wrong. */
  async #startProcess(): Promise<AgentDescription> {
    const { name, use, options } = this.#config;
    const { limits } = this.#parts;
    const directory = resolve(this.#parts.baseDirectory);
    const place = placeOf(use, directory);
    const limit = timeLimit(limits.loadMs, `it takes more than ${limits.loadMs / 1000} s`);
    const process = new AgentProcess({
      directory,
      ...limits,
      onOutput: (text) => this.#output.write(text),
      onIdleDeath: (reason) => this.#tellOfDeath(reason),
    });
    this.#process = process;
    try {
      const request = { title: `edgewood agent ${name}`, ...place, options, limits };
      const answer = await process.load(request, AbortSignal.any([limit.signal, this.#stopping.signal]));
      const { description, problems } = describeAgent(answer.definition);
      const all = [...problems, ...answer.problems];
      if (description === undefined || all.length > 0) throw new Error(all.join('; '));
      return description;
    } catch (cause) {
      await process.stop();
      const { message } = cause as Error;
      const hint = place.isPackage && /NOT_FOUND/.test(message) ? ` (a file is written ./${use})` : '';
      const text = `the ${name} agent cannot be loaded from ${place.description}: ${message}${hint}`;
      throw new ServiceError('BAD_AGENT', text, { cause });
    } finally {
      limit.end();
    }
  }

  #tellOfDeath(reason: string): void {
    const { name } = this.#config;
    const text = `${name}: ${reason}, while nothing was asked of it; the next windows start it anew`;
    this.#parts.log.warn({ agent: name }, text);
  }

  async #inspect(slot: readonly LogWindow[], context: InspectContext): Promise<SlotVerdict> {
    const { limits, log } = this.#parts;
    const limitMs = Math.min(limits.slotMs, this.#config.timeLimitMs);
    this.#output.renew();
    const process = await this.#livingProcess();
    const limit = timeLimit(limitMs, `it gave no answer within ${limitMs / 1000} s, and was ended`);
    const signal = AbortSignal.any([limit.signal, context.signal, this.#stopping.signal]);
    const { memoryLength } = limits;
    const ask = (request: InspectRequest) => process.inspect(request, signal);
    try {
      return await inspectSlot(slot, context, { ask, config: this.#config, memoryLength, log });
    } finally {
      limit.end();
    }
  }

  /** @throws {ServiceError} `AGENT_FAILED` if it cannot be loaded any more. */
  async #livingProcess(): Promise<AgentProcess> {
    if (!this.#process?.isAlive) await this.open();
    if (this.#process?.isAlive) return this.#process;
    throw new ServiceError('AGENT_FAILED', this.#problem ?? `the ${this.#config.name} agent was stopped`);
  }
}

/** A signal that comes after some time, with a reason, unless that is ended before. */
function timeLimit(limitMs: number, reason: string): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(reason)), limitMs);
  return { signal: controller.signal, end: () => clearTimeout(timer) };
}

function sentenceOf({ name, programs, windowMs, groupBy }: AgentDescription): string {
  const whose = programs === 'all' ? 'all programs' : programs.join(', ');
  return `${name}, which looks at ${whose} in windows of ${windowMs / 1000} s, one ${groupBy === 'device' ? 'a device' : 'for all devices'}`;
}
