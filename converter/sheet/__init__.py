"""A file into `Sheet`s: columns of text, rows numbered as Excel does, and what was damaged.

Text stays text: nothing here decides what a number means. Where the file itself has lost
something (an error cell, a number that Excel rounded) the place is noted in `flaws`, because
the text alone no longer shows it. Workbooks are read in a process of their own (`child`): their
readers can be brought to die, or to take all memory.
"""

from __future__ import annotations

from pathlib import Path

from converter.errors import SheetError
from converter.sheet import apart, kinds, limits, text, text_form
from converter.sheet.model import Merged, Note, Sheet, letter, position
from converter.wording.sentence import of_system, t

__all__ = ["Known", "Merged", "Note", "Sheet", "letter", "position", "read"]

Known = text_form.Known
_TEXT_NAMES = (".csv", ".tsv", ".txt", ".tab", "")


def read(
    path: Path,
    *,
    only: str | None = None,
    known: Known = lambda title: False,
    encoding: str | None = None,
) -> list[Sheet]:
    """Every visible sheet of a workbook that has a cell, or the one table of a text file.

    `known` tells whether a title is one of the mapping's: that is how the codec and the delimiter
    of a text file are found. Raises SheetError, always with a code, where the file cannot be read.
    """
    allowed = limits.from_environment()
    head = _head(path)
    if kinds.of_head(head, path) != kinds.TEXT:
        return [columns.as_sheet() for columns in apart.read(path, only, allowed)]
    made = text.read(path, known, encoding, allowed)
    suffix = path.suffix.lower()
    if suffix not in _TEXT_NAMES:
        made.notes.append(("note_text", {"suffix": suffix}))
    return [made.as_sheet()]


def _head(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # a pipe would be waited for without end
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
            head = file.read(kinds.HEAD)
    except OSError as error:
        raise SheetError(
            t("the file cannot be opened ({problem})", problem=of_system(error)),
            where=path,
            remedy=t("Check the name and that no other program holds it."),
            code="CANNOT_OPEN",
        ) from error
    if not head:
        raise text.empty(path)
    return head
