/**
 * Names of models and their files. A version is the UTC second of its training, so that names sort by age; everything of a
 * version is called `<agent>_<what>_<version>.<extension>`, and two names without a version say which one is live.
 */
import assert from 'node:assert/strict';
import { ModelError } from './errors.ts';

/** The UTC time of training, `YYYYMMDD_HHMMSS`; as text it sorts by age. */
export type ModelVersion = string & { readonly __version: unique symbol };

/** A lower-case word of letters, digits and hyphens, such as `wifi`: the first part of its model files' names. */
export type AgentName = string & { readonly __agent: unique symbol };

const VERSION = /^(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})$/;
const AGENT = /^[a-z][a-z0-9-]{0,31}$/;
const EXTRA = /^[a-z][a-z0-9-]{0,31}$/;
/** `wifi_model_20250607_230000.joblib` → agent, what it is, version, extension. */
const FILE = /^([a-z][a-z0-9-]{0,31})_([a-z][a-z0-9-]{0,31})_(\d{8}_\d{6})\.([a-z0-9]{1,16})$/;

/** @throws {ModelError} `BAD_NAME` unless the text is a version whose date and time exist. */
export function parseVersion(text: string): ModelVersion {
  if (isVersion(text)) return text;
  throw new ModelError('BAD_NAME', `'${text}' is no version; a version is a UTC time such as 20250607_230000`);
}

function isVersion(text: string): text is ModelVersion {
  const timeMs = timeOf(text as ModelVersion);
  return !Number.isNaN(timeMs) && versionOf(timeMs) === text;
}

/** The version of a model trained at a time, in Unix milliseconds; rounded down to the second. */
export function versionOf(timeMs: number): ModelVersion {
  const [date = '', time = ''] = new Date(timeMs).toISOString().split('T');
  return `${date.replaceAll('-', '')}_${time.slice(0, 8).replaceAll(':', '')}` as ModelVersion;
}

/** The second that a version names, in Unix milliseconds. */
export function timeOf(version: ModelVersion): number {
  const [, year, month, day, hours, minutes, seconds] = VERSION.exec(version) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
}

/** The first version at or after a time that is not taken. */
export function nextFreeVersion(timeMs: number, isTaken: (version: ModelVersion) => boolean): ModelVersion {
  for (let secondMs = timeMs; ; secondMs += 1000) {
    const version = versionOf(secondMs);
    if (!isTaken(version)) return version;
  }
}

/** @throws {ModelError} `BAD_NAME`. */
export function parseAgentName(text: string): AgentName {
  if (AGENT.test(text)) return text as AgentName;
  throw new ModelError('BAD_NAME', `'${text}' is no agent's name; it must be a lower-case word such as wifi`);
}

/** `wifi_model_20250607_230000.joblib`. */
export function modelFile(agent: AgentName, version: ModelVersion): string {
  return `${agent}_model_${version}.joblib`;
}

/** `wifi_metadata_20250607_230000.json`. */
export function metadataFile(agent: AgentName, version: ModelVersion): string {
  return `${agent}_metadata_${version}.json`;
}

/**
 * A further file of a version, such as `wifi_baseline_20250607_230000.json`.
 *
 * @param what a lower-case word other than `model` and `metadata`.
 * @param extension without the dot, lower-case letters and digits.
 */
export function extraFile(agent: AgentName, what: string, version: ModelVersion, extension: string): string {
  assert(EXTRA.test(what) && what !== 'model' && what !== 'metadata', `'${what}' cannot name a further file`);
  assert(/^[a-z0-9]{1,16}$/.test(extension), `'${extension}' is no extension`);
  return `${agent}_${what}_${version}.${extension}`;
}

/** What a link makes of a version: the live one, or a candidate that judges in the live one's shadow and alerts nobody. */
export type ModelRole = 'active' | 'shadow';

/** The link that decides which version has a role: `wifi_model_active.joblib`, `wifi_model_shadow.joblib`. */
export function modelLink(agent: AgentName, role: ModelRole): string {
  return `${agent}_model_${role}.joblib`;
}

/** The link that is kept in step for people and other programs. */
export function metadataLink(agent: AgentName, role: ModelRole): string {
  return `${agent}_metadata_${role}.json`;
}

/** The link that decides which version is live. */
export function activeModelLink(agent: AgentName): string {
  return modelLink(agent, 'active');
}

/** {@link metadataLink} of the live version. */
export function activeMetadataLink(agent: AgentName): string {
  return metadataLink(agent, 'active');
}

/** What a version's file is called after, read back from its name. */
export interface VersionedFile {
  readonly agent: AgentName;
  /** `model`, `metadata`, or a further file of the version such as `baseline`. */
  readonly what: string;
  readonly version: ModelVersion;
}

/** Reads a file's name; undefined if it is not the name of a version's file, as the functions above make them. */
export function parseFileName(name: string): VersionedFile | undefined {
  const [, agent = '', what = '', version = '', extension] = FILE.exec(name) ?? [];
  if (agent === '' || !isVersion(version)) return undefined;
  if (what === 'model' && extension !== 'joblib') return undefined;
  if (what === 'metadata' && extension !== 'json') return undefined;
  return { agent: agent as AgentName, what, version };
}
