"""A sheet that comes from stdin, kept in a private file while the command runs."""

from __future__ import annotations

import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from converter.cli.output import STDOUT as STDIN  # both are `-`
from converter.errors import SheetError, UsageError
from converter.message import N_, t


@contextmanager
def spooled(sheets: Sequence[Path]) -> Iterator[Path | None]:
    """The file with what came from stdin, if a sheet is `-`; it is removed at the end.

    Raises UsageError where `-` is not the only sheet, or nobody gives it anything.
    """
    if STDIN not in sheets:
        yield None
        return
    if len(sheets) > 1:
        raise UsageError(t("A sheet from stdin (-) has to be the only one."))
    if sys.stdin.isatty():
        problem = N_("Nothing comes from stdin. Use it such as: converter check - < orders.xlsx")
        raise UsageError(t(problem))
    with tempfile.TemporaryDirectory(prefix="converter-") as folder:  # 0700
        path = Path(folder) / "stdin"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield path.rename(path.with_suffix(_suffix(path)))


def _suffix(path: Path) -> str:
    """The ending that suits what is in the file; what is no sheet is refused when it is read."""
    from converter.sheet import detect

    with path.open("rb") as file:
        head = file.read(detect.HEAD)
    try:
        kind = detect.of_head(head, path) if head else detect.TEXT
        if kind == "zip":
            with zipfile.ZipFile(path) as archive:
                kind = detect.of_names(archive.namelist(), path)
    except (SheetError, zipfile.BadZipFile, OSError, ValueError):
        return ".xlsx"
    return ".csv" if kind == detect.TEXT else f".{kind}"
