export { averagePathLength } from './average-path-length.ts';
export * from './errors.ts';
export * from './forest-state.ts';
export { type FitOptions, IsolationForest } from './isolation-forest.ts';
export * from './isolation-tree.ts';
export { offsetOf } from './offset.ts';
export {
  type Compatibility,
  DEFAULT_PARAMETERS,
  type Fraction,
  type IsolationForestParameters,
  resolveParameters,
} from './parameters.ts';
export { type Samples, type SamplesLike, samplesOf } from './samples.ts';
export type { Compression } from './sklearn/container.ts';
export {
  readSklearnFile,
  type ScalerState,
  type SklearnFile,
  type SklearnFileKind,
} from './sklearn/read-sklearn-file.ts';
export { scaleSamples } from './sklearn/scale-samples.ts';
export {
  type FixedAttributes,
  resolveSklearnVersion,
  SKLEARN_VERSIONS,
  type SklearnRelease,
  type SklearnVersion,
} from './sklearn/sklearn-versions.ts';
export { type WriteOptions, writeSklearnForest } from './sklearn/write-forest.ts';
