"""Who saved a workbook last, as its properties say: by that our own can be told from others'."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.parsers.expat import ExpatError

from converter.ooxml import markup
from converter.ooxml.markup import Element
from converter.ooxml.package import Package
from converter.results.looks import AUTHOR

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

_APP = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns='
    '"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"></Properties>'
)
_APP_TYPE = "application/vnd.openxmlformats-officedocument.extended-properties+xml"


def sign(package: Package, relations: str) -> None:
    """Name this program as the one that saved the workbook last. Who made it stays."""
    core, xml, root = _open(package, "core-properties", _CORE)
    if not core:
        core = "docProps/core.xml"
        package.add(core, _CORE_TYPE, lambda: ())
        package.relate("", "core-properties", core, _CORE_RELATIONS)
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    by = f"<{root.prefix}lastModifiedBy>{AUTHOR}</{root.prefix}lastModifiedBy>"
    if root.first("creator") is None:
        by = f'<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">{AUTHOR}</dc:creator>{by}'
    told = (by + _MODIFIED.format(now)).encode()
    written = _replaced(xml, root, ("lastModifiedBy", "modified"), told)
    package.change(core, lambda: [written])

    app, xml, root = _open(package, "extended-properties", _APP)
    if not app:
        app = "docProps/app.xml"
        package.add(app, _APP_TYPE, lambda: ())
        package.relate("", "extended-properties", app, relations)
    told = f"<{root.prefix}Application>{AUTHOR}</{root.prefix}Application>".encode()
    # the lists of sheets are no longer right, and Excel makes them again
    gone = ("Application", "HeadingPairs", "TitlesOfParts")
    signed = _replaced(xml, root, gone, told)
    package.change(app, lambda: [signed])


def _open(package: Package, kind: str, fresh: str) -> tuple[str, bytes, Element]:
    """The part, what it says, and its root; a fresh one where there is none that can be read."""
    part = package.target("", kind)
    try:
        xml = package.read(part) if part else fresh.encode()
        return part, xml, markup.parse(xml)
    except (ExpatError, ValueError, IndexError):
        return part, fresh.encode(), markup.parse(fresh.encode())


def _replaced(xml: bytes, root: Element, gone: tuple[str, ...], new: bytes) -> bytes:
    edits = [(e.start, e.end, b"") for e in root.children if e.name in gone]
    return markup.splice(xml, [*edits, markup.appended(xml, root, new)])
