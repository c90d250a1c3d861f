"""Workbooks of every kind: equal sheets give equal texts, flaws, merges and hidden cells."""

from __future__ import annotations

import struct
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from converter.errors import SheetError
from converter.sheet import Merged, Sheet, read
from tests.zip_parts import change_part

FILES = Path(__file__).parents[1] / "files"
"""orders.xls and orders.ods were saved by LibreOffice from `xlsx` below."""

EXPECTED = [
    ["客户单号", "邮编", "数量", "日期", "时刻", "时长", "带电", "备注"],
    ["007", "02108", "1.5", "2025-12-01", "2025-12-01 10:20:00", "30:00:00", "TRUE", "手机壳 🎁"],
    [" A2 ", "02109", "2", "123456789012346000", "12:00:00", "", "FALSE", ""],
    ["", "", "", "", "", "", "", ""],
    ["M", "1", "", "", "", "", "", "#N/A"],
    ["", "2", "", "", "", "", "", ""],
]


def xlsx(folder: Path) -> Path:
    path = folder / "orders.xlsx"
    book = xlsxwriter.Workbook(path)
    made = book.add_worksheet("Orders")
    looks: dict[str, Any] = {
        text: book.add_format({"num_format": text})
        for text in ("00000", "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "hh:mm:ss", "[h]:mm:ss")
    }
    made.write_row("A1", EXPECTED[0])
    made.write("A2", "007")
    made.write("B2", 2108, looks["00000"])
    made.write("C2", 1.5)
    made.write_datetime("D2", datetime(2025, 12, 1), looks["yyyy-mm-dd"])
    made.write_datetime("E2", datetime(2025, 12, 1, 10, 20), looks["yyyy-mm-dd hh:mm"])
    made.write("F2", 1.25, looks["[h]:mm:ss"])
    made.write_formula("G2", "=1=1", None, True)
    made.write("H2", "手机壳 🎁")
    made.write("A3", " A2 ")
    made.write("B3", "02109")
    made.write_formula("C3", "=1+1", None, 2)
    made.write("D3", 123456789012345678)
    made.write("E3", 0.5, looks["hh:mm:ss"])
    made.write_formula("F3", "=1/0", None, "#DIV/0!")
    made.write_boolean("G3", False)
    made.write_formula("H3", "=NA()", None, "#N/A")
    made.merge_range("A5:A6", "M")
    made.write("B5", 1)
    made.write("B6", 2)
    made.write("H5", "#N/A")
    made.set_row(5, None, None, {"hidden": True})
    made.set_column("C:C", None, None, {"hidden": True})
    book.add_worksheet("Empty")
    away = book.add_worksheet("Hidden")
    away.write(0, 0, "x")
    away.hide()
    book.close()
    return path


def rows(sheet: Sheet) -> list[list[str]]:
    return [sheet.texts(row) for row in sheet.frame.index]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_one_sheet_is_the_same_in_every_kind_of_workbook(kind: str, tmp_path: Path) -> None:
    (found,) = read(xlsx(tmp_path) if kind == "xlsx" else FILES / f"orders.{kind}")

    assert found.name == "Orders"
    assert rows(found) == EXPECTED
    assert found.flaws == {
        3: {"date": {2}, "rounded": {3}},
        4: {"date": {2, 3}},
        5: {"date": {2}, "error": {3}},
        7: {"error": {3}},
    }
    assert found.merged == (Merged(5, 0, 6, 0),)
    assert found.hidden_rows == {6}
    assert found.hidden_columns == {2}


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_hidden_sheet_is_read_where_it_is_named(kind: str, tmp_path: Path) -> None:
    path = xlsx(tmp_path) if kind == "xlsx" else FILES / f"orders.{kind}"

    (found,) = read(path, only="Hidden")

    assert rows(found) == [["x"]]


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_a_sheet_that_is_not_there_is_refused(kind: str) -> None:
    with pytest.raises(SheetError) as error:
        read(FILES / f"orders.{kind}", only="Bills")

    assert str(error.value) == (
        f"orders.{kind}: there is no sheet 'Bills'. Its sheets are: Orders, Empty. [NO_SHEET]"
    )


@pytest.mark.parametrize("kind", ["xls", "ods"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_workbook_that_was_cut_off_is_refused(sheets: Any, kind: str, share: float) -> None:
    raw = (FILES / f"orders.{kind}").read_bytes()

    with pytest.raises(SheetError) as error:
        read(sheets.path(f"orders.{kind}", raw[: int(len(raw) * share)]))

    assert error.value.code in ("DAMAGED", "DAMAGED_ZIP", "NOT_A_WORKBOOK")


# -- OpenDocument ------------------------------------------------------------------------------

NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)


def ods(path: Path, rows_: str, *, kind: str = "spreadsheet", manifest: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        archive.writestr(
            "content.xml",
            f'<office:document-content {NAMES} xmlns:calcext="c"><office:body><office:spreadsheet>'
            f'<table:table table:name="Orders">{rows_}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def ods_cell(text: str, kind: str = "string", more: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="{kind}" {more}><text:p>{text}</text:p>'
        "</table:table-cell>"
    )


@pytest.mark.parametrize(
    ("cell", "text", "flaws"),
    [
        pytest.param(ods_cell("#N/A", more='office:string-value="" calcext:value-type="error"'),
                     "", {0: {"error": {1}}}, id="error as LibreOffice writes it"),
        pytest.param(ods_cell("#DIV/0!", "float", 'office:value="0" table:formula="of:=1/0"'),
                     "0", {0: {"error": {1}}}, id="error as Excel writes it"),
        pytest.param(ods_cell("Err:502", more='table:formula="of:=A()"'), "Err:502",
                     {0: {"error": {1}}}, id="error with a number"),
        pytest.param(ods_cell("#N/A"), "#N/A", {}, id="typed"),
        pytest.param(ods_cell("TRUE", "boolean", 'office:boolean-value="true"'), "TRUE", {},
                     id="true"),
        pytest.param(ods_cell("00042", "float", 'office:value="42"'), "00042", {},
                     id="a format of zeros"),
        pytest.param(ods_cell("0.50", "float", 'office:value="0.5"'), "0.5", {}, id="fraction"),
        pytest.param(ods_cell("30:00", "time", 'office:time-value="PT30H"'), "30:00",
                     {0: {"date": {1}}}, id="duration"),
    ],
)  # fmt: skip
def test_cells_of_opendocument(
    tmp_path: Path, cell: str, text: str, flaws: dict[int, dict[str, set[int]]]
) -> None:
    path = ods(tmp_path / "a.ods", f"<table:table-row>{cell}{ods_cell('x')}</table:table-row>")

    (found,) = read(path)

    assert rows(found) == [[text, "x"]]
    assert found.flaws == flaws


@pytest.mark.parametrize("between", ["\n  ", " x "], ids=["line breaks", "text"])
def test_text_between_cells_is_passed_over(tmp_path: Path, between: str) -> None:
    cells = between.join(["", ods_cell("a &amp; b"), ods_cell("c"), ""])
    path = ods(tmp_path / "a.ods", f"<table:table-row>{cells}</table:table-row>{between}")

    (found,) = read(path)

    assert rows(found) == [["a & b", "c"]]


def test_what_is_repeated_counts_as_often(tmp_path: Path) -> None:
    wrong = ods_cell("#N/A", more='office:string-value="" calcext:value-type="error"')
    row = '<table:table-row table:number-rows-repeated="2">'
    cells = '<table:table-cell table:number-columns-repeated="2"/>' + wrong + ods_cell("x")
    path = ods(
        tmp_path / "a.ods",
        f"{row}{ods_cell('a')}</table:table-row>{row}{cells}</table:table-row>",
    )

    (found,) = read(path)

    assert rows(found) == [["a", "", "", ""]] * 2 + [["", "", "", "x"]] * 2
    assert found.flaws == {2: {"error": {3, 4}}}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"kind": "text"}, "NOT_A_WORKBOOK", id="a text document"),
        pytest.param({"manifest": "<encryption-data/>"}, "ENCRYPTED", id="with a password"),
    ],
)
def test_other_opendocuments_are_refused(
    tmp_path: Path, options: dict[str, str], expected: str
) -> None:
    with pytest.raises(SheetError) as error:
        read(ods(tmp_path / "a.ods", "", **options))

    assert error.value.code == expected


