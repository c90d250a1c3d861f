"""The sheet's words that a field does not understand, to be explained in the workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator

from converter.checks import values
from converter.checks.values import Problem
from converter.layout.area import Area
from converter.layout.chosen import chosen_positions
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.profile_workbook.columns import words_of
from converter.profile_workbook.write import Word
from converter.profiles.model import Profile
from converter.text import clean, fold

_MOST_WORDS = 60
_MOST_CODES = 15
_CODES = re.compile(
    r"渠道|产品代码|运输方式|仓|channel|method|service|carrier|warehouse", re.IGNORECASE
)
"""Titles of fields with codes of the provider, which a shop names in words of its own."""


def words_to_explain(mapping: ProviderMapping, profile: Profile, area: Area) -> Iterator[Word]:
    """The words that the profile explains, and those that somebody should explain."""
    for spec in mapping.fields:
        known = profile.words.get(spec.path, {})
        seen = {fold(clean(word)) for word in known}
        for word, means in known.items():
            yield Word(spec.path, word, means)
        for word in _unknown(spec, profile, area):
            if fold(clean(word)) not in seen:
                seen.add(fold(clean(word)))
                yield Word(spec.path, word)


def _unknown(spec: FieldSpec, profile: Profile, area: Area) -> Iterator[str]:
    columns = profile.columns.get(spec.path)
    if columns is None or not spec.has_column:
        return
    is_code = spec.type == "text" and any(
        _CODES.search(title) for title in (spec.title.en, spec.title.zh)
    )
    if not is_code and spec.type not in ("choice", "country", "currency"):
        return
    read = values.parser(spec, {})
    for joined in columns.alternatives:
        for choice in joined:
            for position in chosen_positions(choice, area.titles, area.sheet.letters):
                words = words_of(area, position, _MOST_WORDS)
                if is_code:
                    yield from words if len(words) <= _MOST_CODES else ()
                else:
                    yield from (word for word in words if isinstance(read(word), Problem))
