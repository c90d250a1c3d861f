"""The last line of a command: the one thing to do next, as a command that can be copied."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from converter.cli.command_line import NextCommand
from converter.exit_codes import Exit
from converter.message import COMMA, N_, join, t
from converter.messages import translate
from converter.model import DONE, Status
from converter.report import Report

_MOST_NAMED = 5
"""How many files a line names before it only says how many more."""


@dataclass(frozen=True)
class Situation:
    """What the last line depends on beside the orders."""

    command: str
    """The command that runs."""
    next_command: NextCommand
    sandbox: bool = False
    resends: bool = False
    """Whether `submit` settles orders in doubt, because the provider refuses a second copy."""
    has_tracking: bool = False
    """Whether the provider gives tracking numbers."""
    can_refresh: bool = False
    """Whether late tracking numbers can be fetched."""
    refresh_setting: str = ""
    """The variable that would let them be fetched; empty where nothing would."""
    has_numbers: bool = False
    """Whether the provider gives order numbers of its own."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What is kept of a report once its lines are printed."""

    sheet: str
    result: str
    counts: Mapping[str, int]
    exit_code: Exit
    stopped: str
    changed: int
    """Orders that the provider has accepted otherwise than they stand in the sheet now."""
    untracked: int
    """Accepted orders without a tracking number."""
    unnumbered: int = 0
    """Accepted orders without an order number of the provider."""

    @classmethod
    def of(cls, report: Report) -> Totals:
        accepted = [one for one in report.orders if one.status is Status.ACCEPTED]
        changed = sum(1 for one in accepted if one.changed)
        untracked = sum(1 for one in accepted if not one.tracking_no)
        return cls(
            report.sheet, report.result_path, report.counts, report.exit_code, report.stopped,
            changed, untracked, sum(1 for one in accepted if not one.provider_order_no),
        )  # fmt: skip

    def has(self, statuses: Collection[Status]) -> bool:
        return any(status in self.counts for status in statuses)


@dataclass(frozen=True)
class _Step:
    line: str
    several: str = ""
    """The line about several sheets, where it is another one."""
    about: Collection[Status] = ()
    """The orders that it is about."""
    command: str = ""
    """The next command; empty for the one that runs."""
    takes_result: bool = False
    """Whether that takes the result workbook instead of the sheet."""


NO_ORDERS = _Step(N_("The sheet has a header but no orders."))
ACCEPTED = _Step(N_("Every order was accepted. Nothing is left to do."))
ACCEPTED_REST = _Step(N_("Every order was accepted or cancelled. Nothing is left to do."))
CANCELLED = _Step(N_("Every order was cancelled. Nothing is left to do."))
CANCEL_UNKNOWN = _Step(
    N_(
        "Next: of some orders nobody knows whether they were cancelled. "
        "Look them up at the provider, then: {command}"
    ),
    "",
    (Status.CANCEL_UNKNOWN,),
    "reconcile",
    True,
)
VALID = _Step(N_("Every order is valid. Next: {command}"), "", (Status.VALID,), "submit")
VALID_REST = _Step(
    N_("Every order is valid or was accepted before. Next: {command}"),
    "",
    (Status.VALID,),
    "submit",
)
AGAIN = _Step(N_("Next: send the rest: {command}"), "", (Status.NOT_SENT,), "submit")
UNKNOWN = _Step(
    N_(
        "Next: some orders are unknown. "
        "{result} says for each what to look up or how long to wait. Then: {command}"
    ),
    N_(
        "Next: some orders are unknown. {result} say for each what to look up or how long to wait. "
        "Then: {command}"
    ),
    (Status.UNKNOWN,),
    "reconcile",
    True,
)
FIX = _Step(
    N_("Next: open {result}, correct the red cells, save it, then: {command}"),
    N_("Next: open {result}, correct the red cells, save them, then: {command}"),
    (Status.INVALID,),
    "submit",
    True,
)
FIX_SHEET = _Step(
    N_("Next: correct these cells in {sheet}, save it, then: {command}"),
    N_("Next: correct these cells in {sheet}, save them, then: {command}"),
    (Status.INVALID,),
)
LOOK = _Step(
    N_(
        "Next: open {result}; it says for each order what the provider answered. "
        "Correct there what was rejected, save it, then: {command}"
    ),
    N_(
        "Next: open {result}; they say for each order what the provider answered. "
        "Correct there what was rejected, save them, then: {command}"
    ),
    (Status.REJECTED, Status.DUPLICATE, Status.PARTIAL),
    "submit",
    True,
)


