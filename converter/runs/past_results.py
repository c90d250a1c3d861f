"""What result workbooks at hand say of earlier runs, held against the journal.

A journal may be lost, put back from a copy, or another computer's. The result workbook beside the
sheet, or the sheet itself where it is one, then knows of orders that the journal does not.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from converter import journal, messages, results, sheet
from converter.errors import SheetError
from converter.journal import JournalFile, Mark, Trust
from converter.message import N_, enumerate_some, t
from converter.messages import translate
from converter.model import RESULTS_SHEET, SUMMARY_SHEET, Status
from converter.runs.prepare import Prepared
from converter.sheet import Sheet

_LOG = logging.getLogger(__name__)

SENT_ELSEWHERE = N_(
    "{file} says that orders of this sheet were sent in run {run}, but the journal {path} does not "
    "know them: {names}. They were sent from another computer or another CONVERTER_HOME, or the "
    "journal was lost, and would be sent twice. Nothing was sent. Send the sheet where it was sent "
    "before, or look up at the provider which of these orders exist and take those out of the "
    "sheet. Where none of them exists, run again with --journal-is-right."
)

_MAY_EXIST = (Status.ACCEPTED, Status.PARTIAL, Status.UNKNOWN)


@dataclass(frozen=True)
class PastResult:
    """What a result workbook says of its run."""

    mark: Mark
    journal: str
    """The name of the journal; empty in workbooks of older versions."""
    provider: str
    is_sandbox: bool


def check(prepared: Prepared, file: JournalFile, target: Path, home: Path, trust: Trust) -> None:
    """Raise JournalError where a workbook at hand knows more than the journal.

    A workbook of another account is none of this account's business, nor is one of the sandbox.
    """
    for path in _workbooks(prepared.path, target):
        try:
            if file.knows_result(sheet.sha256(path)):
                continue
            past = _read(path)
        except SheetError:
            # It is no workbook that can be read, so nobody can rely on what it says.
            _LOG.info("results beside the sheet cannot be read", exc_info=True)
            continue
        if past is None or not _is_of(past, file, prepared.mapping.provider, home):
            continue
        if file.knows(past.mark):
            continue
        if file.has_run(past.mark.run):
            journal.require_trust(journal.went_back(file.path, path, past.mark), trust)
            continue
        names = set(prepared.payloads.orders.references)
        lost = file.without_record([name for name in _created(path) if name in names])
        if lost:
            facts = {"run": past.mark.run, "path": file.path, "names": enumerate_some(lost)}
            journal.require_trust(t(SENT_ELSEWHERE, file=path, **facts), trust)


def _workbooks(source: Path, target: Path) -> Iterator[Path]:
    """The sheet itself, and every result workbook of it that is at hand."""
    stem = re.sub(r"\.result(-\d+)?$", "", source.stem)
    beside = source.absolute().parent.glob("*.xlsx")
    named = re.compile(re.escape(stem) + r"(\.\w+)?\.result(-\d+)?")
    found = [source, *sorted(path for path in beside if named.fullmatch(path.stem)), target]
    seen: set[Path] = set()
    for path in found:
        if path.suffix.lower() == ".xlsx" and path.is_file() and path.resolve() not in seen:
            seen.add(path.resolve())
            yield path


def _read(path: Path) -> PastResult | None:
    """What the sheet Summary says; None where it is not one of ours."""
    facts: Mapping[str, str] = {}
    for one in sheet.read(path, only=SUMMARY_SHEET):
        if one.name == SUMMARY_SHEET:
            facts = _facts(one)
    if not facts.get("run"):
        return None
    attempt = facts.get("attempt", "")
    mark = Mark(facts["run"], facts.get("mark", ""), int(attempt) if attempt.isdecimal() else 0)
    provider = facts.get("provider", "").partition(" ")[0]
    return PastResult(mark, facts.get("journal", ""), provider, "sandbox" in facts)


def _facts(summary: Sheet) -> Mapping[str, str]:
    """The facts of a run by their codes, in whatever language they stand there."""
    labels = {
        translate(results.FACTS[code], lang): code
        for code in ("run", "journal", "mark", "attempt", "provider")
        for lang in messages.languages()
    }
    banners = {translate(results.SANDBOX, lang) for lang in messages.languages()}
    facts: dict[str, str] = {}
    for row in summary.frame.index:
        label, *values = summary.texts(int(row))
        if label.strip() in labels and values:
            facts.setdefault(labels[label.strip()], values[0].strip())
        elif label.strip() in banners:
            facts["sandbox"] = label
    return facts


def _is_of(past: PastResult, file: JournalFile, provider: str, home: Path) -> bool:
    """Whether a workbook may be about this account."""
    if past.journal == file.name:
        return True
    is_sandbox = file.name.startswith("sandbox-")
    if past.is_sandbox != is_sandbox or past.provider != provider:
        return False
    # Another journal of this home is another account; one that is nowhere may be this account's
    # under another spelling.
    return not journal.knows_run(home, past.mark.run)


def _created(path: Path) -> list[str]:
    """The orders that a Results sheet says exist, or may exist, at the provider."""
    words = {
        messages.status_and_code(status, lang)
        for status in _MAY_EXIST
        for lang in messages.languages()
    }
    title = {translate(results.STATUS_TITLE, lang) for lang in messages.languages()}
    found: list[str] = []
    try:
        sheets = sheet.read(path, only=RESULTS_SHEET)
    except SheetError:
        _LOG.info("workbook has no results that can be read", exc_info=True)
        return found
    for one in sheets:
        rows = [one.texts(int(row)) for row in one.frame.index]
        if one.name != RESULTS_SHEET or not rows:
            continue
        name_at = results.reference_column(rows[0])
        default = name_at + 1
        at = next((n for n, text in enumerate(rows[0]) if title & set(text.split("\n"))), default)
        found += [
            row[name_at].strip() for row in rows[1:] if len(row) > at and row[at].strip() in words
        ]
    return found


def language_of(path: Path) -> str | None:
    """The language of a result workbook; None where it is not one of ours. Raises SheetError."""
    for one in sheet.read(path, only=SUMMARY_SHEET):
        labels = {one.texts(int(row))[0].strip() for row in one.frame.index}
        for lang in messages.languages():
            if one.name == SUMMARY_SHEET and translate(results.FACTS["run"], lang) in labels:
                return lang
    return None
