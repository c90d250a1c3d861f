"""Reading a profile from its workbook; what is wrong with it is told cell by cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import converter.sheet
from converter import messages
from converter.checks import cells, values
from converter.checks.values import Problem
from converter.layout.titles import squeeze
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.message import Message, join, t
from converter.profile_workbook import form
from converter.profile_workbook.columns import SheetColumn, with_numbers
from converter.profiles.model import ColumnChoice, DateOrder, FieldColumns, LeftOut, Profile
from converter.profiles.store import ProfileError
from converter.profiles.sums import fault, is_sum, kept_value
from converter.sheet import Sheet
from converter.text import clean, fold, quote

_DIVIDER = re.compile("[;；]")
_LETTER = re.compile(r"=?([A-Za-z]{1,3})")

Row = Mapping[str, str]
"""The texts of a row, by what its cells are."""


class WorkbookFaults(ProfileError):
    """A profile's workbook has cells that cannot be used; names them all."""

    def __init__(self, file: Path, faults: Sequence[tuple[str, str]]) -> None:
        lines = [t("{cell}: {problem}", cell=cell, problem=problem) for cell, problem in faults]
        super().__init__(
            t(
                "{file} has {count} cells that cannot be used. Correct them there, and give it "
                "again.\n{lines}",
                file=file.name,
                count=len(lines),
                lines=join("\n", lines),
            )
        )
        self.faults = tuple(faults)


@dataclass(frozen=True)
class _Table:
    """One sheet of the workbook: its rows by number, and the column of each kind of cell."""

    sheet: Sheet
    letters: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[int, Row] = field(default_factory=dict)

    def cell(self, row: int, kind: str) -> str:
        return f"{self.sheet.name}!{self.letters.get(kind, '')}{row}"


def is_profile(sheets: Sequence[Sheet]) -> bool:
    """Whether these are the sheets of a profile's workbook."""
    names = [sheet.name for sheet in sheets]
    return all(
        any(form.is_said(name, wanted) for name in names) for wanted in (form.FIELDS, form.TITLES)
    )


def read_sheets(file: Path) -> list[Sheet]:
    """The sheets of a profile's workbook. Raises SheetError or ProfileError."""
    sheets = converter.sheet.read(file)
    if not is_profile(sheets):
        raise ProfileError(
            t(
                "{file} is no profile: `converter profile new SHEET -p PROVIDER` writes one to "
                "fill in.",
                file=file.name,
            )
        )
    return sheets


def given_fields(sheets: Sequence[Sheet]) -> set[str]:
    """The fields that a known source fills without a word of the profile."""
    rows = _table(sheets, form.FIELDS, form.FIELD_COLUMNS).rows.values()
    return {
        row["path"] for row in rows
        if row.get("path") and row.get("given") and row.get("column") == row["given"]
    }  # fmt: skip


def provider_of(sheets: Sequence[Sheet]) -> str:
    """The provider that the workbook is for; empty where its cell is blank."""
    return _layout_of(sheets).get("provider", ("", ""))[0]


def read_profile(sheets: Sequence[Sheet], mapping: ProviderMapping, file: Path) -> Profile:
    """The profile in a workbook. Raises WorkbookFaults, which names every cell that is wrong."""
    reader = _Reader(sheets, mapping)
    profile = reader.profile()
    if reader.faults:
        raise WorkbookFaults(file, reader.faults)
    return profile


