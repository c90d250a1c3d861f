"""Dates as people and programs write them, read by what their own column proves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from converter.mapping.model import FieldSpec, ProviderMapping
from converter.profiles.source_values import plain_date
from converter.repairs.draft import Change, Draft, Question
from converter.text import clean

_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(?:\d{4}|\d{2})(?!\d)")
_TOGETHER = re.compile(r"(20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])")
_EMPTY = re.compile(r"0000-00-00(?: 00:00:00)?|1970-01-01 08:00:00|1900-01-00|--")
_ERAS = (
    (re.compile(r"令和(\d{1,2})年(\d{1,2})月(\d{1,2})日"), 2018),
    (re.compile(r"(1[01]\d)[/.-](\d{1,2})[/.-](\d{1,2})"), 1911),
    (re.compile(r"(25[5-9]\d)[/.-](\d{1,2})[/.-](\d{1,2})"), -543),
)
"""Years of Japan, Taiwan and Thailand, with what makes them ours."""


def order_of(texts: Iterable[str]) -> str:
    """`day first` or `month first` where a date of the column proves it; else empty."""
    found = set()
    for text in texts:
        parts = _NUMBERS.match(clean(text))
        if parts is None:
            continue
        first, second = int(parts[1]), int(parts[3])
        if parts[2] == "." or (first > 12 >= second):
            found.add("day first")
        elif second > 12 >= first:
            found.add("month first")
    return found.pop() if len(found) == 1 else ""


def repair_dates(draft: Draft, mapping: ProviderMapping) -> None:
    """Read the dates of columns whose own dates prove their order."""
    for spec in mapping.fields:
        if spec.type == "datetime" and not spec.reads and draft.has(spec.path):
            draft.apply([spec.path], dates(spec, order_of(draft.texts(spec.path))))


def dates(spec: FieldSpec, order: str) -> Callable[[str], list[Change | Question]]:
    """Judges a date of a column whose days and months stand in this order."""

    def judge(text: str) -> list[Change | Question]:
        given = clean(text)
        if _EMPTY.fullmatch(given):
            return [Change("repaired_placeholder", spec.path, {spec.path: ""})]
        if whole := _TOGETHER.fullmatch(given):
            return _changed(f"{whole[1]}-{whole[2]}-{whole[3]}", "repaired_date")
        for era, shift in _ERAS:
            if found := era.fullmatch(given):
                year, month, day = map(int, found.groups())
                return _changed(f"{year + shift}-{month:02}-{day:02}", "repaired_era")
        plain = plain_date(given, order)
        return _changed(plain, "repaired_date") if plain != given else []

    def _changed(date: str, code: str) -> list[Change | Question]:
        try:
            datetime.strptime(date[:10], "%Y-%m-%d")
        except ValueError:
            return []
        return [Change(code, spec.path, {spec.path: date})]

    return judge
