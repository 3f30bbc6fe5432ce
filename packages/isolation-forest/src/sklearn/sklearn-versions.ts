/**
 * What scikit-learn's releases expect to find in a file, one row for each layout: the minor versions, and 1.2 twice,
 * because it renamed an attribute on the way. `tests/interop` compares with estimators that these releases fit.
 */
import { ForestError } from '../errors.ts';
import type { NodeBytes } from './node-records.ts';

/** Attributes that hold the same in every file of a version. */
export type FixedAttributes = Readonly<Record<string, null | string>>;

/** How a version lays out its files. */
export interface SklearnVersion {
  /** `1.3`. */
  readonly minor: string;
  /** The release that the bare minor version means. */
  readonly defaultRelease: string;
  /** The first patch number that this row is for. */
  readonly firstPatch: number;
  /** Not released yet: its files may turn out different. */
  readonly experimental: boolean;
  /** A node's record: 64 bytes add the direction of missing values to 56, and 96 bytes sets of categories to these. */
  readonly nodeBytes: NodeBytes;
  /** Whether a tree is told the number of categories of each column. */
  readonly treeCountsCategories: boolean;
  /** Whether the forest carries path lengths of every node, with which it scores. */
  readonly hasPathLengths: boolean;
  /** Whether samples may have missing values, which go where the nodes say. */
  readonly acceptsMissing: boolean;
  /** Attributes of the forest that hold the unfitted tree from which the others were made. */
  readonly templateAttributes: readonly string[];
  readonly forestAttributes: FixedAttributes;
  /** Of every tree, also the template. */
  readonly treeParameters: FixedAttributes;
  /** Of fitted trees only. */
  readonly treeAttributes: FixedAttributes;
}

const OLDEST = {
  firstPatch: 0,
  experimental: false,
  nodeBytes: 56,
  treeCountsCategories: false,
  hasPathLengths: false,
  acceptsMissing: false,
  templateAttributes: ['base_estimator', 'base_estimator_'],
  forestAttributes: {},
  treeParameters: {},
  treeAttributes: {},
} as const;

const V1_2 = { ...OLDEST, forestAttributes: { base_estimator: 'deprecated' } } as const;
const V1_3 = { ...V1_2, nodeBytes: 64, hasPathLengths: true, templateAttributes: ['estimator', 'estimator_'] } as const;
const V1_4 = { ...V1_3, forestAttributes: {}, treeParameters: { monotonic_cst: null } } as const;
const V1_5 = { ...V1_4, templateAttributes: ['estimator_'], forestAttributes: { estimator: null } } as const;
const V1_6 = { ...V1_5, acceptsMissing: true } as const;
const V1_8 = { ...V1_6, forestAttributes: { estimator: null, _sample_weight: null } } as const;
const V1_10 = {
  ...V1_8,
  experimental: true,
  nodeBytes: 96,
  treeCountsCategories: true,
  treeParameters: { monotonic_cst: null, categorical_features: null },
  treeAttributes: { is_categorical_: null, _categorical_encoder: null },
} as const;

/** The versions that can be written, oldest first. 1.2 means the release in Debian 12. */
export const SKLEARN_VERSIONS: readonly SklearnVersion[] = [
  { ...OLDEST, minor: '1.0', defaultRelease: '1.0.2' },
  { ...OLDEST, minor: '1.1', defaultRelease: '1.1.3' },
  { ...V1_2, minor: '1.2', defaultRelease: '1.2.1', templateAttributes: ['estimator', '_estimator'] },
  { ...V1_2, minor: '1.2', defaultRelease: '1.2.1', firstPatch: 2, templateAttributes: ['estimator', 'estimator_'] },
  { ...V1_3, minor: '1.3', defaultRelease: '1.3.2' },
  { ...V1_4, minor: '1.4', defaultRelease: '1.4.2' },
  { ...V1_5, minor: '1.5', defaultRelease: '1.5.2' },
  { ...V1_6, minor: '1.6', defaultRelease: '1.6.1' },
  { ...V1_6, minor: '1.7', defaultRelease: '1.7.2' },
  { ...V1_8, minor: '1.8', defaultRelease: '1.8.0' },
  { ...V1_8, minor: '1.9', defaultRelease: '1.9.1' },
  { ...V1_10, minor: '1.10', defaultRelease: '1.10.dev0' },
];

/** A release to write for, and how. */
export interface SklearnRelease {
  /** Exactly what the reader's `sklearn.__version__` must be, or it warns. */
  readonly release: string;
  readonly version: SklearnVersion;
}

const NEWEST = 'newest';

/** `1.2`, `1.2.2`, `1.3.0rc1`, `1.4.1.post1`, `1.10.dev0`. */
const RELEASE = /^(\d{1,3}\.\d{1,3})(?:\.(\d{1,3}))?(rc\d{1,3}|\.post\d{1,3}|\.dev\d{1,3})?$/;

/**
 * The release that a text means: `newest` the newest that is not experimental, `1.2` the default release of the table,
 * anything longer itself, whether or not there is such a patch release.
 *
 * @param text default `newest`.
 * @throws {ForestError} `UNSUPPORTED`, naming the versions that there are.
 */
export function resolveSklearnVersion(text: string = NEWEST): SklearnRelease {
  const wanted =
    text === NEWEST ? SKLEARN_VERSIONS.findLast(({ experimental }) => !experimental)!.defaultRelease : text;
  const [, minor, patch, suffix] = RELEASE.exec(wanted) ?? [];
  const versions = SKLEARN_VERSIONS.filter((candidate) => candidate.minor === minor);
  if (versions.length === 0) {
    const known = [...new Set(SKLEARN_VERSIONS.map((version) => version.minor))].join(', ');
    throw new ForestError('UNSUPPORTED', `scikit-learn version must be '${NEWEST}' or one of ${known}, got '${text}'`);
  }
  const release = patch === undefined && suffix === undefined ? versions[0].defaultRelease : wanted;
  const patchNumber = Number(RELEASE.exec(release)?.[2] ?? 0);
  const version = versions.findLast(({ firstPatch }) => firstPatch <= patchNumber)!;
  return { release, version };
}
