"""The result workbook as a copy of the customer's own, marked, with our pages added.

Only the parts that change are written: the order sheet, the lists of sheets and of styles, the
notes. All others are copied as they are. openpyxl would not keep them: on load and save it loses
charts, pictures and drop-downs, and takes 71 s and 2 GB for 100,000 rows of 50 columns.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zipfile import ZipFile

from converter.model import (
    OWN_TITLES,
    REPAIRS_SHEET,
    RESULTS_SHEET,
    SUMMARY_SHEET,
    Issue,
    own_title,
)
from converter.ooxml import markup
from converter.ooxml.package import Package
from converter.results import (
    properties,
    repairs_page,
    results_page,
    status_columns,
    stylesheet,
    summary_page,
    worksheet,
    worksheet_changes,
)
from converter.results.content import ResultContent
from converter.results.marks import MOST_NOTES, Marks, fill_colour, marks_of, note
from converter.results.notes import Notes, last_block
from converter.results.page import Page
from converter.results.page_xml import FileLinks, page_xml
from converter.results.row_texts import SharedStrings, row_texts
from converter.results.stylesheet import Stylesheet
from converter.results.workbook import Tab, Workbook
from converter.results.worksheet import Place, Worksheet
from converter.results.worksheet_changes import Changes, OwnColumns
from converter.sheet import letter, position

_LOG = logging.getLogger(__name__)

_SELECTED = re.compile(rb"""\stabSelected\s*=\s*["'](?:1|true)""")
_DIMENSION = re.compile(rb"<dimension[^>]*/>")

_TYPE = "application/vnd.openxmlformats-officedocument."
_STYLES_TYPE = f"{_TYPE}spreadsheetml.styles+xml"
_COMMENTS_TYPE = f"{_TYPE}spreadsheetml.comments+xml"
_SHAPES_TYPE = f"{_TYPE}vmlDrawing"

Rows = Callable[[Stylesheet], Iterator[bytes]]


def write(content: ResultContent, source: Path, target: Path) -> bool:
    """Mark the customer's workbook. False where it is built in a way that cannot be kept."""
    try:
        archive = ZipFile(source)
    except Exception:
        _LOG.info("the workbook cannot be opened, so it is not marked", exc_info=True)
        return False
    with archive:
        try:
            mark(Package(archive), content, target)
        except OSError:
            raise
        except Exception:
            # The orders are sent by now: a workbook that breaks this code is copied as text.
            _LOG.info("the workbook cannot be marked", exc_info=True)
            return False
    return True


def mark(
    package: Package,
    content: ResultContent,
    target: Path,
    *,
    sheet_name: str = "",
    rows: Rows | None = None,
    huge: bool = False,
) -> None:
    """Write the workbook of a package with marks and our pages.

    `sheet_name` is given where the order sheet is called differently in the package, `rows` where
    they are not in it yet, and `huge` where they take gigabytes.
    """
    copy = _MarkedCopy(package, content, sheet_name or content.sheet.name)
    copy.remove_old_marks()
    copy.mark(rows, huge)
    copy.add_pages()
    package.save(target)


@dataclass(frozen=True)
class _CustomerSheet:
    """One of the customer's worksheets, and its notes if it has any."""

    tab: Tab
    notes: Notes | None
    comments_part: str
    shapes_part: str


