import { type AgentProfile, trainedExtractor, type WindowSettings } from '@edgewood/features';
import {
  type AgentName,
  ModelError,
  type ModelMetadata,
  missingFields,
  modelFile,
  parseMetadata,
  parseVersion,
  type TrustedKey,
  trainedWith,
  verifySignature,
} from '@edgewood/models';
import { refusalReason } from './refusal-reason.ts';

/** By what a version is judged before its files are there. */
export interface MetadataRules {
  /** The first part of the model files' names. */
  readonly model: AgentName;
  readonly agent: AgentProfile;
  readonly settings: WindowSettings;
  /** If there are any, it must be signed by one of them. */
  readonly trustedKeys?: readonly TrustedKey[] | undefined;
}

/** What can be said of a version by its metadata alone. */
export interface MetadataCheck {
  readonly accepted: boolean;
  /** Why it would be refused; undefined if nothing says so. */
  readonly problem: string | undefined;
  /** What could not be checked, or deserves attention; a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Whether a version would be refused by what its metadata says: by its model's name, its signature, its features, its
 * windows, and what its extractor would give here. What its files hold can still be wrong.
 *
 * @param text of the metadata's file, or anything else: it throws nothing.
 */
export function checkMetadata(text: string, rules: MetadataRules): MetadataCheck {
  try {
    const metadata = parseMetadata(text, 'the metadata');
    mustFit(metadata, rules);
    return { accepted: true, problem: undefined, warnings: warningsOf(metadata, rules.model) };
  } catch (error) {
    return { accepted: false, problem: refusalReason(error), warnings: [] }; // whatever it is: it came from outside
  }
}

function mustFit(metadata: ModelMetadata, { model, agent, settings, trustedKeys = [] }: MetadataRules): void {
  const { agent_name, model_version } = metadata;
  if (agent_name !== model) {
    throw new ModelError('BAD_METADATA', `the metadata is of a model of '${agent_name}'; it must be of ${model}`);
  }
  const version = parseVersion(model_version);
  if (trustedKeys.length > 0) verifySignature(metadata, trustedKeys);
  trainedExtractor(trainedWith({ agent: model, version, metadata }), agent, settings);
}

function warningsOf(metadata: ModelMetadata, model: AgentName): string[] {
  const warnings: string[] = [];
  const missing = missingFields(metadata);
  if (missing.length > 0) warnings.push(`the metadata lacks ${missing.join(', ')}: not checked`);
  const named = modelFile(model, parseVersion(metadata.model_version));
  if (metadata.model_file !== named) {
    warnings.push(`the metadata says that the model file is called ${metadata.model_file}; it must be ${named}`);
  }
  return warnings;
}
