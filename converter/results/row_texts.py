"""The texts of single rows of a worksheet, as the marked copy needs them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from converter.ooxml import markup
from converter.ooxml.markup import Element
from converter.ooxml.package import Package
from converter.results.worksheet import Worksheet, cells_of
from converter.sheet import position

_SHARED_STRING = re.compile(rb"<(?:\w+:)?si\b(?:[^>]*/>|.*?</(?:\w+:)?si>)", re.DOTALL)


def row_texts(
    sheet: Worksheet, rows: Iterable[int], shared: SharedStrings, *, after: int = -1
) -> dict[int, dict[int, str]]:
    """The texts by row and column, of the columns `after` one."""
    texts: dict[int, dict[int, str]] = {}
    # Shared strings are looked up once for all cells, since the part may be large.
    references: dict[tuple[int, int], int] = {}
    for row in rows:
        found = texts.setdefault(row, {})
        for cell in cells_of(sheet, row):
            column = position(cell.get("r").rstrip("0123456789"))
            value = cell.first("v")
            if column <= after:
                continue
            if own := cell.first("is"):
                found[column] = _text(own)
            elif value is not None and cell.get("t") == "s":
                references[row, column] = int(value.text)
            elif value is not None:
                found[column] = value.text
    strings = shared.get(references.values())
    for (row, column), number in references.items():
        texts[row][column] = strings.get(number, "")
    return texts


class SharedStrings:
    """The strings that cells share by number, read only as far as needed."""

    def __init__(self, package: Package, workbook: str) -> None:
        self._package = package
        self._part = package.target(workbook, "sharedStrings")

    def get(self, wanted: Collection[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        if not wanted or not self._part:
            return found
        left = set(wanted)
        for number, item in enumerate(_SHARED_STRING.finditer(self._package.read(self._part))):
            if number in left:
                found[number] = _text(markup.parse(item[0]))
                left.discard(number)
                if not left:
                    break
        return found


def _text(element: Element) -> str:
    """The text of a shared or inline string, without phonetic hints."""
    texts = []
    for child in element.children:
        if child.name == "t":
            texts.append(child.text)
        elif child.name == "r":
            texts += [t.text for t in child.all("t")]
    return "".join(texts)
