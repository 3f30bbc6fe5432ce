import { ModelError } from '../errors.ts';
import { type FileIdentity, MAX_FILE_BYTES, type ModelFiles } from '../model-files.ts';

/** A model directory in memory. `failAt` lets one call fail, to see what a failure leaves behind. */
export class MemoryModelFiles implements ModelFiles {
  readonly location = 'memory';
  /** Number of the call that shall fail without an effect, counted from 0; undefined: none. */
  failAt: number | undefined;
  /** Is told of every call before it is made. */
  onCall: (method: string, name: string) => void | Promise<void> = () => undefined;
  readonly #files = new Map<string, { bytes: Uint8Array; revision: number }>();
  readonly #links = new Map<string, string>();
  readonly #watchers = new Set<() => void>();
  #revision = 0;
  #calls = 0;

  /** How many calls there were. */
  get calls(): number {
    return this.#calls;
  }

  async list(): Promise<readonly string[]> {
    await this.#begin('list', 'all');
    return [...this.#files.keys(), ...this.#links.keys()].sort();
  }

  async read(name: string, maxBytes: number = MAX_FILE_BYTES): Promise<Uint8Array> {
    await this.#begin('read', name);
    const file = this.#files.get(this.#links.get(name) ?? name);
    if (file === undefined) throw new ModelError('FILE_UNREADABLE', `cannot read ${name}: it is not there`);
    if (file.bytes.length > maxBytes) {
      throw new ModelError('FILE_TOO_LARGE', `${name} has ${file.bytes.length} bytes; at most ${maxBytes} are read`);
    }
    return file.bytes.slice();
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    await this.#begin('write', name);
    if (this.#files.has(name) || this.#links.has(name)) throw new ModelError('FILE_EXISTS', `${name} exists`);
    this.#files.set(name, { bytes: bytes.slice(), revision: ++this.#revision });
    this.#tell();
  }

  async replaceFile(name: string, bytes: Uint8Array): Promise<void> {
    await this.#begin('replaceFile', name);
    this.#links.delete(name);
    this.#files.set(name, { bytes: bytes.slice(), revision: ++this.#revision });
    this.#tell();
  }

  async remove(name: string): Promise<void> {
    await this.#begin('remove', name);
    this.#files.delete(name);
    this.#links.delete(name);
    this.#tell();
  }

  async replaceLink(name: string, target: string): Promise<void> {
    await this.#begin('replaceLink', name);
    this.#files.delete(name);
    this.#links.set(name, target);
    this.#tell();
  }

  async identify(name: string): Promise<FileIdentity | undefined> {
    await this.#begin('identify', name);
    const target = this.#links.get(name);
    const file = this.#files.get(target ?? name);
    if (target === undefined && file === undefined) return undefined;
    return { target, content: file === undefined ? '' : `${file.revision}`, sizeBytes: file?.bytes.length ?? 0 };
  }

  watch(onChange: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#watchers.add(onChange);
    signal.addEventListener('abort', () => this.#watchers.delete(onChange), { once: true });
  }

  #tell(): void {
    for (const onChange of [...this.#watchers]) onChange();
  }

  async #begin(method: string, name: string): Promise<void> {
    if (name === '' || name.startsWith('.') || name.includes('/')) {
      throw new ModelError('BAD_NAME', `'${name}' is no name of a file`);
    }
    await this.onCall(method, name);
    if (this.#calls++ !== this.failAt) return;
    const code = ['write', 'replaceFile', 'remove', 'replaceLink'].includes(method) ? 'UNWRITABLE' : 'UNREADABLE';
    throw new ModelError(`FILE_${code}`, `the disk fails to ${method} ${name}`);
  }
}
