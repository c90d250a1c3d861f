"""What is wrong with sheets, as result workbooks; nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from converter import results
from converter.message import t
from converter.report import Report
from converter.runs.known import known_before
from converter.runs.report import write_result
from converter.runs.session import Session


def check_sheets(session: Session) -> Iterator[Report]:
    """Check each sheet and write its result workbook.

    Raises at the end where some of several sheets cannot be used.
    """
    for prepared in session.prepare_each():
        report = known_before(prepared, session).report(prepared)
        asked = session.targets[prepared.path]
        target = results.beside_numbers(asked)
        if target != asked:
            note = t(
                "{kept} holds what the provider answered and was kept. This result is {result}.",
                result=target.name,
                kept=asked.name,
            )
            report = replace(report, notes=(*report.notes, note))
        sandbox = session.values.sandbox
        yield write_result(prepared, report, target, sandbox=sandbox)
        del prepared, report  # before the next sheet is read
    session.refuse_unusable(t("The other files were checked."))
