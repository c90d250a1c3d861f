"""The result workbook as a file: where it goes, whether it is still ours, and writing it.

What it tells is decided in `pages`. The rooms that write are entered only when a result is written.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from converter.errors import OutputError
from converter.mapping.model import Title
from converter.messages.sentence import of_system, t
from converter.model import Report
from converter.results.looks import AUTHOR
from converter.results.pages import SheetView, Story

if TYPE_CHECKING:
    from converter.layout.table import Table
    from converter.sheet import Sheet


_ROWS_AT_ONCE = 10_000

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files begin that are workbooks, whatever they are called."""


def view(table: Table) -> SheetView:
    """What is needed of a table that was matched to a mapping."""
    others = {part.sheet.name: part for part in table.parts if part.sheet is not table.sheet}
    return replace(
        _view(table.sheet, table.header_row, table.titles, table.header_row),
        others=tuple(_view(o.sheet, o.header_row, o.titles, 0) for o in others.values()),
    )


def _view(sheet: Sheet, header_row: int, titles: tuple[str, ...], left_out: int) -> SheetView:
    def rows() -> Iterator[tuple[int, Sequence[str]]]:
        columns = [sheet.column(position) for position in range(len(sheet.letters))]
        shown = [(codes, [*texts, ""]) for codes, texts in columns]  # a blank cell's code is -1
        numbers = sheet.frame.index.tolist()
        for start in range(0, len(numbers), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            block = ([texts[code] for code in codes[rows].tolist()] for codes, texts in shown)
            for number, row in zip(numbers[rows], zip(*block, strict=True), strict=True):
                if number != left_out:
                    yield number, row

    count = int((sheet.frame.index > header_row).sum())
    return SheetView(sheet.name, header_row, sheet.letters, titles, count, rows)


def write(
    report: Report,
    target: Path,
    *,
    source: Path | None,
    sheet: SheetView,
    outputs: Sequence[tuple[str, Title]] = (),
    lang: str = "en",
    sandbox: bool = False,
) -> Path:
    """Write the result workbook whole or not at all, and return where it really lies.

    Where the target cannot be replaced, as when Excel holds it open, that is a name beside it.
    """
    from converter.results import kept_workbook, new_workbook

    try:
        temporary = _temporary(target)
        try:
            story = Story(report, sheet, tuple(outputs), lang, sandbox)
            notes = () if source is None else _reasons_to_copy(report, source)
            if source is None or notes or not kept_workbook.write(story, source, temporary):
                is_told = source is not None and _is_workbook(source)
                notes = notes or (("results_anew",) if is_told else ())
                new_workbook.write(replace(story, notes=notes), temporary)
            return _publish(temporary, target, report.run)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        problem = "{file}: cannot be written ({problem})"
        raise OutputError(t(problem, file=target, problem=of_system(error))) from error


def _is_workbook(source: Path) -> bool:
    try:
        with source.open("rb") as file:
            return file.read(4) in _WORKBOOKS
    except OSError:
        return False


def _reasons_to_copy(report: Report, source: Path) -> tuple[str, ...]:
    """Why the file cannot be marked as it lies there now: its rows may be other ones."""
    read = report.facts.get("sha256", "")
    try:
        with source.open("rb") as file:
            is_same = not read or hashlib.file_digest(file, "sha256").hexdigest() == read
    except OSError:
        is_same = False
    return () if is_same else ("results_changed",)


# -- where it goes -----------------------------------------------------------------------------


def default_target(source: Path) -> Path:
    """`orders.result.xlsx` beside `orders.xlsx`; a result workbook is answered by the next one.

    A result that somebody has worked on since is never taken: the next free number is.
    """
    return _free(source.parent, *_stem(source), taken=())


def default_targets(sources: Sequence[Path], folder: Path | None = None) -> list[Path]:
    """One for each, beside it or all in one folder, and never one of the sources.

    Names that would be the same are told apart by their ending, `orders.csv.result.xlsx`, else by
    the folders that the files lie in: whatever the order, and the same the next time.
    """
    places = [folder or source.parent for source in sources]
    levels = [0] * len(sources)
    while True:
        stems = [_stem(source, level) for source, level in zip(sources, levels, strict=True)]
        names = [
            (_plain(place), stem.casefold(), number)
            for place, (stem, number) in zip(places, stems, strict=True)
        ]
        alike = [
            at
            for at, source in enumerate(sources)
            if names.count(names[at]) > 1 and levels[at] < len(source.absolute().parts)
        ]
        if not alike:
            break
        for at in alike:
            levels[at] += 1
    taken = [_plain(source) for source in sources]
    targets: list[Path] = []
    for place, (stem, number) in zip(places, stems, strict=True):
        targets.append(_free(place, stem, number, taken))
        taken.append(_plain(targets[-1]))
    return targets


def _stem(source: Path, level: int = 0) -> tuple[str, int]:
    """The beginning of its result's name and the first number that it may have.

    With a `level` more of the source's name is in it: its ending, then folder after folder.
    """
    if level:
        return "-".join([*source.absolute().parts[-level:-1], source.name]), 1
    found = re.fullmatch(r"(.+)\.result(?:-(\d+))?", source.stem)
    return (found[1], int(found[2] or 1) + 1) if found else (source.stem, 1)


def _free(folder: Path, stem: str, number: int, taken: Collection[str]) -> Path:
    while True:
        mark = f"-{number}" if number > 1 else ""
        target = folder / f"{stem}.result{mark}.xlsx"
        if _plain(target) not in taken and (not target.exists() or is_untouched(target)):
            return target
        number += 1


def _plain(path: Path) -> str:
    """The same for the same file, also where its name's case does not matter."""
    return str(path.resolve()).casefold()


def is_untouched(path: Path) -> bool:
    """Whether this is a result workbook that nobody has saved since this program wrote it.

    Office programs and libraries that save a workbook say so in its properties. Both of them
    count: LibreOffice may leave who saved it last, and openpyxl always does. Who made the workbook
    is the customer's own.
    """
    try:
        if not path.is_file():  # a pipe would be waited for without end
            return False
        with zipfile.ZipFile(path) as archive:
            return all(_says(archive, part, key) for part, key in _SIGNATURES)
    except _UNREADABLE:
        return False


_SIGNATURES = (
    ("docProps/core.xml", b"lastModifiedBy"),
    ("docProps/app.xml", b"Application"),
)
"""Where our workbooks name their author."""

_UNREADABLE = (
    *(OSError, EOFError, KeyError, RuntimeError, ValueError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
)
"""What reading a file that is no whole zip file may raise."""


def _says(archive: zipfile.ZipFile, part: str, key: bytes) -> bool:
    with archive.open(part) as file:
        xml = file.read(100_000)
    return re.search(rb"<(?:\w+:)?%b>%b</" % (key, AUTHOR.encode()), xml) is not None


def check_writable(target: Path, source: Path) -> None:
    """Raise OutputError, before anything is sent, where the result could not be written."""
    folder = target.parent
    facts = {
        "file": target,
        "folder": folder,
        "remedy": t("Give another place with --output."),
    }
    if target.suffix.lower() != ".xlsx":
        raise OutputError(
            t("{file}: the result is an Excel workbook. Give a name that ends in .xlsx.", **facts)
        )
    if target.is_dir():
        raise OutputError(t("{file}: this is a folder. Give the name of a file in it.", **facts))
    if not folder.is_dir():
        raise OutputError(t("{file}: there is no folder {folder}. {remedy}", **facts))
    if target.exists():
        if source.exists() and target.samefile(source):
            raise OutputError(
                t("{file}: the result would overwrite the order sheet. {remedy}", **facts)
            )
        if not target.is_file():
            raise OutputError(t("{file}: this is not a regular file. {remedy}", **facts))
    try:
        _temporary(target).unlink()
    except OSError as error:
        problem = "{file}: nothing can be written in {folder} ({problem}). {remedy}"
        raise OutputError(t(problem, **facts, problem=of_system(error))) from error


# -- files -------------------------------------------------------------------------------------


def _temporary(target: Path) -> Path:
    """A new file in the target's folder, for this user alone: it holds names and addresses."""
    handle, name = tempfile.mkstemp(
        prefix=f".{target.stem[:40]}.", suffix=".tmp", dir=target.parent
    )
    os.close(handle)
    return Path(name)


def _publish(temporary: Path, target: Path, run: str) -> Path:
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        os.replace(temporary, target)
        written = target
    except OSError:
        mark = re.sub(r"[^\w.-]", "-", run) or datetime.now().strftime("%Y%m%d-%H%M%S")
        written = target.with_name(f"{target.stem}.{mark}.xlsx")
        os.replace(temporary, written)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return written
