/** What loading has checked, in sentences for whoever wants to see that it was. */
import type { IsolationForest } from '@edgewood/isolation-forest';
import { PROBE_TOLERANCE, type ReadFile } from './model-checks.ts';
import type { ModelMetadata } from './model-metadata.ts';
import type { TrustedKey } from './signing-keys.ts';

/** One promise of a version that was kept, or that nobody could check. */
export interface LoadCheck {
  /** `metadata`, `signature`, `model`, `features`, `probes`, or a further file by what it is. */
  readonly what: string;
  /** False where something was missing to compare with. */
  readonly isChecked: boolean;
  /** What was compared with what, or what was missing. */
  readonly compared: string;
}

/** Metadata that can be read and says that it is the version's. */
export function metadataCheck(name: string, { agent_name, model_version }: ModelMetadata, sha256: string): LoadCheck {
  const compared = `${name} describes ${agent_name} ${model_version}; its own SHA-256 is ${sha256}`;
  return { what: 'metadata', isChecked: true, compared };
}

/** @param trustedKeys none, or `verifySignature` has returned for them. */
export function signatureCheck({ signature }: ModelMetadata, trustedKeys: readonly TrustedKey[]): LoadCheck {
  const isChecked = trustedKeys.length > 0;
  const compared = isChecked
    ? `signed by key ${signature?.key_id}, which is trusted`
    : `${signature === undefined ? 'not signed' : 'signed'}, but no trusted key is given to compare with`;
  return { what: 'signature', isChecked, compared };
}

/** @param expected the hash that the file has; undefined if the metadata names none. */
export function hashCheck(what: string, { name, bytes, sha256 }: ReadFile, expected: string | undefined): LoadCheck {
  const isChecked = expected !== undefined;
  const seen = `${name} (${bytes.length} bytes) has SHA-256 ${sha256}`;
  return {
    what,
    isChecked,
    compared: isChecked ? `${seen}, as the metadata says` : `${seen}; the metadata names none`,
  };
}

/** A forest that could be built, and takes the metadata's features. */
export function featuresCheck({ state, nFeaturesIn, featureNamesIn }: IsolationForest): LoadCheck {
  const by = featureNamesIn === undefined ? 'number (the file has no names)' : 'number and name';
  const compared = `${state.estimators.length} trees take ${nFeaturesIn} features, those of the metadata by ${by}`;
  return { what: 'features', isChecked: true, compared };
}

/** Probes that were scored again. */
export function probesCheck({ probes = [] }: ModelMetadata): LoadCheck {
  const isChecked = probes.length > 0;
  const compared = isChecked
    ? `${probes.length} vectors scored again, each within ${PROBE_TOLERANCE} of training and on the same side`
    : 'the metadata has none';
  return { what: 'probes', isChecked, compared };
}
