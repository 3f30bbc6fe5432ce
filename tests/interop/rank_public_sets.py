"""Ranks the small public sets that come with scikit-learn, the rarest class of each as the outliers.

    python rank_public_sets.py > answers.json

For each set: its rows, which of them are outliers, and the ROC-AUC of scikit-learn's own forest for some seeds.
"""

import json
import sys

import numpy
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

SEEDS = [0, 1, 2, 3, 4]
sets = []
for name, load in [("breast_cancer", load_breast_cancer), ("digits", load_digits), ("iris", load_iris), ("wine", load_wine)]:
    rows, classes = load(return_X_y=True)
    rarest = numpy.bincount(classes).argmin()
    outliers = classes == rarest
    # All inliers and every fifth outlier, so that outliers are rare.
    chosen = ~outliers | (numpy.cumsum(outliers) % 5 == 1)
    rows, outliers = rows[chosen], outliers[chosen]
    auc = [roc_auc_score(outliers, -IsolationForest(random_state=seed).fit(rows).score_samples(rows)) for seed in SEEDS]
    sets.append({"name": name, "rows": rows.tolist(), "outliers": outliers.tolist(), "seeds": SEEDS, "auc": auc})
json.dump(sets, sys.stdout)
