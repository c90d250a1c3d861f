"""Files into sheets: text stays text, rows keep Excel's numbers, and flaws are recorded."""

from __future__ import annotations

import contextlib
import os
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from converter.errors import SheetError
from converter.sheet import Merged, Sheet, letter, position, read

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


# -- workbooks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("007", "007", id="code with leading zeros"),
        pytest.param("02108", "02108", id="postcode"),
        pytest.param("123456789012345678", "123456789012345678", id="reference of 18 digits"),
        pytest.param("+86 138-0000-0000", "+86 138-0000-0000", id="phone"),
        pytest.param("0546102083", "0546102083", id="phone that begins with 0"),
        pytest.param("1E5", "1E5", id="looks like an exponent"),
        pytest.param("2025-12-01", "2025-12-01", id="looks like a date"),
        pytest.param("TRUE", "TRUE", id="looks like a truth value"),
        pytest.param(" two  blanks ", " two  blanks ", id="blanks are kept"),
        pytest.param("line\nbreak", "line\nbreak", id="line break"),
        pytest.param("手机壳 🎁", "手机壳 🎁", id="any script"),
        pytest.param("a<b>&\"c'", "a<b>&\"c'", id="signs of XML"),
        pytest.param(7, "7", id="whole number"),
        pytest.param(123.0, "123", id="whole number as a fraction"),
        pytest.param(15.55, "15.55", id="fraction"),
        pytest.param(0.1 + 0.2, "0.3", id="binary noise is not shown"),
        pytest.param(0.00001, "0.00001", id="small fraction has no exponent"),
        pytest.param(-3.5, "-3.5", id="negative"),
        pytest.param(999999999999999, "999999999999999", id="fifteen digits"),
        pytest.param(True, "TRUE", id="true is not 1"),
        pytest.param(False, "FALSE", id="false is not 0"),
        pytest.param(datetime(2025, 12, 1, 10, 20), "2025-12-01 10:20:00", id="moment"),
        pytest.param(date(2025, 12, 1), "2025-12-01", id="day"),
        pytest.param(time(3, 4), "03:04:00", id="time of day"),
    ],
)
def test_a_cell_is_the_text_that_a_person_sees(sheets: Any, value: object, expected: str) -> None:
    path = sheets.xlsx([["title", "other"], [value, "x"]])

    assert rows(only(path)) == {1: ["title", "other"], 2: [expected, "x"]}


def test_numbers_truth_values_and_texts_of_one_column_stay_apart(sheets: Any) -> None:
    """True, 1 and 1.0 are the same dictionary key."""
    path = sheets.xlsx([["a"], [1], [True], [1.0], ["1"], ["TRUE"], [0], [False]])

    assert [texts for (texts,) in rows(only(path)).values()] == [
        *("a", "1", "TRUE", "1", "1", "TRUE", "0", "FALSE")
    ]


@pytest.mark.parametrize(
    ("value", "flaws"),
    [
        pytest.param(999999999999999, {}, id="15 digits are exact"),
        pytest.param(1000000000000000, {"rounded": {3}}, id="16 digits may be rounded"),
        pytest.param(123456789012345678, {"rounded": {3}}, id="18 digits are rounded"),
        pytest.param(-1e22, {"rounded": {3}}, id="exponent"),
        pytest.param("123456789012345678", {}, id="18 digits as text"),
        pytest.param(datetime(2025, 12, 1, 10, 20), {"date": {3}}, id="moment"),
        pytest.param(date(2025, 12, 1), {"date": {3}}, id="day"),
        pytest.param(time(3, 4), {"date": {3}}, id="time"),
        pytest.param(timedelta(hours=30), {"date": {3}}, id="duration"),
        pytest.param("=1+1", {"no_value": {3}}, id="formula that was never calculated"),
        pytest.param("#N/A", {"error": {3}}, id="error"),
    ],
)
def test_what_a_cell_has_lost_is_noted(
    sheets: Any, value: object, flaws: dict[str, set[int]]
) -> None:
    path = sheets.xlsx([["a", "b"], ["x", "y"], ["z", value]])

    assert only(path).flaws == ({1: flaws} if flaws else {})


