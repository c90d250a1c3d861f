"""The hidden sheet with the lists that are too long for a drop-down of their own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from babel import Locale
from babel.core import get_global
from openpyxl.worksheet.worksheet import Worksheet

from converter.mapping import standards
from converter.model import CHOICES_SHEET
from converter.sheet import letter
from converter.sheet_template import styles
from converter.sheet_template.columns import TemplateColumn

LONGEST_INLINE = 250
"""Characters of a list inside a drop-down; Excel takes 255 with its quotes and commas."""

Listed = tuple[str, ...]
"""A value to pick, and its names in the columns beside it."""


class Choices:
    """The long lists of the columns, and where each of them stands."""

    def __init__(self, columns: Sequence[TemplateColumn]) -> None:
        self._lists: dict[str, list[Listed]] = {}
        for column in columns:
            spec = column.spec
            if spec.choices:
                if not _fits_inline(column.words):
                    self._lists[spec.path] = [(word,) for word in column.words]
            elif spec.type == "country":
                self._lists["country"] = _countries()
            elif spec.type == "currency":
                self._lists["currency"] = _currencies()

    def formula(self, column: TemplateColumn) -> str:
        """The source of a drop-down: the words themselves, or their range on the hidden sheet."""
        spec = column.spec
        if spec.choices and _fits_inline(column.words):
            return f'"{",".join(column.words)}"'
        heading = spec.path if spec.choices else spec.type
        start = 0
        for other, listed in self._lists.items():
            if other == heading:
                break
            start += len(listed[0])
        at = letter(start)
        return f"{CHOICES_SHEET}!${at}$2:${at}${len(self._lists[heading]) + 1}"

    def write(self, sheet: Worksheet) -> None:
        sheet.sheet_state = "hidden"
        start = 1
        for heading, listed in self._lists.items():
            styles.put(sheet, 1, start, heading, styles.BOLD)
            for row, entry in enumerate(listed, 2):
                for column, text in enumerate(entry, start):
                    styles.put(sheet, row, column, text, styles.PLAIN)
            start += len(listed[0])


def _fits_inline(words: Sequence[str]) -> bool:
    return len(",".join(words)) <= LONGEST_INLINE and not any("," in word for word in words)


@cache
def _countries() -> list[Listed]:
    """ISO codes with their Chinese and English names; those that also have three letters."""
    known = standards.countries()
    aliases = get_global("territory_aliases")
    codes = {names[0] for code, names in aliases.items() if len(code) == 3 and code.isalpha()}
    zh, en = Locale("zh").territories, Locale("en").territories
    codes &= {code for code in known.values() if len(code) == 2}
    return [(code, zh[code], en[code]) for code in sorted(codes)]


_COMMON = ("CNY", "USD", "EUR", "GBP", "HKD", "JPY")


@cache
def _currencies() -> list[Listed]:
    """Codes of the currencies in use, the common ones first."""
    used = {
        currency
        for entries in get_global("territory_currencies").values()
        for currency, _, until, is_tender in entries
        if until is None and is_tender
    }
    rest = sorted(used - set(_COMMON))
    zh, en = Locale("zh").currencies, Locale("en").currencies
    return [(code, zh.get(code, code), en.get(code, code)) for code in (*_COMMON, *rest)]
