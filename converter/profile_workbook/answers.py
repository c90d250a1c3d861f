"""The workbook of a profile as a form: what it asks and suggests, and answers put into its cells.

The workbook stays the one thing that says what a profile is, whoever fills it in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from converter.profile_workbook import form
from converter.profile_workbook.write import FIRST_ROW
from converter.results.cell_text import writable

_ANSWERS = {"column": "C", "joined": "D", "otherwise": "E", "fixed": "F"}
_KEY, _GIVEN = "I", "J"
_MEANS = "C"


@dataclass(frozen=True)
class FieldRow:
    """A field, and what the workbook says of it so far."""

    path: str
    title: str
    need: str
    """A key of `form.YES`."""
    column: str
    joined: str
    otherwise: str
    fixed: str
    note: str
    given: str
    """The columns that a known source gives, in words."""


@dataclass(frozen=True)
class WordRow:
    """A word of the sheet, and what it means; blank as long as nobody said."""

    path: str
    field: str
    word: str
    means: str


@dataclass(frozen=True)
class ListedColumn:
    """A column of the sheet that can be chosen."""

    label: str
    letter: str
    examples: str


@dataclass(frozen=True)
class ProfileForm:
    """Everything that the workbook asks."""

    fields: tuple[FieldRow, ...]
    words: tuple[WordRow, ...]
    columns: tuple[ListedColumn, ...]
    layout: Mapping[str, str]
    """By the keys of `form.LAYOUT_ROWS`."""

    def unused(self) -> Iterator[ListedColumn]:
        """The columns that no field takes."""
        taken = {
            part.strip()
            for row in self.fields
            for text in (row.column, row.joined, row.otherwise, row.given)
            for whole in text.split(";")
            for part in (whole, *whole.split("+"))
        }
        yield from (column for column in self.columns if column.label not in taken)


def read_form(file: Path) -> ProfileForm:
    """The form in a workbook that `write_profile` wrote."""
    book = load_workbook(file)
    fields = tuple(
        FieldRow(
            path=_text(sheet, f"{_KEY}{row}"),
            title=_text(sheet, f"A{row}"),
            need=_need(_text(sheet, f"B{row}")),
            note=_text(sheet, f"H{row}"),
            given=_text(sheet, f"{_GIVEN}{row}"),
            **{name: _text(sheet, f"{letter}{row}") for name, letter in _ANSWERS.items()},
        )
        for sheet, row in _fields(book)
    )
    words = tuple(
        WordRow(
            _text(sheet, f"D{row}"), _text(sheet, f"A{row}"), _text(sheet, f"B{row}"),
            _text(sheet, f"{_MEANS}{row}"),
        )
        for sheet, row in _words(book)
    )  # fmt: skip
    titles = book.worksheets[3]
    columns = tuple(
        ListedColumn(*(_text(titles, f"{letter}{row}") for letter in "ABC"))
        for row in range(2, titles.max_row + 1)
        if _text(titles, f"A{row}")
    )
    layout = {key: _text(sheet, f"B{row}") for sheet, row, key in _layout(book)}
    return ProfileForm(fields, words, columns, layout)


def fill_form(
    file: Path,
    fields: Mapping[str, Mapping[str, str]],
    words: Mapping[tuple[str, str], str],
    layout: Mapping[str, str],
) -> None:
    """Put answers into the cells of a workbook that `write_profile` wrote.

    `fields` are by path, then by `column`, `joined`, `otherwise` and `fixed`; `words` by path and
    word; `layout` by key. What none of them names stays as it is.
    """
    book = load_workbook(file)
    for sheet, row in _fields(book):
        for name, text in fields.get(_text(sheet, f"{_KEY}{row}"), {}).items():
            _put(sheet, f"{_ANSWERS[name]}{row}", text)
    for sheet, row in _words(book):
        key = (_text(sheet, f"D{row}"), _text(sheet, f"B{row}"))
        if key in words:
            _put(sheet, f"{_MEANS}{row}", words[key])
    for sheet, row, name in _layout(book):
        if name in layout:
            _put(sheet, f"B{row}", layout[name])
    book.save(file)


def field_of(file: Path, cell: str) -> str:
    """The title of the field that a cell such as `Fields!C7` is about; empty for other cells."""
    name, _, place = cell.partition("!")
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    sheet = load_workbook(file)[name] if row.isdigit() else None
    is_about_fields = sheet is not None and any(
        form.is_said(name, one) for one in (form.FIELDS, form.WORDS)
    )
    return _text(sheet, f"A{row}") if sheet is not None and is_about_fields else ""


def _need(text: str) -> str:
    return next(name for name, said in form.YES.items() if form.is_said(text, said))


def _fields(book: Workbook) -> Iterator[tuple[Worksheet, int]]:
    sheet = book.worksheets[0]
    yield from ((sheet, row) for row in range(FIRST_ROW, sheet.max_row + 1)
                if _text(sheet, f"{_KEY}{row}"))  # fmt: skip


def _words(book: Workbook) -> Iterator[tuple[Worksheet, int]]:
    sheet = book.worksheets[1]
    yield from ((sheet, row) for row in range(2, sheet.max_row + 1)
                if _text(sheet, f"D{row}"))  # fmt: skip


def _layout(book: Workbook) -> Iterator[tuple[Worksheet, int, str]]:
    sheet = book.worksheets[2]
    for row in range(1, sheet.max_row + 1):
        if (key := _text(sheet, f"D{row}")) and key != "leave_out":
            yield sheet, row, key


def _text(sheet: Worksheet, cell: str) -> str:
    value = sheet[cell].value
    return "" if value is None else str(value)


def _put(sheet: Worksheet, cell: str, text: str) -> None:
    sheet[cell].value = writable(text) or None
    if text:
        sheet[cell].data_type = "s"  # never a formula, whatever was typed