def cell(inner: str) -> str:
    """Two rows: a header in A1, and in row 2 an odd cell beside a plain one."""
    return (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        f'<row r="2">{inner}<c r="B2"><v>1</v></c></row>'
    )


@pytest.mark.parametrize(
    ("xml", "flaws"),
    [
        pytest.param('<c r="A2" t="e"><v>#REF!</v></c>', {0: {"error": {2}}}, id="error"),
        pytest.param('<c t="e" s="1" r="A2"><v>#N/A</v></c>', {0: {"error": {2}}}, id="order"),
        pytest.param(
            '<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', {0: {"error": {2}}}, id="its formula"
        ),
        pytest.param('<c r="A2"><f>1+1</f></c>', {0: {"no_value": {2}}}, id="no value"),
        pytest.param('<c r="A2"><f>1+1</f><v/></c>', {0: {"no_value": {2}}}, id="empty value"),
        pytest.param('<c r="A2"><f>1+1</f><v></v></c>', {0: {"no_value": {2}}}, id="two tags"),
        pytest.param('<c r="A2"><f si="0" t="shared"/></c>', {0: {"no_value": {2}}}, id="shared"),
        pytest.param('<c r="A2"><f>1+1</f><v>2</v></c>', {}, id="a calculated formula is fine"),
        pytest.param('<c r="A2" t="str"><f>A1</f><v></v></c>', {}, id="a formula may give no text"),
        pytest.param('<c r="A2" s="3"/>', {}, id="a coloured blank cell"),
        pytest.param('<c r="A2"><v>1e999</v></c>', {0: {"rounded": {2}}}, id="beyond all numbers"),
        pytest.param('<c r="A2" t="inlineStr"><is><t>#N/A</t></is></c>', {}, id="typed #N/A"),
    ],
)
def test_what_the_reader_does_not_show_is_noted(
    sheets: Any, xml: str, flaws: dict[int, dict[str, set[int]]]
) -> None:
    assert only(sheets.xml(cell(xml))).flaws == flaws


def test_error_cells_are_noted_in_a_table_that_begins_elsewhere(sheets: Any) -> None:
    path = sheets.xlsx([["a", "b"], ["x", "#N/A"], ["y", "z"]], at="C4")

    assert only(path).flaws == {1: {"error": {5}}}


