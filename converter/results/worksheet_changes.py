"""A worksheet of the customer's, streamed from one file to another with our marks added.

Only rows that change are parsed; all others are copied byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from converter.ooxml import markup
from converter.ooxml.markup import Edit, Element
from converter.results.worksheet import Worksheet, area, columns_of
from converter.sheet import letter, position

_BEFORE_NOTES = (
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr"),
    *("sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState"),
    *("dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting"),
    *("dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup"),
    *("headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches"),
    *("ignoredErrors", "smartTags", "drawing"),
)
"""The elements before the reference to the notes, in the order that Excel demands."""


@dataclass(frozen=True)
class OwnColumns:
    """Our columns on the order sheet, and the cells that we write there."""

    positions: Sequence[int] = ()
    """Whatever stands in these columns from the header row on is ours."""
    are_new: bool = False
    """The columns were added now: nothing may stand there yet."""
    header_row: int = 1
    rows: Collection[int] = ()
    """The rows that we write in."""
    cells: Callable[[int], Mapping[int, bytes]] = lambda _: {}
    """The cells that we write in a row, by column."""
    widths: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Changes:
    """Everything that changes on a worksheet."""

    filled: Callable[[int, str], int]
    """The number of a cell's style once it is filled with a colour."""
    fills: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    """Colours by row and column."""
    unmarked: Mapping[int, int] = field(default_factory=dict)
    """The original style of each style that an earlier run filled."""
    columns: OwnColumns = field(default_factory=OwnColumns)
    shapes_relation: str | None = None
    """The new relation to the shapes of the notes; None keeps what is there."""
    relations_namespace: str = ""
    is_selected: bool = True
    """Whether its tab stays selected."""


def rewritten(sheet: Worksheet, changes: Changes) -> Iterator[bytes]:
    """The XML of the worksheet with the changes made, piece by piece."""
    yield from _framed(sheet, changes, _Rows(sheet, changes).pieces())


def _framed(sheet: Worksheet, changes: Changes, rows: Iterable[bytes]) -> Iterator[bytes]:
    xml, frame = sheet.head + sheet.tail, sheet.frame
    edits = _frame_edits(xml, frame, changes)
    middle = len(sheet.head)
    yield markup.splice(sheet.head, (edit for edit in edits if edit[0] < middle))
    yield from rows
    moved = ((s - middle, e - middle, new) for s, e, new in edits if s >= middle)
    yield markup.splice(sheet.tail, moved)


def _frame_edits(xml: bytes, frame: Element, changes: Changes) -> list[Edit]:
    edits: list[Edit] = []
    if not changes.is_selected:
        edits += unselected(xml, frame)
    if changes.columns.positions:
        if dimension := frame.first("dimension"):
            edits.append(_wider_dimension(xml, dimension, changes.columns))
        edits.append(_column_widths(xml, frame, changes.columns.widths))
    if changes.shapes_relation is not None and not frame.first("legacyDrawing"):
        attributes = {"xmlns:r": changes.relations_namespace, "r:id": changes.shapes_relation}
        new = markup.start_tag(f"{frame.prefix}legacyDrawing", attributes, closed=True)
        edits.append(markup.inserted(xml, frame, new, _BEFORE_NOTES))
    return edits


def unselected(xml: bytes, frame: Element) -> list[Edit]:
    """Deselect the tab: with two sheets selected, what a person types would go to both."""
    return [
        markup.retagged(xml, view, {"tabSelected": None})
        for view in frame.within("sheetView")
        if view.get("tabSelected") in ("1", "true")
    ]


def _wider_dimension(xml: bytes, dimension: Element, columns: OwnColumns) -> Edit:
    top, left, bottom, right = area(dimension.get("ref"))
    rows = list(columns.rows) or [top]
    top, bottom = min(top, *rows), max(bottom, *rows)
    left, right = min(left, *columns.positions), max(right, *columns.positions)
    ref = f"{letter(left)}{top}:{letter(right)}{bottom}"
    return markup.retagged(xml, dimension, {"ref": ref})


