"""What a Python script does to make a model: read a feature table, fit, dump, write the specification's nine fields.

    python train_model.py FEATURES_CSV MODEL_DIRECTORY VERSION > answers.json

The table is `window_start,device_id,<features...>`, as `edgewood features` writes it.
"""

import csv
import json
import os
import sys

import joblib
import numpy
from sklearn.ensemble import IsolationForest

table, directory, version = sys.argv[1:]
with open(table, newline="") as file:
    reader = csv.reader(file)
    names = next(reader)[2:]
    rows = numpy.array([[float(cell) for cell in row[2:]] for row in reader])

hyperparameters = {"n_estimators": 100, "contamination": 0.01, "max_samples": "auto", "random_state": 42}
model = IsolationForest(**hyperparameters).fit(rows)
model_file = f"wifi_model_{version}.joblib"
joblib.dump(model, os.path.join(directory, model_file))
metadata = {
    "model_version": version,
    "model_file": model_file,
    "agent_name": "wifi",
    "training_date": "2025-06-07T23:00:00Z",
    "training_data_source": os.path.basename(table),
    "training_log_count": len(rows),
    "hyperparameters": hyperparameters,
    "features_used": names,
}
with open(os.path.join(directory, f"wifi_metadata_{version}.json"), "w") as file:
    json.dump(metadata, file, indent=2)
json.dump({"predictions": model.predict(rows).tolist(), "scores": model.score_samples(rows).tolist(), "offset": float(model.offset_)}, sys.stdout)