def test_formulas_count_as_their_last_value(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        made = book.add_worksheet()
        made.write_row(0, 0, ["a", "b"])
        made.write_formula(1, 0, "=1+1", value=2)
        made.write_formula(1, 1, '="x"&"y"', value="xy")

    found = only(path)

    assert rows(found) == {1: ["a", "b"], 2: ["2", "xy"]}
    assert found.flaws == {}


@pytest.mark.parametrize(
    ("at", "letters", "first"),
    [
        pytest.param("A1", ("A", "B"), 1, id="in the corner"),
        pytest.param("B3", ("B", "C"), 3, id="with a margin"),
        pytest.param("Z20", ("Z", "AA"), 20, id="across two letters"),
    ],
)
def test_rows_and_columns_keep_the_names_that_excel_gives_them(
    sheets: Any, at: str, letters: tuple[str, ...], first: int
) -> None:
    path = sheets.xlsx([["a", "b"], [], ["1", None]], at=at)

    found = only(path)

    assert found.letters == letters
    assert rows(found) == {first: ["a", "b"], first + 2: ["1", ""]}


def test_blank_cells_are_blank_however_they_come_about(sheets: Any) -> None:
    path = sheets.xlsx([["a", "b", "c"], [None, "", "  \n"], ["x", None, None]])

    found = only(path)

    assert found.frame.isna().to_numpy().tolist() == [
        [False, False, False],
        [True, True, True],
        [False, True, True],
    ]


def test_a_wrong_dimension_hides_nothing(sheets: Any) -> None:
    body = cell('<c r="A2"><v>5</v></c>')
    path = sheets.xml(body)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    parts[part] = parts[part].replace(b"<sheetData>", b'<dimension ref="A1:A1"/><sheetData>')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    assert rows(only(path)) == {1: ["a", ""], 2: ["5", "1"]}


# -- which sheets ------------------------------------------------------------------------------


def hide(*names: str, state: Any = "hidden") -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        for name in names:
            book[name].sheet_state = state

    return change


THREE: dict[str, list[list[str]]] = {"One": [["a"]], "Two": [["b"]], "Empty": []}


@pytest.mark.parametrize(
    ("change", "wanted", "expected"),
    [
        pytest.param(None, None, ["One", "Two"], id="every sheet with a cell"),
        pytest.param(hide("One"), None, ["Two"], id="hidden ones are passed over"),
        pytest.param(hide("One", state="veryHidden"), None, ["Two"], id="very hidden ones too"),
        pytest.param(None, "Two", ["Two"], id="the one that is named"),
        pytest.param(hide("Two"), "Two", ["Two"], id="even a hidden one, if it is named"),
        pytest.param(None, "Empty", [], id="an empty one has no table"),
    ],
)
def test_which_sheets_of_a_workbook_are_read(
    sheets: Any, change: Any, wanted: str | None, expected: list[str]
) -> None:
    path = sheets.xlsx(THREE, change=change)

    assert [found.name for found in read(path, only=wanted)] == expected


def test_charts_are_no_sheets(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        chart: Any = book.add_chart({"type": "line"})
        book.add_worksheet("Orders").write_row(0, 0, ["a", 1])
        chart.add_series({"values": "=Orders!$B$1:$B$1"})
        book.add_chartsheet("Picture").set_chart(chart)

    assert [found.name for found in read(path)] == ["Orders"]


def test_macros_are_let_lie(sheets: Any) -> None:
    path = sheets.xlsx([["a"], ["b"]], name="orders.xlsm")

    assert rows(only(path)) == {1: ["a"], 2: ["b"]}


# -- files that are refused --------------------------------------------------------------------


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "orders.xlsx") == (
        "orders.xlsx: the file cannot be opened (No such file or directory). "
        "Check the name and that no other program holds it. [CANNOT_OPEN]"
    )


def test_a_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    path.mkdir()

    assert refusal(path) == (
        "orders.xlsx: this is not a file. Give the name of the order sheet itself. [NOT_A_FILE]"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    os.mkfifo(path)

    assert refusal(path) == (
        "orders.csv: this is not a file. Give the name of the order sheet itself. [NOT_A_FILE]"
    )


PACKED = "Open it in the program that made it and save or export it as .xlsx. [NOT_A_WORKBOOK]"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        pytest.param(
            "orders.xlsx", b"", "the file is empty. Save the sheet again. [EMPTY_FILE]", id="empty"
        ),
        pytest.param(
            "orders.csv", b"", "the file is empty. Save the sheet again. [EMPTY_FILE]", id="no text"
        ),
        pytest.param(
            "orders.csv",
            b"\xef\xbb\xbf\r\n , ,\r\n",
            "the file is empty. Save the sheet again. [EMPTY_FILE]",
            id="text without a word",
        ),
        pytest.param(
            "orders.xls",
            b"\r\n<html><table><tr><td>A1</td></tr></table></html>",
            "this is a web page, although it is called .xls. "
            "Open it in Excel and save it under a new name as .xlsx. [NOT_A_WORKBOOK]",
            id="web page that programs call a workbook",
        ),
        pytest.param(
            "orders.xls",
            b'<?xml version="1.0"?><Workbook '
            b'xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
            "this is an XML spreadsheet of 2003, although it is called .xls. "
            "Open it in Excel and save it under a new name as .xlsx. [NOT_A_WORKBOOK]",
            id="XML spreadsheet",
        ),
        pytest.param(
            "orders.xls",
            b"MIME-Version: 1.0\r\nContent-Type: multipart/related",
            "this is a web page (MHT), although it is called .xls. "
            "Open it in Excel and save it under a new name as .xlsx. [NOT_A_WORKBOOK]",
            id="web archive",
        ),
        pytest.param(
            "orders.fods",
            b'<?xml version="1.0"?><office:document '
            b'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"><office:body>'
            b"<table:table></table:table></office:body></office:document>",
            "this is a flat OpenDocument file, although it is called .fods. "
            "Open it in the program that made it and save or export it as .xlsx. [NOT_A_WORKBOOK]",
            id="flat OpenDocument",
        ),
        pytest.param(
            "orders.pdf",
            b"%PDF-1.7",
            f"this is a PDF document, although it is called .pdf. {PACKED}",
            id="PDF",
        ),
        pytest.param(
            "orders.xlsx",
            b"\x89PNG\r\n",
            f"this is a picture, although it is called .xlsx. {PACKED}",
            id="picture",
        ),
        pytest.param(
            "orders.xlsx",
            OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600),
            "the workbook is protected by a password. Open it in Excel, remove the "
            "password (File, Info, Protect Workbook) and save it. [ENCRYPTED]",
            id="encrypted",
        ),
        pytest.param(
            "orders.xls",
            OLE + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(600),
            f"this is a Word document, although it is called .xls. {PACKED}",
            id="old Word document",
        ),
        pytest.param(
            "orders.xls",
            OLE + bytes(600) + "Workbook".encode("utf-16-le") + bytes(600),
            "the workbook is damaged and cannot be read. "
            "Open it in Excel, let it repair the file, and save it again. [DAMAGED]",
            id="damaged old workbook",
        ),
        pytest.param(
            "orders.xlsx",
            b"PK\x03\x04 and so on",
            "the workbook is damaged and cannot be read. "
            "Open it in Excel, let it repair the file, and save it again. [DAMAGED_ZIP]",
            id="no zip file after all",
        ),
        pytest.param(
            "orders.xlsx",
            b"\x01\x02\x00\x03",
            f"this is not a workbook, although it is called .xlsx. {PACKED}",
            id="bytes of nothing known",
        ),
    ],
)
def test_a_file_is_refused_with_what_it_is_and_what_to_do(
    sheets: Any, name: str, content: bytes, expected: str
) -> None:
    assert refusal(sheets.path(name, content)) == f"{name}: {expected}"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        pytest.param("word/document.xml", "a Word document", id="Word"),
        pytest.param("ppt/presentation.xml", "a PowerPoint presentation", id="PowerPoint"),
        pytest.param("Index/Document.iwa", "an Apple Numbers document", id="Numbers"),
        pytest.param("holiday.txt", "a packed file (zip)", id="zip"),
    ],
)
def test_what_else_is_packed_is_named(sheets: Any, part: str, expected: str) -> None:
    path = sheets.path("orders.xlsx", b"")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")

    assert (
        refusal(path) == f"orders.xlsx: this is {expected}, although it is called .xlsx. {PACKED}"
    )


