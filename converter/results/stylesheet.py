"""The part `styles.xml` of a workbook, with the styles of our cells added.

A marked cell keeps the customer's style in all but its fill. The shade of our fill encodes which
fill it had before: office programs renumber styles and people sort rows, but a colour stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from converter.ooxml import markup
from converter.ooxml.markup import Edit, Element
from converter.results.palette import AMBER, RED, SANDBOX, CellStyle

MOST_SHADES = 20
"""Shades of one colour that look the same to a person; Excel itself offers the next one."""

_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs")
_CHILDREN = {
    "fonts": "font",
    "fills": "fill",
    "borders": "border",
    "cellStyleXfs": "xf",
    "cellXfs": "xf",
}

EMPTY = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<styleSheet xmlns="{main}"></styleSheet>'
)
_DEFAULTS = {
    "fonts": '<{x}font><{x}sz val="11"/><{x}name val="Calibri"/></{x}font>',
    "fills": '<{x}fill><{x}patternFill patternType="none"/></{x}fill>'
    '<{x}fill><{x}patternFill patternType="gray125"/></{x}fill>',
    "borders": "<{x}border><{x}left/><{x}right/><{x}top/><{x}bottom/><{x}diagonal/></{x}border>",
    "cellStyleXfs": '<{x}xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>',
    "cellXfs": '<{x}xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
}
"""The entries that Excel expects first in each list."""

_TEXT_FORMAT = "49"


class Stylesheet:
    """The cell styles of a workbook, by the numbers that cells refer to."""

    def __init__(self, xml: bytes, fills_before: Mapping[int, str]) -> None:
        """`fills_before` is what the method of that name returned in an earlier run."""
        self._xml = xml
        self._root = markup.parse(xml)
        self._x = self._root.prefix
        self._lists: dict[str, list[bytes]] = {}
        self._known: dict[str, dict[bytes, int]] = {}
        for section, name in _CHILDREN.items():
            found = self._root.first(section)
            items = [xml[e.start : e.end] for e in found.all(name)] if found else []
            if not items:
                default = f"<r>{_DEFAULTS[section].format(x=self._x)}</r>".encode()
                items = [default[e.start : e.end] for e in markup.parse(default).children]
            self._lists[section] = items
            self._known[section] = {}
            for number, item in enumerate(items):
                self._known[section].setdefault(_key(item), number)
        self._original_counts = {section: len(items) for section, items in self._lists.items()}
        self._by_style: dict[CellStyle, int] = {}
        self._marked: dict[tuple[int, str], int] = {}
        self._shades: dict[bytes, int] = {}
        self._before = fills_before

    def _number(self, section: str, item: bytes) -> int:
        """The number of an equal item, or of a new one."""
        known, items = self._known[section], self._lists[section]
        number = known.setdefault(_key(item), len(items))
        if number == len(items):
            items.append(item)
        return number

    def number_of(self, style: CellStyle) -> int:
        """The number of the style of a cell of our own."""
        if style not in self._by_style:
            x = self._x
            bold, line = f"<{x}b/>" * style.bold, f"<{x}u/>" * style.underline
            font = self._number(
                "fonts",
                f'<{x}font>{bold}{line}<{x}sz val="{style.size}"/><{x}color rgb="FF{style.ink}"/>'
                f'<{x}name val="Calibri"/><{x}family val="2"/></{x}font>'.encode(),
            )
            side = f'<{x}bottom style="thin"><{x}color rgb="FFD9D9D9"/></{x}bottom>'
            border = self._number(
                "borders",
                f"<{x}border><{x}left/><{x}right/><{x}top/>{side}<{x}diagonal/></{x}border>".encode(),
            )
            attributes = {
                "numFmtId": _TEXT_FORMAT if style.text else "0",
                "fontId": str(font),
                "fillId": str(self._fill(style.fill)) if style.fill else "0",
                "borderId": str(border) if style.line else "0",
                "xfId": "0",
                "applyFont": "1",
                "applyAlignment": "1",
            }
            attributes |= {"applyNumberFormat": "1"} if style.text else {}
            attributes |= {"applyFill": "1"} if style.fill else {}
            attributes |= {"applyBorder": "1"} if style.line else {}
            attributes |= {"quotePrefix": "1"} if style.quote else {}
            alignment = {"horizontal": style.align, "vertical": "top"}
            alignment |= {"wrapText": "1"} if style.wrap else {}
            self._by_style[style] = self._number("cellXfs", self._xf(attributes, alignment))
        return self._by_style[style]

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

    def filled(self, style: int, colour: str) -> int:
        """The number of the same style, filled with red or amber."""
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
        """The fill that each shade in use replaces, to be kept in the workbook."""
        return {
            shade: _PREFIX.sub(r"\1", fill.decode())
            for fill, shade in self._shades.items()
            if shade <= MOST_SHADES
        }

    def unmarked(self) -> dict[int, int]:
        """The original style of every style that an earlier run filled."""
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
            new = b"".join(items[self._original_counts[section] :])
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
    """Equal for equal styles: `applyFill` does not count."""
    return re.sub(rb'\s+applyFill="[^"]*"|\s+(?=/?>)', b"", item)


_PREFIX = re.compile(r"(</?)\w+:")


def _shaded(colour: str, shade: int) -> str:
    return f"{int(colour, 16) - shade:06X}"


_SOLID = re.compile(
    rb'<(?:\w+:)?patternFill\b[^>]*patternType="solid"[^>]*>\s*'
    rb'<(?:\w+:)?fgColor\b[^>]*rgb="(?:[0-9A-Fa-f]{2})?([0-9A-Fa-f]{6})"'
)


def _shade_of(fill: bytes) -> int | None:
    """The shade of our colours that a fill has; None for a fill that is not ours."""
    found = _SOLID.search(fill)
    if found is None:
        return None
    for colour in (RED, AMBER, SANDBOX):
        shade = int(colour, 16) - int(found[1], 16)
        if 0 <= shade <= MOST_SHADES:
            return shade
    return None
