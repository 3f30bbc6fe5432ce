import {
  type AgentName,
  activate,
  activeMetadataLink,
  activeModelLink,
  type DeploymentUnderWay,
  linkedVersion,
  ModelError,
  type ModelFiles,
  type ModelVersion,
  metadataFile,
  modelFile,
  parseFileName,
  parseVersion,
} from '@edgewood/models';

/**
 * Makes live again what was live before a trial; without such a version, none. Whatever else somebody made live meanwhile
 * stays. May be done again.
 *
 * Only for whoever holds the deployment: another may have gone on from here.
 *
 * @returns what is live now, in words.
 * @throws {ModelError} `VERSION_NOT_FOUND` if what was live before is gone; as the files.
 */
export async function takeBack(
  files: ModelFiles,
  agent: AgentName,
  { version, previous }: Pick<DeploymentUnderWay, 'version' | 'previous'>,
): Promise<string> {
  const live = await liveVersion(files, agent);
  if (live === 'other' || (live !== undefined && live !== version && live !== previous)) {
    return 'another version was made live meanwhile, and stays';
  }
  if (previous !== null) {
    await activate(files, agent, parseVersion(previous));
    return `${previous} is live`;
  }
  await files.remove(activeModelLink(agent)); // the one that decides goes first
  const described = await files.identify(activeMetadataLink(agent));
  if (described?.target === metadataFile(agent, parseVersion(version))) await files.remove(activeMetadataLink(agent));
  return 'no version is live, as before';
}

/** The version that the active link names, there or gone; undefined without a link, `other` if it is no link of ours. */
export async function liveVersion(files: ModelFiles, agent: AgentName): Promise<ModelVersion | 'other' | undefined> {
  try {
    return (await linkedVersion(files, agent))?.version ?? 'other';
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    if (error.code === 'NO_ACTIVE_MODEL') return undefined;
    if (error.code === 'BAD_LINK') return 'other';
    throw error;
  }
}

/**
 * Removes files of a version that is not live, the model first, so that one that is cut off is seen to be incomplete.
 *
 * @param names of files of the version; others are left.
 */
export async function removeFiles(
  files: ModelFiles,
  agent: AgentName,
  version: string,
  names: readonly string[],
): Promise<void> {
  if ((await liveVersion(files, agent)) === version) return;
  const ofVersion = names.filter((name) => {
    const file = parseFileName(name);
    return file?.agent === agent && file.version === version;
  });
  const model = modelFile(agent, version as ModelVersion);
  for (const name of ofVersion.toSorted((a, b) => Number(b === model) - Number(a === model))) await files.remove(name);
}
