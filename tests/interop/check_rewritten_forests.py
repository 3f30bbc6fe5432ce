"""Loads rewritten forests, with every warning an error, and compares them with what their writers said of them.

    python check_rewritten_forests.py DIRECTORY > answers.json

DIRECTORY/index.json lists {file, written_by, parameters, scores}, and the rows that were scored.
"""

import io
import json
import os
import sys
import warnings

import joblib
import numpy
from sklearn.base import clone

warnings.simplefilter("error")
directory = sys.argv[1]
with open(os.path.join(directory, "index.json")) as file:
    index = json.load(file)
rows = numpy.array(index["rows"])


def problem_of(entry):
    forest = joblib.load(os.path.join(directory, entry["file"]))
    if hasattr(forest, "feature_names_in_"):  # it would warn of rows without names, as it should
        del forest.feature_names_in_
    samples = rows[:, : forest.n_features_in_]
    scores = forest.score_samples(samples)
    difference = float(numpy.abs(scores - entry["scores"]).max())
    if difference > 1e-15:
        return f"scores differ by {difference}"
    if not numpy.array_equal(forest.predict(samples), numpy.where(forest.decision_function(samples) < 0, -1, 1)):
        return "predictions are not those of the decision function"
    parameters = forest.get_params()
    for name, value in entry["parameters"].items():
        if isinstance(value, dict):
            value = float(value["float"])
        if parameters[name] != value or type(parameters[name]) is not type(value):
            return f"{name} is {parameters[name]!r} instead of {value!r}"
    repr(forest)
    buffer = io.BytesIO()
    joblib.dump(forest, buffer)
    buffer.seek(0)
    if not numpy.array_equal(joblib.load(buffer).score_samples(samples), scores):
        return "scores change when it is dumped again"
    clone(forest)
    return None


answers = []
for entry in index["files"]:
    try:
        problem = problem_of(entry)
    except Exception as error:  # what is wrong with one file is told beside the others
        problem = f"{type(error).__name__}: {error}"
    answers.append({"written_by": entry["written_by"], "file": entry["file"], "problem": problem})
json.dump(answers, sys.stdout)
