import type { AgentName, ModelFiles } from '@edgewood/models';

/**
 * The model directory that is deployed to, near or far: what {@link ModelFiles} says, and what a deployer needs besides.
 *
 * What a write under way has written so far has a name that begins with {@link UPLOAD_PREFIX}, so that the next deployer
 * knows it from what a service writes there at the same time.
 *
 * @throws {ModelError} as {@link ModelFiles} says: `FILE_UNREADABLE`, `FILE_UNWRITABLE`, `FILE_EXISTS`, `FILE_TOO_LARGE`,
 *   `BAD_NAME`. The sentences name the place as `location` does.
 * @throws {DeployError} from every method, when it is not the directory that fails but the way to it: `CONNECTION_LOST`,
 *   `SFTP_UNUSABLE`; `INTERRUPTED` when the signal that it was opened with is aborted. After that every call fails so.
 */
export interface TargetFiles extends ModelFiles {
  /**
   * Whether what was written stays over a loss of power: true if file and directory are written through to the medium
   * before a write ends. False if the other side has no way to ask for that; then it is as its system does it, in seconds.
   */
  readonly lasting: boolean;
  /** Bytes that our account may still write there; undefined if the other side does not tell. */
  freeBytes(): Promise<number | undefined>;
  /**
   * As `write`, and what was written is read back and compared, each byte of it, before it gets its name.
   *
   * @param onProgress called with how many of the bytes have arrived there: rising, the last time with all of them. What it
   *   throws ends the write, cleans up, and is thrown: so an upload is interrupted while the connection stays.
   * @throws {DeployError} `COPY_DIFFERS`, `NO_SPACE`; nothing is left under the name, nor under a temporary one.
   * @throws {ModelError} `FILE_EXISTS`; what is there stays as it is.
   */
  writeVerified(name: string, bytes: Uint8Array, onProgress?: (sentBytes: number) => void): Promise<void>;
  /**
   * Removes what writes of files of the agent have left that never ended. Only for whoever holds the agent's deployment:
   * a write under way elsewhere would fail of it.
   *
   * @returns the names that were removed, sorted.
   */
  removeLeftovers(agent: AgentName): Promise<readonly string[]>;
  /** Ends the connection, and what is under way with it. May be called again; throws nothing. */
  close(): Promise<void>;
}

/** How the names of uploads under way begin; then follow the file's name, a dot and something random. */
export const UPLOAD_PREFIX = '.edgewood-upload-';