# -- binary workbooks --------------------------------------------------------------------------


def record(kind: int, data: bytes = b"") -> bytes:
    name = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    assert len(data) < 128
    return name + bytes([len(data)]) + data


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def row(number: int, *cells: bytes, hidden: bool = False) -> bytes:
    head = struct.pack("<IIHBBBI", number, 0, 300, 0, 0x10 * hidden, 0, 0)
    return record(0, head) + b"".join(cells)


def cell(kind: int, column: int, data: bytes, style: int = 0) -> bytes:
    return record(kind, struct.pack("<II", column, style) + data)


def xlsb(path: Path, *, count: bytes = struct.pack("<I", 2), rich: bool = False) -> Path:
    """A workbook of hand-made [MS-XLSB] records, as no library writes them.

    `count` is the number of styles; calamine 0.9 panics if it is missing.
    """
    sheet = record(129) + record(148, struct.pack("<4I", 0, 3, 0, 2))
    sheet += record(390) + record(60, struct.pack("<IIIIH", 1, 1, 2560, 0, 1)) + record(391)
    sheet += record(145)
    kind, flags = (62, b"\0") if rich else (6, b"")
    sheet += row(
        0, *(cell(kind, at, flags + wide(text)) for at, text in enumerate(["ref", "post", "qty"]))
    )
    sheet += row(
        1,
        cell(6, 0, wide("A1")),
        cell(5, 1, struct.pack("<d", 2108), style=1),
        cell(3, 2, b"\x2a"),
    )
    sheet += row(
        2, cell(2, 1, struct.pack("<i", 42 << 2 | 2), style=1), cell(4, 2, b"\x01"), hidden=True
    )
    sheet += record(146) + record(177) + record(176, struct.pack("<4I", 1, 2, 0, 0)) + record(178)
    sheet += record(130)
    book = record(131) + record(143)
    book += record(156, struct.pack("<II", 0, 1) + wide("r1") + wide("Orders")) + record(144)
    styles = record(278) + record(615, struct.pack("<I", 1))
    styles += record(44, struct.pack("<H", 170) + wide("00000"))
    styles += record(616) + record(617, count)
    styles += b"".join(record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, 170))
    styles += record(618) + record(279)
    package = "http://schemas.openxmlformats.org/package/2006"
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
        archive.writestr("xl/workbook.bin", book + record(132))
        archive.writestr("xl/styles.bin", styles)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{kinds}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>',
        )
    return path