class _Reader:
    """Reads the sheets of one workbook, and collects what is wrong."""

    def __init__(self, sheets: Sequence[Sheet], mapping: ProviderMapping) -> None:
        self.mapping = mapping
        self.faults: list[tuple[str, str]] = []
        self.sheets = sheets
        self.columns = list(_sheet_columns(_table(sheets, form.TITLES, form.TITLE_COLUMNS)))
        self.by_label = {fold(column.label): column.choice for column in self.columns}

    def profile(self) -> Profile:
        columns: dict[str, FieldColumns] = {}
        fixed: dict[str, str] = {}
        fields = _table(self.sheets, form.FIELDS, form.FIELD_COLUMNS)
        for row, texts in fields.rows.items():
            spec = self._field(texts, fields.cell(row, "field"))
            if spec is None:
                continue
            found = self._columns(spec, row, texts, fields)
            if found is not None:
                columns[spec.path] = found
            if value := texts.get("fixed", ""):
                fixed[spec.path] = kept_value(value, spec, self.mapping)
                self._check_fixed(spec, fixed[spec.path], found, fields.cell(row, "fixed"))
        layout = _layout_of(self.sheets)

        def said(key: str) -> str:
            return layout.get(key, ("", ""))[0]

        name = said("name")
        if not name:
            self._fault(layout, "name", t("give the profile a name"))
        taken = set(columns) | set(fixed)
        return Profile(
            name,
            self.mapping.provider,
            said("account"),
            titles=tuple(column.choice.title for column in self.columns if column.choice.title),
            columns=columns,
            fixed=fixed,
            words={path: words for path, words in self._words().items() if path in taken},
            header_row=self._header_row(layout),
            date_order=self._date_order(layout),
            product_table=said("product_table"),
            sheets=tuple(_parts(said("sheets"))),
            leave_out=tuple(self._left_out(_leave_out_rows(self.sheets))),
        )

    def _fault(self, layout: Mapping[str, tuple[str, str]], key: str, problem: str) -> None:
        self.faults.append((layout.get(key, ("", ""))[1], problem))

    def _field(self, texts: Row, cell: str) -> FieldSpec | None:
        """The field of a row: by its hidden key, or by its title where that was copied."""
        path, title = texts.get("path", ""), texts.get("field", "")
        for spec in self.mapping.fields:
            if spec.has_column and (
                spec.path == path if path else title and title in (spec.title.en, spec.title.zh)
            ):
                return spec
        if any(texts.get(kind) for kind in ("column", "fixed", "word")):
            problem = t("{provider} has no field {title}", provider=self.mapping.provider,
                        title=quote(title or path))  # fmt: skip
            self.faults.append((cell, problem))
        return None

    # -- columns ---------------------------------------------------------------------------------

    def _columns(self, spec: FieldSpec, row: int, texts: Row, table: _Table) -> FieldColumns | None:
        """The columns of a field; none at all where a known source's were deleted."""
        given, rest = texts.get("given", ""), texts.get("joined", "") + texts.get("otherwise", "")
        if given and not rest and texts.get("column", "") in ("", given):
            return None if texts.get("column") else FieldColumns(())
        main = self._choices(texts.get("column", ""), table.cell(row, "column"))
        joined = self._choices(texts.get("joined", ""), table.cell(row, "joined"))
        others = [
            choices
            for part in self._divided(texts.get("otherwise", ""))
            if (choices := self._choices(part, table.cell(row, "otherwise")))
        ]
        if not main:
            if joined or others:
                problem = t(
                    "choose the first column too, in {cell}", cell=table.cell(row, "column")
                )
                kind = "joined" if joined else "otherwise"
                self.faults.append((table.cell(row, kind), problem))
            return None
        if len(main) == 1 and not joined and not others:
            return with_numbers(spec.path, main[0], self.columns)
        return FieldColumns(((*main, *joined), *others))

    def _divided(self, text: str) -> list[str]:
        return [text] if fold(text) in self.by_label else _parts(text)

    def _choices(self, text: str, cell: str) -> tuple[ColumnChoice, ...]:
        """The columns that a cell names: one title, or several with `;` or `+` between them."""
        if not text:
            return ()
        if choice := self._choice(text):
            return (choice,)
        found = []
        for part in (piece.strip() for one in _parts(text) for piece in one.split("+")):
            if choice := self._choice(part):
                found.append(choice)
            else:
                problem = t("the sheet has no column {title}; choose one from the list",
                            title=quote(part))  # fmt: skip
                self.faults.append((cell, problem))
        return tuple(found)

    def _choice(self, text: str) -> ColumnChoice | None:
        if choice := self.by_label.get(fold(text)):
            return choice
        if letter := _LETTER.fullmatch(text):
            name = letter[1].upper()
            for column in self.columns:
                if column.letter == name:
                    return column.choice
        return None

    # -- values ----------------------------------------------------------------------------------

    def _check_fixed(
        self, spec: FieldSpec, value: str, columns: FieldColumns | None, cell: str
    ) -> None:
        if not is_sum(value):
            self._check_value(spec, value, cell)
        elif columns is not None and columns.alternatives:
            self.faults.append((cell, t("a sum needs the whole field: choose no column for it")))
        elif problem := fault(value, spec, self.mapping):
            self.faults.append((cell, problem))

    def _check_value(self, spec: FieldSpec, value: str, cell: str) -> None:
        if problem := problem_of(spec, value):
            self.faults.append((cell, problem))

    def _words(self) -> dict[str, dict[str, str]]:
        table = _table(self.sheets, form.WORDS, form.WORD_COLUMNS)
        found: dict[str, dict[str, str]] = {}
        for row, texts in table.rows.items():
            word, means = texts.get("word", ""), texts.get("means", "")
            if not word or not means:
                continue
            spec = self._field(texts, table.cell(row, "field"))
            if spec is None:
                continue
            own = found.setdefault(spec.path, {})
            if own.get(word, means) != means:
                problem = t("{word} is there twice, with two meanings", word=quote(word))
                self.faults.append((table.cell(row, "word"), problem))
            own[word] = means
            self._check_value(spec, means, table.cell(row, "means"))
        return found

    # -- the layout ------------------------------------------------------------------------------

    def _header_row(self, layout: Mapping[str, tuple[str, str]]) -> int:
        text = layout.get("header_row", ("", ""))[0]
        if not text:
            return 0
        if text.isascii() and text.isdigit() and 0 < int(text) < 1_048_577:
            return int(text)
        problem = t("expected the number of a row, found {found}", found=quote(text))
        self._fault(layout, "header_row", problem)
        return 0

    def _date_order(self, layout: Mapping[str, tuple[str, str]]) -> DateOrder:
        text = layout.get("date_order", ("", ""))[0]
        for order, message in form.DATE_ORDERS.items():
            if form.is_said(text, message):
                return order
        if text:
            problem = t("choose one from the list, not {found}", found=quote(text))
            self._fault(layout, "date_order", problem)
        return ""

    def _left_out(self, rows: Sequence[tuple[str, str, str]]) -> Iterator[LeftOut]:
        for title, words, cell in rows:
            if not title and not words:
                continue
            choices = self._choices(title, cell)
            if len(choices) == 1 and (listed := _parts(words)):
                yield LeftOut(choices[0], tuple(listed))
            elif len(choices) == 1 or not title:
                problem = t("give a column here, and beside it the words of rows to leave out")
                self.faults.append((cell, problem))


