"""The pages of an answer: which one comes next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from converter.mapping.answer_rules import Pages
from converter.mapping.request_functions import SKIP
from converter.provider.search import search, search_text

_MOST = 10_000


def first_page(pages: Pages | None) -> dict[str, Any]:
    """The names of the first page, to which no mark leads."""
    return {"page": pages.first if pages else 1, "cursor": SKIP}


def following_page(pages: Pages | None, read: Sequence[Any]) -> dict[str, Any] | None:
    """The names of the page after those answers; None after the last one."""
    if pages is None or len(read) >= _MOST:
        return None
    number = pages.first + len(read)
    if pages.total is not None:
        total = search(pages.total, read[0])
        known = type(total) is int and len(read) < total
        return {"page": number, "cursor": SKIP} if known else None
    cursor = search_text(pages.next, read[-1])
    return {"page": number, "cursor": cursor} if cursor else None
