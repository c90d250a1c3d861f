"""The end of a run: its result workbook, wherever it can be written, and the journal's note."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from converter import sheet
from converter.errors import OutputError, SheetError
from converter.journal import Journal
from converter.message import N_, t
from converter.messages import translate
from converter.report import Report
from converter.runs.prepare import Prepared
from converter.runs.report import write_result

_LOG = logging.getLogger(__name__)

FAULT = N_("This program has a fault ({problem})")
ELSEWHERE = N_("The result could not be written to {target}. It is {result} instead.")


def close_run(
    prepared: Prepared, book: Journal, report: Report, target: Path, home: Path, *, sandbox: bool
) -> tuple[Report, Exception | None]:
    """Write the result workbook and note in the journal which one it was.

    Returns the report with its place, and the fault of this program that it was written in spite
    of, if there was one: to be raised once all that is left is written down.
    By now orders may have been sent, so a workbook that cannot be written is no reason to fail.
    """
    report = replace(report, facts={**report.facts, **book.facts})
    fault: Exception | None = None
    try:
        report = write_result(prepared, report, target, sandbox=sandbox)
    except OutputError as error:
        _LOG.warning("result cannot be written where it was asked for", exc_info=True)
        report = _write_elsewhere(prepared, report, target, home, error, sandbox)
    except Exception as error:
        _LOG.exception("fault while the result was written")
        fault = error
        problem = OutputError(t(FAULT, problem=type(error).__name__))
        report = _write_elsewhere(prepared, report, target, home, problem, sandbox)
    else:
        if report.result_elsewhere:
            report = _written_elsewhere(report, target)
    sha256 = ""
    if report.result_path:
        try:
            sha256 = sheet.sha256(Path(report.result_path))
        except SheetError:
            _LOG.warning("result cannot be read back", exc_info=True)
    book.finish(
        result_path=report.result_path,
        result_sha256=sha256,
        counts=report.counts,
        stopped=report.stopped,
    )
    return report, fault


def log_end(report: Report) -> None:
    """Log what a run came to."""
    facts = {"counts": report.counts, "exit_code": int(report.exit_code)}
    is_early = {"stopped": bool(report.stopped), "interrupted": report.interrupted}
    _LOG.info("run ended", extra={**facts, **is_early})


def _write_elsewhere(
    prepared: Prepared, report: Report, target: Path, home: Path, why: OutputError, sandbox: bool
) -> Report:
    """Write the result into the program's own folder, after `target` was refused."""
    folder = home / "results"
    report = replace(report, result_elsewhere=True)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        place = folder / f"{target.stem}.{report.run}.xlsx"
        report = write_result(prepared, report, place, sandbox=sandbox, without_source=True)
    except Exception:  # whatever it is: orders may have been sent, and the journal must hear of it
        _LOG.error("result cannot be written anywhere", exc_info=True)
        reason = translate(why.message, prepared.lang).rstrip(".。")  # a full stop follows
        note = t(
            "The result could not be written anywhere. {why}. Every answer is kept in the journal: "
            "once there is room, submit the same sheet again to get it; nothing is sent twice.",
            why=reason,
        )
        return replace(report, notes=(*report.notes, note))
    return _written_elsewhere(replace(report, result_elsewhere=True), target)


def _written_elsewhere(report: Report, target: Path) -> Report:
    note = t(ELSEWHERE, target=target, result=report.result_path)
    return replace(report, notes=(*report.notes, note))
