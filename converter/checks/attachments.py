"""Cells that contain a file: a picture, the name of a file, or Base64 text."""

from __future__ import annotations

import base64
import binascii
import contextlib
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from converter.checks import files, pictures, values
from converter.checks.files import Folder
from converter.checks.pictures import Picture, Pictures
from converter.checks.values import Problem
from converter.errors import SheetError
from converter.layout.table import Integers, Table
from converter.mapping import standards
from converter.mapping.model import FieldSpec, FileCell, ProviderMapping
from converter.message import Message, t
from converter.model import Cell
from converter.sheet import Sheet, letter

_LOG = logging.getLogger(__name__)

TOTAL = 256 << 20
"""Limit for all files of one sheet in bytes: they stay in memory until the last order is sent."""

ENDINGS = {
    "jpg": ("jpg", "jpeg", "jpe", "jfif"), "png": ("png",), "gif": ("gif",), "bmp": ("bmp",),
    "webp": ("webp",), "tif": ("tif", "tiff"), "pdf": ("pdf",),
}  # fmt: skip
"""Kind of content -> file name extensions; the first one is sent to providers."""

_SIGNS = {
    b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png", b"GIF87a": "gif", b"GIF89a": "gif",
    b"BM": "bmp", b"II*\0": "tif", b"MM\0*": "tif", b"%PDF-": "pdf",
}  # fmt: skip
_WEB_ADDRESS = re.compile(r"(https?:)?//\S+|www\.\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attachment:
    """The content of a file as it is sent, with its kind and name."""

    content: str = field(repr=False)
    """Base64; the only copy in memory."""
    kind: str
    """jpg, png, ...; empty where typed Base64 is none of these."""
    name: str
    """The file's own name; empty for typed Base64."""


@dataclass(frozen=True)
class FileColumn:
    """The cells of a field; each code stands for a text together with its pictures."""

    codes: Integers
    texts: list[str]
    parsed: list[Any]
    """For every code and one more: an Attachment, a Problem, or None for blank."""
    doubts: Mapping[int, Problem]
    """By code: warnings."""
    pictured: frozenset[int]
    """Lines with a picture, whose cells hold a meaningless error value."""


@contextlib.contextmanager
def opened(
    path: Path, folder: Path | None, table: Table, mapping: ProviderMapping
) -> Iterator[Attachments]:
    """Open the pictures of a sheet and the folder of its files, by default the sheet's own."""
    home = Folder.of(folder or path.parent)
    specs = [spec for spec in mapping.fields if spec.file]
    with contextlib.ExitStack() as stack:
        found = Pictures()
        if any(spec.path in table.columns for spec in specs):
            found = stack.enter_context(pictures.opened(path))
        elif specs:  # a drawing that cannot be read is no reason to refuse a sheet that needs none
            try:
                found = replace(stack.enter_context(pictures.opened(path)), unread=False)
            except SheetError:
                _LOG.info("pictures of the sheet cannot be read", exc_info=True)
        yield Attachments(home, found, notes=tuple(_unused(found, table, specs)))


def _unused(found: Pictures, table: Table, specs: Sequence[FieldSpec]) -> Iterator[Message]:
    """Notes on pictures beside orders that are in no column for pictures."""
    rows: dict[str, set[int]] = {}
    taken: set[tuple[str, str]] = set()
    for part in table.parts if found.at else ():
        rows.setdefault(part.sheet.name, set()).update(part.rows.tolist())
        taken |= {
            (part.sheet.name, part.columns[spec.path].letter)
            for spec in specs
            if spec.path in part.columns
        }
    cells = [
        cell
        for cell in found.at
        if cell.row in rows.get(cell.sheet, ()) and (cell.sheet, cell.column) not in taken
    ]
    if cells:
        title = specs[0].title
        facts = {"count": str(len(cells)), "cell": str(min(cells, key=lambda cell: cell.row)),
                 "title": f"{title.zh} / {title.en}"}  # fmt: skip
        yield t(
            "Pictures in columns that take none ({count} of them, the first in {cell}) are not "
            "sent. If they should be, call their column {title}.",
            **facts,
        )
    if found.unread:
        yield t(
            "The workbook holds pictures, which are read from .xlsx only. Save it as .xlsx if the "
            "orders need them."
        )


class Attachments:
    """Reads the files and pictures of a sheet's cells, each of them once."""

    def __init__(
        self,
        folder: Folder,
        pictures: Pictures,
        *,
        total: int = TOTAL,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.notes = notes
        """Notes on the pictures."""
        self._folder = folder
        self._pictures = pictures
        self._left = self._total = total
        self._known: dict[tuple[str, str, FileCell], Any] = {}
        self._contents: dict[str, str] = {}

    def column(self, spec: FieldSpec, table: Table) -> FileColumn:
        assert spec.file is not None
        codes, texts = table.codes(spec.path)
        codes = codes.astype(np.int64)
        lying = self._lying(spec, table)
        parsed: list[Any] = [None] * (len(texts) + 1)
        doubts: dict[int, Problem] = {}
        parse = values.parser(spec, {})
        for code in np.unique(codes[codes >= 0]).tolist():
            parsed[code], doubt = self._of_text(parse(texts[code]), spec.file)
            if doubt is not None:
                doubts[code] = doubt
        if not lying:
            return FileColumn(codes, texts, parsed, doubts, frozenset())
        parsed.pop()
        texts = list(texts)
        made: dict[tuple[int, tuple[Picture, ...]], int] = {}
        for at, line in enumerate(table.lines.tolist()):
            if line in lying:
                key = (int(codes[at]), lying[line])
                if key not in made:
                    text = texts[key[0]] if key[0] >= 0 else ""
                    made[key] = len(texts)
                    texts.append(text)
                    parsed.append(self._of_pictures(lying[line], text, spec))
                codes[at] = made[key]
        return FileColumn(codes, texts, [*parsed, None], doubts, frozenset(lying))

    # -- pictures ------------------------------------------------------------------------------

    def _lying(self, spec: FieldSpec, table: Table) -> dict[int, tuple[Picture, ...]]:
        """Pictures in the cell of each line; a merged cell counts for every line that it covers."""
        places = dict(self._pictures.at)
        found: dict[int, tuple[Picture, ...]] = {}
        for number, part in enumerate(table.parts) if places else ():
            column = part.columns.get(spec.path)
            if column is None:
                continue
            _spread(part.sheet, places)
            counted = part.limited.get(spec.path)
            for row in (part.rows if counted is None else part.rows[counted]).tolist():
                lying = places.get(Cell(part.sheet.name, column.letter, column.row or row))
                if lying:
                    found[row * len(table.parts) + number] = lying
        return found

    def _of_pictures(self, lying: tuple[Picture, ...], text: str, spec: FieldSpec) -> Any:
        assert spec.file is not None
        typed = values.parser(spec, {})(text)
        if len(lying) > 1:
            return Problem("picture_several", {"count": str(len(lying))})
        if typed is not None and self._pictures.by_formula(text) is None:
            # What stands under a picture of Excel's own is an error, which has no text.
            return values.problem("picture_and_text", text)
        return self._of_picture(lying[0], spec.file)

    def _of_picture(self, picture: Picture, wanted: FileCell) -> Any:
        if not picture.part:
            return Problem("picture_lost", {})
        key = ("picture", picture.part, wanted)
        if key not in self._known:
            self._known[key] = self._read_picture(picture, wanted)
        return self._known[key]

    def _read_picture(self, picture: Picture, wanted: FileCell) -> Any:
        if picture.size > wanted.max_bytes:
            return files.too_large("picture_large", picture.name, picture.size, wanted.max_bytes)
        content = self._pictures.read(picture)
        kind = kind_of(content)
        if kind not in wanted.types:
            found = kind or picture.name.rpartition(".")[2].lower()
            return Problem("picture_type", {"types": _listed(wanted), "kind": found})
        return self._attachment(content, kind, picture.name)

    # -- texts ---------------------------------------------------------------------------------

    def _of_text(self, text: Any, wanted: FileCell) -> tuple[Any, Problem | None]:
        """The file that a cell's text names or contains, and a warning where it is doubtful.

        File names have a dot, which Base64 has not.
        """
        if text is None or isinstance(text, Problem):
            return text, None
        picture = self._pictures.by_formula(text)
        if picture is not None:
            return self._of_picture(picture, wanted), None
        if _WEB_ADDRESS.fullmatch(text):
            return None, values.problem("picture_address", text)
        if "." in text:
            key = ("file", text, wanted)
            if key not in self._known:
                self._known[key] = self._read_file(text, wanted)
            return self._known[key], None
        if not standards.FORMATS["base64"].fullmatch(text):
            return values.problem("want_file", text, types=_listed(wanted)), None
        kind = kind_of(_beginning(text))
        doubt = None
        if kind not in wanted.types:
            facts = {"types": _listed(wanted), "ending": wanted.types[0]}
            doubt = values.problem("base64_doubt", text, **facts)
        return Attachment(text, kind, ""), doubt

    def _read_file(self, name: str, wanted: FileCell) -> Any:
        content = self._folder.read(name, wanted.max_bytes)
        if isinstance(content, Problem):
            return content
        kind = kind_of(content)
        last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
        ending = last.rpartition(".")[2].lower()
        if kind not in wanted.types:
            facts = {"types": _listed(wanted), "kind": kind or "?"}
            return values.problem("file_type", name, **facts)
        if ending not in ENDINGS[kind]:
            return values.problem("file_ending", name, kind=kind)
        return self._attachment(content, kind, last)

    def _attachment(self, content: bytes, kind: str, name: str) -> Attachment:
        text = base64.b64encode(content).decode("ascii")
        if text not in self._contents:
            self._left -= len(content)
            if self._left < 0:
                raise SheetError(
                    t(
                        "the files and pictures of the sheet are together larger than {size} MB",
                        size=self._total >> 20,
                    ),
                    where=self._folder.path,
                    remedy=t("Split the sheet into several, or make the pictures smaller."),
                    code="FILES_LIMIT",
                )
        return Attachment(self._contents.setdefault(text, text), kind, name)


def _spread(sheet: Sheet, places: dict[Cell, tuple[Picture, ...]]) -> None:
    """Repeat the pictures of merged cells in each of their rows."""
    for area in sheet.merged:
        first = Cell(sheet.name, letter(area.left), area.top)
        for row in range(area.top + 1, area.bottom + 1) if first in places else ():
            places.setdefault(replace(first, row=row), places[first])


def kind_of(content: bytes) -> str:
    """The kind of a content, told by its first bytes; empty where it is unknown."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return next((kind for sign, kind in _SIGNS.items() if content.startswith(sign)), "")


def _beginning(text: str) -> bytes:
    plain = "".join(text[:200].split()).rstrip("=")
    try:
        return base64.b64decode(plain[: len(plain) // 4 * 4])
    except binascii.Error:
        return b""


def _listed(wanted: FileCell) -> str:
    return ", ".join(wanted.types)
