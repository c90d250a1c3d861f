"""Writing a profile as a workbook: fields, words, the layout as a whole, and the sheet's titles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from converter.errors import OutputError
from converter.mapping.model import ProviderMapping
from converter.message import N_, Message, pt, t
from converter.messages import translate
from converter.messages.system import of_system
from converter.model import CHOICES_SHEET
from converter.profile_workbook import form
from converter.profile_workbook.columns import Given, SheetColumn
from converter.profiles.model import ColumnChoice, FieldColumns, Profile
from converter.profiles.sums import shown_value, sums_for
from converter.results.properties import AUTHOR
from converter.sheet import letter
from converter.sheet_template import guide, styles
from converter.sheet_template.choices_sheet import LONGEST_INLINE, Choices
from converter.sheet_template.columns import TemplateColumn, columns_of

FIRST_ROW = 3
"""Of the fields, below a hint and the titles."""

_SPARE_WORDS = 30
"""Lines below the words in which more can be written."""
_LEAVE_OUT_ROWS = 3
_INK = styles.TextStyle(fill="FFF8E1", wrap=True, border="D9D9D9", number_format="@")
"""The cells to fill in."""
_FIXED_TEXT = styles.TextStyle(wrap=True)
_NEEDED = styles.TextStyle(bold=True, wrap=True)


@dataclass(frozen=True)
class Word:
    """A word of the sheet that a field does not understand, or that a profile explains."""

    path: str
    word: str
    means: str = ""


def write_profile(
    target: Path,
    mapping: ProviderMapping,
    profile: Profile,
    columns: Sequence[SheetColumn],
    words: Sequence[Word],
    *,
    lang: str,
    given: Mapping[str, Given] = MappingProxyType({}),
) -> None:
    """Write the workbook; `given` is what a known source says, by field.

    Raises OutputError where it is there already or cannot be written."""
    book = _workbook(mapping, profile, columns, words, given, lang)
    try:
        with target.open("xb") as file:
            book.save(file)
    except FileExistsError as error:
        problem = N_("{file} is there already. Name another file with -o.")
        raise OutputError(t(problem, file=target)) from error
    except OSError as error:
        problem = N_("{file}: cannot be written ({problem})")
        raise OutputError(t(problem, file=target, problem=of_system(error))) from error


def _workbook(
    mapping: ProviderMapping,
    profile: Profile,
    columns: Sequence[SheetColumn],
    words: Sequence[Word],
    given: Mapping[str, Given],
    lang: str,
) -> Workbook:
    book = Workbook()
    book.properties.creator = book.properties.lastModifiedBy = AUTHOR
    book.remove(book.worksheets[0])
    sheets = [
        book.create_sheet(translate(name, lang))
        for name in (form.FIELDS, form.WORDS, form.LAYOUT, form.TITLES)
    ]
    fields, meanings, layout, titles = sheets
    fields.sheet_view.tabSelected = True
    specs = sorted(columns_of(mapping), key=lambda one: styles.NEEDS.index(one.need))
    choices = Choices(columns_of(mapping))
    labels = {column.choice: column.label for column in columns}
    source = f"'{titles.title}'!$A$2:$A${max(len(columns), 1) + 1}"
    _write_fields(fields, specs, mapping, profile, labels, given, lang)
    _add_examples(fields, specs, titles.title, len(columns), given)
    _add_drop_downs(fields, specs, choices, source)
    _offer_sums(fields, specs, mapping, lang)
    _write_words(meanings, specs, words, choices, lang)
    _write_layout(layout, profile, labels, source, lang)
    _write_titles(titles, columns, lang)
    choices.write(book.create_sheet(CHOICES_SHEET))
    return book


def _head(
    sheet: Worksheet, row: int, titles: Mapping[str, Message], widths: Sequence[int], lang: str
) -> None:
    for number, (message, width) in enumerate(zip(titles.values(), widths, strict=True), 1):
        styles.put(sheet, row, number, translate(message, lang), styles.HEAD)
        sheet.column_dimensions[letter(number - 1)].width = width
    sheet.freeze_panes = f"B{row + 1}"
    styles.make_printable(sheet, titles=f"{row}:{row}")


def _write_fields(
    sheet: Worksheet,
    specs: Sequence[TemplateColumn],
    mapping: ProviderMapping,
    profile: Profile,
    labels: Mapping[ColumnChoice, str],
    given: Mapping[str, Given],
    lang: str,
) -> None:
    styles.put(sheet, 1, 1, translate(form.HINT, lang), styles.TextStyle(bold=True))
    _head(sheet, 2, form.FIELD_COLUMNS, (30, 13, 28, 24, 24, 24, 34, 60, 10, 10), lang)
    for hidden in "IJ":
        sheet.column_dimensions[hidden].hidden = True
    for row, column in enumerate(specs, FIRST_ROW):
        spec = column.spec
        chosen, note = _cells_of(profile.columns.get(spec.path), labels, lang)
        known = given.get(spec.path)
        if known and spec.path not in profile.columns:
            chosen = (known.label, "", "")
        title = spec.title.get(lang) if lang in ("en", "zh") else spec.title.en
        need = translate(form.YES[column.need], lang)
        styles.put(sheet, row, 1, title, _NEEDED if column.need == "always" else _FIXED_TEXT)
        styles.put(sheet, row, 2, need, _NEEDED if column.need == "always" else _FIXED_TEXT)
        fixed = shown_value(profile.fixed.get(spec.path, ""), spec, mapping, lang)
        for number, text in enumerate((*chosen, fixed), 3):
            styles.put(sheet, row, number, text, _INK)
        about = "; ".join(filter(None, (note, *guide.short_note(spec, lang))))
        styles.put(sheet, row, 8, about, styles.FAINT)
        styles.put(sheet, row, 9, spec.path, styles.FAINT)
        styles.put(sheet, row, 10, known.label if known else "", styles.FAINT)


def _cells_of(
    columns: FieldColumns | None, labels: Mapping[ColumnChoice, str], lang: str
) -> tuple[tuple[str, str, str], str]:
    """The column, the one joined with it and the one in its place; and a note on further ones."""
    if columns is None or not columns.alternatives:
        return ("", "", ""), ""
    shown = [
        [labels.get(choice, str(choice)) for choice in joined] for joined in columns.alternatives
    ]
    first = shown[0]
    if columns.numbered:
        more = ", ".join(label for joined in shown[1:] for label in joined)
        note = pt("profile", "Also {labels}, one item each.", labels=more)
        return (first[0], "", ""), translate(note, lang)
    joined = "; ".join(first[1:])
    otherwise = "; ".join(" + ".join(other) for other in shown[1:])
    return (first[0], joined, otherwise), ""


def _add_examples(
    sheet: Worksheet,
    specs: Sequence[TemplateColumn],
    titles: str,
    listed: int,
    given: Mapping[str, Given],
) -> None:
    """The first values of the chosen column, which follow the choice."""
    around = f"'{titles}'!$A$2:$C${max(listed, 1) + 1}"
    for row, column in enumerate(specs, FIRST_ROW):
        known = given.get(column.spec.path)
        example = known.example.replace('"', '""')[:200] if known else ""
        shown = f'IF(C{row}=J{row},"{example}","")' if known else '""'
        sheet.cell(row, 7).value = f"=IFERROR(VLOOKUP(C{row},{around},3,FALSE),{shown})"
        styles.apply(sheet.cell(row, 7), styles.FAINT)


def _add_drop_downs(
    sheet: Worksheet, specs: Sequence[TemplateColumn], choices: Choices, titles: str
) -> None:
    last = FIRST_ROW + len(specs) - 1
    rule = DataValidation("list", formula1=titles, allow_blank=True, errorStyle="warning")
    rule.add(f"C{FIRST_ROW}:E{last}")
    sheet.add_data_validation(rule)
    for row, column in enumerate(specs, FIRST_ROW):
        if column.spec.choices or column.spec.type in ("country", "currency"):
            _add_choices(sheet, f"F{row}", column, choices)


def _offer_sums(
    sheet: Worksheet, specs: Sequence[TemplateColumn], mapping: ProviderMapping, lang: str
) -> None:
    """Total weights and the like may be sums over the items."""
    for row, column in enumerate(specs, FIRST_ROW):
        words = [one.words(lang) for one in sums_for(column.spec, mapping)]
        if words and len(",".join(words)) <= LONGEST_INLINE:
            formula = f'"{",".join(words)}"'
            rule = DataValidation("list", formula1=formula, allow_blank=True, errorStyle="warning")
            rule.showErrorMessage = False  # any number will do as well
            rule.add(f"F{row}")
            sheet.add_data_validation(rule)


def _add_choices(sheet: Worksheet, cell: str, column: TemplateColumn, choices: Choices) -> None:
    formula = choices.formula(column)
    rule = DataValidation("list", formula1=formula, allow_blank=True, errorStyle="warning")
    rule.add(cell)
    sheet.add_data_validation(rule)


def _write_words(
    sheet: Worksheet,
    specs: Sequence[TemplateColumn],
    words: Sequence[Word],
    choices: Choices,
    lang: str,
) -> None:
    _head(sheet, 1, form.WORD_COLUMNS, (30, 34, 34, 10), lang)
    sheet.column_dimensions["D"].hidden = True
    by_path = {column.spec.path: column for column in specs}
    for row, word in enumerate(words, 2):
        column = by_path[word.path]
        styles.put(sheet, row, 1, column.spec.title.get(lang), _FIXED_TEXT)
        styles.put(sheet, row, 2, word.word, _INK)
        styles.put(sheet, row, 3, word.means, _INK)
        styles.put(sheet, row, 4, word.path, styles.FAINT)
        if column.spec.choices or column.spec.type in ("country", "currency"):
            _add_choices(sheet, f"C{row}", column, choices)
    first = len(words) + 2
    for row in range(first, first + _SPARE_WORDS):
        for number in (1, 2, 3):
            styles.put(sheet, row, number, "", _INK)
    names = f"'{translate(form.FIELDS, lang)}'!$A${FIRST_ROW}:$A${FIRST_ROW + len(specs) - 1}"
    rule = DataValidation("list", formula1=names, allow_blank=True)
    rule.add(f"A{first}:A{first + _SPARE_WORDS - 1}")
    sheet.add_data_validation(rule)


def _write_layout(
    sheet: Worksheet,
    profile: Profile,
    labels: Mapping[ColumnChoice, str],
    titles: str,
    lang: str,
) -> None:
    for column, width in zip("ABCD", (36, 34, 70, 10), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.column_dimensions["D"].hidden = True
    order = form.DATE_ORDERS.get(profile.date_order)
    values = {
        "name": profile.name,
        "provider": profile.provider,
        "account": profile.account,
        "sheets": "; ".join(profile.sheets),
        "header_row": str(profile.header_row or ""),
        "date_order": translate(order, lang) if order else "",
        "product_table": profile.product_table,
    }
    row = 0
    for key, value in values.items():
        row += 1
        help_text = form.LAYOUT_HELP.get(key)
        styles.put(sheet, row, 1, translate(form.LAYOUT_ROWS[key], lang), styles.BOLD)
        styles.put(sheet, row, 2, value, styles.PLAIN if key == "provider" else _INK)
        styles.put(sheet, row, 3, translate(help_text, lang) if help_text else "", styles.FAINT)
        styles.put(sheet, row, 4, key, styles.FAINT)
        if key == "date_order":
            shown = ",".join(translate(each, lang) for each in form.DATE_ORDERS.values())
            rule = DataValidation("list", formula1=f'"{shown}"', allow_blank=True)
            rule.add(f"B{row}")
            sheet.add_data_validation(rule)
    row += 2
    styles.put(sheet, row, 2, translate(form.LAYOUT_ROWS["leave_out"], lang), styles.BOLD)
    styles.put(sheet, row, 3, translate(form.LAYOUT_HELP["leave_out"], lang), styles.BOLD)
    rows = [(labels.get(o.column, str(o.column)), "; ".join(o.words)) for o in profile.leave_out]
    for column, text in [*rows, *[("", "")] * max(1, _LEAVE_OUT_ROWS - len(rows))]:
        row += 1
        styles.put(sheet, row, 2, column, _INK)
        styles.put(sheet, row, 3, text, replace(_INK, wrap=False))
        styles.put(sheet, row, 4, "leave_out", styles.FAINT)
        rule = DataValidation("list", formula1=titles, allow_blank=True)
        rule.add(f"B{row}")
        sheet.add_data_validation(rule)
    styles.make_printable(sheet)


def _write_titles(sheet: Worksheet, columns: Sequence[SheetColumn], lang: str) -> None:
    _head(sheet, 1, form.TITLE_COLUMNS, (34, 10, 70, 20, 10), lang)
    for hidden in "DE":
        sheet.column_dimensions[hidden].hidden = True
    for row, column in enumerate(columns, 2):
        choice = column.choice
        texts = (column.label, column.letter, " | ".join(column.examples), choice.title)
        for number, text in enumerate((*texts, str(choice.nth)), 1):
            styles.put(sheet, row, number, text, styles.LISTED)
