"""Pictures in the sheets of an Excel or WPS workbook: the cell of each, and its bytes.

Three kinds are read: pictures placed on the sheet, WPS's pictures in cells (`=DISPIMG("ID_...",1)`)
and Excel's pictures in cells, stored as `#VALUE!` with metadata that refers to the picture.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from converter.errors import SheetError
from converter.message import t
from converter.model import Cell
from converter.ooxml import markup
from converter.ooxml.package import Package
from converter.sheet import letter
from converter.sheet.limits import COLUMNS

_LARGEST_DRAWING, _MOST_TAGS = 32 << 20, 2_000_000
"""Limits for markup about pictures; 10,000 pictures take less than half."""
_SLIVER = 0.25
"""A picture that begins in this last part of a cell belongs to the next: people place roughly."""
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_PICTURES = (b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n")
_PICTURE_FOLDERS = ("xl/media/", "Pictures/")
"""Of an xlsb and of an ods."""
_EMU_PER_POINT, _EMU_PER_PIXEL = 12_700, 9_525
_DISPIMG = re.compile(r'\s*=?\s*(?:_xlfn\.)?DISPIMG\(\s*"([^"]+)"', re.IGNORECASE)
_CELL_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the workbook; without a part it is only linked, and its bytes are elsewhere."""

    part: str
    size: int = 0

    @property
    def name(self) -> str:
        return posixpath.basename(self.part)


@dataclass(frozen=True)
class Pictures:
    """The pictures of one open workbook."""

    at: Mapping[Cell, tuple[Picture, ...]] = field(default_factory=dict)
    named: Mapping[str, Picture] = field(default_factory=dict)
    """WPS's pictures in cells, by the names that formulas use."""
    path: Path = Path()
    package: Package | None = None
    unread: bool = False
    """The file has pictures, but of a format that they are not read from."""

    def by_formula(self, text: str) -> Picture | None:
        """The picture of a cell's `=DISPIMG(...)`; without a part if the workbook lacks it."""
        found = _DISPIMG.match(text)
        return self.named.get(found[1], Picture("")) if found else None

    def read(self, picture: Picture) -> bytes:
        assert self.package is not None
        with _whole(self.path):
            content = b"".join(self.package.chunks(picture.part))
            if len(content) != picture.size:
                raise ValueError(f"{picture.part}: not as large as its entry says")
        return content


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Pictures]:
    """Open the pictures of a workbook; files of other kinds have none.

    Raises SheetError if the workbook's markup about pictures cannot be read.
    """
    if not zipfile.is_zipfile(path):
        yield Pictures(unread=_has_pictures(path))
        return
    with contextlib.ExitStack() as stack:
        with _whole(path):
            archive = stack.enter_context(zipfile.ZipFile(path))
            found = _find(archive, path)
        yield found


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise SheetError(
            t("the pictures of the workbook cannot be read"),
            where=path,
            remedy=t("Open it in Excel, let it repair the file, and save it again."),
            code="DAMAGED_PICTURES",
        ) from error


def _has_pictures(path: Path) -> bool:
    """Whether an old workbook (xls) has a picture, which it stores uncompressed."""
    content = path.read_bytes()
    return content.startswith(_OLD_WORKBOOK) and any(sign in content for sign in _PICTURES)


_DAMAGE = (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError,
           LookupError, ValueError, RuntimeError, NotImplementedError)  # fmt: skip


def _find(archive: zipfile.ZipFile, path: Path) -> Pictures:
    package = Package(archive)
    workbook = package.target("", "officeDocument")
    if not workbook.endswith(".xml"):
        return Pictures(unread=any(part.startswith(_PICTURE_FOLDERS) for part in package.parts()))
    at, named = _Finder(archive, package, workbook).find()
    return Pictures(at, named, path, package)