class _MarkedCopy:
    def __init__(self, package: Package, content: ResultContent, sheet_name: str) -> None:
        self._package, self._content = package, content
        self._book = Workbook(package)
        self._main = self._book.namespaces["main"]
        self._order_tab = self._book.tab(sheet_name)
        part = package.target(self._book.part, "styles")
        xml = package.read(part) if part else stylesheet.EMPTY.format(main=self._main).encode()
        self._stylesheet = Stylesheet(xml, self._book.fills_before())
        self._styles_part = part
        self._shared = SharedStrings(package, self._book.part)
        self._unmarked: Mapping[int, int] = {}
        self._was_ours = False
        self._sheets: list[_CustomerSheet] = []
        self._worksheets: dict[str, Worksheet] = {}
        self._note_count = 0
        self._block = 0

    # -- marks of an earlier run ---------------------------------------------------------------

    def remove_old_marks(self) -> None:
        """Remove our pages, and find our notes and fills."""
        self._book.drop_macros()
        for tab in list(self._book.tabs):
            for name, is_ours in (
                (RESULTS_SHEET, self._is_results),
                (REPAIRS_SHEET, self._is_repairs),
                (SUMMARY_SHEET, self._is_summary),
            ):
                if tab.name.lower() != name.lower():
                    continue
                if tab is not self._order_tab and is_ours(tab):
                    self._book.remove(tab)
                    self._was_ours = True
                else:  # the customer's own sheet of this name
                    self._book.rename(tab, f"{tab.name} (2)")
        if self._was_ours:
            self._book.drop_calculation_order()
        order = self._order_tab.number
        self._order_tab = next(tab for tab in self._book.tabs if tab.number == order)
        self._sheets = [self._open(tab) for tab in self._book.tabs if tab.kind == "worksheet"]
        had_notes = any(sheet.notes and sheet.notes.had_ours for sheet in self._sheets)
        if self._was_ours or had_notes or any(map(own_title, self._content.sheet.titles)):
            self._unmarked = self._stylesheet.unmarked()

    def _is_results(self, tab: Tab) -> bool:
        return results_page.is_results_page(self._texts(tab, [1])[1].values())

    def _is_repairs(self, tab: Tab) -> bool:
        return repairs_page.is_repairs_page(self._texts(tab, [1])[1].values())

    def _is_summary(self, tab: Tab) -> bool:
        rows = self._texts(tab, range(1, summary_page.HEAD_ROWS + 1))
        return summary_page.is_summary_page(texts.get(0, "") for texts in rows.values())

    def _texts(self, tab: Tab, rows: Iterable[int]) -> dict[int, dict[int, str]]:
        if tab.kind != "worksheet":
            return {row: {} for row in rows}
        return row_texts(self._worksheet(tab), rows, self._shared)

    def _worksheet(self, tab: Tab) -> Worksheet:
        """A worksheet, scanned once."""
        if tab.part not in self._worksheets:
            self._worksheets[tab.part] = worksheet.read(lambda: self._package.chunks(tab.part))
        return self._worksheets[tab.part]

    def _open(self, tab: Tab) -> _CustomerSheet:
        comments, shapes = self._package.target(tab.part, "comments"), self._shapes_part(tab)
        notes = self._read_notes(comments, shapes) if comments else None
        return _CustomerSheet(tab, notes, comments, shapes)

    def _read_notes(self, comments: str, shapes: str) -> Notes:
        return Notes(
            self._package.read(comments) if comments else None,
            b"".join(self._package.chunks(shapes)) if shapes else None,
            main=self._main,
        )

    def _shapes_part(self, tab: Tab) -> str:
        """The part with the shapes of the notes, not the one with those of the page header."""
        relations = [r for r in self._package.relations(tab.part) if r.kind == "vmlDrawing"]
        if not relations:
            return ""
        drawing = self._worksheet(tab).frame.first("legacyDrawing")
        name = drawing.get("id") if drawing else ""
        return next((r.target for r in relations if r.id == name), "")

    # -- marks of this run ---------------------------------------------------------------------

    def mark(self, rows: Rows | None, huge: bool) -> None:
        """Plan the customer's sheets: cells filled and noted, our two columns written."""
        shapes = [n for n in self._package.parts() if n.lower().endswith(".vml")]
        used = [last_block(b"".join(self._package.chunks(name))) for name in shapes]
        self._block = max(used, default=0) + 1
        marks = marks_of(self._content)
        for sheet in self._sheets:
            is_main = sheet.tab.number == self._order_tab.number
            name = self._content.sheet.name if is_main else sheet.tab.name
            cells = {(r, c): found for (r, c), found in marks.cells.get(name, {}).items() if c}
            if is_main or cells or self._must_change(sheet):
                self._change(sheet, cells, marks if is_main else None, rows, huge)
        for tab in self._book.tabs:
            if tab.kind == "chartsheet":
                xml = self._package.read(tab.part)
                if edits := worksheet_changes.unselected(xml, markup.parse(xml)):
                    written = [markup.splice(xml, edits)]
                    self._package.change(tab.part, partial(list, written))

    def _must_change(self, sheet: _CustomerSheet) -> bool:
        """Whether a sheet without marks has old ones, or would open beside Results."""
        if sheet.notes is not None and sheet.notes.is_changed:
            return True
        if _SELECTED.search(worksheet.head(self._package.chunks(sheet.tab.part))):
            return True
        if not self._unmarked:
            return False
        return worksheet_changes.uses(self._worksheet(sheet.tab), self._unmarked)

    def _change(
        self,
        sheet: _CustomerSheet,
        cells: Mapping[tuple[int, str], list[Issue]],
        marks: Marks | None,
        rows: Rows | None,
        huge: bool,
    ) -> None:
        found = self._worksheet(sheet.tab)
        columns = OwnColumns()
        if marks is not None:
            if rows is not None:
                head = _DIMENSION.sub(b"", found.head)
                found = Worksheet(head, lambda: rows(self._stylesheet), found.tail)
            columns = self._own_columns(found, marks, is_copy=rows is not None)
        issues_by_place = self._by_visible_place(found, cells)
        fills: dict[int, dict[int, str]] = {}
        for (row, column), issues in issues_by_place.items():
            fills.setdefault(row, {})[column] = fill_colour(issues)
        notes = self._add_notes(sheet, issues_by_place)
        relation = None
        if notes is not None and notes.is_changed:
            relation = self._change_notes(sheet, notes, found, columns)
        changes = Changes(
            self._stylesheet.filled,
            fills=fills,
            unmarked=self._unmarked,
            columns=columns,
            shapes_relation=relation,
            relations_namespace=self._book.namespaces["relations"],
            is_selected=False,
        )
        part = sheet.tab.part
        self._package.change(part, lambda: worksheet_changes.rewritten(found, changes), huge=huge)

    def _by_visible_place(
        self, sheet: Worksheet, cells: Mapping[tuple[int, str], list[Issue]]
    ) -> dict[Place, list[Issue]]:
        """The issues by place; those in a merged cell at its first place, the visible one."""
        places = {(row, position(letters)): issues for (row, letters), issues in cells.items()}
        areas = worksheet.merged(sheet.frame) if places else []
        visible = worksheet.visible_places(places, areas)
        found: dict[Place, list[Issue]] = {}
        for place, issues in places.items():
            found.setdefault(visible.get(place, place), []).extend(issues)
        return found

    def _own_columns(self, found: Worksheet, marks: Marks, *, is_copy: bool) -> OwnColumns:
        """Our columns of an earlier run, or else the first free ones to the right."""
        sheet = self._content.sheet
        known = status_columns.known_columns(sheet)
        if is_copy:
            columns, are_new = status_columns.columns_behind(sheet), False
        else:
            if len(known) < len(OWN_TITLES):
                after = status_columns.last_column(sheet)
                row = sheet.header_row
                titles = row_texts(found, [row], self._shared, after=after)[row]
                for column, text in titles.items():
                    if title := own_title(text):
                        known.setdefault(title, column)
            are_new = not known
            columns = status_columns.with_free_columns(known, found, sheet, self._tables())
        return status_columns.own_columns(
            columns,
            marks,
            sheet.header_row,
            self._stylesheet.number_of,
            are_new=are_new,
            lang=self._content.lang,
            x=found.x,
        )

    def _tables(self) -> Iterator[status_columns.Area]:
        for relation in self._package.relations(self._order_tab.part):
            if relation.kind == "table" and self._package.has(relation.target):
                yield worksheet.area(markup.parse(self._package.read(relation.target)).get("ref"))

    # -- notes ---------------------------------------------------------------------------------

    def _add_notes(
        self, sheet: _CustomerSheet, issues_by_place: Mapping[Place, list[Issue]]
    ) -> Notes | None:
        noted = list(issues_by_place)[: max(MOST_NOTES - self._note_count, 0)]
        self._note_count += len(noted)
        notes = sheet.notes
        if noted and notes is None:
            notes = self._read_notes("", sheet.shapes_part)
        for place in noted:
            assert notes is not None
            notes.add(place, note(issues_by_place[place], self._content.lang))
        return notes

    def _change_notes(
        self, sheet: _CustomerSheet, notes: Notes, found: Worksheet, columns: OwnColumns
    ) -> str | None:
        """Write the notes, and return the relation to their shapes where it is new."""
        package, part = self._package, sheet.tab.part
        namespace = self._book.namespaces["relations"]
        comments, shapes, relation = sheet.comments_part, sheet.shapes_part, None
        if not comments:
            comments = package.free_name("xl/comments{}.xml")
            package.add(comments, _COMMENTS_TYPE, lambda: ())
            package.relate(part, "comments", comments, namespace)
        package.change(comments, lambda: [notes.comments()])
        if not shapes:
            shapes = package.free_name("xl/drawings/vmlDrawing{}.vml")
            package.set_default("vml", _SHAPES_TYPE)
            package.reserve(shapes)
            relation = package.relate(part, "vmlDrawing", shapes, namespace)
        block, height = self._block, worksheet.row_pixels(found.frame)
        widths = worksheet.column_pixels(found.frame)
        widths |= {column: worksheet.to_pixels(w) for column, w in columns.widths.items()}
        self._block += notes.blocks
        package.change(shapes, lambda: [notes.shapes(block, widths, height)])
        return relation

    # -- our pages -----------------------------------------------------------------------------

    def add_pages(self) -> None:
        content, book, package = self._content, self._book, self._package
        others = {tab.name for tab in book.tabs}
        results = results_page.results_page(content, self._order_tab.name, others)
        summary = summary_page.summary_page(content)
        results_part = book.add(RESULTS_SHEET, 0)
        links = self._file_links(results_part)
        package.change(results_part, self._page(results, is_shown=True, files=links))
        book.define(results_part, "_xlnm.Print_Titles", "$1:$1")
        last_row = len(content.report.orders) + 1
        area = f"$A$1:${letter(results.titled - 1)}${last_row}"
        book.define(results_part, "_xlnm._FilterDatabase", area)
        if content.report.repairs:
            repairs = repairs_page.repairs_page(content, self._order_tab.name, others)
            repairs_part = book.add(REPAIRS_SHEET, len(book.tabs))
            package.change(repairs_part, self._page(repairs, is_shown=False))
            book.define(repairs_part, "_xlnm.Print_Titles", "$1:$1")
            area = f"$A$1:${letter(repairs.titled - 1)}${len(content.report.repairs) + 1}"
            book.define(repairs_part, "_xlnm._FilterDatabase", area)
        last = len(book.tabs)
        package.change(book.add(SUMMARY_SHEET, last), self._page(summary, is_shown=False))
        styles_part = self._styles_part or "xl/styles.xml"
        if not self._styles_part:
            package.add(styles_part, _STYLES_TYPE, lambda: ())
            package.relate(book.part, "styles", styles_part, book.namespaces["relations"])
        package.change(styles_part, lambda: [self._stylesheet.write()])
        package.change(book.part, self._write_book)
        properties.sign(package, book.namespaces["relations"], checked=not content.report.run)

    def _page(
        self, page: Page, *, is_shown: bool, files: FileLinks | None = None
    ) -> Callable[[], Iterator[bytes]]:
        number_of = self._stylesheet.number_of
        return lambda: page_xml(page, number_of, self._main, is_shown=is_shown, files=files)

    def _file_links(self, part: str) -> FileLinks:
        """Relate a page of ours to the files that orders name."""
        namespace = self._book.namespaces["relations"]
        addresses = dict.fromkeys(address for _, address in self._content.files.values())
        ids = {
            address: self._package.relate(part, "hyperlink", address, namespace, external=True)
            for address in addresses
        }
        return FileLinks(namespace, ids)

    def _write_book(self) -> list[bytes]:
        """The part `workbook.xml`, written after all cells, when all shades are known."""
        self._book.keep_fills(self._stylesheet.fills_before())
        return [self._book.write()]
