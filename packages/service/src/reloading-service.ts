/**
 * A service whose configuration may change while it runs.
 *
 * A changed configuration is lived by a new service, after the old one has stopped as it does at the end: what an agent has
 * analysed is in the store, where the new service goes on from. A configuration that is wrong never stops anything; one
 * that cannot be lived by (a port that is taken, a store that cannot be opened) brings the old one back.
 */
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from './clock.ts';
import { readConfig, type ServiceConfig } from './config.ts';
import { type Environment, withSecretFiles } from './config-variables.ts';
import { configWarnings } from './config-warnings.ts';
import { type CreateOptions, createLog, createService } from './create-service.ts';
import { ServiceError } from './errors.ts';
import type { Service } from './service.ts';
import type { ServiceLog } from './tell-events.ts';

export interface ServiceSource {
  /** The configuration file; undefined: all defaults. */
  readonly configPath: string | undefined;
  /** Variables that it may name, and that complete connections. */
  readonly env: Environment;
  /** Parts that stand in for the real ones. */
  readonly parts?: Omit<CreateOptions, 'config' | 'env' | 'baseDirectory' | 'log'>;
}

/** All that a service is made from: if it is the same, so is the service. */
interface Setup {
  readonly config: ServiceConfig;
  readonly env: Environment;
}

/** @throws {ServiceError} `BAD_CONFIG`. */
function readSetup({ configPath, env }: ServiceSource): Setup {
  return { config: readConfig(configPath, env).config, env: withSecretFiles(env) };
}

/** One line of what is wrong, and all of it. */
function refusalOf({ message }: Error): { reason: string; problems: readonly string[] } {
  const [heading = '', ...problems] = message.split('\n');
  const [first = '', ...others] = problems;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const said = problems.length === 0 ? heading : `${heading} ${first}${more}`;
  return { reason: `the configuration before stays in use: ${said}`, problems };
}

export class ReloadingService {
  readonly #source: ServiceSource;
  #setup: Setup;
  #log: ServiceLog;
  #service: Service | undefined;

  private constructor(source: ServiceSource, setup: Setup) {
    this.#source = source;
    this.#setup = setup;
    this.#log = createLog(setup.config);
  }

  /** Reads the configuration, and starts nothing yet. @throws {ServiceError} `BAD_CONFIG`. */
  static read(source: ServiceSource): ReloadingService {
    return new ReloadingService(source, readSetup(source));
  }

  get config(): ServiceConfig {
    return this.#setup.config;
  }

  /** Of the service that runs; another one after a reload. */
  get log(): ServiceLog {
    return this.#log;
  }

  /** Starts the service as it was read. @throws as `createService` and `Service.start` do. */
  start(): Promise<Service> {
    return this.#begin(this.#setup);
  }

  /** Instead of `start`: by this clock, and analyses nothing until it is told to. */
  async open(clock: Clock): Promise<Service> {
    return this.#begin(this.#setup, (service) => service.open(), { clock });
  }

  /**
   * Reads the configuration again. If it is the same, only the model directory is looked at.
   *
   * @param stopping if it comes meanwhile, nothing is started any more.
   * @throws if neither the new configuration nor the old one can be lived by.
   */
  async reload(stopping: AbortSignal): Promise<void> {
    const next = this.#readNext();
    if (next === undefined) return;
    if (isDeepStrictEqual(next, this.#setup)) {
      this.#log.info({}, 'the configuration is the same: looking at the models');
      this.#service?.events.emit('config:accepted', {});
      await this.#service?.reloadModels();
      return;
    }
    this.#log.info({}, 'the configuration changed: the service starts anew');
    await this.#service?.stop();
    if (!stopping.aborted) await this.#replace(next, stopping);
  }

  /** Stops the service, as `Service.stop` does. May be called twice. */
  async stop(): Promise<void> {
    await this.#service?.stop();
  }

  /** The configuration as it is now; undefined if it is wrong, which is told. */
  #readNext(): Setup | undefined {
    try {
      return readSetup(this.#source);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.#service?.events.emit('config:refused', refusalOf(error));
      return undefined;
    }
  }

  async #replace(next: Setup, stopping: AbortSignal): Promise<void> {
    const before = this.#setup;
    try {
      await this.#begin(next);
    } catch (error) {
      if (stopping.aborted) return;
      this.#log.error({ err: error }, `the new configuration cannot be lived by: ${(error as Error).message}`);
      const service = await this.#begin(before);
      service.events.emit('config:refused', refusalOf(error as Error));
    }
  }

  async #begin(
    setup: Setup,
    begin = (service: Service) => service.start(),
    more: { readonly clock?: Clock } = {},
  ): Promise<Service> {
    const { configPath, parts } = this.#source;
    this.#setup = setup;
    this.#log = createLog(setup.config);
    for (const warning of configWarnings(setup.config)) this.#log.warn({}, warning);
    const where = configPath === undefined ? {} : { baseDirectory: dirname(configPath) };
    const service = createService({ ...setup, ...parts, ...more, ...where, log: this.#log });
    this.#service = service;
    try {
      await begin(service);
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  }
}