def _column_widths(xml: bytes, frame: Element, widths: Mapping[int, float]) -> Edit:
    """Set the widths of our columns, and split ranges of columns that include them."""
    x, cols = frame.prefix, frame.first("cols")

    def element(first: int, last: int, attributes: Mapping[str, str]) -> bytes:
        numbers = {"min": str(first + 1), "max": str(last + 1)}
        return markup.start_tag(f"{x}col", {**numbers, **attributes}, closed=True)

    found: dict[int, bytes] = {
        column: element(column, column, {"width": f"{width:g}", "customWidth": "1"})
        for column, width in widths.items()
    }
    for col in columns_of(frame):
        first, last = int(col.get("min")) - 1, int(col.get("max")) - 1
        rest = {k: v for k, v in col.attributes.items() if k not in ("min", "max")}
        for cut in sorted(column for column in widths if first <= column <= last):
            if first < cut:
                found[first] = element(first, cut - 1, rest)
            first = cut + 1
        if first <= last:
            found[first] = element(first, last, rest)
    inner = b"".join(found[column] for column in sorted(found))
    new = b"<%bcols>%b</%bcols>" % (x.encode(), inner, x.encode())
    if cols is not None:
        return cols.start, cols.end, new
    return markup.inserted(xml, frame, new, _BEFORE_NOTES[: _BEFORE_NOTES.index("cols")])


_HAS_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is|f)[\s>]")
_BEYOND = 16_384


