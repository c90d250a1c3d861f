"""What `converter convert` and `check` take, against reading alone and against the usual script.

    python -m tests.benchmarks.convert

makes its own sheets (about 4 GB of disk and half an hour; `--most 100000` leaves the million out)
and prints one table, each figure from a fresh process: seconds, the ratio to reading the file alone
with fastexcel or pyarrow, and the peak memory of the largest process. Then the stages of the road.

It needs fastexcel and pyarrow beside the program: `pip install fastexcel pyarrow`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import process
from tests.benchmarks.process import Taken
from tests.benchmarks.sheets import Shape, make

SHAPES = (
    Shape(10_000),
    Shape(100_000),
    Shape(100_000, scattered=True),
    Shape(100_000, bad=0.01),
    Shape(100_000, bad=0.3),
    Shape(10_000, "csv"),
    Shape(100_000, "csv"),
    Shape(100_000, "csv", bad=0.01),
    Shape(100_000, "csv", bad=0.3, scattered=True),
    Shape(1_000_000, "csv"),
    Shape(1_000_000, "csv", scattered=True),
)
"""No xlsx of a million rows: unpacked it has 2 GB, four times what the program takes."""

LIMIT = {
    "xlsx": """
import sys, zipfile
from xml.parsers import expat
expat.ParserCreate().ParseFile(zipfile.ZipFile(sys.argv[1]).open("xl/worksheets/sheet1.xml"))
""",
    "csv": """
import sys
for line in open(sys.argv[1], encoding="gb18030", newline=""): pass
""",
}
READER = {
    "xlsx": """
import sys, fastexcel
fastexcel.read_excel(sys.argv[1]).load_sheet(0).to_pandas()
""",
    "csv": """
import sys
from pyarrow import csv, string
titles = open(sys.argv[1], encoding="gb18030").readline().strip().split(",")
options = csv.ConvertOptions(column_types=dict.fromkeys(titles, string()))
csv.read_csv(sys.argv[1], csv.ReadOptions(encoding="gb18030"), convert_options=options).to_pandas()
""",
}


def measured(shape: Shape, path: Path, most_usual: int) -> Iterator[tuple[str, Taken]]:
    python, where = sys.executable, str(path)
    out = path.parent / "out"
    # A bad sheet ends with 1: its orders are invalid.
    ends = (1,) if shape.bad else (0,)
    program = [python, "-m", "converter"]
    asked = [where, "-p", "scexpress"]
    yield "limit", process.run([python, "-c", LIMIT[shape.kind], where])
    yield "reader", process.run([python, "-c", READER[shape.kind], where])
    yield "convert", process.run([*program, "convert", *asked], out, ends)
    yield "check", process.run([*program, "check", *asked, "-o", f"{out}.xlsx"], ends=ends)
    if shape.rows <= most_usual and not shape.bad:
        script = str(Path(__file__).with_name("usual_script.py"))
        yield "usual script", process.run([python, script, where, str(out)])
    out.unlink()
    Path(f"{out}.xlsx").unlink()


def stages(path: Path) -> Iterator[tuple[str, float]]:
    """Seconds of each stage of the road, in this process."""
    start = time.monotonic()

    def lap() -> float:
        nonlocal start
        now = time.monotonic()
        start, took = now, now - start
        return took

    from converter import layout, settings, sheet
    from converter.checks import cells
    from converter.mapping.load import find_mapping, load_mapping
    from converter.orders import by_order, grouping, rules
    from converter.orders.batches import batches
    from converter.orders.payload import Payloads
    from converter.provider.request import Signer

    mapping = load_mapping(find_mapping("scexpress"))
    values = settings.load(mapping)
    cells.make_ready(mapping, values.values)
    yield "imports and mapping", lap()
    sheets = sheet.read(path)
    yield "reading", lap()
    table = layout.find_table(sheets, mapping, path)
    yield "layout", lap()
    checked = cells.check(table, mapping, values.values)
    yield "cells", lap()
    grouped = grouping.group(checked, mapping)
    yield "orders", lap()
    by_order.collect(grouped, rules.check(grouped))
    yield "rules", lap()
    payloads = Payloads(grouped)
    signer = Signer(mapping, values, masked=True)
    every = (order for i in range(len(grouped.references)) for order in payloads.of(i))
    for batch in batches(every, mapping):
        signer.request(batch)
    yield "payloads and requests", lap()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000, help="rows of the largest sheet")
    parser.add_argument("--most-usual", type=int, default=100_000, help="... for the usual script")
    asked = parser.parse_args()
    names = ("limit", "reader", "convert", "check", "usual script")
    print(f"{'':<40}" + "".join(f"{name:>22}" for name in names))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CONVERTER_HOME"] = folder
        os.environ["CONVERTER_MAX_MEGABYTES"] = "2000"
        for shape in SHAPES:
            if shape.rows > asked.most:
                continue
            path = make(shape, Path(folder))
            taken: dict[str, Taken] = {}
            print(f"{shape!s:<40}", end="", flush=True)
            for name, one in measured(shape, path, asked.most_usual):
                taken[name] = one
                ratio = one.seconds / taken["reader"].seconds if "reader" in taken else 0
                shown = f"{ratio:.1f} x" if name not in ("limit", "reader") else ""
                print(f"{one.seconds:7.1f} s {shown:>6}{one.megabytes:5.0f} MB", end="", flush=True)
            print()
            path.unlink()
        path = make(Shape(min(asked.most, 100_000)), Path(folder))
        print(f"\nStages of {path.name}")
        for name, seconds in stages(path):
            print(f"  {name:<24}{seconds:6.2f} s")


if __name__ == "__main__":
    main()
