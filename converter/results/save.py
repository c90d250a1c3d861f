"""Write the result workbook atomically."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from converter.errors import OutputError
from converter.mapping.block import Title
from converter.message import N_, Message, t
from converter.messages.system import of_system
from converter.report import Report
from converter.results.content import ResultContent
from converter.results.order_sheet import OrderSheet

AS_TEXT = N_("The order sheet stands here as plain text. Your own file is unchanged.")
CHANGED = N_(
    "The file was changed after it had been read. The order sheet stands here as it was read, "
    "as plain text."
)

_LOG = logging.getLogger(__name__)

_WORKBOOK_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""First bytes of workbooks, whatever the file is called."""


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
        _temporary_file(target).unlink()
    except OSError as error:
        problem = N_("{file}: nothing can be written in {folder} ({problem}). {remedy}")
        raise OutputError(t(problem, **facts, problem=of_system(error))) from error


def write(
    report: Report,
    target: Path,
    *,
    source: Path | None,
    sheet: OrderSheet,
    outputs: Sequence[tuple[str, Title]] = (),
    lang: str = "en",
    sandbox: bool = False,
    files: Collection[str] = (),
) -> Path:
    """Write the result workbook whole or not at all, and return where it really lies.

    Where the target cannot be replaced, as when Excel holds it open, that is a name beside it.
    Outputs that are one of the `files` are links to it.
    """
    # Loaded only here: most commands that name a target never write to it.
    from converter.results import marked_copy, text_copy

    try:
        temporary = _temporary_file(target)
        try:
            content = ResultContent(
                report, sheet, tuple(outputs), lang, sandbox, files=_addresses(files, target)
            )
            remarks = () if source is None else _reasons_not_to_mark(report, source)
            if source is None or remarks or not marked_copy.write(content, source, temporary):
                is_lost = source is not None and _is_workbook(source)
                remarks = remarks or ((t(AS_TEXT),) if is_lost else ())
                text_copy.write(replace(content, remarks=remarks), temporary)
            return _publish(temporary, target, report.run)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        problem = N_("{file}: cannot be written ({problem})")
        raise OutputError(t(problem, file=target, problem=of_system(error))) from error


def _addresses(files: Iterable[str], target: Path) -> dict[str, tuple[str, str]]:
    """How each file is shown, and its address: from the workbook, where both can be moved."""
    found = {}
    for name in files:
        path, folder = Path(name), target.resolve().parent
        if path.is_relative_to(folder):
            shown = path.relative_to(folder).as_posix()
            found[name] = (shown, quote(shown))
        else:
            found[name] = (name, path.as_uri())
    return found


def _is_workbook(source: Path) -> bool:
    try:
        with source.open("rb") as file:
            return file.read(4) in _WORKBOOK_STARTS
    except OSError:
        _LOG.info("order sheet cannot be opened again", exc_info=True)
        return False


def _reasons_not_to_mark(report: Report, source: Path) -> tuple[Message, ...]:
    """Return why the order sheet on disk cannot be marked, such as a change since it was read."""
    read = report.facts.get("sha256", "")
    try:
        with source.open("rb") as file:
            is_same = not read or hashlib.file_digest(file, "sha256").hexdigest() == read
    except OSError:
        _LOG.info("order sheet cannot be read again", exc_info=True)
        is_same = False
    return () if is_same else (t(CHANGED),)


def _temporary_file(target: Path) -> Path:
    """A new file in the target's folder, readable by this user alone: it holds personal data."""
    handle, name = tempfile.mkstemp(
        prefix=f".{target.stem[:40]}.", suffix=".tmp", dir=target.parent
    )
    os.close(handle)
    return Path(name)


def _publish(temporary: Path, target: Path, run: str) -> Path:
    """Put the file in its place, or beside it where that is refused; both survive a power cut."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        os.replace(temporary, target)
        written = target
    except OSError:
        _LOG.warning("result cannot be put in its place", exc_info=True)
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
