"""What is written on the customer's sheets: a status and a message per row, marks on cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from converter import messages
from converter.message import COMMA, N_, join, t
from converter.model import Cell, Issue, Status
from converter.results import palette
from converter.results.content import ResultContent
from converter.results.order_messages import general_lines, in_one_line, joined
from converter.results.properties import AUTHOR

MOST_NOTES = 10_000
"""Each note is a shape: with more of them the workbook no longer opens in reasonable time."""

HAS_ORDER_NO = N_("order no. {number}")
HAS_TRACKING_NO = N_("tracking no. {number}")

SIGNATURE = f"{AUTHOR}:\n"
"""How our notes begin, as Excel's own do: the next run removes these and no others. The author
alone is not enough, since LibreOffice drops it."""


@dataclass(frozen=True)
class Marks:
    """Statuses and messages by row of the order sheet, issues by cell of any sheet."""

    statuses: Mapping[int, tuple[Status, bool]]
    """With whether a valid order has warnings to look at."""
    messages: Mapping[int, str]
    cells: Mapping[str, Mapping[tuple[int, str], list[Issue]]]
    """By the sheet's name, then by row and column letters."""


def marks_of(content: ResultContent) -> Marks:
    report, sheet, lang = content.report, content.sheet, content.lang
    statuses: dict[int, tuple[Status, bool]] = {}
    texts: dict[int, str] = {}
    cells: dict[str, dict[tuple[int, str], list[Issue]]] = {}
    by_row: dict[int, list[str]] = {}
    if content.sandbox:  # nothing else on the customer's sheet could be taken for real
        first = next(iter(sheet.letters), "A")
        place = Cell(sheet.name, first, sheet.header_row)
        banner = Issue(place, "", "", "results_sandbox", {}, warning=True)
        cells[sheet.name] = {(sheet.header_row, first): [banner]}

    for issue in (*(i for r in report.orders for i in r.issues), *report.warnings):
        of_sheet = cells.setdefault(issue.cell.sheet, {})
        found = of_sheet.setdefault((issue.cell.row, issue.cell.column), [])
        if issue not in found:
            found.append(issue)
            if issue.cell.sheet == sheet.name and issue.code != "provider_says":
                text = messages.issue(issue, lang, place=False)
                by_row.setdefault(issue.cell.row, []).append(text)
    for result in report.orders:
        lines = general_lines(result, lang)
        for template, number in (
            (HAS_ORDER_NO, joined(result, lambda part: part.provider_order_no)),
            (HAS_TRACKING_NO, joined(result, lambda part: part.tracking_no)),
        ):
            if number and not result.parts:
                lines.append(content.say(t(template, number=number)))
        wrong = {_address(i.cell, sheet.name): 0 for i in result.issues if not i.warning}
        elsewhere = content.say(
            t(
                "This row is fine; its order has a problem in {cells}.",
                cells=join(COMMA, list(wrong)[:5]),
            )
        )
        for row in result.rows:
            own = by_row.pop(row, [])
            if not own and not lines and wrong:
                own = [elsewhere]
            statuses[row] = (result.status, result.is_to_look_at)
            texts[row] = " | ".join(map(in_one_line, lines + own))
    for row, own in by_row.items():
        if row > sheet.header_row:
            texts[row] = " | ".join(map(in_one_line, own))
    return Marks(statuses, texts, cells)


def _address(cell: Cell, order_sheet: str) -> str:
    return str(cell) if cell.sheet != order_sheet else f"{cell.column}{cell.row}"


def note(issues: Iterable[Issue], lang: str) -> str:
    """The text of our note on a cell."""
    lines = dict.fromkeys(messages.issue(issue, lang, place=False) for issue in issues)
    return SIGNATURE + "\n".join(lines)[:2_000]


def fill_colour(issues: Collection[Issue]) -> str:
    """Red where something is wrong, amber where it is only doubtful; the sandbox has its own."""
    if any(issue.code == "results_sandbox" for issue in issues):
        return palette.SANDBOX
    return palette.AMBER if all(issue.warning for issue in issues) else palette.RED
