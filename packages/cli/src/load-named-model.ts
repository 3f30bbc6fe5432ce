import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type DetectionModel, detectionModel } from '@edgewood/detection';
import {
  type LoadedModel,
  LocalModelFiles,
  loadActiveModel,
  loadModel,
  parseAgentName,
  parseFileName,
} from '@edgewood/models';
import { UsageError } from './failure.ts';
import { printWarning } from './terminal.ts';

/**
 * The version that `--model` means, with all that judging by it takes; says what could not be checked.
 *
 * @param path a version's model file, or a directory whose live version of the agent is meant.
 * @throws {UsageError} of another file; {ModelError} as `loadModel`; {FeatureError}, {SurpriseError} as `detectionModel`.
 */
export async function loadNamedModel(path: string, agent: string): Promise<DetectionModel> {
  const model = await loadNamed(path, agent);
  for (const warning of model.warnings) printWarning(warning);
  return detectionModel(model);
}

async function loadNamed(path: string, agent: string): Promise<LoadedModel> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return loadActiveModel(new LocalModelFiles(path), parseAgentName(agent));
  const file = parseFileName(basename(path));
  if (file?.what !== 'model') {
    throw new UsageError(
      `--model must be a model directory or a file such as wifi_model_20250607_230000.joblib, got ${path}`,
    );
  }
  return loadModel(new LocalModelFiles(dirname(path)), file.agent, file.version);
}
