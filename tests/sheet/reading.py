"""Read a sheet, or the refusal to read one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from converter.errors import SheetError
from converter.sheet import Sheet, read

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Signature of old Excel files and encrypted workbooks."""


def rows(sheet: Sheet) -> dict[int, list[str]]:
    """Rows with at least one text, by number."""
    found = {row: sheet.texts(row) for row in sheet.frame.index}
    return {row: texts for row, texts in found.items() if any(texts)}


def only(path: Path) -> Sheet:
    (sheet,) = read(path)
    return sheet


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(SheetError) as error:
        read(path, **options)
    return str(error.value)


def cell(inner: str) -> str:
    """Two rows: a header in A1, and in row 2 an odd cell beside a plain one."""
    return (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        f'<row r="2">{inner}<c r="B2"><v>1</v></c></row>'
    )


def hide(*names: str, state: Any = "hidden") -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        for name in names:
            book[name].sheet_state = state

    return change


THREE: dict[str, list[list[str]]] = {"One": [["a"]], "Two": [["b"]], "Empty": []}
