"""What a Python service does with the model directory: load the active pair, predict.

    python wifi_model_manager.py MODEL_DIRECTORY < rows.json > answers.json

Rows are a list of lists of numbers. Nothing here knows of Edgewood: it is the specification's WiFiModelManager.
"""

import json
import os
import sys
import warnings

import joblib


class WiFiModelManager:
    def __init__(self, directory):
        self.directory = directory
        self.model = None
        self.metadata = None

    def start(self):
        with open(os.path.join(self.directory, "wifi_metadata_active.json")) as file:
            self.metadata = json.load(file)
        self.model = joblib.load(os.path.join(self.directory, "wifi_model_active.joblib"))

    def infer(self, rows):
        return self.model.predict(rows)


if __name__ == "__main__":
    warnings.simplefilter("error")
    manager = WiFiModelManager(sys.argv[1])
    manager.start()
    rows = json.load(sys.stdin)
    answers = {
        "version": manager.metadata["model_version"],
        "features": manager.metadata["features_used"],
        "predictions": manager.infer(rows).tolist(),
        "scores": manager.model.score_samples(rows).tolist(),
    }
    json.dump(answers, sys.stdout)
