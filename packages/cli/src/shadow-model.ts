import { beginShadow, endShadow, LocalModelFiles, loadModel, parseAgentName } from '@edgewood/models';
import { UsageError } from './failure.ts';
import { type DirectoryOption, versionNamed } from './model-directory.ts';
import { printLine, printWarning, styled } from './terminal.ts';

/**
 * `edgewood models shadow`: puts a version in the shadow of the live one, or takes out what is there.
 *
 * The version is loaded first: what a service would refuse is not put there.
 */
export async function shadowModel(
  agent: string,
  version: string | undefined,
  { dir, off = false }: DirectoryOption & { readonly off?: boolean },
): Promise<void> {
  if (off === (version !== undefined)) throw new UsageError('name a version that shall be in the shadow, or --off');
  const files = new LocalModelFiles(dir);
  const name = parseAgentName(agent);
  if (version === undefined) {
    const isEnded = await endShadow(files, name);
    printLine(isEnded ? `nothing of ${agent} is in the shadow any more` : `nothing of ${agent} is in the shadow`);
    return;
  }
  const chosen = await versionNamed(files, name, version);
  const { warnings } = await loadModel(files, name, chosen);
  for (const warning of warnings) printWarning(warning);
  await beginShadow(files, name, chosen);
  printLine(
    `${agent} ${styled('bold', chosen)} is in the shadow in ${files.location}: a service has it judge, and alerts`,
  );
  printLine(`nobody of what it finds; edgewood models compare ${agent} shows how it would do`);
}
