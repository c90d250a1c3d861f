"""How long `converter convert` takes on a large sheet, as whole processes and as ratios.

    python tests/benchmarks/convert.py --rows 100000

makes its own SC-Express sheet (one row per item, order cells on every row) and prints, for one run
in a fresh process each: the reader alone, and the whole command, with seconds, peak memory and the
ratio between the two. Then each stage of the road, in this process.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

TITLES = (
    "收货渠道,客户单号,总件数,是否带电,总实重,包裹类型,货物类型,收件人国家,收件人姓名,收件人公司,"
    "收件人地址,收件人地址二,城市,邮编,省/州,收件人电话,收件人手机号,收件人邮箱,寄件人国家,寄件人姓名,"
    "寄件人地址一,寄件人城市,寄件人邮编,寄件人省份/州,寄件电话,备注,件数,长(CM),宽(CM),高(CM),"
    "单箱重量kg,箱号,产品SKU,中文品名,英文品名,净重(KG),毛重(KG),数量,单位,单价,币种,海关编码,产地,"
    "品牌,型号"
)

READER_ALONE = """
import sys, python_calamine
python_calamine.CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python()
"""


def rows(count: int) -> Iterator[list[str | float]]:
    """So many item rows, one to six for each order."""
    pick = random.Random(1)
    order = left = 0
    head: list[str | float] = []
    weight = 0.0
    for _ in range(count):
        if not left:
            order, left = order + 1, pick.randint(1, 6)
            weight = round(pick.uniform(1, 20), 2)
            country = pick.choice(["US", "GB", "DE", "法国", "SA"])
            name, house = f"Receiver {pick.randint(1, 20000)}", pick.randint(1, 9999)
            phone, post = f"0{pick.randint(10**8, 10**9)}", f"{pick.randint(0, 99999):05d}"
            head = ["HK_TNT", f"ORD{order:07d}", 1, pick.choice("是否"), str(weight), "其它"]
            head += [
                "包裹",
                country,
                name,
                "",
                f"{house} Example street",
                f"Unit {house % 99}",
                "City",
            ]
            head += [post, "State", phone, "", f"u{house}@example.com", "CN", "Li Lei"]
            head += ["1 Example Road", "Shenzhen", "518000", "Guangdong", "075500000000", ""]
        left -= 1
        yield [
            *head, 1, 50.5, 40, 30, weight, "1", f"SKU-{pick.randint(1, 5000)}", "手机壳",
            "phone case", 1.15, 1.25, pick.randint(1, 50), "PCS", round(pick.uniform(0.5, 50), 2),
            "USD", f"39269{pick.randint(0, 99999):05d}", "CN", "none", "P40",
        ]  # fmt: skip


def make(path: Path, count: int) -> None:
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("Orders")
    sheet.write_row(0, 0, TITLES.split(","))
    for number, row in enumerate(rows(count), 1):
        for column, value in enumerate(row):
            if value != "":
                sheet.write(number, column, value)
    book.close()


def whole_process(command: list[str], output: Path) -> tuple[float, float]:
    """Seconds and peak MB of a command; its stdout goes to a file."""
    start = time.monotonic()
    with output.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def stages(path: Path) -> Iterator[tuple[str, float]]:
    """Seconds of each stage of the road, in this process."""
    start = time.monotonic()

    def lap() -> float:
        nonlocal start
        now = time.monotonic()
        start, took = now, now - start
        return took

    from converter import cells, layout, mapping_file, orders, rules, settings, sheet
    from converter.payload import Payloads, batches
    from converter.signing import Signer

    mapping = mapping_file.load(mapping_file.find("scexpress"))
    values = settings.load(mapping)
    yield "imports and mapping", lap()
    sheets = sheet.read(path)
    yield "sheet", lap()
    table = layout.find_table(sheets, mapping, path)
    yield "layout", lap()
    checked = cells.check(table, mapping, values.values)
    yield "cells", lap()
    grouped = orders.group(checked, mapping)
    yield "orders", lap()
    rules.check(grouped)
    yield "rules", lap()
    payloads = Payloads(grouped)
    signer = Signer(mapping, values, masked=True)
    every = (order for i in range(len(grouped.references)) for order in payloads.of(i))
    for batch in batches(every, mapping):
        signer.request(batch)
    yield "payloads and requests", lap()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "orders.xlsx")
        make(path, count)
        print(f"{count} rows, {TITLES.count(',') + 1} columns, {path.stat().st_size / 1e6:.1f} MB")
        out = Path(folder, "requests.jsonl")
        alone, memory = whole_process([sys.executable, "-c", READER_ALONE, str(path)], out)
        print(f"{'reader alone':<24}{alone:8.2f} s{memory:8.0f} MB")
        command = [sys.executable, "-m", "converter", "convert", str(path), "-p", "scexpress"]
        took, memory = whole_process(command, out)
        print(f"{'converter convert':<24}{took:8.2f} s{memory:8.0f} MB{took / alone:8.2f} x reader")
        for name, seconds in stages(path):
            print(f"  {name:<22}{seconds:8.2f} s{'':11}{seconds / alone:8.2f} x reader")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {'(this process)':<22}{'':10}{peak:8.0f} MB")


if __name__ == "__main__":
    main()
