"""The script that most people write, for scale: one request per order, straight from pandas.

    python -m tests.benchmarks.usual_script SHEET REQUESTS

It checks nothing, and writes the requests into a file instead of sending them.
"""

from __future__ import annotations

import json
import sys

import pandas as pd

ORDER, ITEM = slice(0, 26), slice(32, 45)
BOX = slice(26, 32)


def main(sheet: str, requests: str) -> None:
    if sheet.endswith(".csv"):
        frame = pd.read_csv(sheet, dtype=str, encoding="gb18030")
    else:
        frame = pd.read_excel(sheet, dtype=str)
    frame = frame.fillna("")
    with open(requests, "w", encoding="utf-8") as out:
        for reference, rows in frame.groupby("客户单号", sort=False):
            order = rows.iloc[0, ORDER].to_dict()
            volumes = rows.iloc[:, BOX].drop_duplicates().to_dict("records")
            items = rows.iloc[:, ITEM].to_dict("records")
            payload = {"reference": reference, "order": order, "volumes": volumes, "items": items}
            out.write(json.dumps(payload, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
