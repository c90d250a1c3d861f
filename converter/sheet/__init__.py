"""Read any sheet file into `Sheet`s: columns of text, with Excel's row numbers and known damage.

Text stays text: nothing here decides what a number means. Where the file itself has lost
something (an error cell, a number that Excel rounded), `flaws` names the cell, because the text
alone no longer shows it. Workbooks are read in a child process (`subprocess_reader`), because a
hostile file can crash their readers or exhaust memory.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path

from converter.errors import ConverterError, SheetError
from converter.message import t
from converter.messages.system import of_system
from converter.sheet import detect, dialect, limits, subprocess_reader
from converter.sheet.dialect import TitlePredicate
from converter.sheet.model import Merged, Sheet, letter, position

__all__ = [
    "Merged",
    "Reading",
    "Sheet",
    "TitlePredicate",
    "letter",
    "position",
    "read",
    "sha256",
]

_TEXT_NAMES = (".csv", ".tsv", ".txt", ".tab", "")


def _knows_none(_: str) -> bool:
    return False


class Reading:
    """A file being read; the child process of a workbook starts at once.

    It works while this process is still importing what the later stages need. Call `close` when
    done.
    """

    def __init__(self, path: Path, *, only: str | None = None) -> None:
        self._path = path
        self._reader: subprocess_reader.Reader | None = None
        self._problem: Exception | None = None
        try:
            self._allowed = limits.from_environment()
            if detect.of_head(_head(path), path) != detect.TEXT:
                self._reader = subprocess_reader.Reader(path, only, self._allowed)
        except (ConverterError, OSError) as error:
            self._problem = error

    def sheets(self, *, known: TitlePredicate, encoding: str | None) -> list[Sheet]:
        """Return, or raise, what `read` does."""
        if self._problem is not None:
            raise self._problem
        if self._reader is not None:
            return [columns.as_sheet() for columns in self._reader.columns()]
        from converter.sheet import text

        try:
            columns = text.read(self._path, known, encoding, self._allowed)
        except OSError as error:
            raise _cannot_open(self._path, error) from error
        suffix = self._path.suffix.lower()
        if suffix not in _TEXT_NAMES:
            columns.notes.append(
                t(
                    "The file is called {suffix} but holds plain text; it was read as such.",
                    suffix=suffix,
                )
            )
        return [columns.as_sheet()]

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()


def read(
    path: Path,
    *,
    only: str | None = None,
    known: TitlePredicate = _knows_none,
    encoding: str | None = None,
) -> list[Sheet]:
    """Return every visible sheet of a workbook that has a cell, or the one table of a text file.

    `known` tells whether the mapping knows a title, which decides the encoding and the delimiter of
    a text file. Raises SheetError, always with a code, if the file cannot be read.
    """
    with closing(Reading(path, only=only)) as reading:
        return reading.sheets(known=known, encoding=encoding)


def sha256(path: Path) -> str:
    """SHA-256 of the file, which identifies it in the journal."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _cannot_open(path, error) from error


def _head(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # opening a pipe would block forever
        raise SheetError(
            t("this is not a file"),
            where=path,
            remedy=t("Give the name of the order sheet itself."),
            code="NOT_A_FILE",
        )
    if path.name.startswith("~$"):
        raise SheetError(
            t("this is the lock file of a workbook that is open in Excel"),
            where=path,
            remedy=t("Give the workbook itself: its name is the same without '~$'."),
            code="NOT_A_FILE",
        )
    try:
        with path.open("rb") as file:
            head = file.read(detect.HEAD)
    except OSError as error:
        raise _cannot_open(path, error) from error
    if not head:
        raise dialect.empty(path)
    return head


def _cannot_open(path: Path, error: OSError) -> SheetError:
    return SheetError(
        t("the file cannot be opened ({problem})", problem=of_system(error)),
        where=path,
        remedy=t("Check the name and that no other program holds it."),
        code="CANNOT_OPEN",
    )
