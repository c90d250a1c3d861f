"""Turn a mapping into the blank order sheet that customers fill in.

`python -m converter.template.workbook` remakes every sheet of the templates folder.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import xlsxwriter
from babel import Locale
from babel.core import get_global
from xlsxwriter.exceptions import XlsxWriterException

from converter import messages
from converter.checks import values
from converter.errors import OutputError
from converter.mapping.load import available_mappings, load_mapping, shipped_folder
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.messages.sentence import of_system, t
from converter.model import CHOICES_SHEET, EXAMPLE_SHEET, GUIDE_SHEET
from converter.results import text_size
from converter.results.properties import AUTHOR
from converter.sheet import letter
from converter.template import examples, guide
from converter.template.examples import Row
from converter.template.guide import Column, both

ORDERS_SHEET = "Orders"

PREPARED_ROWS = 5_000
"""Rows below the header that have drop-downs and limits."""

_BORN = datetime(2025, 1, 1)
"""Every template says it was made then: the same mapping makes the same file."""

_SHADES = (
    ("2F5C8F", "A9C3E0", "DFE9F5"),
    ("3E7B5A", "A8D0B8", "DDEEE4"),
    ("96691E", "E3C68A", "F6EBD3"),
    ("65508F", "C3B4DF", "E9E3F4"),
    ("2F7C85", "9FD0D5", "DCEFF1"),
)
"""For each group: required, required once begun, optional."""

_NEEDS = ("always", "group", "no")

_GUIDE = {
    "column": 7,
    "title_zh": 22,
    "title_en": 26,
    "required": 16,
    "group": 20,
    "type": 14,
    "limits": 24,
    "allowed": 32,
    "example": 24,
    "help": 44,
    "aliases": 60,
    "path": 34,
}
"""Columns of the guide to the fields, and how wide they are."""


def write_template(mapping: ProviderMapping, target: Path, *, rows: Sequence[Row] = ()) -> None:
    """Write the order sheet of a provider: blank, or filled with `rows`.

    Raises OutputError where the file cannot be written.
    """
    book = xlsxwriter.Workbook(str(target), {"in_memory": True})
    title = f"{mapping.title.zh} / {mapping.title.en}"
    book.set_properties({"title": title, "author": AUTHOR, "created": _BORN})
    sheets = _Sheets(book, mapping)
    sheets.add_orders(ORDERS_SHEET, rows, is_form=True)
    sheets.add_orders(EXAMPLE_SHEET, examples.made(mapping), is_form=False)
    sheets.add_guide()
    sheets.add_choices()
    try:
        book.close()
    except (XlsxWriterException, OSError) as error:
        raise _unwritable(target, error) from error


def write_new_template(mapping: ProviderMapping, target: Path, *, rows: Sequence[Row] = ()) -> None:
    """As `write`, but never over a sheet that somebody has worked in: raises OutputError."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder, "sheet.xlsx")
        write_template(mapping, fresh, rows=rows)
        try:
            if target.exists() and target.read_bytes() != fresh.read_bytes():
                problem = "{file} is there already. Name another file with -o."
                raise OutputError(t(problem, file=target))
            shutil.copyfile(fresh, target)
        except OSError as error:
            raise _unwritable(target, error) from error


def _unwritable(target: Path, error: Exception) -> OutputError:
    cause = next((one for one in (error, *error.args) if isinstance(one, OSError)), None)
    why = of_system(cause) if cause else error  # XlsxWriter wraps the system's error in its own
    return OutputError(t("{file}: cannot be written ({problem})", file=target, problem=why))


