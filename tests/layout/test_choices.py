"""A person's own choice of columns: written by a first run, and used by the next ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from converter import layout, sheet
from converter.errors import SheetError
from converter.layout import choices
from converter.mapping.load import find_mapping, load_mapping

Run = Callable[..., Result]

OMS = load_mapping(find_mapping("oms"))
TITLES = ["平台订单号", "仓库", "渠道", "收件人", "电话", "国家", "城市", "邮编", "地址"]
VALUES = ["PO-1", "LA", "UPS", "Ann", "3235550100", "US", "LA", "90001", "1 Main St"]
ROWS = [[*TITLES, "Artikel", "Menge", "备注"], [*VALUES, "PEN", "2", "x"]]


@pytest.fixture
def own_sheet(home: Path, sheets: Any) -> str:
    found = sheets.xlsx(ROWS)
    (home / "own.xlsx").write_bytes(found.read_bytes())
    return "own.xlsx"


def test_the_first_run_writes_the_list_even_where_it_must_refuse(
    run: Run, home: Path, own_sheet: str
) -> None:
    done = run("check", own_sheet, "-p", "oms", "--columns", "own.yaml")

    assert done.exit_code == 2
    assert "own.yaml now lists every column and what it was taken for." in done.stderr
    listed = yaml.safe_load((home / "own.yaml").read_text(encoding="utf-8"))
    assert list(listed) == ROWS[0]
    assert listed["平台订单号"] == "platformOrderNo"
    assert listed["Artikel"] is None


def test_the_corrected_list_is_used_and_left_alone(run: Run, home: Path, own_sheet: str) -> None:
    text = "Artikel: itemDTOs.sku\nMenge: itemDTOs[].quantity\n备注: ignore\n平台订单号:\n"
    (home / "own.yaml").write_text(text, encoding="utf-8")

    done = run("check", own_sheet, "-p", "oms", "--columns", "own.yaml")

    assert (done.exit_code, "备注" in done.stderr) == (0, False)
    assert (home / "own.yaml").read_text(encoding="utf-8") == text


def test_a_title_that_is_asked_about_may_be_chosen(home: Path, sheets: Any) -> None:
    path = sheets.xlsx([["单号", *TITLES[1:], "SKU", "数量"], [*VALUES, "PEN", "2"]])
    read = sheet.read(path)
    written = home / "list.yaml"
    choices.write(written, OMS, read)
    written.write_text(
        written.read_text(encoding="utf-8").replace("单号:", "单号: platformOrderNo"),
        encoding="utf-8",
    )

    table = layout.find_table(read, OMS, path, profile=choices.read(written, OMS, read))

    assert table.columns["platformOrderNo"].letter == "A"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "Artikel: itemDTOs[].skuu",
            "list.yaml: the column 'Artikel' is to be 'itemDTOs[].skuu', but oms has no such "
            "field. Did you mean itemDTOs[].sku? Else write another field, `ignore`, or nothing.",
            id="no such field",
        ),
        pytest.param(
            "Artikkel: itemDTOs[].sku",
            "list.yaml: the column 'Artikkel' is to be itemDTOs[].sku, but the sheet has no such "
            "title. Correct the title there, or delete the line.",
            id="no such title",
        ),
        pytest.param(
            "- a", "list.yaml: this is no list of columns. Write one line for each column, "
            "`title: field`.", id="another shape"
        ),
        pytest.param(
            "a: [b", "list.yaml: the list of columns cannot be read (line 1)", id="no YAML"
        ),
        pytest.param(
            "a: \0",
            "list.yaml: the list of columns cannot be read (it is not plain UTF-8 text)",
            id="no text",
        ),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_followed_is_refused(
    home: Path, sheets: Any, text: str, message: str
) -> None:
    (home / "list.yaml").write_text(text, encoding="utf-8")
    read = sheet.read(sheets.xlsx(ROWS))

    with pytest.raises(SheetError) as caught:
        choices.read(home / "list.yaml", OMS, read)

    assert str(caught.value).startswith(message)
