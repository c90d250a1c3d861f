"""What the journal knows of a sheet that is only checked or converted."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

from converter import journal, settings
from converter.errors import JournalError
from converter.journal import Preview, Terms
from converter.message import COMMA, join, t
from converter.model import Result
from converter.report import Report
from converter.runs.account import account_of, resend_rule
from converter.runs.prepare import Prepared
from converter.runs.report import checked_rows, make_report
from converter.runs.session import Session
from converter.runs.status_rows import rows_known_before


@dataclass(frozen=True)
class KnownBefore:
    """A sheet's status rows before anything is sent."""

    rows: list[Result]
    held: Set[str] = frozenset()
    """References of the parts that are not sent now, such as those that were accepted."""
    note: str = ""
    """Why the journal was not looked at; empty where it was."""

    def report(self, prepared: Prepared) -> Report:
        """The report, which says where the journal was not looked at."""
        report = make_report(prepared, "", self.rows)
        return replace(report, notes=(*report.notes, self.note)) if self.note else report


def known_before(
    prepared: Prepared,
    session: Session,
    *,
    again_rejected: bool = False,
    again_cancelled: bool = False,
) -> KnownBefore:
    """Look the orders up in the journal of their account, where its settings are there."""
    mapping, values = session.mapping, session.values
    missing = [
        setting.env
        for name, setting in mapping.settings.items()
        if (setting.account or name == "base_url") and setting.env in values.missing
    ]
    if missing or "base_url" not in values.values:
        names = join(COMMA, missing)
        note = t(
            "Orders that were accepted before are not known here, because settings are missing: "
            "{names}.",
            names=names,
        )
        return KnownBefore(checked_rows(prepared), note=note)
    parts = prepared.valid_parts()
    terms = Terms(
        resend=resend_rule(mapping, values),
        again_rejected=again_rejected,
        again_cancelled=again_cancelled,
        action=session.options.action or next(iter(mapping.request.actions), ""),
    )
    account = account_of(mapping, values)
    orders = [order for found in parts.values() for order in found]
    try:
        if not journal.has_journal(settings.home(), account):
            return KnownBefore(checked_rows(prepared))
        known = journal.preview(settings.home(), account, orders, prepared.invalid_orders(), terms)
    except JournalError as error:
        note = t(
            "Whether some of these orders were sent before is not known. {why}", why=error.message
        )
        return KnownBefore(checked_rows(prepared), note=note)
    return KnownBefore(rows_known_before(prepared, parts, known, terms), _held(known))


def _held(known: Preview) -> Set[str]:
    return known.by_reference.keys() - known.again