def test_a_packed_workbook_is_to_be_unpacked(sheets: Any) -> None:
    path = sheets.path("orders.zip", b"")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("May/orders.xlsx", "x")

    assert refusal(path) == (
        "orders.zip: this is a packed file (zip), although it is called .zip. "
        "Unpack it and give 'may/orders.xlsx' itself. [NOT_A_WORKBOOK]"
    )


@pytest.mark.parametrize("name", ["orders.xls", "orders.csv", "orders.dat", "orders"])
def test_a_workbook_is_known_by_its_content(sheets: Any, name: str) -> None:
    path = sheets.xlsx([["a"], ["b"]])
    called = path.rename(path.with_name(name))

    assert rows(only(called)) == {1: ["a"], 2: ["b"]}


def test_text_that_is_called_a_workbook_is_read_and_said(sheets: Any) -> None:
    found = only(sheets.path("orders.xls", b"a\tb\n1\t2\n"))

    assert rows(found) == {1: ["a", "b"], 2: ["1", "2"]}
    assert found.notes == (("note_text", {"suffix": ".xls"}),)


DAMAGED = (
    "orders.xlsx: the workbook is damaged and cannot be read. "
    "Open it in Excel, let it repair the file, and save it again. "
)


def cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def spoil_deflate(raw: bytes) -> bytes:
    at = raw.index(b"xl/workbook.xml") + len("xl/workbook.xml")
    return raw[:at] + bytes([0xFF] * 8) + raw[at + 8 :]


