/**
 * What scikit-learn's releases expect to find in a file, one row a minor version. Taken from fitted estimators of these
 * releases; `tests/interop` compares with them again.
 */
import { ForestError } from '../errors.ts';

/** How one minor version lays out its files. */
export interface SklearnLayout {
  /** `1.3`. */
  readonly minor: string;
  /** The patch release that a bare minor version means. */
  readonly patch: string;
  /** Size of a node's record: 56 bytes without and 64 with the direction of missing values. */
  readonly nodeBytes: 56 | 64;
  /** Whether the forest carries path lengths of every node, with which it scores. */
  readonly hasPathLengths: boolean;
  /** Constructor parameters of an older name that the forest still has. */
  readonly olderParameters: 'base_estimator' | 'base_estimator deprecated' | 'none';
  /** Value of the constructor parameter `estimator`: the template itself or None. */
  readonly estimatorIsTemplate: boolean;
  /** Whether trees have the parameter `monotonic_cst`. */
  readonly hasMonotonicConstraint: boolean;
  /** Whether the forest keeps the sample weights of its training. */
  readonly keepsSampleWeight: boolean;
}

const OLD = {
  nodeBytes: 56,
  hasPathLengths: false,
  olderParameters: 'base_estimator',
  estimatorIsTemplate: true,
  hasMonotonicConstraint: false,
  keepsSampleWeight: false,
} as const;

const NEW = {
  nodeBytes: 64,
  hasPathLengths: true,
  olderParameters: 'none',
  estimatorIsTemplate: false,
  hasMonotonicConstraint: true,
  keepsSampleWeight: false,
} as const;

/** Oldest first. */
export const SKLEARN_LAYOUTS: readonly SklearnLayout[] = [
  { ...OLD, minor: '1.0', patch: '1.0.2' },
  { ...OLD, minor: '1.1', patch: '1.1.3' },
  { ...OLD, minor: '1.2', patch: '1.2.1', olderParameters: 'base_estimator deprecated' },
  {
    ...NEW,
    minor: '1.3',
    patch: '1.3.2',
    olderParameters: 'base_estimator deprecated',
    estimatorIsTemplate: true,
    hasMonotonicConstraint: false,
  },
  { ...NEW, minor: '1.4', patch: '1.4.2', estimatorIsTemplate: true },
  { ...NEW, minor: '1.5', patch: '1.5.2' },
  { ...NEW, minor: '1.6', patch: '1.6.1' },
  { ...NEW, minor: '1.7', patch: '1.7.2' },
  { ...NEW, minor: '1.8', patch: '1.8.0', keepsSampleWeight: true },
  { ...NEW, minor: '1.9', patch: '1.9.1', keepsSampleWeight: true },
];

/** A release to write for, and how. */
export interface SklearnTarget {
  /** Exactly what the reader's `sklearn.__version__` must be, or it warns. */
  readonly version: string;
  readonly layout: SklearnLayout;
}

/**
 * The release that a text means: `1.2.2` itself, `1.2` the patch release of the table, nothing the newest of the table.
 *
 * @throws {ForestError} `UNSUPPORTED`, naming the minor versions that there are.
 */
export function sklearnTarget(version?: string): SklearnTarget {
  const [, minor, patch] = /^(\d+\.\d+)(?:\.(\d+))?$/.exec(version ?? '') ?? [];
  const layout =
    version === undefined ? SKLEARN_LAYOUTS.at(-1) : SKLEARN_LAYOUTS.find((candidate) => candidate.minor === minor);
  if (layout !== undefined) return { version: patch === undefined ? layout.patch : `${minor}.${patch}`, layout };
  const known = SKLEARN_LAYOUTS.map((candidate) => candidate.minor).join(', ');
  throw new ForestError(
    'UNSUPPORTED',
    `cannot write for scikit-learn '${version}'; there are ${known}, with or without a patch number`,
  );
}

/** What the template of the trees is called besides `estimator`: its name changed within 1.2. */
export function templateAttribute({ version, layout }: SklearnTarget): string {
  if (layout.olderParameters === 'base_estimator') return 'base_estimator_';
  return version === '1.2.0' || version === '1.2.1' ? '_estimator' : 'estimator_';
}
