"""The properties of a workbook: they name this program where it was the last to save the file."""

from __future__ import annotations

import logging
import lzma
import re
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from xml.parsers.expat import ExpatError

from converter.ooxml import markup
from converter.ooxml.markup import Element
from converter.ooxml.package import Package

_LOG = logging.getLogger(__name__)

AUTHOR = "converter"
"""Author of our notes, and who saved our workbooks last, as office programs show it."""

_CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cp:coreProperties xmlns:cp='
    '"http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc='
    '"http://purl.org/dc/elements/1.1/"></cp:coreProperties>'
)
_CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
_CORE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships/metadata"
_MODIFIED = (
    '<dcterms:modified xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi='
    '"http://www.w3.org/2001/XMLSchema-instance" xsi:type="dcterms:W3CDTF">{}</dcterms:modified>'
)

_CHECKED = "checked"
"""The state of a result workbook that only `check` has made."""

_APP = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns='
    '"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"></Properties>'
)
_APP_TYPE = "application/vnd.openxmlformats-officedocument.extended-properties+xml"


def sign(package: Package, relations: str, *, checked: bool) -> None:
    """Name this program as the last to save the workbook, and keep its creator.

    `checked` says that nothing was sent, so that the workbook holds no answers.
    """
    core, xml, root = _open(package, "core-properties", _CORE)
    if not core:
        core = "docProps/core.xml"
        package.add(core, _CORE_TYPE, lambda: ())
        package.relate("", "core-properties", core, _CORE_RELATIONS)
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    by = f"<{root.prefix}lastModifiedBy>{AUTHOR}</{root.prefix}lastModifiedBy>"
    if root.first("creator") is None:
        by = f'<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">{AUTHOR}</dc:creator>{by}'
    state = f"<{root.prefix}contentStatus>{_CHECKED}</{root.prefix}contentStatus>" * checked
    gone = ("lastModifiedBy", "modified", "contentStatus")
    written = _replaced(xml, root, gone, (by + _MODIFIED.format(now) + state).encode())
    package.change(core, lambda: [written])

    app, xml, root = _open(package, "extended-properties", _APP)
    if not app:
        app = "docProps/app.xml"
        package.add(app, _APP_TYPE, lambda: ())
        package.relate("", "extended-properties", app, relations)
    new = f"<{root.prefix}Application>{AUTHOR}</{root.prefix}Application>".encode()
    # the lists of sheets are outdated; Excel makes them again
    gone = ("Application", "HeadingPairs", "TitlesOfParts")
    signed = _replaced(xml, root, gone, new)
    package.change(app, lambda: [signed])


def _open(package: Package, kind: str, fresh: str) -> tuple[str, bytes, Element]:
    """The part, its XML and its root; `fresh` XML where there is none that can be read."""
    part = package.target("", kind)
    try:
        xml = package.read(part) if part else fresh.encode()
        return part, xml, markup.parse(xml)
    except (ExpatError, ValueError, IndexError):
        _LOG.info("workbook properties are made anew", exc_info=True)
        return part, fresh.encode(), markup.parse(fresh.encode())


def _replaced(xml: bytes, root: Element, gone: tuple[str, ...], new: bytes) -> bytes:
    edits = [(e.start, e.end, b"") for e in root.children if e.name in gone]
    return markup.splice(xml, [*edits, markup.appended(xml, root, new)])


_SIGNATURES = (
    ("docProps/core.xml", b"lastModifiedBy"),
    ("docProps/app.xml", b"Application"),
)
"""Where our workbooks name this program."""

_UNREADABLE = (
    *(OSError, EOFError, KeyError, RuntimeError, ValueError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
)
"""What reading a damaged zip file may raise."""


def is_untouched(path: Path) -> bool:
    """Whether this is a result workbook that nobody has saved since this program wrote it.

    Office programs and libraries that save a workbook change its properties. Both parts are
    needed: LibreOffice may keep who saved it last, and openpyxl always does. The workbook's
    creator is the customer's and says nothing.
    """
    try:
        if not path.is_file():  # reading a pipe might never return
            return False
        with zipfile.ZipFile(path) as archive:
            return all(_names_us(archive, part, key) for part, key in _SIGNATURES)
    except _UNREADABLE:
        _LOG.debug("not a workbook of this program", exc_info=True)
        return False


def holds_answers(path: Path) -> bool:
    """Whether this is a result workbook of orders that were sent."""
    try:
        if not path.is_file():
            return False
        with zipfile.ZipFile(path) as archive:
            core = archive.read("docProps/core.xml")
            is_result = b'"Results"' in archive.read("xl/workbook.xml")
            return is_result and b":contentStatus>%b<" % _CHECKED.encode() not in core
    except _UNREADABLE:
        _LOG.debug("not a workbook of this program", exc_info=True)
        return False


def _names_us(archive: zipfile.ZipFile, part: str, key: bytes) -> bool:
    with archive.open(part) as file:
        xml = file.read(100_000)
    return re.search(rb"<(?:\w+:)?%b>%b</" % (key, AUTHOR.encode()), xml) is not None
