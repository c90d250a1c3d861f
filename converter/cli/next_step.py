"""The last line of a command: the one thing to do next, as a command that can be copied."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from converter import messages
from converter.cli.command_line import NextCommand
from converter.exit_codes import Exit
from converter.model import Status
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

    @classmethod
    def of(cls, report: Report) -> Totals:
        accepted = [one for one in report.orders if one.status is Status.ACCEPTED]
        changed = sum(1 for one in accepted if one.changed)
        untracked = sum(1 for one in accepted if not one.tracking_no)
        return cls(
            report.sheet, report.result_path, report.counts, report.exit_code, report.stopped,
            changed, untracked,
        )  # fmt: skip

    def has(self, statuses: Collection[Status]) -> bool:
        return any(status in self.counts for status in statuses)


@dataclass(frozen=True)
class _Step:
    several: str
    """The code of the line about several sheets."""
    about: Collection[Status] = ()
    """The orders that it is about."""
    command: str = ""
    """The next command; empty for the one that runs."""
    takes_result: bool = False
    """Whether that takes the result workbook instead of the sheet."""


_STEPS = {
    "next_no_orders": _Step("next_no_orders"),
    "next_accepted": _Step("next_accepted"),
    "next_valid": _Step("next_valid", (Status.VALID,), "submit"),
    "next_valid_rest": _Step("next_valid_rest", (Status.VALID,), "submit"),
    "next_again": _Step("next_again", (Status.NOT_SENT,), "submit"),
    "next_unknown": _Step("next_unknown_several", (Status.UNKNOWN,), "reconcile", True),
    "next_fix": _Step("next_fix_several", (Status.INVALID,), "submit", True),
    "next_fix_sheet": _Step("next_fix_sheet_several", (Status.INVALID,)),
    "next_look": _Step(
        "next_look_several",
        (Status.REJECTED, Status.DUPLICATE, Status.PARTIAL),
        "submit",
        True,
    ),
}
"""The last line by its code."""


def last_lines(totals: Sequence[Totals], lang: str, situation: Situation) -> Iterator[str]:
    """What to do next about one sheet or more; at the very end, whether it was the sandbox."""
    yield _next_step(totals, lang, situation)
    if situation.sandbox:
        yield messages.say("next_sandbox", lang)


def _next_step(totals: Sequence[Totals], lang: str, situation: Situation) -> str:
    stopped = next((one for one in totals if one.stopped), None)
    if stopped:
        code = "next_stopped" if len(totals) == 1 else "next_stopped_at"
        return messages.say(code, lang, sheet=stopped.sheet, why=stopped.stopped)
    statuses = {Status(name) for one in totals for name in one.counts}
    code = _code(statuses, has_result=all(one.result for one in totals))
    if code == "next_accepted":
        return _accepted(totals, lang, situation)
    step = _STEPS[code]
    about = [one for one in totals if one.has(step.about)]
    sheets, results = [one.sheet for one in about], [one.result for one in about]
    command, takes_result = step.command or situation.command, step.takes_result
    if code == "next_unknown" and situation.resends:
        command, takes_result = "submit", False
    given = results if takes_result and all(results) else sheets
    together = [[one] for one in given] if command == "reconcile" else [given]
    return messages.say(
        step.several if len(about) > 1 else code,
        lang,
        result=_named(results, lang),
        sheet=_named(sheets, lang),
        command="\n".join(situation.next_command(command, some) for some in together),
    )


def _accepted(totals: Sequence[Totals], lang: str, situation: Situation) -> str:
    """Every order was accepted; what may still be wrong or to come is said with it."""
    changed = sum(one.changed for one in totals)
    untracked = sum(one.untracked for one in totals) if situation.has_tracking else 0
    if changed:
        return messages.say("next_accepted_changed", lang, count=changed)
    if untracked:
        return messages.say("next_accepted_untracked", lang, count=untracked)
    return messages.say("next_accepted", lang)


def _code(statuses: set[Status], *, has_result: bool) -> str:
    if not statuses:
        return "next_no_orders"
    if Status.UNKNOWN in statuses:
        return "next_unknown"
    if Status.NOT_SENT in statuses:
        return "next_again"
    if Status.INVALID in statuses:
        return "next_fix" if has_result else "next_fix_sheet"
    if statuses - {Status.ACCEPTED, Status.VALID}:
        return "next_look"
    if Status.VALID not in statuses:
        return "next_accepted"
    return "next_valid_rest" if Status.ACCEPTED in statuses else "next_valid"


def _named(files: Sequence[str], lang: str) -> str:
    names = ", ".join(files[:_MOST_NAMED])
    if len(files) <= _MOST_NAMED:
        return names
    return messages.say("more_files", lang, names=names, more=len(files) - _MOST_NAMED)
