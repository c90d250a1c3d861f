"""What a run did, as values and as one JSON document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from converter import messages
from converter.exit_codes import Exit, most_urgent
from converter.message import N_, Message, OneLine, t
from converter.messages import translate
from converter.model import DONE, Issue, Repair, Result, Status

AND_MORE = N_("and {count} more")

SCHEMA_VERSION = 1
"""Of every JSON document that the program prints; they only ever grow."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did: counts, exit code and one `Result` per order, in the sheet's order.

    >>> report = converter.check("orders.xlsx", provider="scexpress")
    >>> report.counts
    {'invalid': 1, 'valid': 2}
    """

    provider: str
    sheet: str
    """The customer's file, as it was given."""
    run: str
    """What the journal calls the run; empty where nothing was sent or settled."""
    orders: tuple[Result, ...]
    warnings: tuple[Issue, ...] = ()
    """Warnings about rows that belong to no order."""
    notes: tuple[str, ...] = ()
    """Sentences about the whole file, such as columns that were passed over."""
    stopped: str = ""
    """Why the run stopped early; empty when it went to its end."""
    interrupted: bool = False
    """Whether somebody asked the run to stop, as with Ctrl-C."""
    result_path: str = ""
    """Where the result workbook is; empty where there is none."""
    result_elsewhere: bool = False
    """Whether the result workbook is not where it was asked for."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Lines of the Summary sheet: provider, file, SHA-256, times, version."""
    lang: str = "en"
    """The language of the messages."""
    profile: str = ""
    """The name of the profile that the sheet was read with; empty where there was none."""
    profile_sha256: str = ""
    undone: int = 0
    """Orders that were to be cancelled, and are known not to be."""
    repairs: tuple[Repair, ...] = ()
    """Values that were taken otherwise than they stand in the sheet, one by one."""

    @property
    def counts(self) -> dict[str, int]:
        """How many orders have each status, in the order of `Status`."""
        found = Counter(result.status for result in self.orders)
        return {str(status): found[status] for status in Status if found[status]}

    @property
    def exit_code(self) -> Exit:
        """The most urgent thing that the caller has to know."""
        statuses = {result.status for result in self.orders}
        found = {
            Exit.INTERRUPTED: self.interrupted,
            Exit.STOPPED: bool(self.stopped),
            Exit.RESULT_ELSEWHERE: self.result_elsewhere,
            Exit.UNSETTLED: bool(
                statuses & {Status.UNKNOWN, Status.NOT_SENT, Status.CANCEL_UNKNOWN}
            ),
            Exit.SOME_FAILED: bool(statuses - DONE) or bool(self.undone),
        }
        return most_urgent(code for code, is_so in found.items() if is_so)

    def translated(self) -> Report:
        """The same report with each message as plain text in its language."""

        def shown(result: Result) -> Result:
            return replace(
                result,
                message=translate(result.message, self.lang),
                changed=translate(result.changed, self.lang),
                parts=tuple(map(shown, result.parts)),
            )

        return replace(
            self,
            orders=tuple(map(shown, self.orders)),
            notes=tuple(translate(note, self.lang) for note in self.notes),
            stopped=translate(self.stopped, self.lang),
        )

    def to_dict(self) -> dict[str, Any]:
        """The document that `--json` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "provider": self.provider,
            "sheet": self.sheet,
            "run": self.run,
            "result": self.result_path,
            "counts": self.counts,
            "orders": [_order(result, self.lang) for result in self.orders],
            "stopped": translate(self.stopped, self.lang),
            "notes": [translate(note, self.lang) for note in self.notes],
            "exit_code": int(self.exit_code),
            **self._profile(),
            **self._repairs(),
        }

    def _profile(self) -> dict[str, Any]:
        if not self.profile_sha256:
            return {}
        return {"profile": {"name": self.profile, "sha256": self.profile_sha256}}

    def _repairs(self) -> dict[str, Any]:
        if not self.repairs:
            return {}
        return {"repairs": [_repair(one, self.lang) for one in self.repairs]}


def part_line(part: Result, name: str) -> OneLine:
    """What became of one part of an order, which is called `name` there."""
    facts = {
        "reference": name,
        "status": messages.status_word(part.status),
        "number": part.provider_order_no,
        "message": part.message,
    }
    return OneLine(N_("{reference}: {status} {number} {message}"), facts)


def and_more(count: int) -> Message:
    """How many issues or orders are not listed."""
    return t(AND_MORE, count=count)


def counts_the_rest(line: str) -> bool:
    """Whether a line of a message is `and_more`."""
    return isinstance(line, Message) and line.template == AND_MORE


def _order(result: Result, lang: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "reference": result.reference,
        "status": str(result.status),
        "look": result.is_to_look_at,
        "message": translate(result.message, lang),
        "provider_order_no": result.provider_order_no,
        "tracking_no": result.tracking_no,
        "rows": list(result.rows),
        "outputs": dict(result.outputs),
        "issues": [_issue(issue, lang) for issue in result.issues],
        "attempts": result.attempts,
        "time": result.time,
        "request_id": result.request_id,
        "flags": list(result.flags),
    }
    if result.parts:
        found["parts"] = [_order(part, lang) for part in result.parts]
    return found


def _issue(issue: Issue, lang: str) -> dict[str, Any]:
    return {
        "code": issue.code,
        "severity": "warning" if issue.warning else "error",
        "cell": str(issue.cell),
        "field": issue.field,
        "value": issue.value,
        "message": messages.issue(issue, lang, place=False),
        "warning": issue.warning,
    }


def _repair(repair: Repair, lang: str) -> dict[str, Any]:
    return {
        "code": repair.code,
        "severity": "repaired",
        "cell": str(repair.cell),
        "field": repair.field,
        "value": repair.value,
        "taken": repair.taken,
        "message": translate(messages.of_repair(repair), lang),
    }
