"""Compares forests that Edgewood fitted and wrote with those that scikit-learn fits to the same rows.

    python check_written_forest.py DIRECTORY < cases.json > reports.json

A case: {"name", "file" (in DIRECTORY), "parameters" (a share is {"fraction": x}), "feature_names" or null, "training" and
"probes" (rows; null is missing), "scores", "decisions", "predictions" (Edgewood's, of the probes)}.

A report: {"name", "trees", "differing_trees", "ulp" (largest difference of a score), "warnings", "problems"}. Scores may
differ by rounding, because `2 ** x` of a C library is not always rounded correctly; nothing else may differ.
"""

import copy
import json
import os
import pickle
import sys
import tempfile
import warnings

import joblib
import numpy
from sklearn.base import clone
from sklearn.ensemble import IsolationForest

# A plain float is what offset_ is without contamination; with it, it is numpy's, and nothing depends on that.
NUMBERS_OF_EITHER_KIND = {"offset_"}
NAMELESS_ROWS = "X does not have valid feature names"


def main():
    (directory,) = sys.argv[1:]
    json.dump([report_on(case, directory) for case in json.load(sys.stdin)], sys.stdout)


def report_on(case, directory):
    training = numpy.array(case["training"], dtype=float)
    probes = numpy.array(case["probes"], dtype=float)
    path = os.path.join(directory, case["file"])
    problems = Problems()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", message=NAMELESS_ROWS)
        genuine = IsolationForest(**parameters_of(case)).fit(training)
        if case["feature_names"]:
            genuine.feature_names_in_ = numpy.array(case["feature_names"], dtype=object)
        caught.clear()
        written = joblib.load(path)
        compare_objects(problems, written, genuine)
        differing = sum(not same_tree(*pair) for pair in zip(written.estimators_, genuine.estimators_))
        ulp = compare_answers(problems, written, case, probes)
        for way, again in copies(written, path):
            unchanged = numpy.array_equal(again.score_samples(probes), written.score_samples(probes))
            problems.unless(unchanged, f"{way}: scores")
        fitted_again = clone(written).fit(training)
        same = all(same_tree(*pair) for pair in zip(fitted_again.estimators_, written.estimators_))
        problems.unless(same, "cloned and fitted again: trees")
    return {
        "name": case["name"],
        "trees": len(written.estimators_),
        "differing_trees": differing,
        "ulp": ulp,
        "warnings": [str(warning.message) for warning in caught],
        "problems": problems.found,
    }


class Problems:
    def __init__(self):
        self.found = []

    def unless(self, fine, what):
        if not fine:
            self.found.append(what)

    def unless_equal(self, ours, theirs, what):
        self.unless(ours == theirs, f"{what}: {ours!r} is {theirs!r} in a genuine one")


def parameters_of(case):
    share = lambda value: float(value["fraction"]) if isinstance(value, dict) else value
    return {name: share(value) for name, value in case["parameters"].items()}


