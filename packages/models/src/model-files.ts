/** What is behind a name at one moment: if any of it changes, something else may be there. */
export interface FileIdentity {
  /** The file that the name leads to, if the name is a link; by its plain name if it is of the same directory. */
  readonly target: string | undefined;
  /** Changes whenever the content behind the name is replaced or written to; opaque. Empty: there is none. */
  readonly content: string;
  readonly sizeBytes: number;
}

/**
 * A flat directory of model files and links, near or far.
 *
 * Names are plain file names, not paths and not hidden. A name is either a file, which is written once and never changed,
 * or a link to a file of the same directory, which can be pointed elsewhere in one step.
 *
 * @throws {ModelError} from every method: `FILE_UNREADABLE`, `FILE_UNWRITABLE` when the directory does not play along;
 *   `BAD_NAME` for a name that leads out of it.
 */
export interface ModelFiles {
  /** For people. */
  readonly location: string;
  /** All names, sorted; files and links alike. What a write under way has written so far is not among them. */
  list(): Promise<readonly string[]>;
  /**
   * The bytes behind a name, following links.
   *
   * @param maxBytes at most {@link MAX_FILE_BYTES}, which is the default.
   * @throws {ModelError} `FILE_TOO_LARGE` above that, before anything is read.
   */
  read(name: string, maxBytes?: number): Promise<Uint8Array>;
  /**
   * Writes a new file: whole and lasting under its name, or not at all.
   *
   * @throws {ModelError} `FILE_EXISTS`; what is there stays as it is.
   */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * Writes a file whether or not there is one: a reader finds the old one or the new one, whole. Only for files that belong
   * to no version, such as a service's report; those of a version are never written again.
   *
   * @param lasting false if it may be lost with the power, to spare a flash card the wear; the default is true.
   */
  replaceFile(name: string, bytes: Uint8Array, lasting?: boolean): Promise<void>;
  /** Removes a file or link; one that is not there is no error. */
  remove(name: string): Promise<void>;
  /** Points a link at another file of the directory, in one step: a reader finds the old target or the new one. */
  replaceLink(name: string, target: string): Promise<void>;
  /** What is behind a name now; a link to nothing has a target and no content. Undefined if there is no such name. */
  identify(name: string): Promise<FileIdentity | undefined>;
  /**
   * Calls `onChange` soon after something in the directory may have changed, until the signal is aborted.
   *
   * Only a reason to look sooner than one would anyway: a directory need not have it, and it may miss changes, tell of
   * some that were none, tell of one many times, or fall silent. It throws nothing.
   */
  watch?(onChange: () => void, signal: AbortSignal): void;
}

/** Largest file that is read, in bytes: 256 MiB, some hundred times an ordinary model. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Whether there is content behind a name; a link to nothing has none. */
export async function hasFile(files: ModelFiles, name: string): Promise<boolean> {
  const identity = await files.identify(name);
  return identity !== undefined && identity.content !== '';
}