class _Rows:
    """The rows of a worksheet with the changes made."""

    def __init__(self, sheet: Worksheet, changes: Changes) -> None:
        x = sheet.x.encode()
        self._x = x
        self._sheet, self._changes, self._columns = sheet, changes, changes.columns
        self._row = re.compile(rb'<%brow\b[^>]*?\sr="(\d+)"[^>]*>' % x)
        self._close, self._cell = b"</%brow>" % x, b"<%bc " % x
        self._whole_cell = re.compile(
            rb'<%bc [^>]*?\br="[A-Z]+\d+"(?:[^>]*?/>|.*?</%bc>)' % (x, x), re.DOTALL
        )
        self._name = re.compile(rb'[^>]*?\br="([A-Z]+)')
        self._needed = sorted({*changes.columns.rows, *changes.fills})
        self._own = frozenset(changes.columns.positions)
        self._first_own = min(self._own, default=_BEYOND)
        self._positions: dict[bytes, int] = {}
        self._styles = {
            i: int(col.get("style"))
            for col in columns_of(sheet.frame)
            if col.get("style")
            for i in range(int(col.get("min")) - 1, min(int(col.get("max")), 16_384))
        }

    def pieces(self) -> Iterator[bytes]:
        waiting, last = 0, 0
        for piece in self._sheet.rows():
            if self._changes.unmarked:
                piece = _unmarked(piece, self._cell, self._changes.unmarked)
            out: list[bytes] = []
            copied = at = 0
            while found := self._row.search(piece, at):
                number, tag_end = int(found[1]), found.end()
                if number <= last:
                    raise ValueError(f"row {number} stands below row {last}")
                last = number
                is_empty = piece[tag_end - 2 : tag_end] == b"/>"
                close = tag_end if is_empty else piece.index(self._close, tag_end)
                at = close if is_empty else close + len(self._close)
                while waiting < len(self._needed) and self._needed[waiting] < number:
                    out += [piece[copied : found.start()], self._new(self._needed[waiting])]
                    copied = found.start()
                    waiting += 1
                is_needed = waiting < len(self._needed) and self._needed[waiting] == number
                waiting += is_needed
                if is_needed or (self._own and number >= self._columns.header_row):
                    inner = b"" if is_empty else piece[tag_end:close]
                    new = self._changed(number, found[0], inner)
                    if new is not None:
                        out += [piece[copied : found.start()], new]
                        copied = at
            out.append(piece[copied:])
            yield b"".join(out)
        yield b"".join(self._new(number) for number in self._needed[waiting:])

    def _new(self, number: int) -> bytes:
        """A row that the sheet does not have yet."""
        return self._changed(number, b'<%brow r="%d">' % (self._x, number), b"") or b""

    def _changed(self, number: int, tag: bytes, inner: bytes) -> bytes | None:
        """The new XML of a row; None where nothing changes."""
        fills = self._changes.fills.get(number)
        if fills:
            inner = self._filled(number, tag, inner, fills)
        elif not self._own:
            return None
        written = self._columns.cells(number) if self._own else {}
        end, last = len(inner), -1
        if number >= self._columns.header_row:  # rows above it are the customer's
            end, last = self._end(inner, number)
            if self._columns.are_new and not written:
                end, last = len(inner), -1
        if last < self._first_own:
            if end < len(inner):
                inner = inner[:end]
            elif not written and not fills:
                return None
            inner += b"".join(written[column] for column in sorted(written))
        else:
            cells = {c: cell for c, cell in self._cells(inner).items() if c not in self._own}
            cells |= written
            inner = b"".join(cells[column] for column in sorted(cells))
        spans = tag.find(b' spans="')
        if spans >= 0:
            tag = tag[:spans] + tag[tag.index(b'"', spans + 8) + 1 :]
        if tag.endswith(b"/>"):
            tag = tag[:-2].rstrip() + b">"
        return b"%b%b%b" % (tag, inner, self._close)

    def _end(self, inner: bytes, number: int) -> tuple[int, int]:
        """The end and the column of the customer's last cell; ours usually follow."""
        end = len(inner)
        while (at := inner.rfind(self._cell, 0, end)) >= 0:
            column = self._column(inner, at)
            if column not in self._own:
                return end, column
            if self._columns.are_new and _HAS_VALUE.search(inner, at, end):
                raise ValueError(f"row {number} goes further than the sheet says")
            end = at
        return end, -1

    def _column(self, inner: bytes, at: int) -> int:
        found = self._name.match(inner, at)
        if found is None:
            raise ValueError("a cell has no name")
        column = self._positions.get(found[1])
        if column is None:
            column = self._positions[found[1]] = position(found[1].decode())
        return column

    def _cells(self, inner: bytes) -> dict[int, bytes]:
        cells = {self._column(m[0], 0): m[0] for m in self._whole_cell.finditer(inner)}
        if sum(map(len, cells.values())) != len(inner) and self._whole_cell.sub(b"", inner).strip():
            raise ValueError("a row holds more than cells")
        return cells

    def _filled(self, number: int, tag: bytes, inner: bytes, fills: Mapping[int, str]) -> bytes:
        missing = {}
        for column, colour in fills.items():
            name = f"{letter(column)}{number}"
            at = self._find(inner, name.encode())
            if at < 0:
                style = self._changes.filled(_style(tag) or self._styles.get(column, 0), colour)
                missing[column] = f'<{self._x.decode()}c r="{name}" s="{style}"/>'.encode()
                continue
            start, end = at, inner.index(b">", at) + 1
            cell = inner[start:end]
            style = self._changes.filled(_style(cell), colour)
            if old := _STYLE.search(cell):
                cell = cell[: old.start(1)] + b"%d" % style + cell[old.end(1) :]
            else:
                put = cell.index(b'"', cell.index(b' r="') + 4) + 1
                cell = b'%b s="%d"%b' % (cell[:put], style, cell[put:])
            inner = inner[:start] + cell + inner[end:]
        if missing:
            cells = self._cells(inner) | missing
            inner = b"".join(cells[column] for column in sorted(cells))
        return inner

    def _find(self, inner: bytes, name: bytes) -> int:
        """Where the tag of a cell begins."""
        sign, at = b' r="%b"' % name, -1
        while (at := inner.find(sign, at + 1)) >= 0:
            start = inner.rindex(b"<", 0, at)
            if inner.startswith(self._cell, start) and b">" not in inner[start:at]:
                return start
        return -1


_STYLE = re.compile(rb'\ss="(\d+)"')


def _style(tag: bytes) -> int:
    found = _STYLE.search(tag)
    return int(found[1]) if found else 0


# -- what an earlier run left --------------------------------------------------------------------


def uses(sheet: Worksheet, styles: Mapping[int, int]) -> bool:
    """Whether any cell has one of these styles."""
    cell = b"<%bc " % sheet.x.encode()
    return any(_unmarked(piece, cell, styles) is not piece for piece in sheet.rows())


def _unmarked(rows: bytes, cell: bytes, styles: Mapping[int, int]) -> bytes:
    """The rows with original styles; the same object where none needs replacing."""
    names = b"|".join(b"%d" % style for style in styles)
    changes = [
        (found.start(1), found.end(1), b"%d" % styles[int(found[1])])
        for found in re.finditer(rb' s="(%b)"' % names, rows)
        if rows.startswith(cell, rows.rfind(b"<", 0, found.start()))
        and rows.rfind(b">", 0, found.start()) < rows.rfind(b"<", 0, found.start())
    ]
    return markup.splice(rows, changes) if changes else rows
