"""The result workbook as the customer's own: kept as it was, marked, with our pages added.

Only the parts that change are written: the order sheet, the lists of sheets and of styles, the
notes. All others go from one file to the other as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from zipfile import ZipFile

from converter import messages
from converter.model import (
    MESSAGE_TITLE,
    OWN_TITLES,
    RESULTS_SHEET,
    STATUS_TITLE,
    SUMMARY_SHEET,
    Issue,
)
from converter.ooxml import markup
from converter.ooxml.package import Package
from converter.results import (
    looks,
    marked_sheet,
    page_sheet,
    pages,
    properties,
    styles,
    worksheet,
)
from converter.results.marked_sheet import Changes
from converter.results.notes import Notes, last_block
from converter.results.pages import MOST_NOTES, Page, SheetView, Story, Value
from converter.results.styles import Styles
from converter.results.workbook import Tab, Workbook, text_of
from converter.results.worksheet import Place, Worksheet
from converter.sheet import letter, position

_SELECTED = re.compile(rb"""\stabSelected\s*=\s*["'](?:1|true)""")
_DIMENSION = re.compile(rb"<dimension[^>]*/>")
_WIDTHS = {STATUS_TITLE: 20, MESSAGE_TITLE: 70}

_TYPE = "application/vnd.openxmlformats-officedocument."
_STYLES_TYPE = f"{_TYPE}spreadsheetml.styles+xml"
_COMMENTS_TYPE = f"{_TYPE}spreadsheetml.comments+xml"
_SHAPES_TYPE = f"{_TYPE}vmlDrawing"

Rows = Callable[[Styles], Iterator[bytes]]


def write(story: Story, source: Path, target: Path) -> bool:
    """Mark the customer's workbook. False where it is built in a way that cannot be kept."""
    try:
        archive = ZipFile(source)
    except Exception:
        return False
    with archive:
        try:
            mark(Package(archive), story, target)
        except OSError:
            raise
        except Exception:
            # The orders are sent by now: a workbook that nobody foresaw is written anew.
            return False
    return True


def mark(
    package: Package,
    story: Story,
    target: Path,
    *,
    called: str = "",
    rows: Rows | None = None,
    huge: bool = False,
) -> None:
    """Write the workbook with what the story tells.

    Where the order sheet is `called` otherwise here, or has not got its `rows` yet, they are
    given; it is `huge` where they take gigabytes.
    """
    marking = _Marking(package, story, called or story.sheet.name)
    marking.take_back()
    marking.mark(rows, huge)
    marking.add_pages()
    package.save(target)


@dataclass
class _Sheet:
    """One of the customer's worksheets, and its notes if it has any."""

    tab: Tab
    notes: Notes | None
    comments: str
    shapes: str


