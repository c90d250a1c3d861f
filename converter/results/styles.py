"""The styles of a workbook, with those that our cells need added to them.

A marked cell keeps the customer's style in all but its fill. Which fill it had before is told by
the shade of ours: office programs renumber styles and people sort rows, but a colour stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from converter.ooxml import markup
from converter.ooxml.markup import Edit, Element
from converter.results.looks import AMBER, RED, Look

MOST_SHADES = 20
"""Shades of one colour that a person does not tell from it; further on, Excel offers one."""

_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs")
_CHILDREN = {
    "fonts": "font",
    "fills": "fill",
    "borders": "border",
    "cellStyleXfs": "xf",
    "cellXfs": "xf",
}

NONE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<styleSheet xmlns="{main}"></styleSheet>'
)
_LEAST = {
    "fonts": '<{x}font><{x}sz val="11"/><{x}name val="Calibri"/></{x}font>',
    "fills": '<{x}fill><{x}patternFill patternType="none"/></{x}fill>'
    '<{x}fill><{x}patternFill patternType="gray125"/></{x}fill>',
    "borders": "<{x}border><{x}left/><{x}right/><{x}top/><{x}bottom/><{x}diagonal/></{x}border>",
    "cellStyleXfs": '<{x}xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>',
    "cellXfs": '<{x}xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
}
"""What Excel wants to be there before anything else."""

_TEXT_FORMAT = "49"


class Styles:
    """Cell styles by their numbers, as cells name them."""

    def __init__(self, xml: bytes, fills_before: Mapping[int, str]) -> None:
        """`fills_before` tells of each shade which fill its cells had, as `fills_before` did."""
        self._xml = xml
        self._root = markup.parse(xml)
        self._x = self._root.prefix
        self._lists: dict[str, list[bytes]] = {}
        self._known: dict[str, dict[bytes, int]] = {}
        for section, name in _CHILDREN.items():
            found = self._root.first(section)
            items = [xml[e.start : e.end] for e in found.all(name)] if found else []
            if not items:
                least = f"<r>{_LEAST[section].format(x=self._x)}</r>".encode()
                items = [least[e.start : e.end] for e in markup.parse(least).children]
            self._lists[section] = items
            self._known[section] = {}
            for number, item in enumerate(items):
                self._known[section].setdefault(_key(item), number)
        self._there = {section: len(items) for section, items in self._lists.items()}
        self._by_look: dict[Look, int] = {}
        self._marked: dict[tuple[int, str], int] = {}
        self._shades: dict[bytes, int] = {}
        self._before = fills_before

    def _number(self, section: str, item: bytes) -> int:
        """Of an equal one that is there already, else of a new one."""
        known, items = self._known[section], self._lists[section]
        number = known.setdefault(_key(item), len(items))
        if number == len(items):
            items.append(item)
        return number

    def of(self, look: Look) -> int:
        """The style of a cell of our own."""
        if look not in self._by_look:
            x = self._x
            bold, line = f"<{x}b/>" * look.bold, f"<{x}u/>" * look.underline
            font = self._number(
                "fonts",
                f'<{x}font>{bold}{line}<{x}sz val="{look.size}"/><{x}color rgb="FF{look.ink}"/>'
                f'<{x}name val="Calibri"/><{x}family val="2"/></{x}font>'.encode(),
            )
            side = f'<{x}bottom style="thin"><{x}color rgb="FFD9D9D9"/></{x}bottom>'
            border = self._number(
                "borders",
                f"<{x}border><{x}left/><{x}right/><{x}top/>{side}<{x}diagonal/></{x}border>".encode(),
            )
            attributes = {
                "numFmtId": _TEXT_FORMAT if look.text else "0",
                "fontId": str(font),
                "fillId": str(self._fill(look.fill)) if look.fill else "0",
                "borderId": str(border) if look.line else "0",
                "xfId": "0",
                "applyFont": "1",
                "applyAlignment": "1",
            }
            attributes |= {"applyNumberFormat": "1"} if look.text else {}
            attributes |= {"applyFill": "1"} if look.fill else {}
            attributes |= {"applyBorder": "1"} if look.line else {}
            attributes |= {"quotePrefix": "1"} if look.quote else {}
            alignment = {"horizontal": look.align, "vertical": "top"}
            alignment |= {"wrapText": "1"} if look.wrap else {}
            self._by_look[look] = self._number("cellXfs", self._xf(attributes, alignment))
        return self._by_look[look]

    def _xf(self, attributes: Mapping[str, str], alignment: Mapping[str, str]) -> bytes:
        inner = markup.start_tag(f"{self._x}alignment", alignment, closed=True)
        opened = markup.start_tag(f"{self._x}xf", attributes)
        return opened + inner + f"</{self._x}xf>".encode()

    def _fill(self, colour: str) -> int:
        x = self._x
        fill = (
            f'<{x}fill><{x}patternFill patternType="solid"><{x}fgColor rgb="FF{colour}"/>'
            f'<{x}bgColor indexed="64"/></{x}patternFill></{x}fill>'
        )
        return self._number("fills", fill.encode())

    # -- marks ---------------------------------------------------------------------------------

    def marked(self, style: int, colour: str) -> int:
        """The same style, filled with red or amber."""
        key = (style, colour)
        if key not in self._marked:
            style = style if style < len(self._lists["cellXfs"]) else 0
            xml = self._lists["cellXfs"][style]
            xf = markup.parse(xml)
            fill = int(xf.get("fillId") or 0)
            shade = 0
            if fill and fill < len(self._lists["fills"]):
                shade = self._shades.setdefault(self._lists["fills"][fill], len(self._shades) + 1)
            number = self._fill(_shaded(colour, shade if shade <= MOST_SHADES else 0))
            change = {"fillId": str(number), "applyFill": "1"}
            self._marked[key] = self._number(
                "cellXfs", markup.splice(xml, [markup.retagged(xml, xf, change)])
            )
        return self._marked[key]

    def fills_before(self) -> dict[int, str]:
        """What the shades in use stand for, to be kept in the workbook."""
        return {
            shade: _PREFIX.sub(r"\1", fill.decode())
            for fill, shade in self._shades.items()
            if shade <= MOST_SHADES
        }

    def unmarked(self) -> dict[int, int]:
        """For every style that an earlier run marked, the one that it was."""
        fills: dict[int, int] = {}
        for number, fill in enumerate(list(self._lists["fills"])):
            shade = _shade_of(fill)
            if shade is not None:
                before = re.sub("(</?)", rf"\g<1>{self._x}", self._before.get(shade, ""))
                fills[number] = self._number("fills", before.encode()) if before else 0
        found = {}
        for style, xml in enumerate(list(self._lists["cellXfs"])):
            xf = markup.parse(xml)
            covering = int(xf.get("fillId") or 0)
            if covering in fills:
                covered = fills[covering]
                change = {"fillId": str(covered), "applyFill": "1" if covered else None}
                found[style] = self._number(
                    "cellXfs", markup.splice(xml, [markup.retagged(xml, xf, change)])
                )
        return found

    # -- writing -------------------------------------------------------------------------------

    def write(self) -> bytes:
        edits: list[Edit] = []
        for section, items in self._lists.items():
            new = b"".join(items[self._there[section] :])
            element = self._root.first(section)
            if element is None:
                tag = f"{self._x}{section}"
                opened = markup.start_tag(tag, {"count": str(len(items))})
                whole = b"".join((opened, *items, f"</{tag}>".encode()))
                after = _ORDER[: _ORDER.index(section)]
                edits.append(markup.inserted(self._xml, self._root, whole, after))
            elif new or not element.children:
                edits += self._longer(element, len(items), new or b"".join(items))
        return markup.splice(self._xml, edits)

    def _longer(self, element: Element, count: int, new: bytes) -> list[Edit]:
        tag = markup.start_tag(element.tag, {**element.attributes, "count": str(count)})
        if element.inner_end == element.end:
            return [(element.start, element.end, tag + new + f"</{element.tag}>".encode())]
        return [
            (element.start, element.inner, tag),
            (element.inner_end, element.inner_end, new),
        ]


def _key(item: bytes) -> bytes:
    """What two equal styles have in common: whether they say that a fill applies is no matter."""
    return re.sub(rb'\s+applyFill="[^"]*"|\s+(?=/?>)', b"", item)


_PREFIX = re.compile(r"(</?)\w+:")


def _shaded(colour: str, shade: int) -> str:
    return f"{int(colour, 16) - shade:06X}"


_SOLID = re.compile(
    rb'<(?:\w+:)?patternFill\b[^>]*patternType="solid"[^>]*>\s*'
    rb'<(?:\w+:)?fgColor\b[^>]*rgb="(?:[0-9A-Fa-f]{2})?([0-9A-Fa-f]{6})"'
)


def _shade_of(fill: bytes) -> int | None:
    """Which shade of our colours this is; None where it is no fill of ours."""
    found = _SOLID.search(fill)
    if found is None:
        return None
    for colour in (RED, AMBER):
        shade = int(colour, 16) - int(found[1], 16)
        if 0 <= shade <= MOST_SHADES:
            return shade
    return None