def last_lines(totals: Sequence[Totals], lang: str, situation: Situation) -> Iterator[str]:
    """What to do next about one sheet or more; at the very end, whether it was the sandbox."""
    if step := _next_step(totals, lang, situation):
        yield step
    if situation.sandbox:
        yield translate(t("This was the SANDBOX: nothing real was sent."), lang)


def _next_step(totals: Sequence[Totals], lang: str, situation: Situation) -> str:
    stopped = next((one for one in totals if one.stopped), None)
    if stopped:
        if situation.command == "labels":  # which sends nothing that could be left
            return translate(stopped.stopped, lang)
        if len(totals) == 1:
            return translate(t("Stopped early. {why}", why=stopped.stopped), lang)
        facts = {"sheet": stopped.sheet, "why": stopped.stopped}
        return translate(t("Stopped early at {sheet}; the rest was not sent. {why}", **facts), lang)
    if situation.command == "cancel":
        return ""  # each order is told with what to do about it
    statuses = {Status(name) for one in totals for name in one.counts}
    if not statuses and not any(one.sheet for one in totals):
        return ""  # no sheet that could have orders
    step = _step(statuses, has_result=all(one.result for one in totals))
    if step in (ACCEPTED, ACCEPTED_REST):
        return _accepted(totals, lang, situation, step)
    about = [one for one in totals if one.has(step.about)]
    sheets, results = [one.sheet for one in about], [one.result for one in about]
    command, takes_result = step.command or situation.command, step.takes_result
    if step is UNKNOWN and situation.resends:
        command, takes_result = "submit", False
    given = results if takes_result and all(results) else sheets
    together = [[one] for one in given] if command == "reconcile" else [given]
    line = t(
        step.several if step.several and len(about) > 1 else step.line,
        result=_named(results, lang),
        sheet=_named(sheets, lang),
        command="\n".join(situation.next_command(command, some) for some in together),
    )
    return translate(line, lang)


def _accepted(totals: Sequence[Totals], lang: str, situation: Situation, step: _Step) -> str:
    """Every order was accepted; what may still be wrong or to come is said with it."""
    changed = sum(one.changed for one in totals)
    untracked = sum(one.untracked for one in totals) if situation.has_tracking else 0
    if changed:
        return translate(
            t(
                "Every order was accepted, but {count} of them stand otherwise in the sheet now; "
                "the changes were not sent. Change them at the provider if need be.",
                count=changed,
            ),
            lang,
        )
    unnumbered = sum(one.unnumbered for one in totals) if situation.has_numbers else 0
    if unnumbered:
        return translate(
            t(
                "Every order was accepted, but the provider gave no order number for {count} of "
                "them. Look them up there.",
                count=unnumbered,
            ),
            lang,
        )
    if untracked:
        return translate(_untracked(untracked, totals, situation), lang)
    return translate(t(step.line), lang)


def _untracked(count: int, totals: Sequence[Totals], situation: Situation) -> str:
    """What to do about orders whose tracking numbers are still to come."""
    if situation.can_refresh:
        sheets = [one.sheet for one in totals if one.untracked]
        given = [[sheet] if sheet else [] for sheet in sheets]
        command = "\n".join(situation.next_command("refresh", some) for some in given)
        line = N_(
            "Every order was accepted; {count} of them have no tracking number so far. "
            "Later: {command}"
        )
        return t(line, count=count, command=command)
    if situation.refresh_setting:
        line = N_(
            "Every order was accepted; {count} of them have no tracking number so far. With "
            "{setting}=refresh set, converter refresh fetches them."
        )
        return t(line, count=count, setting=situation.refresh_setting)
    line = N_("Every order was accepted; {count} of them have no tracking number so far.")
    return t(line, count=count)


def _step(statuses: set[Status], *, has_result: bool) -> _Step:
    if not statuses:
        return NO_ORDERS
    if Status.UNKNOWN in statuses:
        return UNKNOWN
    if Status.CANCEL_UNKNOWN in statuses:
        return CANCEL_UNKNOWN
    if Status.NOT_SENT in statuses:
        return AGAIN
    if Status.INVALID in statuses:
        return FIX if has_result else FIX_SHEET
    if statuses - DONE:
        return LOOK
    if Status.VALID in statuses:
        return VALID_REST if Status.ACCEPTED in statuses else VALID
    if Status.CANCELLED in statuses:
        return ACCEPTED_REST if Status.ACCEPTED in statuses else CANCELLED
    return ACCEPTED


def _named(files: Sequence[str], lang: str) -> str:
    names = translate(join(COMMA, files[:_MOST_NAMED]), lang)
    if len(files) <= _MOST_NAMED:
        return names
    return translate(t("{names} and {more} more", names=names, more=len(files) - _MOST_NAMED), lang)
