"""What differs between an order as it was sent and as it stands in the sheet now, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from converter.journal import Difference
from converter.layout.titles import by_language
from converter.mapping.model import FieldSpec, word_for
from converter.message import Multilingual, enumerate_some, join, t
from converter.messages import languages
from converter.runs.prepare import Prepared

_LONGEST = 40
"""Characters of a value that are shown."""


def changes_of(prepared: Prepared, differences: Sequence[Difference]) -> str:
    """Each change under its column's title, from what to what: `Quantity (1): 2 → 3`."""
    told = dict.fromkeys(_change(prepared, one) for one in differences)
    return enumerate_some([*told]) if told else ""


def _change(prepared: Prepared, one: Difference) -> str:
    numbers = [str(int(number) + 1) for number in re.findall(r"\[(\d+)\]", one.path)]
    path = re.sub(r"\[\d+\]", "[]", one.path)
    lists = prepared.mapping.order.lists
    spec = prepared.mapping.field_of_list(path[:-2]) if path[:-2] in lists else None
    if spec is None:
        try:
            spec = prepared.mapping.field(path)
        except KeyError:
            return one.path
    column = prepared.table.columns.get(spec.path)
    title: str = Multilingual(spec.title.en, zh=spec.title.zh)
    if column:
        title = by_language(column.title)
    if numbers:
        title = join("", [title, f" ({', '.join(numbers)})"])
    if isinstance(one.before, dict) or isinstance(one.after, dict):
        return (
            t("{title}: added", title=title)
            if one.before is None
            else t("{title}: removed", title=title)
        )
    before, after = _shown(spec, one.before), _shown(spec, one.after)
    return t("{title}: {before} → {after}", title=title, before=before, after=after)


def _shown(spec: FieldSpec, value: Any) -> str:
    """A value that is sent, in the words that people write for it."""
    if value is None or value == "":
        return t("(blank)")
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if spellings := spec.choices.get(text):
        words = {lang: word_for(spellings, text, lang) for lang in languages()}
        return Multilingual(words.pop("en"), **words)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
