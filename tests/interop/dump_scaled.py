"""Trains behind a StandardScaler and dumps it both ways: as a Pipeline, and as two files.

    python dump_scaled.py DIRECTORY > answers.json
"""

import json
import os
import sys

import joblib
import numpy
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rows = numpy.random.RandomState(7).normal([0, 100, -3], [1, 40, 0.01], size=(400, 3))
pipeline = make_pipeline(StandardScaler(), IsolationForest(n_estimators=25, contamination=0.05, random_state=3)).fit(rows)
joblib.dump(pipeline, os.path.join(sys.argv[1], "pipeline.joblib"), compress=3)
joblib.dump(pipeline[0], os.path.join(sys.argv[1], "scaler.joblib"))
joblib.dump(pipeline[1], os.path.join(sys.argv[1], "forest.joblib"))
json.dump(
    {
        "rows": rows.tolist(),
        "scores": pipeline.score_samples(rows).tolist(),
        "predictions": pipeline.predict(rows).tolist(),
    },
    sys.stdout,
)