@pytest.mark.parametrize("rich", [False, True])
def test_a_binary_workbook_tells_what_it_has_lost(tmp_path: Path, rich: bool) -> None:
    (found,) = read(xlsb(tmp_path / "orders.xlsb", rich=rich))

    assert rows(found) == [["ref", "post", "qty"], ["A1", "02108", ""], ["", "00042", "TRUE"]]
    assert found.flaws == {2: {"error": {2}}}
    assert found.merged == (Merged(2, 0, 3, 0),)
    assert found.hidden_rows == {3}
    assert found.hidden_columns == {1}


def test_an_error_cell_outside_the_values_of_a_binary_workbook_is_flagged(tmp_path: Path) -> None:
    path = xlsb(tmp_path / "orders.xlsb")

    def add_row(sheet: bytes) -> bytes:
        at = sheet.index(record(146))
        return sheet[:at] + row(4, cell(3, 3, b"\x2a")) + sheet[at:]

    change_part(path, "xl/worksheets/sheet1.bin", add_row)

    (found,) = read(path)

    assert found.flaws == {2: {"error": {2}}, 3: {"error": {5}}}


@pytest.mark.parametrize("name", ["WORKBOOK", "workbook"])
def test_the_stream_of_an_old_workbook_may_have_any_case(sheets: Any, name: str) -> None:
    raw = (FILES / "orders.xls").read_bytes()
    renamed = raw.replace("Workbook".encode("utf-16-le"), name.encode("utf-16-le"))

    (found,) = read(sheets.path("orders.xls", renamed))

    assert rows(found) == EXPECTED


def test_a_reader_that_panics_is_a_file_that_is_refused(tmp_path: Path) -> None:
    """A panic is not even an Exception, so only the child process can contain it."""
    with pytest.raises(SheetError) as error:
        read(xlsb(tmp_path / "orders.xlsb", count=b""))

    assert str(error.value) == (
        "orders.xlsb: the program that reads workbooks broke down over this file, or needed too "
        "much memory. Open it in Excel and save it under a new name as .xlsx; if it is very large, "
        "split it, or raise CONVERTER_MAX_SECONDS and CONVERTER_MAX_MEGABYTES. [READER_FAILED]"
    )


@pytest.mark.parametrize("size", range(20, 120, 20))
def test_a_binary_workbook_with_a_spoilt_part_is_refused(tmp_path: Path, size: int) -> None:
    path = xlsb(tmp_path / "orders.xlsb")
    change_part(path, "xl/worksheets/sheet1.bin", lambda sheet: sheet[:size] + b"\xff\xff")

    with pytest.raises(SheetError) as error:
        read(path)

    assert error.value.code in ("DAMAGED", "READER_FAILED")
