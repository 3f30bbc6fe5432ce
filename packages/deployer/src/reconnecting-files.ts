/**
 * A target over a connection that may be cut: what was under way is done again over a new one.
 *
 * A call whose answer was lost may have had its effect. Most calls of {@link TargetFiles} can simply be made again; of
 * `write` and `writeVerified` the second then says `FILE_EXISTS`, and the caller looks whether that is what it wrote.
 */
import type { AgentName, FileIdentity } from '@edgewood/models';
import type { DeployClock } from './clock.ts';
import { DeployError } from './errors.ts';
import type { TargetFiles } from './target-files.ts';

/** Between two tries to connect, in milliseconds: the first, doubling, the longest. */
const WAIT_MS = { first: 1_000, longest: 15_000 };
/** One call is made over at most so many connections: who answers and cuts again does not hold us for ever. */
const MOST_CONNECTIONS_A_CALL = 10;

export interface ReconnectingOptions {
  /** Opens the target again; undefined: a cut connection stays cut. */
  readonly reopen: (() => Promise<TargetFiles>) | undefined;
  readonly clock: DeployClock;
  /** So long it is tried, in milliseconds. */
  readonly limitMs: number;
  /** Is told of every try, for people. */
  readonly onTry: (note: string) => void;
}

export class ReconnectingFiles implements TargetFiles {
  readonly location: string;
  readonly lasting: boolean;
  readonly #options: ReconnectingOptions;
  #files: TargetFiles;
  #reopening: Promise<void> | undefined;
  /** Why it was given up; then every call fails at once. */
  #givenUp: Error | undefined;
  /** Looks over a new connection whether the work may go on; what it throws, the call throws. */
  afterReopening: (files: TargetFiles) => Promise<void> = async () => undefined;

  constructor(files: TargetFiles, options: ReconnectingOptions) {
    this.#files = files;
    this.#options = options;
    this.location = files.location;
    this.lasting = files.lasting;
  }

  list(): Promise<readonly string[]> {
    return this.#call((files) => files.list());
  }

  read(name: string, maxBytes?: number): Promise<Uint8Array> {
    return this.#call((files) => files.read(name, maxBytes));
  }

  write(name: string, bytes: Uint8Array): Promise<void> {
    return this.#call((files) => files.write(name, bytes));
  }

  replaceFile(name: string, bytes: Uint8Array, lasting?: boolean): Promise<void> {
    return this.#call((files) => files.replaceFile(name, bytes, lasting));
  }

  remove(name: string): Promise<void> {
    return this.#call((files) => files.remove(name));
  }

  replaceLink(name: string, target: string): Promise<void> {
    return this.#call((files) => files.replaceLink(name, target));
  }

  identify(name: string): Promise<FileIdentity | undefined> {
    return this.#call((files) => files.identify(name));
  }

  freeBytes(): Promise<number | undefined> {
    return this.#call((files) => files.freeBytes());
  }

  writeVerified(name: string, bytes: Uint8Array, onProgress?: (sentBytes: number) => void): Promise<void> {
    return this.#call((files) => files.writeVerified(name, bytes, onProgress));
  }

  removeLeftovers(agent: AgentName): Promise<readonly string[]> {
    return this.#call((files) => files.removeLeftovers(agent));
  }

  close(): Promise<void> {
    return this.#files.close();
  }

  async #call<Result>(work: (files: TargetFiles) => Promise<Result>): Promise<Result> {
    for (let connections = 1; ; connections++) {
      if (this.#givenUp !== undefined) throw this.#givenUp;
      const files = this.#files;
      try {
        return await work(files);
      } catch (error) {
        if (!isCut(error) || this.#options.reopen === undefined) throw error;
        if (connections >= MOST_CONNECTIONS_A_CALL) throw error;
        await this.#leave(files, error);
      }
    }
  }

  /** Several calls may be under way when the connection is cut; one of them opens the next. */
  async #leave(files: TargetFiles, cut: DeployError): Promise<void> {
    if (files !== this.#files) return;
    this.#reopening ??= this.#reopen(cut).finally(() => {
      this.#reopening = undefined;
    });
    await this.#reopening;
  }

  async #reopen(cut: DeployError): Promise<void> {
    const { reopen, clock, limitMs, onTry } = this.#options;
    await this.#files.close();
    const endsAtMs = clock.countedMs() + limitMs;
    for (let waitMs = WAIT_MS.first; ; waitMs = Math.min(waitMs * 2, WAIT_MS.longest)) {
      onTry(cut.message);
      await clock.sleep(waitMs);
      const files = await reopen?.().catch((error: unknown) => {
        // Another machine answers in its place: that does not get better by waiting.
        if (error instanceof DeployError && error.code !== 'HOST_KEY_REFUSED') return undefined;
        throw error;
      });
      if (files !== undefined && (await this.#goesOnWith(files))) return;
      if (clock.countedMs() < endsAtMs) continue;
      const message = `${cut.message}; it was tried for ${Math.round(limitMs / 1000)} s to connect again`;
      this.#givenUp = new DeployError('CONNECTION_LOST', message, { cause: cut });
      throw this.#givenUp;
    }
  }

  async #goesOnWith(files: TargetFiles): Promise<boolean> {
    try {
      await this.afterReopening(files);
      this.#files = files;
      return true;
    } catch (error) {
      await files.close();
      if (isCut(error)) return false;
      throw error;
    }
  }
}

function isCut(error: unknown): error is DeployError {
  return error instanceof DeployError && error.code === 'CONNECTION_LOST';
}