class _Sheets:
    """The sheets of one template, and the formats that they share."""

    def __init__(self, book: Any, mapping: ProviderMapping) -> None:
        self._book = book
        self._mapping = mapping
        self._columns = guide.columns_of(mapping)
        self._lists: dict[str, list[tuple[str, ...]]] = {}
        """Lists of the hidden sheet: rows of code and names, by their heading."""
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def _format(self, **wish: Any) -> Any:
        wish = {"font_size": 10, "valign": "top", **wish}
        key = tuple(sorted(wish.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(wish)
        return self._formats[key]

    def _shade(self, group: int, need: str, **wish: Any) -> Any:
        colour = _SHADES[group % len(_SHADES)][_NEEDS.index(need)]
        wish |= {"bg_color": f"#{colour}", "border": 1, "border_color": "#FFFFFF"}
        wish |= {"font_color": "#FFFFFF" if need == "always" else "#262626"}
        return self._format(bold=need != "no", text_wrap=True, **wish)

    def add_orders(self, name: str, rows: Sequence[Row], *, is_form: bool) -> None:
        """The sheet to fill in, or one that shows how."""
        sheet = self._book.add_worksheet(name)
        sheet.set_tab_color("#2F5C8F" if is_form else "#A6A6A6")
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        sheet.set_row(0, 44)
        sheet.freeze_panes(1, 1)
        for i, column in enumerate(self._columns):
            look = self._format(valign="vcenter", **_number_format(column))
            sheet.set_column(i, i, _width(column), look)
            header = self._shade(column.group, column.need, valign="vcenter")
            sheet.write_string(0, i, column.header, header)
            if is_form:
                self._explain(sheet, i, column)
                self._restrict(sheet, i, column)
        places = {column.spec.path: i for i, column in enumerate(self._columns)}
        for number, row in enumerate(rows, 1):
            for path, text in row.items():
                column = self._columns[places[path]]
                look = self._format(valign="vcenter", **_number_format(column))
                _put(sheet, number, places[path], column, text, look)

    def _explain(self, sheet: Any, i: int, column: Column) -> None:
        note = guide.note(column)
        width, height = text_size.note_size(note, width=370)
        sheet.write_comment(0, i, note, {"author": AUTHOR, "width": width, "height": height})

    def _restrict(self, sheet: Any, i: int, column: Column) -> None:
        """What Excel itself can keep out: values off the list, wrong numbers, long texts."""
        spec = column.spec
        rule: dict[str, Any] = {}
        if spec.choices:
            rule = {"validate": "list", "source": self._source(column)}
        elif spec.type in ("country", "currency"):
            rule = {"validate": "list", "source": self._source(column), "error_type": "warning"}
        elif spec.type in ("integer", "decimal") and not column.is_text:
            rule = {"validate": spec.type, **_bounds(spec)}
        elif spec.type == "text" and spec.max is not None:
            rule = {"validate": "length", "criteria": "<=", "value": spec.max}
        if rule:
            is_list = rule["validate"] == "list"
            message = both("template_pick") if is_list else guide.in_short(spec)
            rule |= {"error_title": spec.title.zh[:32], "error_message": message[:255]}
            sheet.data_validation(1, i, PREPARED_ROWS, i, rule)

    def _source(self, column: Column) -> Any:
        """The list itself, or its range on the hidden sheet where it is long."""
        spec = column.spec
        if spec.choices:
            words = column.words
            if len(",".join(words)) <= 250 and not any("," in word for word in words):
                return list(words)
            heading = spec.path
            self._lists[heading] = [(word,) for word in words]
        else:
            heading = spec.type
            self._lists[heading] = _countries() if heading == "country" else _currencies()
        listed = self._lists[heading]
        before = list(self._lists.values())[: list(self._lists).index(heading)]
        at = letter(sum(len(entries[0]) for entries in before))
        return f"={CHOICES_SHEET}!${at}$2:${at}${len(listed) + 1}"

    def add_choices(self) -> None:
        """The hidden sheet of long lists: the codes to pick from, and their names beside them."""
        sheet = self._book.add_worksheet(CHOICES_SHEET)
        sheet.hide()
        at = 0
        for heading, listed in self._lists.items():
            sheet.write_string(0, at, heading, self._format(bold=True))
            for row, entry in enumerate(listed, 1):
                for offset, text in enumerate(entry):
                    sheet.write_string(row, at + offset, text, self._format())
            at += len(listed[0])

    def add_guide(self) -> None:
        """How to fill in the sheet, what the colours mean, and every field."""
        sheet = self._book.add_worksheet(GUIDE_SHEET)
        sheet.set_tab_color("#A6A6A6")
        sheet.hide_gridlines(2)
        widths = tuple(_GUIDE.values())
        for i, width in enumerate(widths):
            sheet.set_column(i, i, width)
        plain = self._format()
        mapping = self._mapping
        title = f"{mapping.title.zh} / {mapping.title.en}"
        sheet.set_row(0, 26)
        sheet.write_string(0, 0, title, self._format(font_size=16, bold=True))
        row = 2
        for number in range(1, 6):
            for lang in ("zh", "en"):
                text = messages.say(f"template_step_{number}", lang, provider=mapping.provider)
                text = f"{number}. {text}" if lang == "zh" else f"    {text}"
                look = plain if lang == "zh" else self._format(font_color="#7F7F7F")
                sheet.write_string(row, 0, text, look)
                row += 1
        row = self._legend(sheet, row + 1)
        row = self._fields(sheet, row + 1, widths)
        if mapping.rules:
            row += 1
            sheet.write_string(
                row, 0, both("template_rules"), self._format(bold=True, font_size=12)
            )
            for rule in mapping.rules:
                row += 1
                texts = [guide.rule_text(rule, mapping, lang) for lang in ("zh", "en")]
                sheet.write_string(row, 0, f"• {'    '.join(texts)}", plain)

    def _legend(self, sheet: Any, row: int) -> int:
        for group in sorted({column.group for column in self._columns}):
            members = [column for column in self._columns if column.group == group]
            at = 1
            sheet.write_string(row, 0, "", self._format())
            for need in _NEEDS:
                if any(column.need == need for column in members):
                    label = both(f"template_short_{need}")
                    sheet.write_string(row, at, label, self._shade(group, need))
                    at += 1
            sheet.write_string(
                row, 4, guide.group_name(self._mapping, group), self._format(bold=True)
            )
            sheet.write_string(row, 6, guide.group_help(self._mapping, group), self._format())
            row += 1
        return row

    def _fields(self, sheet: Any, row: int, widths: Sequence[int]) -> int:
        head = self._format(bold=True, bg_color="#44546A", font_color="#FFFFFF", text_wrap=True)
        sheet.set_row(row, 30)
        for i, key in enumerate(_GUIDE):
            sheet.write_string(row, i, both(f"template_{key}").replace(" ", "\n", 1), head)
        first = row
        for column in self._columns:
            row += 1
            spec = column.spec
            texts = (
                column.letter,
                spec.title.zh,
                spec.title.en,
                both(f"template_short_{column.need}"),
                guide.group_name(self._mapping, column.group),
                guide.kind(spec),
                "\n".join(guide.limits_of(spec)),
                guide.allowed_values(spec),
                spec.example or "",
                "\n".join(guide.hints(spec)),
                ", ".join(spec.aliases),
                spec.path,
            )
            line = {"bottom": 1, "bottom_color": "#D9D9D9", "text_wrap": True}
            for i, text in enumerate(texts):
                look = self._shade(column.group, column.need) if i == 3 else self._format(**line)
                sheet.write_string(row, i, text, look)
            lines = max(map(text_size.line_count, texts, widths))
            sheet.set_row(row, text_size.row_height(lines))
        sheet.autofilter(first, 0, row, len(_GUIDE) - 1)
        return row + 1


def _number_format(column: Column) -> dict[str, str]:
    if column.is_text:
        return {"num_format": "@"}
    return {"num_format": "yyyy-mm-dd hh:mm:ss"} if column.spec.type == "datetime" else {}


def _width(column: Column) -> int:
    longest = max(map(text_size.width_of, column.header.split("\n")))
    return max(11, min(30, max(longest + 3, text_size.width_of(column.spec.example or "") + 2)))


def _bounds(spec: FieldSpec) -> dict[str, Any]:
    """Excel takes two limits only where both are included."""
    low, high = spec.at_least, spec.at_most
    if spec.above is not None:
        return {"criteria": ">", "value": f"{spec.above:f}"}
    if low is not None and high is not None:
        return {"criteria": "between", "minimum": f"{low:f}", "maximum": f"{high:f}"}
    if high is not None:
        return {"criteria": "<=", "value": f"{high:f}"}
    return {"criteria": ">=", "value": f"{low:f}" if low is not None else "-1000000000"}


def _put(sheet: Any, row: int, at: int, column: Column, text: str, look: Any) -> None:
    """A typed cell, as somebody filling in the sheet would leave it."""
    spec = column.spec
    if spec.type in ("integer", "decimal") and not column.is_text:
        try:
            sheet.write_number(row, at, float(Decimal(text)), look)
        except InvalidOperation:
            sheet.write_string(row, at, text, look)
        return
    if spec.type == "datetime":
        try:
            sheet.write_datetime(row, at, datetime.fromisoformat(text), look)
        except ValueError:
            sheet.write_string(row, at, text, look)
        return
    sheet.write_string(row, at, text, look)


def _countries() -> list[tuple[str, ...]]:
    """ISO codes with their Chinese and English names; those that also have three letters."""
    known = values.countries()
    aliases = get_global("territory_aliases")
    codes = {names[0] for code, names in aliases.items() if len(code) == 3 and code.isalpha()}
    zh, en = Locale("zh").territories, Locale("en").territories
    codes &= {code for code in known.values() if len(code) == 2}
    return [(code, zh[code], en[code]) for code in sorted(codes)]


_COMMON = ("CNY", "USD", "EUR", "GBP", "HKD", "JPY")


def _currencies() -> list[tuple[str, ...]]:
    """Codes of the currencies that are in use, the common ones first."""
    used = {
        currency
        for entries in get_global("territory_currencies").values()
        for currency, _, until, is_tender in entries
        if until is None and is_tender
    }
    rest = sorted(used - set(_COMMON))
    zh, en = Locale("zh").currencies, Locale("en").currencies
    return [(code, zh.get(code, code), en.get(code, code)) for code in (*_COMMON, *rest)]


# -- the templates folder ----------------------------------------------------------------------


def example_rows(mapping: ProviderMapping) -> list[Row]:
    """The shipped example orders of a provider; for a mapping of one's own, made from it."""
    path = shipped_folder("templates") / "data" / f"{mapping.provider}.csv"
    return examples.read(path, mapping) if path.is_file() else examples.made(mapping)


def remake(folder: Path) -> list[Path]:
    """Write every template again: a blank sheet per provider, and what data/ holds.

    `data/oms.csv` becomes `oms.example.xlsx`; `data/oms.late.csv` becomes `late.xlsx`.
    """
    written = []
    for name, file in available_mappings().items():
        mapping = load_mapping(file)
        write_template(mapping, folder / f"{name}.xlsx")
        written.append(folder / f"{name}.xlsx")
        for data in sorted((folder / "data").glob(f"{name}.*csv")):
            special = data.stem.removeprefix(name).removeprefix(".")
            target = folder / f"{special or f'{name}.example'}.xlsx"
            write_template(mapping, target, rows=examples.read(data, mapping))
            written.append(target)
    return written


def main(arguments: Sequence[str]) -> None:
    folder = Path(arguments[0]) if arguments else shipped_folder("templates")
    for path in remake(folder):
        print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
