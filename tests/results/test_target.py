"""The names of result workbooks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from converter import results
from converter.model import Result, Status
from converter.report import Report
from converter.results.order_sheet import OrderSheet

TITLES = ("客户单号", "国家")
ROWS = [(2, ("A-1", "US"))]
REPORT = Report("acme", "orders.xlsx", "run", (Result("A-1", Status.ACCEPTED, rows=(2,)),))
SHEET = OrderSheet("Orders", 1, ("A", "B"), TITLES, 1, lambda: ROWS)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        pytest.param("orders.xlsx", "orders.result.xlsx", id="workbook"),
        pytest.param("orders.csv", "orders.result.xlsx", id="text"),
        pytest.param("orders.v1.xlsm", "orders.v1.result.xlsx", id="with macros"),
        pytest.param("orders.result.xlsx", "orders.result-2.xlsx", id="second"),
        pytest.param("orders.result-2.xlsx", "orders.result-3.xlsx", id="third"),
        pytest.param("orders.result-9.xlsx", "orders.result-10.xlsx", id="tenth"),
        pytest.param("result.xlsx", "result.result.xlsx", id="called result"),
    ],
)
def test_default_target_lies_beside_the_sheet(source: str, target: str) -> None:
    folder = Path("a folder")

    assert results.default_target(folder / source) == folder / target


@pytest.mark.parametrize(
    ("source", "there", "target"),
    [
        pytest.param("orders.xlsx", {"": "ours"}, "orders.result.xlsx", id="ours is replaced"),
        pytest.param("orders.xlsx", {"": "theirs"}, "orders.result-2.xlsx", id="theirs is kept"),
        pytest.param(
            "orders.xlsx",
            {"": "theirs", "-2": "theirs"},
            "orders.result-3.xlsx",
            id="both of theirs are kept",
        ),
        pytest.param(
            "orders.xlsx",
            {"": "theirs", "-2": "ours", "-3": "theirs"},
            "orders.result-2.xlsx",
            id="the first that is free",
        ),
        pytest.param(
            "orders.result.xlsx",
            {"": "theirs", "-2": "theirs"},
            "orders.result-3.xlsx",
            id="theirs answered again",
        ),
        pytest.param("orders.xlsx", {"": "folder"}, "orders.result-2.xlsx", id="a folder"),
    ],
)
def test_default_target_keeps_what_somebody_worked_on(
    tmp_path: Path, source: str, there: Mapping[str, str], target: str
) -> None:
    for mark, kind in there.items():
        path = tmp_path / f"orders.result{mark}.xlsx"
        if kind == "folder":
            path.mkdir()
            continue
        results.write(REPORT, path, source=None, sheet=SHEET)
        if kind == "theirs":
            openpyxl.load_workbook(path).save(path)

    assert results.default_target(tmp_path / source) == tmp_path / target


@pytest.mark.parametrize(
    ("sources", "folder", "expected"),
    [
        pytest.param(["a.xlsx", "b.csv"], "", ["a.result.xlsx", "b.result.xlsx"], id="no clash"),
        pytest.param(
            ["a.xlsx", "b.csv", "a.csv"],
            "",
            ["a.xlsx.result.xlsx", "b.result.xlsx", "a.csv.result.xlsx"],
            id="one name",
        ),
        pytest.param(
            ["A.xlsx", "a.csv"],
            "",
            ["A.xlsx.result.xlsx", "a.csv.result.xlsx"],
            id="one name where case does not matter",
        ),
        pytest.param(
            ["x/a.csv", "y/a.csv"],
            "",
            ["x/a.result.xlsx", "y/a.result.xlsx"],
            id="in two folders",
        ),
        pytest.param(
            ["x/a.csv", "y/a.csv", "y/a.xlsx"],
            "out",
            ["out/x-a.csv.result.xlsx", "out/y-a.csv.result.xlsx", "out/a.xlsx.result.xlsx"],
            id="into one folder",
        ),
        pytest.param(
            ["a.csv", "a.xlsx", "a.csv.xlsx"],
            "out",
            ["out/folder-a.csv.result.xlsx", "out/a.xlsx.result.xlsx",
             "out/a.csv.xlsx.result.xlsx"],
            id="a name that another one would get",
        ),
        pytest.param(
            ["a.csv", "a.result.xlsx"],
            "",
            ["a.result-2.xlsx", "a.result-3.xlsx"],
            id="a result among them",
        ),
        pytest.param(
            ["a.result.xlsx", "a.csv"],
            "",
            ["a.result-2.xlsx", "a.result-3.xlsx"],
            id="a result before its sheet",
        ),
    ],
)  # fmt: skip
def test_default_targets_are_never_the_same(
    tmp_path: Path, sources: list[str], folder: str, expected: list[str]
) -> None:
    place = tmp_path / "folder"

    found = results.default_targets([place / name for name in sources],
                                    place / folder if folder else None)  # fmt: skip

    assert found == [place / name for name in expected]
