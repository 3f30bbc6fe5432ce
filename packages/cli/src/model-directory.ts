import {
  type AgentName,
  activate,
  activeVersion,
  endShadow,
  type ListedVersion,
  LocalModelFiles,
  listVersions,
  loadMetadata,
  loadModel,
  ModelError,
  type ModelFiles,
  type ModelMetadata,
  type ModelVersion,
  newestVersion,
  parseAgentName,
  parseVersion,
  prune,
  versionBefore,
} from '@edgewood/models';
import { formatNumber, formatTable, printable, printLine, printWarning, styled } from './terminal.ts';

/** Where the versions are. */
export interface DirectoryOption {
  readonly dir: string;
}

/** `edgewood models list`. */
export async function listModels(
  agent: string | undefined,
  options: DirectoryOption & { readonly json?: boolean },
): Promise<void> {
  const files = new LocalModelFiles(options.dir);
  const versions = await listVersions(files, agent === undefined ? undefined : parseAgentName(agent));
  const rows = await Promise.all(
    versions.map(async (listed) => ({ listed, metadata: await metadataOrProblem(files, listed) })),
  );
  if (options.json === true) {
    const shown = rows.map(({ listed, metadata }) => ({
      ...listed,
      ...(typeof metadata === 'string' ? { problem: metadata } : {}),
    }));
    printLine(JSON.stringify(shown, null, 2));
    return;
  }
  if (rows.length === 0) {
    printLine(`no versions in ${options.dir}`);
    return;
  }
  const columns = ['', 'agent', 'version', 'trained on', 'windows', 'entries', 'features'].map((title) => ({ title }));
  printLine(
    formatTable(
      columns,
      rows.map(({ listed, metadata }) => rowOf(listed, metadata)),
    ),
  );
}

function rowOf(listed: ListedVersion, metadata: ModelMetadata | string): string[] {
  const { agent, version } = listed;
  const mark = markOf(listed);
  if (typeof metadata === 'string') return [mark, agent, version, printable(metadata)];
  const { training_span: span, training_data_source: source } = metadata;
  return [
    mark,
    agent,
    version,
    printable(span === undefined ? source : `${span.start.slice(0, 16)} to ${span.end.slice(0, 16)}`),
    metadata.training_window_count === undefined ? '' : formatNumber(metadata.training_window_count),
    formatNumber(metadata.training_log_count),
    String(metadata.features_used.length),
  ];
}

/** A version that is live is not in the shadow, whatever links are left over. */
function markOf({ active, shadow }: ListedVersion): string {
  if (active) return styled('green', '● live');
  return shadow ? styled('cyan', '○ shadow') : '';
}

async function metadataOrProblem(
  files: ModelFiles,
  { agent, version, complete }: ListedVersion,
): Promise<ModelMetadata | string> {
  if (!complete) return 'incomplete: model or metadata is missing';
  try {
    return await loadMetadata(files, agent, version);
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
}

/** `edgewood models show`. */
export async function showModel(
  agent: string,
  version: string,
  options: DirectoryOption & { readonly json?: boolean },
): Promise<void> {
  const files = new LocalModelFiles(options.dir);
  const name = parseAgentName(agent);
  const chosen = version === 'active' ? await activeVersion(files, name) : await versionNamed(files, name, version);
  const model = await loadModel(files, name, chosen);
  const { metadata, forest, sklearnVersion, warnings } = model;
  if (options.json === true) {
    printLine(JSON.stringify(metadata, null, 2));
    return;
  }
  const { state } = forest;
  const rows: [string, string][] = [
    ['version', `${chosen}, trained ${metadata.training_date}`],
    ['file', `${metadata.model_file}, for scikit-learn ${sklearnVersion}`],
    ['data', `${metadata.training_data_source}: ${formatNumber(metadata.training_log_count)} entries`],
    ['windows', windowsText(metadata)],
    ['forest', `${state.estimators.length} trees of ${state.maxSamples} windows, offset ${formatNumber(state.offset)}`],
    [
      'parameters',
      Object.entries(metadata.hyperparameters)
        .map(([key, value]) => `${key} ${value}`)
        .join(', '),
    ],
    ['features', metadata.features_used.join(', ')],
  ];
  const shown = rows.map(([title, text]) => [title, printable(text)]);
  printLine(formatTable([{ title: '' }, { title: '', maxWidth: 90 }], shown).trimStart());
  for (const warning of warnings) printWarning(warning);
}

function windowsText({
  window_seconds: seconds,
  group_by: groupBy,
  training_window_count: count,
  training_span: span,
}: ModelMetadata): string {
  if (seconds === undefined) return 'not said';
  const counted = count === undefined ? '' : `${formatNumber(count)} × `;
  const when = span === undefined ? '' : `, ${span.start} to ${span.end}`;
  return `${counted}${seconds} s by ${groupBy ?? 'device'}${when}`;
}

/** The version that a command line means: `latest`, or one by its name. @throws {ModelError} `BAD_NAME`, `VERSION_NOT_FOUND`. */
export function versionNamed(
  files: ModelFiles,
  agent: AgentName,
  version: string,
): Promise<ModelVersion> | ModelVersion {
  return version === 'latest' ? newestVersion(files, agent) : parseVersion(version);
}

/** `edgewood models activate`. */
export async function activateModel(agent: string, version: string, { dir }: DirectoryOption): Promise<void> {
  const files = new LocalModelFiles(dir);
  const name = parseAgentName(agent);
  await switchTo(files, name, await versionNamed(files, name, version));
}

/** `edgewood models rollback`. */
export async function rollBackModel(
  agent: string,
  version: string | undefined,
  { dir }: DirectoryOption,
): Promise<void> {
  const files = new LocalModelFiles(dir);
  const name = parseAgentName(agent);
  const target = version === undefined ? await versionBefore(files, name) : parseVersion(version);
  await switchTo(files, name, target);
}

/** Loads the version first: what a service would refuse is not made live. */
async function switchTo(files: ModelFiles, agent: AgentName, version: ModelVersion): Promise<void> {
  const { warnings } = await loadModel(files, agent, version);
  for (const warning of warnings) printWarning(warning);
  await activate(files, agent, version);
  printLine(`${agent} ${styled('bold', version)} is live in ${files.location}`);
  if (await endShadow(files, agent, version)) printLine('it was in the shadow; nothing is there any more');
}

/** `edgewood models prune`. */
export async function pruneModels(
  agent: string,
  { dir, keep, dryRun = false }: DirectoryOption & { readonly keep: number; readonly dryRun?: boolean },
): Promise<void> {
  const versions = await prune(new LocalModelFiles(dir), parseAgentName(agent), { keep, dryRun });
  for (const version of versions) printLine(`${dryRun ? 'would remove' : 'removed'} ${agent} ${version}`);
  if (versions.length === 0) printLine('nothing to remove');
}
