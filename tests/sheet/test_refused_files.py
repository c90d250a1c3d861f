"""Files that are no order sheet are refused with what they are and what to do."""

from __future__ import annotations

import contextlib
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.errors import SheetError
from converter.sheet import read
from tests.sheet.reading import OLE, THREE, cell, hide, only, refusal, rows


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
    assert found.notes == ("The file is called .xls but holds plain text; it was read as such.",)


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


@pytest.mark.parametrize("at", ["AAA3", "XFD1"])
def test_a_value_far_to_the_right_is_left_out_and_said(sheets: Any, at: str) -> None:
    number = at.lstrip("ADFX")
    odd = f'<row r="{number}"><c r="{at}"><v>1</v></c></row>'
    found = only(sheets.xml(cell('<c r="A2"><v>5</v></c>') + odd))

    assert rows(found)[2] == ["5", "1"]
    assert found.notes == (
        f"The sheet Orders has values far outside the table ({at}). They were not used.",
    )


def test_a_title_far_to_the_right_of_many_rows_is_read(sheets: Any) -> None:
    body = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(2, 400_000))
    head = '<row r="1"><c r="A1"><v>1</v></c><c r="BA1" t="inlineStr"><is><t>x</t></is></c></row>'

    found = only(sheets.xml(head + body))

    assert (found.letters[-1], found.texts(1)[-1]) == ("BA", "x")
    assert found.texts(399_999)[0] == "399999"


def test_blank_cells_far_outside_do_no_harm(sheets: Any) -> None:
    """Formatting applied to a whole row or column."""
    odd = '<row r="1048576"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"></c></row>'
    path = sheets.xml(cell('<c r="A2"><v>5</v></c>') + odd)

    assert rows(only(path)) == {1: ["a", ""], 2: ["5", "1"]}
