"""Text as people type it: cleaned, folded for comparing, quoted for messages."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")


def clean(text: str) -> str:
    """Without blanks and invisible characters around it."""
    return _INVISIBLE.sub("", text).strip() if not text.isascii() else text.strip()


def fold(text: str) -> str:
    """A word for comparing: full-width as half-width, case and inner blanks ignored."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def quote(text: str) -> str:
    """The text as messages show it: short, in quotes."""
    return f"'{text[:40]}…'" if len(text) > 40 else f"'{text}'"
