import {
  LocalModelFiles,
  listVersions,
  ModelError,
  type ModelVersion,
  newestVersion,
  parseAgentName,
  parseTrustedKeys,
  parseVersion,
  readKeyFile,
  type TrustedKey,
  type Verification,
  verifyVersion,
} from '@edgewood/models';
import { formatTable, printable, printLine, printWarning, styled } from './terminal.ts';

/** `edgewood models verify`'s own. */
export interface VerifyOptions {
  readonly dir: string;
  readonly trustedKey?: readonly string[];
  readonly json?: boolean;
}

/**
 * `edgewood models verify`.
 *
 * @throws {ModelError} what is wrong with the first version that is not sound, when all that was seen is printed.
 */
export async function verifyModels(agent: string, version: string, options: VerifyOptions): Promise<void> {
  const trustedKeys = await readTrustedKeys(options.trustedKey ?? []);
  const [files, name] = [new LocalModelFiles(options.dir), parseAgentName(agent)];
  const verified: Verification[] = [];
  for (const named of await versionsNamed(files, name, version)) {
    verified.push(await verifyVersion(files, name, named, trustedKeys));
  }
  if (options.json === true) printLine(JSON.stringify(verified.map(jsonOf), null, 2));
  else for (const one of verified) print(one);
  if (trustedKeys.length === 0) printWarning('without --trusted-key this says nothing of who made it: integrity only');
  const bad = verified.find(({ problem }) => problem !== undefined);
  if (bad?.problem !== undefined) throw bad.problem;
}

/** The public keys in files. @throws {ModelError} `BAD_KEY`, `FILE_UNREADABLE`. */
export async function readTrustedKeys(paths: readonly string[]): Promise<readonly TrustedKey[]> {
  const keys = await Promise.all(paths.map(async (path) => parseTrustedKeys((await readKeyFile(path)).text, path)));
  return keys.flat();
}

async function versionsNamed(
  files: LocalModelFiles,
  agent: ReturnType<typeof parseAgentName>,
  version: string,
): Promise<readonly (ModelVersion | 'active')[]> {
  if (version === 'active') return [version];
  if (version === 'latest') return [await newestVersion(files, agent)];
  if (version !== 'all') return [parseVersion(version)];
  const versions = await listVersions(files, agent);
  if (versions.length > 0) return versions.map((listed) => listed.version);
  throw new ModelError('VERSION_NOT_FOUND', `there is no version of ${agent} in ${files.location}`);
}

function print({ agent, version, checks, warnings, problem }: Verification): void {
  printLine(`${agent} ${styled('bold', version)}`);
  const rows = checks.map(({ what, isChecked, compared }) => {
    return [isChecked ? styled('green', 'ok') : styled('yellow', 'not checked'), what, printable(compared)];
  });
  if (problem !== undefined) rows.push([styled('red', 'failed'), problem.code, printable(problem.message)]);
  printLine(formatTable([{ title: '' }, { title: '' }, { title: '' }], rows).trimStart());
  for (const warning of warnings) printWarning(warning);
}

function jsonOf({ agent, version, checks, warnings, problem }: Verification) {
  return {
    agent,
    version,
    ok: problem === undefined,
    checks: checks.map(({ what, isChecked, compared }) => ({ check: what, checked: isChecked, compared })),
    problem: problem === undefined ? null : { code: problem.code, message: problem.message },
    warnings,
  };
}
