"""What `converter convert` and `check` take, against reading alone.

    python -m tests.benchmarks.convert --seed 7 > table.md

makes its own sheets (`--most 100000` leaves the million rows out, `--only shared` takes the sheets
whose name has that word) and prints the table of docs/speed.md with the machine that it was made
on: each figure is the median of fresh processes, one after the other in turn. Ratios are those of
the seconds of the processors to fastexcel's or pyarrow's, which read the same file and do nothing
else. `--stages` prints the stages of the road too, `--usual` the usual script.

It needs fastexcel and pyarrow beside the program: `pip install fastexcel pyarrow`.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from converter.sheet import parallel
from tests.benchmarks import process
from tests.benchmarks.process import Taken
from tests.benchmarks.sheets import Shape, make

SHAPES = (
    Shape(10_000),
    Shape(100_000),
    Shape(100_000, scattered=True),
    Shape(100_000, warned=True),
    Shape(100_000, shared=True),
    Shape(100_000, shared=True, few=True),
    Shape(100_000, shared=True, few=True, warned=True),
    Shape(50_000, columns=120),
    Shape(100_000, bad=0.01),
    Shape(100_000, bad=0.3),
    Shape(20_000, "ods"),
    Shape(10_000, "csv"),
    Shape(100_000, "csv"),
    Shape(100_000, "csv", warned=True),
    Shape(100_000, "csv", bad=0.3, scattered=True),
    Shape(1_000_000, "csv", scattered=True),
)
"""No xlsx of a million rows: unpacked it has 2 GB, four times what the program takes."""

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


def measured(shape: Shape, path: Path, repeat: int, *, usual: bool) -> dict[str, Taken]:
    """The median of each command by its seconds of the processors, with the largest peak."""
    python, where = sys.executable, str(path)
    out = path.parent / "out"
    # A bad sheet ends with 1: its orders are invalid.
    ends = (1,) if shape.bad else (0,)
    program = [python, "-m", "converter"]
    asked = [where, "-p", "scexpress"]
    commands = {
        "convert": ([*program, "convert", *asked], out, ends),
        "check": ([*program, "check", *asked, "-o", f"{out}.xlsx"], Path(os.devnull), ends),
    }
    if shape.kind in READER:
        commands["reader"] = ([python, "-c", READER[shape.kind], where], Path(os.devnull), (0,))
    if usual:
        script = str(Path(__file__).with_name("usual_script.py"))
        commands["usual"] = ([python, script, where, str(out)], Path(os.devnull), (0,))
    taken: dict[str, list[Taken]] = {name: [] for name in commands}
    for _ in range(repeat):
        for name, (command, to, expected) in commands.items():
            taken[name].append(process.run(command, to, expected))
    return {
        name: Taken(
            statistics.median(one.seconds for one in found),
            statistics.median(one.cpu for one in found),
            max(one.megabytes for one in found),
        )
        for name, found in taken.items()
    }


def row(shape: Shape, taken: dict[str, Taken]) -> str:
    reader = taken.get("reader")
    cells = [str(shape), f"{reader.cpu:.1f} s" if reader else ""]
    for name in ("convert", "check"):
        one = taken[name]
        ratio = f", {one.cpu / reader.cpu:.1f} x" if reader else ""
        cells += [f"{one.seconds:.1f} s", f"{one.cpu:.1f} s{ratio}"]
    peak = max(taken[name].megabytes for name in ("convert", "check"))
    cells.append(f"{peak:,.0f} MB")
    if "usual" in taken:
        cells.append(f"{taken['usual'].cpu:.1f} s")
    return f"| {' | '.join(cells)} |"


def machine() -> str:
    """The processors, the load before, and the versions that count."""
    model = platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((one.partition(": ")[2] for one in lines if "model name" in one), model)
    packages = ", ".join(f"{name} {version(name)}" for name in ("pandas", "fastexcel", "pyarrow"))
    return (
        f"{parallel.cores()} cores ({model}), Python {platform.python_version()}, {packages}; "
        f"other work at the beginning: a load of {os.getloadavg()[0]:.1f}."
    )


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
    from converter.repairs.repair import repair

    mapping = load_mapping(find_mapping("scexpress"))
    values = settings.load(mapping)
    cells.make_ready(mapping, values.values)
    yield "imports and mapping", lap()
    sheets = sheet.read(path)
    yield "reading", lap()
    table = layout.find_table(sheets, mapping, path)
    yield "layout", lap()
    table = repair(table, mapping).table
    yield "repairs", lap()
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
    parser.add_argument("--only", default="", help="sheets whose name has this word")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--usual", action="store_true", help="the usual script too")
    parser.add_argument("--stages", action="store_true", help="the stages of 100,000 rows")
    asked = parser.parse_args()
    print(f"Seed {asked.seed}, medians of {asked.repeat}. {machine()}\n")
    heads = ["rows, sheet", "reader, CPU", "convert", "CPU", "check", "CPU", "peak"]
    heads += ["usual script, CPU"] if asked.usual else []
    print(f"| {' | '.join(heads)} |\n| --- {'| --: ' * (len(heads) - 1)}|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CONVERTER_HOME"] = folder
        os.environ["CONVERTER_MAX_MEGABYTES"] = "2000"
        for shape in SHAPES:
            if shape.rows > asked.most or asked.only not in str(shape):
                continue
            path = make(replace(shape, seed=asked.seed), Path(folder))
            usual = asked.usual and not shape.bad and shape.kind != "ods"
            print(row(shape, measured(shape, path, asked.repeat, usual=usual)), flush=True)
            path.unlink()
        if asked.stages:
            path = make(Shape(min(asked.most, 100_000), seed=asked.seed), Path(folder))
            print("\nStages")
            for name, seconds in stages(path):
                print(f"  {name:<24}{seconds:6.2f} s")


if __name__ == "__main__":
    main()