def problem_of(spec: FieldSpec, value: str) -> Message | None:
    """What is wrong with a value for a field; settings and other fields are not looked at."""
    found = values.parser(spec, {})(value)
    if isinstance(found, Problem):
        return messages.of_code(found.code, **found.facts)
    if found is None:
        return None
    trouble = cells.problem_of(spec, found, value)
    return messages.of_code(trouble.code, **trouble.facts) if trouble else None


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _DIVIDER.split(text) if part.strip()]


# -- sheets ------------------------------------------------------------------------------------


def _named(sheets: Sequence[Sheet], name: Message) -> Sheet | None:
    return next((sheet for sheet in sheets if form.is_said(sheet.name, name)), None)


def _table(sheets: Sequence[Sheet], name: Message, titles: Mapping[str, Message]) -> _Table:
    """The rows below the titles, which may have been moved; hidden keys among them."""
    sheet = _named(sheets, name)
    if sheet is None or sheet.frame.empty:
        return _Table(sheets[0])
    for row in sheet.frame.index[:20].tolist():
        places = {
            kind: at
            for at, text in enumerate(sheet.texts(row))
            for kind, message in titles.items()
            if form.is_said(text, message)
        }
        if len(places) > 1:
            rows = {
                number: {kind: clean(texts[at]) for kind, at in places.items()}
                for number in sheet.frame.index[sheet.frame.index > row].tolist()
                if any(texts := sheet.texts(number))
            }
            return _Table(sheet, {kind: sheet.letters[at] for kind, at in places.items()}, rows)
    return _Table(sheet)


def _sheet_columns(table: _Table) -> Iterator[SheetColumn]:
    for texts in table.rows.values():
        if not texts.get("label"):
            continue
        number = texts.get("nth", "")
        title, letter = squeeze(texts.get("title", "")), texts.get("letter", "")
        choice = ColumnChoice(title, int(number) if number.isdigit() else 1)
        if not title:
            choice = ColumnChoice("", letter=letter)
        yield SheetColumn(texts["label"], letter, choice)


def _layout_of(sheets: Sequence[Sheet]) -> dict[str, tuple[str, str]]:
    """What the sheet about the layout says, with the cell, by key."""
    found: dict[str, tuple[str, str]] = {}
    for row, title, value, key in _layout_rows(sheets):
        for name, message in form.LAYOUT_ROWS.items():
            if name != "leave_out" and (key == name or (not key and form.is_said(title, message))):
                found[name] = (clean(value), row)
    return found


def _leave_out_rows(sheets: Sequence[Sheet]) -> list[tuple[str, str, str]]:
    sheet = _named(sheets, form.LAYOUT)
    if sheet is None:
        return []
    found = []
    below = False
    for number in sheet.frame.index.tolist():
        texts = dict(zip(sheet.letters, sheet.texts(number), strict=True))
        if form.is_said(texts.get("B", ""), form.LAYOUT_ROWS["leave_out"]):
            below = True
        elif below:
            place = f"{sheet.name}!B{number}"
            found.append((clean(texts.get("B", "")), clean(texts.get("C", "")), place))
    return found


def _layout_rows(sheets: Sequence[Sheet]) -> Iterator[tuple[str, str, str, str]]:
    sheet = _named(sheets, form.LAYOUT)
    if sheet is None:
        return
    for number in sheet.frame.index.tolist():
        texts = dict(zip(sheet.letters, sheet.texts(number), strict=True))
        place = f"{sheet.name}!B{number}"
        yield place, texts.get("A", ""), texts.get("B", ""), texts.get("D", "")
