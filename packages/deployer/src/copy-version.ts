import { hasFile, MAX_FILE_BYTES, ModelError, type ModelFiles } from '@edgewood/models';
import { DeployError } from './errors.ts';
import type { TargetFiles } from './target-files.ts';
import { type FileToDeploy, sha256Of, type VersionToDeploy } from './version-to-deploy.ts';

/** So much must stay free beside the version, in bytes: the lock, the log, and what others write meanwhile. */
const SPARE_BYTES = 1_000_000;

/** What copying needs besides the version. */
export interface CopyOptions {
  /** Is told of all bytes that have arrived, and of all that must. */
  readonly onProgress: (sentBytes: number, totalBytes: number) => void;
  /** Called before each file and while it arrives; what it throws ends the copying. */
  readonly checkpoint: () => void;
  /** Is told of each file before it is written: whoever takes the copy back removes it. */
  readonly onWrite: (name: string) => void;
}

/**
 * Copies what is not there yet; the model last, so that a version is complete only when all of it is there.
 *
 * @returns how many files were copied; the others were there with the same content.
 * @throws {ModelError} `FILE_EXISTS` if one is there with other content. {@link DeployError} `COPY_DIFFERS`, `NO_SPACE`.
 */
export async function copyVersion(target: TargetFiles, of: VersionToDeploy, options: CopyOptions): Promise<number> {
  const missing = await missingFiles(target, of.files);
  const totalBytes = missing.reduce((sum, { bytes }) => sum + bytes.length, 0);
  await checkSpace(target, totalBytes);
  let arrivedBytes = 0;
  for (const file of missing) {
    options.checkpoint();
    options.onWrite(file.name);
    await writeOrKeep(target, file, (sentBytes) => {
      options.checkpoint();
      options.onProgress(arrivedBytes + sentBytes, totalBytes);
    });
    arrivedBytes += file.bytes.length;
  }
  return missing.length;
}

/** @throws {ModelError} `FILE_EXISTS` if one is there with other content. */
export async function missingFiles(target: ModelFiles, files: readonly FileToDeploy[]): Promise<FileToDeploy[]> {
  const missing: FileToDeploy[] = [];
  for (const file of files) if (!(await isThere(target, file))) missing.push(file);
  return missing;
}

/** @throws {DeployError} `NO_SPACE` if the target tells its space and has too little. */
export async function checkSpace(target: TargetFiles, neededBytes: number): Promise<void> {
  if (neededBytes === 0) return;
  const freeBytes = await target.freeBytes();
  if (freeBytes === undefined || freeBytes >= neededBytes + SPARE_BYTES) return;
  throw new DeployError(
    'NO_SPACE',
    `${target.location} has ${freeBytes} bytes free; the version needs ${neededBytes}, and ${SPARE_BYTES} must stay`,
  );
}

async function writeOrKeep(target: TargetFiles, file: FileToDeploy, onProgress: (sentBytes: number) => void) {
  try {
    await target.writeVerified(file.name, file.bytes, onProgress);
  } catch (error) {
    // It may be ours, if the connection was cut between the write and its answer.
    if (!(error instanceof ModelError && error.code === 'FILE_EXISTS' && (await isThere(target, file)))) throw error;
  }
}

async function isThere(target: ModelFiles, { name, sha256 }: FileToDeploy): Promise<boolean> {
  if (!(await hasFile(target, name))) return false;
  if (sha256Of(await target.read(name, MAX_FILE_BYTES)) === sha256) return true;
  throw new ModelError(
    'FILE_EXISTS',
    `${name} in ${target.location} has other content than here; a version is never written again: remove it there, or train a new one`,
  );
}