class _Marking:
    def __init__(self, package: Package, story: Story, called: str) -> None:
        self._package, self._story = package, story
        self._book = Workbook(package)
        self._main = self._book.namespaces["main"]
        self._order = self._book.tab(called)
        part = package.target(self._book.part, "styles")
        xml = package.read(part) if part else styles.NONE.format(main=self._main).encode()
        self._styles = Styles(xml, self._book.fills_before())
        self._styles_part = part
        self._unmarked: Mapping[int, int] = {}
        self._was_ours = False
        self._sheets: list[_Sheet] = []
        self._read_sheets: dict[str, Worksheet] = {}
        self._notes = 0
        self._block = 0

    # -- what an earlier run left --------------------------------------------------------------

    def take_back(self) -> None:
        """Remove our pages, and find our notes and fills."""
        self._book.drop_macros()
        for tab in list(self._book.tabs):
            for name, is_ours in (
                (RESULTS_SHEET, self._is_results),
                (SUMMARY_SHEET, self._is_summary),
            ):
                if tab.name.lower() != name.lower():
                    continue
                if tab is not self._order and is_ours(tab):
                    self._book.remove(tab)
                    self._was_ours = True
                else:  # the customer's own sheet of this name
                    self._book.rename(tab, f"{tab.name} (2)")
        if self._was_ours:
            self._book.drop_calculation_order()
        self._order = next(tab for tab in self._book.tabs if tab.number == self._order.number)
        self._sheets = [self._open(tab) for tab in self._book.tabs if tab.kind == "worksheet"]
        had_ours = any(sheet.notes and sheet.notes.had_ours for sheet in self._sheets)
        titles = {title.strip() for title in self._story.sheet.titles}
        if self._was_ours or had_ours or titles & set(OWN_TITLES):
            self._unmarked = self._styles.unmarked()

    def _is_results(self, tab: Tab) -> bool:
        return pages.is_results(self._texts(tab, [1])[1].values())

    def _is_summary(self, tab: Tab) -> bool:
        rows = self._texts(tab, range(1, pages.SUMMARY_HEAD + 1))
        return pages.is_summary(texts.get(0, "") for texts in rows.values())

    def _read(self, tab: Tab) -> Worksheet:
        """A worksheet, looked through once."""
        if tab.part not in self._read_sheets:
            self._read_sheets[tab.part] = worksheet.read(lambda: self._package.chunks(tab.part))
        return self._read_sheets[tab.part]

    def _row_texts(self, sheet: Worksheet, row: int, after: int = -1) -> dict[int, str]:
        """The texts of a row by column, of the columns after one."""
        return self._texts_of(sheet, [row], after)[row]

    def _texts(self, tab: Tab, rows: Iterable[int]) -> dict[int, dict[int, str]]:
        if tab.kind != "worksheet":
            return {row: {} for row in rows}
        return self._texts_of(self._read(tab), rows)

    def _texts_of(
        self, sheet: Worksheet, rows: Iterable[int], after: int = -1
    ) -> dict[int, dict[int, str]]:
        """The texts by row and column; what cells share is looked up once for all of them."""
        texts: dict[int, dict[int, str]] = {}
        shared: dict[tuple[int, int], int] = {}
        for row in rows:
            found = texts.setdefault(row, {})
            for cell in worksheet.cells_of(sheet, row):
                column = position(cell.get("r").rstrip("0123456789"))
                value = cell.first("v")
                if column <= after:
                    continue
                if own := cell.first("is"):
                    found[column] = text_of(own)
                elif value is not None and cell.get("t") == "s":
                    shared[row, column] = int(value.text)
                elif value is not None:
                    found[column] = value.text
        told = self._book.shared_texts.get(list(shared.values()))
        for (row, column), number in shared.items():
            texts[row][column] = told.get(number, "")
        return texts

    def _open(self, tab: Tab) -> _Sheet:
        comments, shapes = self._package.target(tab.part, "comments"), self._shapes_part(tab)
        notes = self._read_notes(comments, shapes) if comments else None
        return _Sheet(tab, notes, comments, shapes)

    def _read_notes(self, comments: str, shapes: str) -> Notes:
        return Notes(
            self._package.read(comments) if comments else None,
            b"".join(self._package.chunks(shapes)) if shapes else None,
            main=self._main,
        )

    def _shapes_part(self, tab: Tab) -> str:
        """The shapes of the notes; those of the page's header are another part."""
        relations = [r for r in self._package.relations(tab.part) if r.kind == "vmlDrawing"]
        if not relations:
            return ""
        sheet = self._read(tab)
        drawing = sheet.frame.first("legacyDrawing")
        name = drawing.get("id") if drawing else ""
        return next((r.target for r in relations if r.id == name), "")

    # -- marks ---------------------------------------------------------------------------------

    def mark(self, rows: Rows | None, huge: bool) -> None:
        """Plan the customer's sheets anew: cells filled and noted, our two columns written."""
        shapes = [n for n in self._package.parts() if n.lower().endswith(".vml")]
        used = [last_block(b"".join(self._package.chunks(name))) for name in shapes]
        self._block = max(used, default=0) + 1
        marks = self._story.marks()
        for sheet in self._sheets:
            is_main = sheet.tab.number == self._order.number
            name = self._story.sheet.name if is_main else sheet.tab.name
            cells = {(r, c): found for (r, c), found in marks.cells.get(name, {}).items() if c}
            if is_main or cells or self._must_change(sheet):
                self._change(sheet, cells, marks if is_main else None, rows, huge)
        for tab in self._book.tabs:
            if tab.kind == "chartsheet":
                xml = self._package.read(tab.part)
                if edits := marked_sheet.unselected(xml, markup.parse(xml)):
                    written = [markup.splice(xml, edits)]
                    self._package.change(tab.part, partial(list, written))

    def _must_change(self, sheet: _Sheet) -> bool:
        """Whether a sheet without marks has old ones, or would open beside Results."""
        if sheet.notes is not None and sheet.notes.is_changed:
            return True
        if _SELECTED.search(worksheet.head(self._package.chunks(sheet.tab.part))):
            return True
        if not self._unmarked:
            return False
        return marked_sheet.uses(self._read(sheet.tab), self._unmarked)

    def _change(
        self,
        sheet: _Sheet,
        cells: Mapping[tuple[int, str], list[Issue]],
        marks: pages.Marks | None,
        rows: Rows | None,
        huge: bool,
    ) -> None:
        part = sheet.tab.part
        found = self._read(sheet.tab)
        changes = Changes(
            self._styles.marked,
            unmarked=self._unmarked,
            is_shown=False,
            relations_namespace=self._book.namespaces["relations"],
        )
        if marks is not None:
            if rows is not None:
                head = _DIMENSION.sub(b"", found.head)
                found = Worksheet(head, lambda: rows(self._styles), found.tail)
            self._plan_columns(found, changes, marks, is_new=rows is not None)
        told = self._places(found, cells)
        for (row, column), issues in told.items():
            changes.fills.setdefault(row, {})[column] = pages.fill(issues)
        noted = list(told)[: max(MOST_NOTES - self._notes, 0)]
        self._notes += len(noted)
        if noted and sheet.notes is None:
            sheet.notes = self._read_notes("", sheet.shapes)
        if sheet.notes is not None:
            for place in noted:
                sheet.notes.add(place, pages.note(told[place], self._story.lang))
            if sheet.notes.is_changed:
                self._plan_notes(sheet, found, changes)
        self._package.change(part, lambda: marked_sheet.rewritten(found, changes), huge=huge)

    def _places(
        self, sheet: Worksheet, cells: Mapping[tuple[int, str], list[Issue]]
    ) -> dict[Place, list[Issue]]:
        """The issues by the place that shows them: of a merged cell that is the first one."""
        places = {(row, position(letters)): issues for (row, letters), issues in cells.items()}
        instead = worksheet.shown(places, worksheet.merged(sheet.frame)) if places else {}
        told: dict[Place, list[Issue]] = {}
        for place, issues in places.items():
            told.setdefault(instead.get(place, place), []).extend(issues)
        return told

    # -- our two columns -----------------------------------------------------------------------

    def _plan_columns(
        self, sheet: Worksheet, changes: Changes, marks: pages.Marks, *, is_new: bool
    ) -> None:
        view, lang = self._story.sheet, self._story.lang
        columns, are_free = (_columns_behind(view), False) if is_new else self._own_columns(sheet)
        status_column, message_column = columns[STATUS_TITLE], columns[MESSAGE_TITLE]
        names = {column: letter(column) for column in columns.values()}
        of, x = self._styles.of, sheet.x

        def put(row: int, column: int, text: str, look: looks.Look) -> bytes:
            return page_sheet.cell(f"{names[column]}{row}", Value(text, look), of, x).encode()

        rest = {}
        for status in set(marks.statuses.values()):
            whole = put(0, status_column, messages.status(status, lang), looks.of_status(status))
            rest[status] = whole.removeprefix(f'<{x}c r="{names[status_column]}0'.encode())
        before = f'<{x}c r="{names[status_column]}'.encode()

        def written(row: int) -> dict[int, bytes]:
            if row == view.header_row:
                return {
                    column: put(row, column, title, looks.HEAD_ADDED)
                    for title, column in columns.items()
                }
            found = {}
            if (status := marks.statuses.get(row)) is not None:
                found[status_column] = b"%b%d%b" % (before, row, rest[status])
            if message := marks.messages.get(row):
                found[message_column] = put(row, message_column, message, looks.ADDED)
            return found

        changes.own = (status_column, message_column)
        changes.is_free = are_free
        changes.header_row = view.header_row
        changes.written = written
        changes.rows = {view.header_row, *marks.statuses, *marks.messages}
        changes.widths = {column: _WIDTHS[title] for title, column in columns.items()}

    def _own_columns(self, sheet: Worksheet) -> tuple[dict[str, int], bool]:
        """Our columns of an earlier run, else the first free ones to the right; whether new."""
        view = self._story.sheet
        found = _titled(view)
        last = max(map(position, view.letters), default=-1)
        if len(found) < len(OWN_TITLES):
            for column, text in self._row_texts(sheet, view.header_row, last).items():
                if text.strip() in OWN_TITLES:
                    found.setdefault(text.strip(), column)
        are_new = not found
        areas = [*worksheet.merged(sheet.frame), *self._tables()]
        width = len(OWN_TITLES)
        while len(found) < len(OWN_TITLES):
            near = [c for c in range(last + 1, last + 1 + width) if c not in found.values()]
            taken = worksheet.columns_with_values(sheet, view.header_row, near)
            for _, left, bottom, right in areas:
                if bottom >= view.header_row:
                    taken |= {column for column in near if left <= column <= right}
            free = [column for column in near if column not in taken]
            if max(near) > _LAST_COLUMN:
                raise ValueError("no column is free")
            missing = [title for title in OWN_TITLES if title not in found]
            if len(free) >= len(missing):
                found |= dict(zip(missing, free, strict=False))
            width *= 4
        return {title: found[title] for title in OWN_TITLES}, are_new

    def _tables(self) -> Iterator[tuple[int, int, int, int]]:
        for relation in self._package.relations(self._order.part):
            if relation.kind == "table" and self._package.has(relation.target):
                yield worksheet.area(markup.parse(self._package.read(relation.target)).get("ref"))

    # -- notes ---------------------------------------------------------------------------------

    def _plan_notes(self, sheet: _Sheet, found: Worksheet, changes: Changes) -> None:
        notes, package, part = sheet.notes, self._package, sheet.tab.part
        assert notes is not None
        relations = self._book.namespaces["relations"]
        if not sheet.comments:
            sheet.comments = package.free_name("xl/comments{}.xml")
            package.add(sheet.comments, _COMMENTS_TYPE, lambda: ())
            package.relate(part, "comments", sheet.comments, relations)
        package.change(sheet.comments, lambda: [notes.comments()])
        if not sheet.shapes:
            sheet.shapes = package.free_name("xl/drawings/vmlDrawing{}.vml")
            package.set_default("vml", _SHAPES_TYPE)
            package.reserve(sheet.shapes)
            changes.notes = package.relate(part, "vmlDrawing", sheet.shapes, relations)
        block, widths, height = self._block, _pixels(found, changes), _row_pixels(found)
        self._block += notes.blocks
        package.change(sheet.shapes, lambda: [notes.shapes(block, widths, height)])

    # -- the workbook as a whole ---------------------------------------------------------------

    def add_pages(self) -> None:
        story, book, package = self._story, self._book, self._package
        others = {tab.name for tab in book.tabs}
        for name, at in ((RESULTS_SHEET, 0), (SUMMARY_SHEET, len(book.tabs) + 1)):
            part = book.add(name, at)
            page = story.summary() if at else story.results(self._order.name, others)
            package.change(part, self._page(page, is_shown=not at))
        styles_part = self._styles_part or "xl/styles.xml"
        if not self._styles_part:
            package.add(styles_part, _STYLES_TYPE, lambda: ())
            package.relate(book.part, "styles", styles_part, book.namespaces["relations"])
        package.change(styles_part, lambda: [self._styles.write()])
        package.change(book.part, self._write_book)
        properties.sign(package, book.namespaces["relations"])

    def _page(self, page: Page, *, is_shown: bool) -> Callable[[], Iterator[bytes]]:
        return lambda: page_sheet.write(page, self._styles.of, self._main, is_shown=is_shown)

    def _write_book(self) -> list[bytes]:
        """Once all cells are written, and with them all shades are known."""
        self._book.note_fills(self._styles.fills_before())
        return [self._book.write()]


