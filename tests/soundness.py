"""What Excel asks of a workbook before it opens it without a word, as far as a file shows it."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

_WORKSHEET = (
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr"),
    *("sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState"),
    *("dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting"),
    *("dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup"),
    *("headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches"),
    *("ignoredErrors", "smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF"),
    *("picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst"),
)
_STYLES = (
    *("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"),
    *("tableStyles", "colors", "extLst"),
)
_WORKBOOK = (
    *("fileVersion", "fileSharing", "workbookPr", "AlternateContent", "revisionPtr"),
    *("workbookProtection", "bookViews", "sheets", "functionGroups", "externalReferences"),
    *("definedNames", "calcPr", "oleSize", "customWorkbookViews", "pivotCaches"),
    *("smartTagPr", "smartTagTypes", "webPublishing", "fileRecoveryPr"),
    *("webPublishObjects", "extLst"),
)


def faults(path: Path) -> list[str]:
    """Everything that would have Excel offer to repair the workbook."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        found = [f"{name} stands twice" for name in {n for n in names if names.count(n) > 1}]
        found += ["a part is damaged"] * (archive.testzip() is not None)
        parts = {name: archive.read(name) for name in names}
    trees = {n: ET.fromstring(x) for n, x in parts.items() if n.endswith((".xml", ".rels"))}
    return [*found, *_types(trees, parts), *_relations(trees, parts), *_book(trees), *_notes(parts)]


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _types(trees: dict[str, ET.Element], parts: dict[str, bytes]) -> Iterator[str]:
    root = trees["[Content_Types].xml"]
    overrides = [e.get("PartName", "") for e in root if _name(e) == "Override"]
    defaults = {e.get("Extension", "").lower() for e in root if _name(e) == "Default"}
    for part in overrides:
        if part.lstrip("/") not in parts:
            yield f"{part} has a type and is not there"
        if overrides.count(part) > 1:
            yield f"{part} has two types"
    for part in parts:
        ending = part.rpartition(".")[2].lower()
        if f"/{part}" not in overrides and ending not in defaults and part[0] != "[":
            yield f"{part} has no type"


def _relations(trees: dict[str, ET.Element], parts: dict[str, bytes]) -> Iterator[str]:
    for name, root in trees.items():
        if not name.endswith(".rels"):
            continue
        folder, file = posixpath.split(name)
        owner = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
        ids = [element.get("Id") for element in root]
        if len(ids) != len(set(ids)):
            yield f"{name} names two relations alike"
        if owner and owner not in parts:
            yield f"{name} belongs to nothing"
        for element in root:
            target = element.get("Target", "")
            if element.get("TargetMode") != "External":
                at = posixpath.normpath(posixpath.join("/", posixpath.dirname(owner), target))
                if at.lstrip("/") not in parts:
                    yield f"{name} leads to {target}, which is not there"
        used = re.findall(rb'\br:id="([^"]*)"', parts.get(owner, b""))
        for missing in {u.decode() for u in used} - set(ids):
            yield f"{owner} asks for {missing}, which {name} does not have"


def _book(trees: dict[str, ET.Element]) -> Iterator[str]:
    book, styles = trees["xl/workbook.xml"], trees["xl/styles.xml"]
    yield from _order("xl/workbook.xml", book, _WORKBOOK)
    yield from _order("xl/styles.xml", styles, _STYLES)
    counts = {}
    for element in styles:
        counts[_name(element)] = len(element)
        if element.get("count") not in (None, str(len(element))):
            yield f"styles: {_name(element)} has {len(element)}, not {element.get('count')}"
    for xf in next(e for e in styles if _name(e) == "cellXfs"):
        for key, section in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            if int(xf.get(key, "0")) >= counts[section]:
                yield f"styles: there is no {key} {xf.get(key)}"
    sheets = next(e for e in book if _name(e) == "sheets")
    for key in ("name", "sheetId"):
        values = [sheet.get(key, "").lower() for sheet in sheets]
        if len(values) != len(set(values)):
            yield f"two sheets have one {key}: {values}"
    for element in book.iter():
        if int(element.get("localSheetId", "0")) >= len(sheets):
            yield f"{element.get('name')} belongs to no sheet"
    for name, root in trees.items():
        if _name(root) == "worksheet":
            yield from _sheet(name, root, counts["cellXfs"])


def _order(name: str, root: ET.Element, order: tuple[str, ...]) -> Iterator[str]:
    places = [order.index(_name(element)) for element in root if _name(element) in order]
    if places != sorted(places):
        yield f"{name}: {[_name(element) for element in root]} is no order for Excel"


def _sheet(name: str, root: ET.Element, styles: int) -> Iterator[str]:
    yield from _order(name, root, _WORKSHEET)
    last_row = 0
    for row in (row for e in root if _name(e) == "sheetData" for row in e):
        number = int(row.get("r", last_row + 1))
        if number <= last_row:
            yield f"{name}: row {number} stands below {last_row}"
        last_row, last = number, 0
        for cell in row:
            letters = re.match("[A-Z]+", cell.get("r", ""))
            column = 0
            for letter in letters[0] if letters else "":
                column = column * 26 + ord(letter) - 64
            if letters and column <= last:
                yield f"{name}: {cell.get('r')} stands behind a later cell"
            last = column or last + 1
            if letters and cell.get("r") != f"{letters[0]}{number}":
                yield f"{name}: {cell.get('r')} stands in row {number}"
            if int(cell.get("s", "0")) >= styles:
                yield f"{name}: {cell.get('r')} has style {cell.get('s')} of {styles}"
    last = 0
    for col in (col for e in root if _name(e) == "cols" for col in e):
        if int(col.get("min", "0")) <= last:
            yield f"{name}: column {col.get('min')} is told of twice"
        last = int(col.get("max", "0"))


def _notes(parts: dict[str, bytes]) -> Iterator[str]:
    shapes: list[bytes] = []
    for name, xml in parts.items():
        if name.endswith(".vml"):
            shapes += re.findall(rb'<v:shape [^>]*?id="([^"]*)"', xml)
        if re.search(r"comments\d*\.xml$", name):
            refs = re.findall(rb'<(?:\w+:)?comment [^>]*?ref="([^"]*)"', xml)
            if len(refs) != len(set(refs)):
                yield f"{name}: two notes stand on one cell"
    if len(shapes) != len(set(shapes)):
        yield "two shapes have one number"