def encrypt_flag(raw: bytes) -> bytes:
    """A workbook whose zip entries are all flagged as encrypted."""
    changed = bytearray(raw)
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(sign)
        while at >= 0:
            changed[at + offset] |= 1
            at = changed.find(sign, at + 1)
    return bytes(changed)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        pytest.param(cut, "DAMAGED_ZIP", id="cut off"),
        pytest.param(lambda raw: raw[:30], "DAMAGED_ZIP", id="only a head"),
        pytest.param(spoil_deflate, "DAMAGED_ZIP", id="packed wrongly"),
        pytest.param(encrypt_flag, "ENCRYPTED", id="parts encrypted"),
        pytest.param(
            lambda raw: raw.replace(b"xl/workbook.xml", b"xl/somewhat.xml"),
            "DAMAGED",
            id="part missing",
        ),
    ],
)
def test_a_damaged_workbook_is_refused(
    sheets: Any, damage: Callable[[bytes], bytes], code: str
) -> None:
    whole = sheets.xml(cell('<c r="A2"><v>5</v></c>')).read_bytes()

    said = refusal(sheets.path("orders.xlsx", damage(whole)))

    assert said.endswith(f"[{code}]")
    assert code == "ENCRYPTED" or said.startswith(DAMAGED)


@pytest.mark.parametrize(
    "workbook",
    [
        pytest.param("<workbook><sheets><sheet", id="broken XML"),
        pytest.param('<workbook><sheets><sheet id="r1"/></sheets></workbook>', id="no name"),
    ],
)
def test_a_workbook_with_broken_parts_is_refused(sheets: Any, workbook: str) -> None:
    assert refusal(sheets.xml("", workbook=workbook)) == f"{DAMAGED}[DAMAGED]"


