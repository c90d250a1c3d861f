"""Text that was read in a wrong encoding somewhere on its way into the sheet."""

from __future__ import annotations

import re

_LOST = re.compile("\ufffd|锟斤拷|锘|\\?{3,}")
_LOST_LETTER = re.compile(r"(?<=[^\W\d_])\?(?=[^\W\d_])")
_ACCENTED = re.compile("[\u00c0-\u00ff]")
_UTF8_PAIR = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6-\u2122]")


def is_lost(text: str, *, is_place: bool) -> bool:
    """Whether letters of a text are lost for good."""
    return bool(_LOST.search(text) or (is_place and _LOST_LETTER.search(text)))


def turned_back(text: str) -> str:
    """Text that was UTF-8 and was read as Latin-1; empty where it was not.

    `JosÃ©` is certain: hardly any other text is UTF-8 by chance.
    """
    if not _UTF8_PAIR.search(text):
        return ""
    for encoding in ("cp1252", "latin-1"):
        try:
            found = _bytes(text, encoding).decode("utf-8")
        except UnicodeError:
            continue
        if found != text and all(_is_readable(letter) for letter in found):
            return found
    return ""


def _bytes(text: str, encoding: str) -> bytes:
    """The bytes that were read: five of them have no letter in cp1252."""
    if encoding == "latin-1":
        return text.encode(encoding)
    return b"".join(
        letter.encode("latin-1") if letter in "\x81\x8d\x8f\x90\x9d" else letter.encode(encoding)
        for letter in text
    )


def _is_readable(letter: str) -> bool:
    return letter in "\n\r\t\u3000\xa0" or letter.isprintable()


def likely(text: str) -> str:
    """What a text probably was that was read in another wrong encoding; empty where nothing is.

    These are asked about: a text may be so by chance.
    """
    if any("\u4e00" <= letter <= "\u9fff" for letter in text):
        return _read_as(text, "gb18030", "utf-8")
    letters = [letter for letter in text if letter.isalpha()]
    accented = sum(bool(_ACCENTED.match(each)) for each in letters)
    if accented * 5 < len(letters) * 4:
        return ""
    for encoding, least in (("gb18030", 4), ("cp1251", 5)):
        if len(letters) >= least and (found := _read_as(text, "cp1252", encoding)):
            return found
    return ""


def _read_as(text: str, wrong: str, right: str) -> str:
    try:
        found = text.encode(wrong).decode(right)
    except UnicodeError:
        return ""
    return found if found != text and all(map(_is_common, found)) else ""


def _is_common(letter: str) -> bool:
    """Whether a letter is ASCII, Cyrillic, or among the 3,755 most usual Chinese ones."""
    if letter.isascii() or "\u0400" <= letter <= "\u045f":
        return letter.isprintable()
    try:
        first = letter.encode("gb2312")[0]
    except UnicodeError:
        return False
    return 0xB0 <= first <= 0xD7
