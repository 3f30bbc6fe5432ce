"""Fits scikit-learn's IsolationForest to cases and prints what came out, one JSON line a case.

Reads one JSON line a case from standard input: {name, params, rows, cols, data, test_rows, test}; arrays are base64 of
little-endian doubles, row-major.
"""

import base64
import json
import sys
import warnings

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest

warnings.filterwarnings("ignore")


def decode(text, shape):
    return np.frombuffer(base64.b64decode(text), dtype="<f8").reshape(shape)


def encode(array, dtype):
    return base64.b64encode(np.ascontiguousarray(array, dtype=dtype).tobytes()).decode()


def tree_of(estimator):
    tree = estimator.tree_
    nodes = tree.__getstate__()["nodes"]
    missing = nodes["missing_go_to_left"] if "missing_go_to_left" in nodes.dtype.names else None
    return {
        "randomState": int(estimator.random_state),
        "maxDepth": int(tree.max_depth),
        "leftChild": encode(tree.children_left, "<i4"),
        "rightChild": encode(tree.children_right, "<i4"),
        "feature": encode(tree.feature, "<i4"),
        "threshold": encode(tree.threshold, "<f8"),
        "impurity": encode(tree.impurity, "<f8"),
        "nNodeSamples": encode(tree.n_node_samples, "<i4"),
        "weightedNNodeSamples": encode(tree.weighted_n_node_samples, "<f8"),
        "missingGoToLeft": None if missing is None else encode(missing, "u1"),
        "value": encode(tree.value[:, 0, 0], "<f8"),
    }


def fit(case):
    data = decode(case["data"], (case["rows"], case["cols"]))
    test = decode(case["test"], (case["test_rows"], case["cols"]))
    try:
        forest = IsolationForest(**case["params"])
        if "grow_to" in case:
            forest.set_params(warm_start=True).fit(data)
            forest.set_params(n_estimators=case["grow_to"])
        forest.fit(data)
        scores = forest.score_samples(test)
    except ValueError as error:
        return {"name": case["name"], "refused": str(error)}
    return {
        "name": case["name"],
        "version": sklearn.__version__,
        "maxSamples": int(forest.max_samples_),
        "offset": encode([forest.offset_], "<f8"),
        "features": [[int(f) for f in features] for features in forest.estimators_features_],
        "trees": [tree_of(estimator) for estimator in forest.estimators_],
        "scores": encode(scores, "<f8"),
        "predictions": encode(forest.predict(test), "i1"),
    }


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(fit(json.loads(line))), flush=True)
