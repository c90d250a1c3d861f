"""Corrected cells stand in the file as text, and nothing else of it changes."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from converter import sheet
from converter.results.corrections import CorrectionError, correct
from tests.conftest import Sheets
from tests.zip_parts import parts


def knows(title: str) -> bool:
    return title in ("Ref", "Qty")


@pytest.fixture
def book(sheets: Sheets) -> Path:
    def change(made: openpyxl.Workbook) -> None:
        orders = made["Orders"]
        orders["B2"].font = Font(bold=True)
        orders.add_data_validation(DataValidation(type="list", formula1='"1,2"', sqref="B2:B9"))
        orders["D2"] = "=B2*2"

    rows = [["Ref", "Qty", "Note"], ["PO-1", "two", "=x"], ["PO-2", None, None]]
    return sheets.xlsx({"Orders": rows, "Other": [["kept"]]}, change=change)


def test_a_cell_is_replaced_and_the_rest_of_the_workbook_kept(book: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.xlsx"

    correct(book, target, {"Orders": {2: {1: "007"}, 3: {1: "<b> & 1", 2: "=1+1"}}}, knows)

    orders = openpyxl.load_workbook(target)["Orders"]
    assert [cell.value for cell in orders[2]][:2] == ["PO-1", "007"]
    assert [cell.value for cell in orders[3]][:3] == ["PO-2", "<b> & 1", "=1+1"]
    assert orders["C3"].data_type == "s"  # what was typed is text, not a formula
    assert orders["B2"].font.bold
    assert orders["D2"].value == "=B2*2"
    assert len(orders.data_validations.dataValidation) == 1
    before, after = parts(book), parts(target)
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"xl/worksheets/sheet1.xml"}
    assert sheet.read(target)[0].texts(2)[1] == "007"


def test_a_cell_can_be_emptied(book: Path, tmp_path: Path) -> None:
    correct(book, tmp_path / "new.xlsx", {"Orders": {2: {1: ""}}}, knows)

    assert openpyxl.load_workbook(tmp_path / "new.xlsx")["Orders"]["B2"].value is None


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        pytest.param(
            '<c r="A2"><f t="shared" ref="A2:A9" si="0">B2</f><v>1</v></c>',
            "A2 holds a formula that other cells share. Correct it in the file, and upload it "
            "again.",
            id="a shared formula",
        ),
        pytest.param("", "Row 2 is not in the file any more. Upload the file again.", id="no row"),
    ],
)
def test_what_would_change_more_is_refused(
    sheets: Sheets, tmp_path: Path, cell: str, problem: str
) -> None:
    row = f'<row r="2">{cell}</row>' if cell else ""
    book = sheets.xml(f'<row r="1"><c r="A1" t="str"><v>Ref</v></c></row>{row}')

    with pytest.raises(CorrectionError) as raised:
        correct(book, tmp_path / "new.xlsx", {"Orders": {2: {0: "x"}}}, knows)

    assert raised.value.message == problem


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            b'Ref,Qty\r\nPO-1,two\r\n"PO-2",3\r\n',
            b'Ref,Qty\r\nPO-1,2\r\n"PO-2",3\r\n',
            id="other rows keep their quotes",
        ),
        pytest.param(
            b"\xef\xbb\xbfRef;Qty;N\nPO-1;\n",
            b"\xef\xbb\xbfRef;Qty;N\nPO-1;2\n",
            id="byte order mark",
        ),
        pytest.param(b"Ref\tQty\nPO-1\ttwo", b"Ref\tQty\nPO-1\t2", id="no line end"),
        pytest.param(
            "Ref,Qty,备注\nPO-1,two,好\n".encode("gb18030"),
            "Ref,Qty,备注\nPO-1,2,好\n".encode("gb18030"),
            id="an old encoding",
        ),
        pytest.param(
            b'Ref,"Q\nty"\nPO-1,two\n'.replace(b'"Q\nty"', b"Qty"), b"Ref,Qty\nPO-1,2\n", id="LF"
        ),
    ],
)
def test_a_text_file_changes_in_one_record(
    sheets: Sheets, tmp_path: Path, before: bytes, after: bytes
) -> None:
    source = sheets.path("orders.csv", before)

    correct(source, tmp_path / "new.csv", {"orders": {2: {1: "2"}}}, knows)

    assert (tmp_path / "new.csv").read_bytes() == after


def test_a_record_of_several_lines_is_one_row(sheets: Sheets, tmp_path: Path) -> None:
    source = sheets.path("orders.csv", b'Ref,Qty\n"PO\n1",1\nPO-2,two\n')

    correct(source, tmp_path / "new.csv", {"orders": {3: {1: "a,b"}}}, knows)

    assert (tmp_path / "new.csv").read_bytes() == b'Ref,Qty\n"PO\n1",1\nPO-2,"a,b"\n'


def test_other_kinds_of_files_are_left_alone(sheets: Sheets, tmp_path: Path) -> None:
    source = sheets.path("orders.xls", b"")

    with pytest.raises(CorrectionError, match="cannot be corrected here"):
        correct(source, tmp_path / "new.xls", {"Orders": {2: {0: "x"}}}, knows)