_LAST_COLUMN = 16_383


def _titled(view: SheetView) -> dict[str, int]:
    """Our columns where the reader saw them."""
    found: dict[str, int] = {}
    for letters, title in zip(view.letters, view.titles, strict=True):
        if title.strip() in OWN_TITLES:
            found.setdefault(title.strip(), position(letters))
    return found


def _columns_behind(view: SheetView) -> dict[str, int]:
    """Our columns on a copy of the sheet, which has none of an earlier run."""
    titled = zip(view.letters, view.titles, strict=True)
    theirs = [position(letters) for letters, title in titled if title.strip() not in OWN_TITLES]
    return dict(zip(OWN_TITLES, count(max(theirs, default=-1) + 1), strict=False))


def _pixels(sheet: Worksheet, changes: Changes) -> dict[int, int]:
    """How wide columns are on the screen; the usual width under -1."""
    form = sheet.frame.first("sheetFormatPr")
    found = {-1: _wide(form.get("defaultColWidth") or "8.43") if form else 64}
    for col in worksheet.columns_of(sheet.frame):
        width = 0 if col.get("hidden") in ("1", "true") else _wide(col.get("width") or "8.43")
        for column in range(int(col.get("min")) - 1, min(int(col.get("max")), 16_384)):
            found[column] = width
    return found | {column: _wide(str(width)) for column, width in changes.widths.items()}


def _wide(width: str) -> int:
    return int(float(width) * 7 + 5)


def _row_pixels(sheet: Worksheet) -> int:
    form = sheet.frame.first("sheetFormatPr")
    return max(int(float((form.get("defaultRowHeight") if form else "") or 15) * 4 / 3), 10)