def compare_objects(problems, written, genuine):
    """Names, types and values of all that can be seen of a forest from outside."""
    compare_attributes(problems, written, genuine, "forest")
    compare_attributes(problems, written.estimators_[0], genuine.estimators_[0], "tree")
    problems.unless_equal(repr(written), repr(genuine), "repr")
    problems.unless_equal(repr(written.estimators_[0]), repr(genuine.estimators_[0]), "repr of a tree")
    pairs = [(written, genuine, "forest"), (written.estimators_[-1], genuine.estimators_[-1], "tree")]
    for ours, theirs, what in pairs:
        problems.unless_equal(typed(ours.get_params()), typed(theirs.get_params()), f"parameters of the {what}")
    problems.unless_equal(len(written.estimators_), len(genuine.estimators_), "number of trees")
    problems.unless(same_arrays(written._seeds, genuine._seeds), "_seeds")
    for name in ["estimators_features_", "estimators_samples_"]:
        problems.unless(same_lists(getattr(written, name), getattr(genuine, name)), name)
    for name in ["max_samples_", "_max_samples", "_n_samples", "_max_features", "n_features_in_"]:
        problems.unless_equal(getattr(written, name), getattr(genuine, name), name)
    if hasattr(genuine, "feature_names_in_"):
        problems.unless(same_arrays(written.feature_names_in_, genuine.feature_names_in_), "feature_names_in_")
    if hasattr(genuine, "_decision_path_lengths"):
        problems.unless(same_lists(written._decision_path_lengths, genuine._decision_path_lengths), "depths")
        pairs = zip(written._average_path_length_per_tree, genuine._average_path_length_per_tree)
        close = all(a.dtype == b.dtype and numpy.allclose(a, b, rtol=1e-15, atol=0) for a, b in pairs)
        problems.unless(close, "path lengths")
    problems.unless(abs(written.offset_ - genuine.offset_) <= 4 * numpy.spacing(abs(genuine.offset_)), "offset_")


def compare_attributes(problems, written, genuine, what):
    problems.unless_equal(sorted(vars(written)), sorted(vars(genuine)), f"attributes of the {what}")
    for name in sorted(vars(written).keys() & vars(genuine).keys() - NUMBERS_OF_EITHER_KIND):
        ours, theirs = vars(written)[name], vars(genuine)[name]
        problems.unless_equal(type(ours), type(theirs), f"type of {name} of the {what}")
        if type(theirs).__name__ == "ExtraTreeRegressor":
            problems.unless_equal(typed(vars(ours)), typed(vars(theirs)), f"template {name}")


def typed(parameters):
    return {name: (type(value).__name__, value) for name, value in parameters.items()}


def same_lists(ours, theirs):
    return len(ours) == len(theirs) and all(map(same_arrays, ours, theirs))


def same_arrays(ours, theirs):
    return ours.dtype == theirs.dtype and ours.shape == theirs.shape and numpy.array_equal(ours, theirs)


def same_tree(ours, theirs):
    """Node for node and bit for bit, with its seed. Where a leaf would send missing values is left to chance."""
    state, genuine = (estimator.tree_.__getstate__() for estimator in (ours, theirs))
    if state.keys() != genuine.keys() or state["nodes"].dtype != genuine["nodes"].dtype:
        return False
    return (
        ours.random_state == theirs.random_state
        and all(state[name] == genuine[name] for name in ("max_depth", "node_count"))
        and all(map(same_arrays, fields_of(state["nodes"]), fields_of(genuine["nodes"])))
        and same_arrays(state["values"], genuine["values"])
    )


def fields_of(nodes):
    is_inner = nodes["left_child"] >= 0
    return [nodes[name][is_inner] if name == "missing_go_to_left" else nodes[name] for name in nodes.dtype.names]


def compare_answers(problems, written, case, probes):
    scores = written.score_samples(probes)
    differing = numpy.count_nonzero(written.predict(probes) != case["predictions"])
    problems.unless(differing == 0, f"{differing} of {len(probes)} predictions")
    decisions = written.decision_function(probes)
    problems.unless(numpy.allclose(decisions, case["decisions"], rtol=0, atol=1e-15), "decisions")
    expected = numpy.array(case["scores"])
    return float(numpy.max(numpy.abs(scores - expected) / numpy.spacing(numpy.abs(expected))))


def copies(written, path):
    """The forest after all that people do with one."""
    yield "pickled", pickle.loads(pickle.dumps(written))
    yield "copied", copy.deepcopy(written)
    yield "mapped into memory", joblib.load(path, mmap_mode="r")
    with tempfile.TemporaryDirectory() as directory:
        for compress in (0, 3):
            again = os.path.join(directory, f"again-{compress}.joblib")
            joblib.dump(written, again, compress=compress)
            yield f"dumped with compress={compress}", joblib.load(again)


main()
