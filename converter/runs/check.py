"""What is wrong with sheets, as result workbooks; nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator

from converter.message import t
from converter.report import Report
from converter.runs.report import checked_rows, make_report, write_result
from converter.runs.session import Session


def check_sheets(session: Session) -> Iterator[Report]:
    """Check each sheet and write its result workbook.

    Raises at the end where some of several sheets cannot be used.
    """
    for prepared in session.prepare_each():
        report = make_report(prepared, "", checked_rows(prepared))
        yield write_result(prepared, report, session.targets[prepared.path])
        del prepared, report  # before the next sheet is read
    session.refuse_unusable(t("The other files were checked."))
