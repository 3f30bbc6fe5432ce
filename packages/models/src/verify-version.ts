import { activeVersion } from './activation.ts';
import { ModelError } from './errors.ts';
import type { LoadCheck } from './load-check.ts';
import { loadActiveModel, loadModel } from './load-model.ts';
import type { ModelFiles } from './model-files.ts';
import type { AgentName, ModelVersion } from './model-version.ts';
import type { TrustedKey } from './signing-keys.ts';

/** What loading a version came to. */
export interface Verification {
  readonly agent: AgentName;
  /** As it was asked for, if it could not be told which is live. */
  readonly version: ModelVersion | 'active';
  /** Those that were passed, in the order in which they were made. */
  readonly checks: readonly LoadCheck[];
  /** What could not be checked or deserves attention; a sentence each. */
  readonly warnings: readonly string[];
  /** The check that failed; those after it were not made. Undefined if a service would use the version. */
  readonly problem: ModelError | undefined;
}

/**
 * Loads a version as a service does, and tells of each check.
 *
 * @param version `active` follows the active links, as a service does.
 * @param trustedKeys one of which must have signed it; with none only its integrity is checked.
 */
export async function verifyVersion(
  files: ModelFiles,
  agent: AgentName,
  version: ModelVersion | 'active',
  trustedKeys: readonly TrustedKey[],
): Promise<Verification> {
  const checks: LoadCheck[] = [];
  const options = { trustedKeys, onCheck: (check: LoadCheck) => void checks.push(check) };
  let named = version;
  try {
    if (version === 'active') named = await activeVersion(files, agent);
    const loading =
      version === 'active' ? loadActiveModel(files, agent, options) : loadModel(files, agent, version, options);
    const { version: loaded, warnings } = await loading;
    return { agent, version: loaded, checks, warnings, problem: undefined };
  } catch (problem) {
    if (problem instanceof ModelError) return { agent, version: named, checks, warnings: [], problem };
    throw problem;
  }
}
