"""What somebody's notebook does with our CSVs: read them with pandas and count.

    python read_with_pandas.py EXPORT_CSV FEATURES_CSV > answers.json
"""

import json
import sys

import pandas

logs = pandas.read_csv(sys.argv[1], keep_default_na=False, parse_dates=["timestamp"])
features = pandas.read_csv(sys.argv[2], parse_dates=["window_start"])
json.dump(
    {
        "columns": list(logs.columns),
        "rows": len(logs),
        "first_microsecond": int(logs["timestamp"].iloc[0].microsecond),
        "with_line_breaks": int(logs["message"].str.contains("\n").sum()),
        "windows": len(features),
        "log_count": int(features["log_count"].sum()),
        "is_time": str(features["window_start"].dtype).startswith("datetime64"),
    },
    sys.stdout,
)
