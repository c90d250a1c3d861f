"""The survey of a sheet's XML before it is read."""

from __future__ import annotations

import pytest

from converter.sheet.xlsx_scan import survey


def sheet(*rows: str, prefix: str = "") -> bytes:
    tag = f"{prefix}worksheet"
    return f"<{tag}><{prefix}sheetData>{''.join(rows)}</{prefix}sheetData></{tag}>".encode()


def row(number: int, *columns: str) -> str:
    cells = "".join(f'<c r="{column}{number}"><v>1</v></c>' for column in columns)
    return f'<row r="{number}">{cells}</row>'


def table(count: int, *columns: str) -> bytes:
    return sheet(*(row(number, *columns) for number in range(1, count + 1)))


@pytest.mark.parametrize(
    ("xml", "stray"),
    [
        pytest.param(table(60_000, "A", "AZ"), "", id="as wide as most"),
        pytest.param(table(60_000, "A", "BH"), "", id="60 columns and many rows"),
        pytest.param(table(60_000, "A", "ZZ"), "ZZ1", id="a grid that takes all memory"),
        pytest.param(table(10, "A", "ZZ"), "", id="wide, but few rows"),
        pytest.param(table(10, "A", "XFD"), "XFD1", id="the last column"),
        pytest.param(sheet(row(1, "A"), row(1_048_576, "A")), "A1048576", id="the last row"),
        pytest.param(sheet(row(1, "A"), row(30_000, "A")), "", id="a gap that harms nobody"),
    ],
)
def test_a_value_far_outside_any_table_is_found(xml: bytes, stray: str) -> None:
    assert survey(xml).stray == stray


@pytest.mark.parametrize(
    ("xml", "is_usual"),
    [
        pytest.param(table(2, "A", "B"), True, id="as Excel writes it"),
        pytest.param(table(2, "A", "BH"), True, id="with many columns"),
        pytest.param(sheet('<row r="1"><c><v>1</v></c></row>'), False, id="without addresses"),
        pytest.param(sheet('<row r="1"><c s="1" r="A1"/></row>'), False, id="the address later"),
        pytest.param(sheet("<!-- -->", row(1, "A")), False, id="a comment"),
        pytest.param(sheet("<cols/>", row(1, "A")), True, id="an element that begins as a cell"),
        pytest.param(table(2, "A").decode().encode("utf-16"), False, id="letters of two bytes"),
    ],
)
def test_only_what_is_written_as_usual_is_searched(xml: bytes, is_usual: bool) -> None:
    assert survey(xml).is_usual is is_usual
