/**
 * Saving writes a version file by file, the metadata last: it names the hashes of all others and completes the version.
 * Then the version is loaded as a service would load it. Whatever fails, nothing of the version stays.
 */
import { type ForestState, IsolationForest, writeSklearnForest } from '@edgewood/isolation-forest';
import { ModelError } from './errors.ts';
import { loadModel } from './load-model.ts';
import type { ModelFiles } from './model-files.ts';
import { formatMetadata, METADATA_SCHEMA_VERSION, type ModelMetadata, parseMetadata } from './model-metadata.ts';
import {
  type AgentName,
  extraFile,
  type ModelVersion,
  metadataFile,
  modelFile,
  nextFreeVersion,
  parseFileName,
  timeOf,
} from './model-version.ts';
import { sha256Of } from './sha256.ts';

/** Metadata that saving itself fills in. */
type FilledIn =
  | 'model_version'
  | 'model_file'
  | 'agent_name'
  | 'training_date'
  | 'schema_version'
  | 'model_sha256'
  | 'probes'
  | 'files';

/** A further file to save with a version. */
export interface ExtraFile {
  /** A lower-case word, such as `baseline`. */
  readonly what: string;
  /** Without the dot. */
  readonly extension: string;
  readonly bytes: Uint8Array;
}

/** All that a version is made of. */
export interface ModelToSave {
  readonly forest: ForestState;
  /** scikit-learn release that shall load the file; default the newest. */
  readonly sklearnVersion?: string | undefined;
  /** Unix milliseconds. */
  readonly trainedAtMs: number;
  /** Vectors whose scores are stored, for whoever loads the model to score again. */
  readonly probeVectors: readonly ArrayLike<number>[];
  readonly extraFiles?: readonly ExtraFile[];
  readonly metadata: Omit<ModelMetadata, FilledIn>;
  /** Signs what is complete but for a signature, as by `signMetadataBy`; default: the version is not signed. */
  readonly sign?: ((metadata: ModelMetadata) => ModelMetadata | Promise<ModelMetadata>) | undefined;
}

/** How much later than its training a version may be named because the seconds before are taken, in milliseconds. */
const LONGEST_SHIFT_MS = 60_000;

/**
 * Writes a new version, checks that it loads and returns its name. It is not live until it is activated.
 *
 * The version is the second of training, or the next in which the agent has no file.
 *
 * @throws {ModelError} `FILE_UNWRITABLE`; `FILE_EXISTS` if a minute's worth of versions is taken; as `loadModel` if the
 *   metadata does not fit the forest. `ForestError` `UNSUPPORTED` for an unknown scikit-learn release.
 */
export async function saveModel(files: ModelFiles, agent: AgentName, model: ModelToSave): Promise<ModelVersion> {
  const { forest, sklearnVersion, trainedAtMs, probeVectors, extraFiles = [], metadata, sign = unsigned } = model;
  const bytes = writeSklearnForest(forest, { sklearnVersion });
  const probes = probesOf(forest, probeVectors);
  const version = await writeModel(files, agent, trainedAtMs, bytes);
  const written = [modelFile(agent, version)];
  const write = async (name: string, content: Uint8Array): Promise<void> => {
    await files.write(name, content);
    written.push(name);
  };
  try {
    const listed: [string, { name: string; sha256: string }][] = [];
    for (const extra of extraFiles) {
      const name = extraFile(agent, extra.what, version, extra.extension);
      await write(name, extra.bytes);
      listed.push([extra.what, { name, sha256: sha256Of(extra.bytes) }]);
    }
    const complete: ModelMetadata = {
      ...metadata,
      model_version: version,
      model_file: modelFile(agent, version),
      agent_name: agent,
      training_date: new Date(trainedAtMs).toISOString(),
      schema_version: METADATA_SCHEMA_VERSION,
      model_sha256: sha256Of(bytes),
      probes,
      ...(listed.length === 0 ? {} : { files: Object.fromEntries(listed) }),
    };
    const name = metadataFile(agent, version);
    const readBack = parseMetadata(formatMetadata(complete), name); // what is signed is what a reader will have
    await write(name, new TextEncoder().encode(formatMetadata(await sign(readBack))));
    await loadModel(files, agent, version);
    return version;
  } catch (error) {
    await removeWritten(files, written);
    throw error;
  }
}

function unsigned(metadata: ModelMetadata): ModelMetadata {
  return metadata;
}

function probesOf(state: ForestState, vectors: readonly ArrayLike<number>[]): NonNullable<ModelMetadata['probes']> {
  const forest = IsolationForest.fromState(state);
  const rows = vectors.map((vector) => Array.from(vector));
  const scores = forest.scoreSamples(rows);
  return rows.map((vector, row) => {
    const score = scores[row] ?? Number.NaN;
    return { vector, score, decision: score - forest.offset };
  });
}

/** Writes the model file, by which the version is taken: of two that save at once, one gets the next second. */
async function writeModel(
  files: ModelFiles,
  agent: AgentName,
  trainedAtMs: number,
  bytes: Uint8Array,
): Promise<ModelVersion> {
  const present = (await files.list()).map(parseFileName).filter((file) => file?.agent === agent);
  const taken = new Set(present.map((file) => file?.version));
  for (;;) {
    const version = nextFreeVersion(trainedAtMs, (second) => taken.has(second));
    if (timeOf(version) - trainedAtMs > LONGEST_SHIFT_MS) {
      throw new ModelError(
        'FILE_EXISTS',
        `every version of ${agent} within ${LONGEST_SHIFT_MS / 1000} s before ${version} exists in ${files.location}`,
      );
    }
    try {
      await files.write(modelFile(agent, version), bytes);
      return version;
    } catch (error) {
      if (!(error instanceof ModelError && error.code === 'FILE_EXISTS')) throw error;
      taken.add(version);
    }
  }
}

/** The newest first and so the model last: until then nobody else takes the version. */
async function removeWritten(files: ModelFiles, names: readonly string[]): Promise<void> {
  for (const name of names.toReversed()) {
    await files.remove(name).catch(() => undefined); // what failed before is what the caller must hear
  }
}
