"""Guess what a field of a draft is, by the vocabulary: only where its titles leave no doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from converter.mapping import paths, vocabulary
from converter.text import fold

_SENDER = re.compile(
    r"sender|shipper|consignor|\bfrom\b|ship_?from|pickup|return|seller|warehouse|发件|寄件|发货|退"
    r"|bill|payer|buyer|invoice|importer|付款|账单",
    re.I,
)
"""Anybody but the receiver."""
_RECEIVER = re.compile(
    r"receiver|recipient|consignee|ship_?to|shipping|deliver|destination|\bto\b|收件|收货|目的",
    re.I,
)

_BOXES = re.compile(r"(box|volume|parcel|package|carton|piece)(e?s|_?list)?$", re.I)
"""Lists of what is packed into, not of what is ordered."""


def meanings(found: Iterable[tuple[str, tuple[str, ...], str, int | None]]) -> dict[str, str]:
    """What fields are, by path, of paths with their titles, types (or nothing) and lengths.

    A name that two fields could be is given to neither.
    """
    taken: dict[str, list[str]] = {}
    for path, titles, kind, longest in found:
        named = {name for title in titles for name in _by_title().get(fold(title), ())}
        fitting = [name for name in named if _fits(name, path, titles, kind, longest)]
        if len(fitting) == 1:
            taken.setdefault(fitting[0], []).append(path)
    return {own[0]: name for name, own in taken.items() if len(own) == 1}


@cache
def _by_title() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, word in vocabulary.words().items():
        if name == "reference":  # which is the order's own number is told by more than titles
            continue
        for title in (*word.names, *word.titles):
            found.setdefault(fold(title), set()).add(name)
    return {title: frozenset(names) for title, names in found.items()}


def _fits(name: str, path: str, titles: Iterable[str], kind: str, longest: int | None) -> bool:
    whole = " ".join((re.sub(r"(?<=[a-z])(?=[A-Z])|[._]", " ", path), *titles))
    side = name.partition(".")[0]
    if side in ("receiver", "sender"):
        if side == "sender" or _SENDER.search(whole) or not _RECEIVER.search(whole):
            return False
    elif side not in ("items", "boxes"):
        return not paths.list_of(path) and not _SENDER.search(whole) and _has_type(name, kind)
    elif (side == "boxes") != bool(_BOXES.search(paths.list_of(path))) or not paths.list_of(path):
        return False
    if kind == "" and vocabulary.words()[name].defaults.get("type") == "country":
        return longest in (None, 2)
    return _has_type(name, kind)


def _has_type(name: str, kind: str) -> bool:
    return bool(kind == vocabulary.words()[name].defaults.get("type", ""))
