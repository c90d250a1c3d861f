"""Known words that a misspelt country, currency or choice may be meant as: shown, never applied."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from converter.message import Message, t
from converter.text import fold

_CLOSE_LETTERS, _CLOSE_CHARACTERS = 88, 80
"""Percent of equal letters, or of Chinese characters, that a suggestion needs: `Dollar` alone is
not yet the one of the United States, nor `yuan` the code YUN."""

_MARGIN = 4
"""How many percent closer it is than any word for something else."""

_OTHER_LANGUAGES = ("fr", "de", "es", "it", "pt", "nl", "pl", "ru", "tr", "ja", "ko", "vi")


def near(text: str, words: Mapping[str, str]) -> str:
    """What the text most likely stands for, by folded words; empty where none or several are close.

    >>> near("Germny", {"germany": "DE", "guernsey": "GG"})
    'DE'
    """
    name = fold(text)
    shortest, least = (4, _CLOSE_LETTERS) if name.isascii() else (3, _CLOSE_CHARACTERS)
    if len(name) < shortest:
        return ""  # short words are close by chance
    # Only a misspelt cell needs it.
    from rapidfuzz import fuzz, process

    known = [word for word in words if len(word) >= shortest]
    found = process.extract(name, known, scorer=fuzz.ratio, score_cutoff=least, limit=20)
    best: dict[str, float] = {}
    for word, score, _ in found:
        best.setdefault(words[word], score)
    first, *others = best.items() or [("", 0.0)]
    return "" if others and others[0][1] > first[1] - _MARGIN else first[0]


def near_country(text: str, words: Mapping[str, str]) -> str:
    """Like `near`, but a country's name in another language, such as Chine, is taken first."""
    return _in_other_languages().get(fold(text), "") or near(text, words)


def hint(suggestion: str) -> Message | str:
    """The question that a sentence about the cell ends with."""
    return t(" Did you mean {near}?", near=suggestion) if suggestion else ""


@cache
def _in_other_languages() -> dict[str, str]:
    """Folded names of countries that stand for only one of them."""
    from babel import Locale

    codes: dict[str, set[str]] = {}
    for language in _OTHER_LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(str(code)) == 2 and str(code).isalpha():
                codes.setdefault(fold(str(name)), set()).add(str(code))
    return {name: found.pop() for name, found in codes.items() if len(found) == 1}
