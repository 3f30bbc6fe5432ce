import type { Compatibility, Fraction, IsolationForestParameters } from '../parameters.ts';
import { type Attributes, attributeOf, booleanOf, countOf, wrongType } from './attributes.ts';
import { PyFloat, PyObject } from './pickle-values.ts';
import { GENERATOR } from './sklearn-names.ts';

/** Constructor parameters of a forest, and what to say about them. */
export interface ReadParameters {
  readonly parameters: IsolationForestParameters;
  readonly warnings: readonly string[];
}

/**
 * The constructor parameters in the forest's attributes.
 *
 * `random_state` None, or a generator, has no counterpart: it becomes 0, with a warning. The trees are not touched by
 * that; only another `fit` would be.
 *
 * @throws {ForestError} `BAD_MODEL` if one is not of the type or range that it has in scikit-learn.
 */
export function readParameters(attributes: Attributes, sklearnVersion: string): ReadParameters {
  const { randomState, warnings } = readRandomState(attributes);
  const parameters = {
    nEstimators: countOf(attributes, 'n_estimators'),
    maxSamples: attributeOf(attributes, 'max_samples') === 'auto' ? 'auto' : countOrShare(attributes, 'max_samples'),
    contamination: readContamination(attributes),
    maxFeatures: countOrShare(attributes, 'max_features'),
    bootstrap: booleanOf(attributes, 'bootstrap'),
    randomState,
    warmStart: booleanOf(attributes, 'warm_start'),
    compatibility: compatibilityOf(sklearnVersion),
  } as const;
  return { parameters, warnings };
}

function readRandomState(attributes: Attributes): { randomState: number; warnings: readonly string[] } {
  const value = attributeOf(attributes, 'random_state');
  if (typeof value === 'number' && value >= 0 && value < 2 ** 32) return { randomState: value, warnings: [] };
  if (value === null || (value instanceof PyObject && value.className === GENERATOR)) {
    const kind = value === null ? 'None' : 'a generator';
    return { randomState: 0, warnings: [`random_state is ${kind}: it is taken as 0, and fit would grow other trees`] };
  }
  throw wrongType(attributes, 'random_state', 'an integer in [0, 4294967295], None or a generator', value);
}

function readContamination(attributes: Attributes): 'auto' | number {
  const value = attributeOf(attributes, 'contamination');
  if (value === 'auto') return value;
  if (value instanceof PyFloat && value.value > 0 && value.value <= 0.5) return value.value;
  throw wrongType(attributes, 'contamination', "'auto' or a number in (0, 0.5]", value);
}

function countOrShare(attributes: Attributes, name: string): number | Fraction {
  const value = attributeOf(attributes, name);
  if (typeof value === 'number' && value >= 1) return value;
  if (value instanceof PyFloat && value.value > 0 && value.value <= 1) return { fraction: value.value };
  throw wrongType(attributes, name, 'a positive integer or a float in (0, 1]', value);
}

/** The rules by which that release grows trees and treats missing values. */
function compatibilityOf(sklearnVersion: string): Compatibility {
  const [major = 0, minor = 0] = sklearnVersion.split('.').map(Number);
  if (major > 1 || (major === 1 && minor >= 8)) return '1.9';
  return major === 1 && minor >= 6 ? '1.6' : 'classic';
}