@given(data=st.data())
def test_random_damage_is_refused_or_harmless(sheets: Any, data: st.DataObject) -> None:
    """Damaged bytes lead to a sentence, never to a traceback."""
    whole = bytearray(sheets.xml(cell('<c r="A2"><v>5</v></c>')).read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(2, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    path = sheets.path("orders.xlsx", bytes(whole))

    with contextlib.suppress(SheetError):
        read(path)


def test_a_workbook_without_sheets_is_refused(sheets: Any) -> None:
    path = sheets.xml("", workbook="<workbook><sheets/></workbook>")

    assert refusal(path) == ("orders.xlsx: the workbook has no sheets. Save it again. [NO_SHEET]")


def test_a_workbook_of_hidden_sheets_is_refused_with_their_names(sheets: Any) -> None:
    workbook = (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        '<sheet name="Away" state="hidden" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    path = sheets.xml(cell('<c r="A2"><v>5</v></c>'), workbook=workbook)

    assert refusal(path) == (
        "orders.xlsx: the workbook has only hidden sheets. Name one with --sheet: Away. [NO_SHEET]"
    )


def test_a_sheet_that_is_not_there_is_refused(sheets: Any) -> None:
    path = sheets.xlsx(THREE, change=hide("Two"))

    assert refusal(path, only="Orders") == (
        "orders.xlsx: there is no sheet 'Orders'. Its sheets are: One, Empty. [NO_SHEET]"
    )


@pytest.mark.parametrize(
    ("at", "named"),
    [
        pytest.param("XFD1048576", "XFD1048576", id="last cell of all"),
        pytest.param("AAA3", "AAA3", id="far to the right"),
        pytest.param("B1048576", "B1048576", id="far below"),
    ],
)
def test_a_forgotten_value_far_outside_is_named(sheets: Any, at: str, named: str) -> None:
    """A grid up to the last cell would have 17 billion places."""
    number = at.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    odd = f'<row r="{number}"><c r="{at}"><v>1</v></c></row>'
    path = sheets.xml(cell('<c r="A2"><v>5</v></c>') + odd)

    assert refusal(path) == (
        f"sheet 'Orders': there is a value in {named}, far outside any table. "
        "Delete it (Ctrl+End in Excel leads there) and save the workbook. [STRAY_CELL]"
    )


def test_blank_cells_far_outside_do_no_harm(sheets: Any) -> None:
    """Formatting applied to a whole row or column."""
    odd = '<row r="1048576"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"></c></row>'
    path = sheets.xml(cell('<c r="A2"><v>5</v></c>') + odd)

    assert rows(only(path)) == {1: ["a", ""], 2: ["5", "1"]}


# -- CSV ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding",
    [
        pytest.param("utf-8", id="UTF-8"),
        pytest.param("utf-8-sig", id="UTF-8 with a byte order mark"),
        pytest.param("gbk", id="GBK"),
        pytest.param("gb18030", id="GB18030"),
        pytest.param("utf-16", id="UTF-16, as Excel's Unicode text"),
    ],
)
def test_chinese_text_is_read_in_the_usual_encodings(sheets: Any, encoding: str) -> None:
    path = sheets.csv("客户单号 | 数量\nA1 | 二", encoding=encoding)

    (found,) = read(path, known={"客户单号", "数量"}.__contains__)

    assert rows(found) == {1: ["客户单号", "数量"], 2: ["A1", "二"]}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param("a.csv", "a,b\n1,2\n", {1: ["a", "b"], 2: ["1", "2"]}, id="comma"),
        pytest.param("a.csv", "a;b\n1;2,5\n", {1: ["a", "b"], 2: ["1", "2,5"]}, id="semicolon"),
        pytest.param("a.csv", "a\tb\n1\t2\n", {1: ["a", "b"], 2: ["1", "2"]}, id="tab"),
        pytest.param("a.tsv", "a,b\tc\n1\t2\n", {1: ["a,b", "c"], 2: ["1", "2"]}, id="tsv is tabs"),
        pytest.param("a.txt", "a\tb\n1\t2\n", {1: ["a", "b"], 2: ["1", "2"]}, id="txt"),
        pytest.param("a.CSV", "a,b\n1,2\n", {1: ["a", "b"], 2: ["1", "2"]}, id="capitals"),
        pytest.param("a.csv", "a\n1\n", {1: ["a"], 2: ["1"]}, id="one column"),
        pytest.param("a.csv", "a,b\r1,2\r", {1: ["a", "b"], 2: ["1", "2"]}, id="old Mac lines"),
        pytest.param("a.csv", "a,b\r\n1,2", {1: ["a", "b"], 2: ["1", "2"]}, id="no last line end"),
        pytest.param(
            "a.csv", "\n\na,b\n\n1,2\n", {3: ["a", "b"], 5: ["1", "2"]}, id="blank lines count"
        ),
        pytest.param(
            "a.csv",
            'a,b\n"x\ny","say ""hi"""\n1,2\n',
            {1: ["a", "b"], 2: ["x\ny", 'say "hi"'], 3: ["1", "2"]},
            id="line breaks in quotes are one row",
        ),
        pytest.param(
            "a.csv", "a,b,c\n1\n2,3\n", {1: ["a", "b", "c"], 2: ["1", "", ""], 3: ["2", "3", ""]},
            id="short rows end in blanks",
        ),
        pytest.param(
            "a.csv",
            'a,b\n="00123","=""007"""\n',
            {1: ["a", "b"], 2: ["00123", "007"]},
            id="text in Excel's disguise",
        ),
        pytest.param(
            "a.csv",
            "a,b,c,d\n007,02108,123456789012345678,1E5\n",
            {1: ["a", "b", "c", "d"], 2: ["007", "02108", "123456789012345678", "1E5"]},
            id="codes stay text",
        ),
        pytest.param(
            "a.csv", "a,b\n1,2,,\n", {1: ["a", "b"], 2: ["1", "2"]}, id="separators at the end"
        ),
    ],
)  # fmt: skip
def test_csv_rows(sheets: Any, name: str, text: str, expected: dict[int, list[str]]) -> None:
    found = only(sheets.path(name, text.encode()))

    assert rows(found) == expected
    assert found.flaws == {}


def test_a_csv_file_is_a_sheet_of_its_own_name(sheets: Any) -> None:
    found = only(sheets.csv("a | b", name="March orders.csv"))

    assert (found.name, found.letters) == ("March orders", ("A", "B"))


