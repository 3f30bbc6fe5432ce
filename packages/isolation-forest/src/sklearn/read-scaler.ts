import { type Attributes, attributesOf, badModel, booleanOf, countOf, numbersIn, textOf } from './attributes.ts';
import type { PyObject } from './pickle-values.ts';

/** scikit-learn's fitted StandardScaler: each value becomes `(value - mean) / scale` in float64, column by column. */
export interface ScalerState {
  readonly sklearnVersion: string;
  readonly nFeaturesIn: number;
  /** One a column, finite; undefined if it does not centre. */
  readonly mean: Float64Array | undefined;
  /** One a column, finite and positive; undefined if it does not scale. */
  readonly scale: Float64Array | undefined;
}

/** @throws {ForestError} `BAD_MODEL` if it is not fitted or contradicts itself. */
export function readScaler(object: PyObject): ScalerState {
  const attributes = attributesOf(object, 'the scaler');
  const nFeaturesIn = countOf(attributes, 'n_features_in_');
  const mean = booleanOf(attributes, 'with_mean') ? finiteNumbers(attributes, 'mean_', nFeaturesIn) : undefined;
  const scale = booleanOf(attributes, 'with_std') ? finiteNumbers(attributes, 'scale_', nFeaturesIn) : undefined;
  if (scale?.some((value) => value <= 0)) throw badModel(attributes, 'has a scale_ that is not positive');
  return { sklearnVersion: textOf(attributes, '_sklearn_version'), nFeaturesIn, mean, scale };
}

function finiteNumbers(attributes: Attributes, name: string, length: number): Float64Array {
  const numbers = numbersIn(attributes, name, length);
  if (!numbers.every(Number.isFinite)) throw badModel(attributes, `has a ${name} that is not finite`);
  return numbers;
}