class _Finder:
    """Follow the relations from the workbook to its sheets, and from those to their pictures."""

    def __init__(self, archive: zipfile.ZipFile, package: Package, workbook: str) -> None:
        self.archive = archive
        self.package = package
        self.workbook = workbook

    def find(self) -> tuple[dict[Cell, tuple[Picture, ...]], dict[str, Picture]]:
        named = self._of_wps()
        values = self._of_excel()
        at: dict[Cell, list[Picture]] = {}
        for name, part in self._sheets():
            drawing = self.package.target(part, "drawing")
            anchors = list(self._anchors(drawing)) if drawing else []
            if not (anchors or named or values):
                continue
            sheet = _Sheet(named, values, max((a.row for a, _ in anchors), default=0))
            sheet.read(self.package, part)
            lying = [(*sheet.cell_of(anchor), picture) for anchor, picture in anchors]
            for column, row, picture in (*lying, *sheet.pictures):
                at.setdefault(Cell(name, column, row), []).append(picture)
        return {cell: tuple(found) for cell, found in at.items()}, named

    def _sheets(self) -> Iterator[tuple[str, str]]:
        targets = {r.id: r.target for r in self.package.relations(self.workbook) if not r.external}
        for element in self._parse(self.workbook).within("sheet"):
            part = targets.get(_relation_id(element), "")
            if "worksheets/" in part and self.package.has(part):
                yield element.get("name"), part

    def _anchors(self, drawing: str) -> Iterator[tuple[_Anchor, Picture]]:
        root = self._parse(drawing)
        for element in (*root.within("twoCellAnchor"), *root.within("oneCellAnchor")):
            start = element.first("from")
            for embedded in _pictures_in(element) if start is not None else ():
                assert start is not None
                stop, size = element.first("to"), element.first("ext")
                anchor = _Anchor(
                    _number(start, "col"), _number(start, "colOff"),
                    _number(start, "row"), _number(start, "rowOff"),
                    columns=_number(stop, "col") - _number(start, "col") if stop else 0,
                    rows=_number(stop, "row") - _number(start, "row") if stop else 0,
                    width=int(size.get("cx") or 0) if size else 0,
                    height=int(size.get("cy") or 0) if size else 0,
                )  # fmt: skip
                yield anchor, self._picture(drawing, embedded)

    def _picture(self, part: str, relation_id: str) -> Picture:
        for relation in self.package.relations(part):
            if relation.id == relation_id and not relation.external:
                return self._of_part(relation.target)
        return Picture("")

    def _of_part(self, part: str) -> Picture:
        if not self.package.has(part):
            return Picture("")
        return Picture(part, self.archive.getinfo(part).file_size)

    def _of_wps(self) -> dict[str, Picture]:
        part = self.package.target(self.workbook, "cellImage")
        if not part:
            return {}
        found = {}
        for element in self._parse(part).within("pic"):
            named = next(element.within("cNvPr"), None)
            for blip in element.within("blip"):
                if named is not None:
                    found[named.get("name")] = self._picture(part, blip.get("embed"))
        return found

    def _of_excel(self) -> dict[int, Picture]:
        """By the number that a cell has as its `vm` attribute."""
        parts = [
            self.package.target(self.workbook, kind)
            for kind in ("sheetMetadata", "rdRichValue", "rdRichValueStructure", "richValueRel")
        ]
        if not all(parts):
            return {}
        metadata, values, structures, relations = (self._parse(part) for part in parts)
        keys = [
            [key.get("n").rpartition(":")[2] for key in structure.all("k")]
            for structure in structures.all("s")
        ]
        images = [self._picture(parts[3], _relation_id(one)) for one in relations.all("rel")]
        shown: list[Picture | None] = []
        for value in values.all("rv"):
            facts = dict(zip(keys[int(value.get("s"))], value.all("v"), strict=False))
            number = facts.get("LocalImageIdentifier")
            shown.append(images[int(number.text)] if number is not None else None)
        rich = [int(one.get("i")) for one in metadata.within("rvb")]
        found: dict[int, Picture] = {}
        for block in metadata.all("valueMetadata"):
            for vm, record in enumerate(block.within("rc"), 1):
                picture = shown[rich[int(record.get("v"))]]
                if picture is not None:
                    found[vm] = picture
        return found

    def _parse(self, part: str) -> markup.Element:
        name = next(name for name in self.package.parts() if name.lower() == part.lower())
        if self.archive.getinfo(name).file_size > _LARGEST_DRAWING:
            raise ValueError(f"{part}: too large to be about pictures")
        xml = self.package.read(part)
        if xml.count(b"<") > _MOST_TAGS:
            raise ValueError(f"{part}: too many tags to be about pictures")
        return markup.parse(xml)


def _pictures_in(element: markup.Element) -> Iterator[str]:
    """The relations of the pictures in an anchor, including those in groups.

    `Fallback` repeats the content for old programs and is skipped.
    """
    for child in element.children:
        if child.name == "pic":
            blip = next(child.within("blip"), None)
            if blip is not None:
                yield blip.get("embed")
        elif child.name != "Fallback":
            yield from _pictures_in(child)