def test_a_row_with_more_cells_than_the_header_is_noted_and_never_shifted(sheets: Any) -> None:
    """A value of such a row may contain a separator, so none of its cells can be trusted."""
    path = sheets.path("a.csv", b"a,b\n1,2\nx,Main Street 5, London\n3,4\n")

    found = only(path)

    assert rows(found) == {1: ["a", "b"], 2: ["1", "2"], 3: ["x", "Main Street 5"], 4: ["3", "4"]}
    assert found.flaws == {0: {"ragged": {3}}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            'a,b\n1,2\n3,"4\n5,6\n7,8\n',
            "a.csv: the row that begins in line 3 cannot be read as comma-separated text "
            "(unexpected end of data). Look for a quotation mark that is not closed. [TEXT_QUOTES]",
            id="never closed",
        ),
        pytest.param(
            'a,b\n"x\ny",2\n3,"4\n5,6\n7,"8"\n',
            "a.csv: the row that begins in line 4 cannot be read as comma-separated text "
            "(',' expected after '\"'). "
            "Look for a quotation mark that is not closed. [TEXT_QUOTES]",
            id="closed by another cell's",
        ),
    ],
)
def test_an_open_quotation_mark_is_named_where_it_opened(
    sheets: Any, text: str, expected: str
) -> None:
    assert refusal(sheets.path("a.csv", text.encode())) == expected


WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    lambda text: text == text.strip() and not text.startswith(('="', "\ufeff"))
)


@given(table=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5))
def test_every_text_survives_a_csv_file(sheets: Any, table: list[tuple[str, str]]) -> None:
    found = only(sheets.csv([("a", "b"), *table]))

    assert [tuple(texts) for texts in rows(found).values()] == [("a", "b"), *table]


@given(table=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5))
def test_every_text_survives_a_workbook(sheets: Any, table: list[tuple[str, str]]) -> None:
    path = sheets.folder() / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        made = book.add_worksheet()
        for row, texts in enumerate([("a", "b"), *table]):
            for column, text in enumerate(texts):
                made.write_string(row, column, text)

    assert [tuple(texts) for texts in rows(only(path)).values()] == [("a", "b"), *table]


# -- columns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (16383, "XFD")],
)
def test_columns_are_called_as_in_excel(number: int, name: str) -> None:
    assert letter(number) == name
    assert position(name) == number


@given(st.integers(0, 100_000))
def test_the_name_of_a_column_leads_back_to_it(number: int) -> None:
    assert position(letter(number)) == number


# -- what Excel merges and hides ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        pytest.param(["B3:B5"], [Merged(3, 0, 5, 0)], id="down"),
        pytest.param(["C3:D3"], [Merged(3, 1, 3, 2)], id="across"),
        pytest.param(["B3:C4"], [Merged(3, 0, 4, 1)], id="both"),
        pytest.param(["B3:B90"], [Merged(3, 0, 5, 0)], id="as far as the table goes"),
        pytest.param(["D3:H3", "C4:H4"], [Merged(4, 1, 4, 2)], id="to outside the table"),
        pytest.param(["F9:G9"], [], id="outside"),
        pytest.param(
            ["B3:B4", "C3:C4"], [Merged(3, 0, 4, 0), Merged(3, 1, 4, 1)], id="several"
        ),
    ],
)  # fmt: skip
def test_merged_cells_are_told(sheets: Any, ranges: list[str], expected: list[Merged]) -> None:
    def merge(book: openpyxl.Workbook) -> None:
        for one in ranges:
            book["Orders"].merge_cells(one)

    table = [["a", "b", "c"], ["1", "2", "3"], ["", "", "4"], ["", "", "5"]]
    path = sheets.xlsx(table, at="B2", change=merge)

    assert list(only(path).merged) == expected


def test_hidden_rows_and_columns_are_told(sheets: Any) -> None:
    def hide_some(book: openpyxl.Workbook) -> None:
        made = book["Orders"]
        made.row_dimensions[4].hidden = True
        made.row_dimensions[99].hidden = True
        made.column_dimensions["C"].hidden = True
        made.column_dimensions["A"].hidden = True

    path = sheets.xlsx([["a", "b"], ["1", "2"], ["3", "4"]], at="B2", change=hide_some)

    found = only(path)
    assert found.hidden_rows == {4}
    assert found.hidden_columns == {1}


def test_nothing_is_hidden_or_merged_in_a_plain_sheet(sheets: Any) -> None:
    found = only(sheets.xlsx([["a"], ["b"]]))

    assert (found.merged, found.hidden_rows, found.hidden_columns) == ((), frozenset(), frozenset())
