"""Detect what a file is by its content, whatever its name says."""

from __future__ import annotations

import re
from pathlib import Path

from converter.errors import SheetError
from converter.message import t
from converter.sheet.zip_check import SAVE_AGAIN, encrypted

TEXT, XLSX, XLSB, ODS, XLS = "text", "xlsx", "xlsb", "ods", "xls"

HEAD = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE_XLS = re.compile(rb"\x09[\x00\x02\x04\x08][\x04-\x10]\x00")
"""The first record of the oldest workbooks, which have no OLE container."""
_SIGNS = (
    (b"%PDF", t("a PDF document")),
    (b"{\\rtf", t("a text document (RTF)")),
    (b"\x89PNG", t("a picture")),
    (b"\xff\xd8\xff", t("a picture")),
    (b"GIF8", t("a picture")),
    (b"\x1f\x8b", t("a packed file (gzip)")),
    (b"7z\xbc\xaf\x27\x1c", t("a packed file (7z)")),
    (b"Rar!", t("a packed file (RAR)")),
    (b"SQLite format 3", t("a database")),
    (b"\x7fELF", t("a program")),
    (b"MZ\x90\0", t("a program")),
)
_WEB_PAGE = t("a web page")
_WEB_ARCHIVE = t("a web page (MHT)")
_XML_SHEET = t("an XML spreadsheet of 2003")
_FLAT_ODF = t("a flat OpenDocument file")
_ZIP = t("a packed file (zip)")
_TEXTS = (
    (re.compile(rb"urn:oasis:names:tc:opendocument:xmlns:office"), _FLAT_ODF),
    (re.compile(rb"(?i)<(!doctype html|html|table|body|meta|head)\b(?!:)"), _WEB_PAGE),
    (re.compile(rb"(?i)mime-version:"), _WEB_ARCHIVE),
    (re.compile(rb"urn:schemas-microsoft-com:office:spreadsheet"), _XML_SHEET),
    (re.compile(rb"<\?xml"), t("an XML document")),
)
_PACKED = (
    ("xl/workbook.bin", XLSB),
    ("content.xml", ODS),
    ("word/document.xml", t("a Word document")),
    ("ppt/presentation.xml", t("a PowerPoint presentation")),
    ("index/document.iwa", t("an Apple Numbers document")),
    ("index.zip", t("an Apple Numbers document")),
)
_EXPORT = t("Open it in the program that made it and save or export it as .xlsx.")


def of_head(head: bytes, path: Path) -> str:
    """Return "text", "xls", or "zip" for any zip file; raise SheetError for anything else."""
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return "zip"
    if head.startswith(_OLE) or _BARE_XLS.match(head):
        return XLS
    for sign, kind in _SIGNS:
        if head.startswith(sign):
            raise not_a_workbook(kind, path)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<", b"MIME", b"mime")):
        for pattern, kind in _TEXTS:
            if pattern.search(start):
                raise not_a_workbook(kind, path)
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb", ".ods") and _is_binary(head):
        raise not_a_workbook(t("not a workbook"), path)
    return TEXT


def _is_binary(head: bytes) -> bool:
    return b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))


def of_names(names: list[str], path: Path) -> str:
    """Return the kind of workbook in a zip file, given its part names in lower case."""
    for name, kind in _PACKED:
        if name in names:
            if kind in (XLSB, ODS):
                return kind
            raise not_a_workbook(kind, path)
    if any(name.startswith("xl/") for name in names) or "[content_types].xml" in names:
        return XLSX
    inside = next((n for n in names if n.endswith((".xlsx", ".xls", ".xlsm", ".csv"))), "")
    remedy = t("Unpack it and give {file} itself.", file=repr(inside)) if inside else _EXPORT
    raise not_a_workbook(_ZIP, path, remedy)


def of_container(raw: bytes, path: Path) -> str:
    """Tell apart old Excel, encrypted and Word files, which share the OLE container."""
    lower = raw.lower()  # the names of streams differ in case between programs
    names = {
        name: name.lower().encode("utf-16-le") in lower
        for name in ("EncryptedPackage", "Workbook", "Book", "WordDocument", "PowerPoint Document")
    }
    if names["EncryptedPackage"]:
        raise encrypted(path)
    if names["Workbook"] or names["Book"] or not raw.startswith(_OLE):
        return XLS
    for name, kind in (
        ("WordDocument", t("a Word document")),
        ("PowerPoint Document", t("a PowerPoint presentation")),
    ):
        if names[name]:
            raise not_a_workbook(kind, path)
    raise not_a_workbook(t("no workbook that is known"), path)


def not_a_workbook(kind: str, path: Path, remedy: str = "") -> SheetError:
    facts = {"kind": kind, "suffix": path.suffix.lower()}
    return SheetError(
        t("this is {kind}, although it is called {suffix}", **facts)
        if path.suffix
        else t("this is {kind}", kind=kind),
        where=path,
        remedy=remedy or (SAVE_AGAIN if kind in (_WEB_PAGE, _WEB_ARCHIVE, _XML_SHEET) else _EXPORT),
        code="NOT_A_WORKBOOK",
    )
