import { contributionsOf, expectedPathLengths } from './contributions.ts';
import { ForestError } from './errors.ts';
import { fitForest } from './fit-forest.ts';
import type { ForestState } from './forest-state.ts';
import { type IsolationForestParameters, resolveParameters } from './parameters.ts';
import { type PreparedSamples, prepareSamples, type SamplesLike } from './samples.ts';
import { type ScoringForest, scoresOf, scoringForestOf } from './scoring-forest.ts';
import { SPLIT_RULES } from './split-rules.ts';

/** What `fit` may be told beside the samples. */
export interface FitOptions {
  /** Names of the columns, one a feature; kept in the state and in model files, otherwise not used. */
  readonly featureNames?: readonly string[];
}

/**
 * An isolation forest (Liu, Ting and Zhou, "Isolation Forest", 2008) that grows the same trees, node by node, as
 * scikit-learn's `IsolationForest` of the same parameters with an integer `random_state`.
 *
 * Samples are rounded to float32. Lower scores are more abnormal; a decision below 0 is an anomaly.
 */
export class IsolationForest {
  #parameters: Partial<IsolationForestParameters>;
  #state: ForestState | undefined;
  #scoring: ScoringForest | undefined;
  #expected: Float64Array | undefined;

  /** Stores the parameters; `fit` checks them. */
  constructor(parameters: Partial<IsolationForestParameters> = {}) {
    this.#parameters = parameters;
  }

  /** A fitted forest from its state, which it shares. */
  static fromState(state: ForestState): IsolationForest {
    const forest = new IsolationForest(state.parameters);
    forest.#state = state;
    return forest;
  }

  /** Replaces some parameters, to take effect at the next `fit`. */
  setParameters(parameters: Partial<IsolationForestParameters>): this {
    this.#parameters = { ...this.#parameters, ...parameters };
    return this;
  }

  /**
   * Grows the forest and finds its offset. With `warmStart`, keeps the trees there are and grows the missing ones, which
   * are those that one fit of all would have grown if the samples are the same.
   *
   * @param samples at least one, of at least one feature. NaN and infinite values are refused by the `classic` rules.
   * @throws {ForestError} `BAD_INPUT` if a parameter is out of range, or the samples or names do not fit; the forest
   * stays as it was.
   */
  fit(samples: SamplesLike, options: FitOptions = {}): this {
    const parameters = resolveParameters(this.#parameters);
    const prepared = prepareSamples(samples, SPLIT_RULES[parameters.compatibility].acceptsMissing);
    const previous = parameters.warmStart ? this.#state : undefined;
    this.#state = fitForest(prepared, parameters, options.featureNames, previous);
    this.#scoring = undefined;
    this.#expected = undefined;
    return this;
  }

  /**
   * scikit-learn's `score_samples`: in `[-1, 0)`, lower is more abnormal. Empty for no samples.
   *
   * @throws {ForestError} `NOT_FITTED`; `BAD_INPUT` if the samples do not have the features of the training data, or
   * values that its rules refuse.
   */
  scoreSamples(samples: SamplesLike): Float64Array {
    const prepared = this.#prepare(samples);
    return scoresOf(this.#scoringForest(), prepared);
  }

  /** `scoreSamples` less the offset: below 0 is an anomaly. Errors as there. */
  decisionFunction(samples: SamplesLike): Float64Array {
    const { offset } = this.state;
    return this.scoreSamples(samples).map((score) => score - offset);
  }

  /** -1 for anomalies, 1 for others; a sample whose score equals the offset is none. Errors as for `scoreSamples`. */
  predict(samples: SamplesLike): Int8Array {
    return Int8Array.from(this.decisionFunction(samples), (decision) => (decision < 0 ? -1 : 1));
  }

  /**
   * For each feature by how much its value lengthened the sample's mean path through the trees, in splits, compared with
   * the training data's: negative made it more abnormal. See `contributions.ts` for the method.
   *
   * @param sample one feature vector.
   * @throws {ForestError} as `scoreSamples`.
   */
  contributions(sample: ArrayLike<number>): Float64Array {
    const data = Float64Array.from(sample);
    const prepared = this.#prepare({ data, nSamples: 1, nFeatures: data.length });
    const forest = this.#scoringForest();
    this.#expected ??= expectedPathLengths(forest);
    return contributionsOf(forest, prepared.data, this.#expected);
  }

  /**
   * All that `fit` found, as plain data.
   *
   * @throws {ForestError} `NOT_FITTED`, like the getters that follow.
   */
  get state(): ForestState {
    if (this.#state === undefined) throw new ForestError('NOT_FITTED', 'the forest must be fitted first');
    return this.#state;
  }

  /** `decision = score - offset`. */
  get offset(): number {
    return this.state.offset;
  }

  /** Columns of the training data. */
  get nFeaturesIn(): number {
    return this.state.nFeaturesIn;
  }

  /** Names of the columns, if `fit` was told. */
  get featureNamesIn(): readonly string[] | undefined {
    return this.state.featureNamesIn;
  }

  /**
   * The parameters for the next `fit`, with defaults where none were given.
   *
   * @throws {ForestError} `BAD_INPUT` if one is out of range.
   */
  get parameters(): IsolationForestParameters {
    return resolveParameters(this.#parameters);
  }

  #prepare(samples: SamplesLike): PreparedSamples {
    const { parameters, nFeaturesIn } = this.state;
    const prepared = prepareSamples(samples, SPLIT_RULES[parameters.compatibility].acceptsMissing);
    if (prepared.nSamples > 0 && prepared.nFeatures !== nFeaturesIn) {
      throw new ForestError('BAD_INPUT', `samples must have ${nFeaturesIn} features, got ${prepared.nFeatures}`);
    }
    return prepared;
  }

  #scoringForest(): ScoringForest {
    this.#scoring ??= scoringForestOf(this.state);
    return this.#scoring;
  }
}
