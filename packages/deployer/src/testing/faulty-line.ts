import type { AgentName, FileIdentity } from '@edgewood/models';
import { ModelError } from '@edgewood/models';
import { DeployError } from '../errors.ts';
import { type TargetFiles, UPLOAD_PREFIX } from '../target-files.ts';
import type { MemoryTargetFiles } from './memory-target-files.ts';

/** One thing that goes wrong on the way to a directory. */
export interface Fault {
  /** Number of the call, counted from 0 over all connections. */
  readonly call: number;
  /**
   * `fails`: the directory fails, this once. `cut`: the connection ends. `dies`: the deployer is killed, so that nothing
   * it does afterwards has any effect.
   */
  readonly kind: 'fails' | 'cut' | 'dies';
  /** Whether the call has its effect. */
  readonly moment: 'before' | 'after';
}

/** Calls that write under a temporary name first, which stays if they are cut off. */
const WRITES: ReadonlySet<string> = new Set(['write', 'writeVerified', 'replaceFile', 'replaceLink']);

/** What a killed deployer would not live to see: no code knows it, so no code catches it. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** One deployer's way to a directory, on which one thing may go wrong. */
export class FaultyLine {
  readonly #directory: MemoryTargetFiles;
  readonly #fault: Fault | undefined;
  /** Called before each call. */
  onCall: (method: string, name: string) => void | Promise<void> = () => undefined;
  /** Called after whatever a call has done. */
  afterCall: () => Promise<void> = async () => undefined;
  calls = 0;
  #isDead = false;

  constructor(directory: MemoryTargetFiles, fault?: Fault) {
    this.#directory = directory;
    this.#fault = fault;
  }

  /** Whether the fault has come. */
  get isSpent(): boolean {
    return this.#fault !== undefined && this.calls > this.#fault.call;
  }

  /** Kills the deployer now. */
  kill(): never {
    this.#isDead = true;
    throw new Killed('killed');
  }

  /** Opens a connection. */
  open(): TargetFiles {
    if (this.#isDead) throw new Killed('killed');
    return new Connection(this.#directory, (method, name, work) => this.#call(method, name, work));
  }

  async #call<Result>(method: string, name: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#isDead) throw new Killed('killed');
    await this.onCall(method, name);
    const hit = this.calls++ === this.#fault?.call ? this.#fault : undefined;
    if (hit?.moment === 'before') {
      if (hit.kind !== 'fails' && WRITES.has(method)) this.#directory.leftovers.add(`${UPLOAD_PREFIX}${name}.1`);
      this.#fail(hit, `before ${method} ${name}`);
    }
    const result = await work();
    await this.afterCall();
    if (hit !== undefined) this.#fail(hit, `after ${method} ${name}`);
    return result;
  }

  #fail({ kind }: Fault, where: string): never {
    this.#isDead ||= kind === 'dies';
    if (kind === 'dies') throw new Killed(where);
    if (kind === 'cut') throw new DeployError('CONNECTION_LOST', `the connection was cut ${where}`);
    throw new ModelError('FILE_UNWRITABLE', `the disk fails ${where}`);
  }
}

type Call = <Result>(method: string, name: string, work: () => Promise<Result>) => Promise<Result>;

class Connection implements TargetFiles {
  readonly location = 'memory';
  readonly lasting = true;
  readonly #files: MemoryTargetFiles;
  readonly #through: Call;
  #cut: DeployError | undefined;

  constructor(files: MemoryTargetFiles, through: Call) {
    this.#files = files;
    this.#through = through;
  }

  list(): Promise<readonly string[]> {
    return this.#call('list', 'all', () => this.#files.list());
  }

  read(name: string, maxBytes?: number): Promise<Uint8Array> {
    return this.#call('read', name, () => this.#files.read(name, maxBytes));
  }

  write(name: string, bytes: Uint8Array): Promise<void> {
    return this.#call('write', name, () => this.#files.write(name, bytes));
  }

  replaceFile(name: string, bytes: Uint8Array): Promise<void> {
    return this.#call('replaceFile', name, () => this.#files.replaceFile(name, bytes));
  }

  remove(name: string): Promise<void> {
    return this.#call('remove', name, () => this.#files.remove(name));
  }

  replaceLink(name: string, target: string): Promise<void> {
    return this.#call('replaceLink', name, () => this.#files.replaceLink(name, target));
  }

  identify(name: string): Promise<FileIdentity | undefined> {
    return this.#call('identify', name, () => this.#files.identify(name));
  }

  freeBytes(): Promise<number | undefined> {
    return this.#call('freeBytes', 'all', () => this.#files.freeBytes());
  }

  writeVerified(name: string, bytes: Uint8Array, onProgress?: (sentBytes: number) => void): Promise<void> {
    return this.#call('writeVerified', name, () => this.#files.writeVerified(name, bytes, onProgress));
  }

  removeLeftovers(agent: AgentName): Promise<readonly string[]> {
    return this.#call('removeLeftovers', agent, () => this.#files.removeLeftovers(agent));
  }

  async close(): Promise<void> {
    this.#cut ??= new DeployError('CONNECTION_LOST', 'the connection was closed');
  }

  async #call<Result>(method: string, name: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#cut !== undefined) throw this.#cut;
    try {
      return await this.#through(method, name, work);
    } catch (error) {
      if (error instanceof DeployError && error.code === 'CONNECTION_LOST') this.#cut = error;
      throw error;
    }
  }
}
