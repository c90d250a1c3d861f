"""Files that people upload: streamed to a private folder, under names that are never paths."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path

from converter.errors import UsageError
from converter.message import N_, t

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv", ".txt")
MOST_MEGABYTES = 200
_MOST_CHARACTERS = 80
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)

TOO_LARGE = N_("The file has more than {megabytes} MB. Divide it, and upload the parts.")
KIND = N_("{name} is no order sheet. Choose one of these kinds: {kinds}.")


class TooLarge(UsageError):
    """More bytes came than a file may have."""

    @classmethod
    def of(cls, most: int) -> TooLarge:
        return cls(t(TOO_LARGE, megabytes=most >> 20))


def safe_name(name: str) -> str:
    """The name of an uploaded file without anything that is special in a path.

    Raises UsageError where it is not called like an order sheet.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(c if c.isalnum() or c in " ._-()+&" else "_" for c in last)
    stem, suffix = os.path.splitext(kept)
    if suffix.lower() not in SUFFIXES:
        raise UsageError(t(KIND, name=last or name, kinds=" ".join(SUFFIXES)))
    stem = stem.strip(" .-~$")[:_MOST_CHARACTERS].rstrip(" .") or "orders"
    while len((stem + suffix).encode()) > 200:
        stem = stem[:-1]
    return f"_{stem}{suffix}" if _RESERVED.match(stem) else f"{stem}{suffix}"


async def receive(chunks: AsyncIterator[bytes], target: Path, most: int) -> int:
    """Write what comes to a new file that only this user can read; returns its size.

    Raises TooLarge as soon as it has more than `most` bytes.
    """
    size = 0
    file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as opened:
        async for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise TooLarge.of(most)
            opened.write(chunk)
    return size