def _relation_id(element: markup.Element) -> str:
    """`r:id`, which stands beside an `id` of another meaning or a `sheetId`."""
    found = ((k, v) for k, v in element.attributes.items() if k.rpartition(":")[2] == "id")
    return next((value for key, value in found if ":" in key), "")


def _number(element: markup.Element, name: str) -> int:
    found = element.first(name)
    return int(found.text) if found is not None and found.text.strip() else 0


@dataclass(frozen=True, slots=True)
class _Anchor:
    """Position and size of a picture, in cells counted from 0 and in EMU."""

    column: int
    left: int
    row: int
    top: int
    columns: int
    rows: int
    width: int
    height: int


class _Sheet:
    """Row heights, column widths and pictures in cells, from the markup of a sheet."""

    def __init__(
        self, named: Mapping[str, Picture], values: Mapping[int, Picture], last_row: int
    ) -> None:
        self.pictures: list[tuple[str, int, Picture]] = []
        """Those in cells: column, row, picture."""
        self._named = named
        self._values = values
        self._last_row = last_row
        """Counted from 0; rows below it are not read unless cells may hold pictures."""
        self._is_done = False
        self._heights: dict[int, float] = {}
        self._widths: list[tuple[int, int, float]] = []
        self._height, self._width = 15.0, 8.43
        self._cell = ("", 0)
        self._formula: list[str] | None = None

    def cell_of(self, anchor: _Anchor) -> tuple[str, int]:
        """The cell of the top left corner, or the next one if the corner is in its last sliver."""
        if not (0 <= anchor.column < COLUMNS and anchor.row >= 0):
            raise ValueError("a picture lies outside the sheet")
        height = self._heights.get(anchor.row, self._height) * _EMU_PER_POINT
        chars = next(
            (w for first, last, w in self._widths if first <= anchor.column <= last), self._width
        )
        width = (chars * 7 + 5) * _EMU_PER_PIXEL
        down = _goes_on(anchor.top, height, anchor.rows > 0 or anchor.top + anchor.height > height)
        right = _goes_on(
            anchor.left, width, anchor.columns > 0 or anchor.left + anchor.width > width
        )
        return letter(anchor.column + right), anchor.row + down + 1

    def read(self, package: Package, part: str) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse
        parser.StartElementHandler = self._start
        if self._named:  # a third of the work where there are no formulas to look into
            parser.EndElementHandler = self._end
            parser.CharacterDataHandler = self._text
        for chunk in package.chunks(part):
            parser.Parse(chunk, False)
            if self._is_done:
                return
        parser.Parse(b"", True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            if self._named or "vm" in attributes:
                self._start_cell(attributes)
        elif name == "row":
            row = int(attributes.get("r", 0)) - 1
            self._is_done = row > self._last_row and not (self._named or self._values)
            if "ht" in attributes:
                self._heights[row] = float(attributes["ht"])
        elif name == "f":
            self._formula = []
        elif name == "col" and "width" in attributes:
            bounds = int(attributes["min"]) - 1, int(attributes["max"]) - 1
            self._widths.append((*bounds, float(attributes["width"])))
        elif name == "sheetFormatPr":
            self._height = float(attributes.get("defaultRowHeight", self._height))
            self._width = float(attributes.get("defaultColWidth", self._width))

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        found = _CELL_REFERENCE.fullmatch(attributes.get("r", ""))
        self._cell = (found[1], int(found[2])) if found else ("", 0)
        shown = self._values.get(int(attributes.get("vm", 0)))
        if shown is not None and found:
            self.pictures.append((*self._cell, shown))

    def _end(self, tag: str) -> None:
        if self._formula is None or tag.rpartition(":")[2] != "f":
            return
        found = _DISPIMG.match("".join(self._formula))
        if found and self._cell[1]:
            self.pictures.append((*self._cell, self._named.get(found[1], Picture(""))))
        self._formula = None

    def _text(self, data: str) -> None:
        if self._formula is not None:
            self._formula.append(data)


def _goes_on(offset: int, size: float, is_longer: bool) -> bool:
    return is_longer and offset > 0 and size - offset < size * _SLIVER


def _refuse(*_: object) -> None:
    raise ValueError("document type declarations are not read")
