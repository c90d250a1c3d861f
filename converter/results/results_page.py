"""The sheet Results: one row per order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from converter import messages
from converter.message import t
from converter.model import (
    DECISION_TITLE,
    DONE,
    FOUND_TITLE,
    IN_DOUBT,
    RESULTS_SHEET,
    Result,
    Status,
    own_title_in,
)
from converter.results import palette
from converter.results.content import (
    SANDBOX,
    ResultContent,
    bilingual,
    own_and_english,
)
from converter.results.order_messages import all_lines, joined
from converter.results.page import Page, PageCell

_SANDBOX = "SANDBOX"
STATUS_TITLE = t("Status")
_ROWS_TITLE = t("Rows")
_COLUMNS = {
    t("Reference"): 26,
    STATUS_TITLE: 20,
    t("Message"): 64,
    t("Provider order no."): 24,
    t("Tracking no."): 24,
    _ROWS_TITLE: 11,
    t("Attempts"): 10,
    t("Time"): 20,
    t("Request ID"): 36,
}
"""Columns and their widths; the mapping's own outputs follow."""
_STATUS = 1
_DECIDED = IN_DOUBT | {Status.PARTIAL, Status.CANCEL_UNKNOWN}
"""Statuses that a person may settle by a decision."""
_DECISION = 2
"""The columns for what a person finds out stand right behind the status."""


def results_page(content: ResultContent, sheet_name: str, others: Collection[str] = ()) -> Page:
    """One row per order, in the sheet's order.

    Links point into the order sheet, which is called `sheet_name` here, and into those of the
    `others` that the workbook holds. Scripts find the columns by row 1, so nothing may stand
    above it.
    """
    lang = content.lang
    titles = [bilingual(title, lang) for title in _COLUMNS]
    titles += [own_and_english(title.get(lang), title.en) for _, title in content.outputs]
    widths = [*_COLUMNS.values(), *(24 for _ in content.outputs)]
    statuses = {result.status for result in content.report.orders}
    # Only orders in doubt, or made in part, need the two columns for what a person finds out.
    asks = bool(statuses & _DECIDED)
    if asks:
        decision = [own_title_in(title, lang) for title in (DECISION_TITLE, FOUND_TITLE)]
        titles[_DECISION:_DECISION], widths[_DECISION:_DECISION] = decision, [24, 24]
    head = [PageCell(title, palette.HEAD) for title in titles]
    if content.sandbox:
        head.insert(0, PageCell(content.say(SANDBOX), palette.BANNER_IN_ROW))
        widths.insert(0, 20)

    def rows() -> Iterator[list[PageCell]]:
        yield head
        for result in content.report.orders:
            cells = _row(content, result, sheet_name, others)
            if asks:
                style = palette.TO_FILL if result.status in _DECIDED else palette.PLAIN
                cells[_DECISION:_DECISION] = [PageCell("", style), PageCell("", style)]
            if content.sandbox:
                cells.insert(0, PageCell(_SANDBOX, palette.BANNER_IN_ROW))
            yield cells

    shift = int(content.sandbox)
    chosen = {}
    if asks:
        words = [t("created"), t("not created"), t("settled")]
        if Status.PARTIAL in statuses:
            words.append(t("send missing lines"))
        if Status.CANCEL_UNKNOWN in statuses:
            words += [t("cancelled"), t("not cancelled")]
        chosen[_DECISION + shift] = tuple(map(content.say, words))
    return Page(
        RESULTS_SHEET,
        tuple(widths),
        rows(),
        content.tab_colour,
        titled=len(head),
        kept=2 + shift,
        choices=chosen,
        shown=_shown(content.report.orders, _STATUS + shift, lang),
    )


def _shown(orders: Sequence[Result], column: int, lang: str) -> tuple[int, frozenset[str]]:
    """The filter with which the page opens: what needs action, where that is only some of it."""
    found = {(order.status, order.is_to_look_at) for order in orders}
    action = {(status, look) for status, look in found if look or status not in DONE}
    if action == found:
        return column, frozenset()
    return column, frozenset(
        messages.status_and_code(status, lang, look=look) for status, look in action
    )


def _row(
    content: ResultContent, result: Result, sheet_name: str, others: Collection[str]
) -> list[PageCell]:
    lang = content.lang
    cells = [
        PageCell(result.reference),
        _status_cell(result, lang),
        PageCell("\n".join(all_lines(result, lang)), palette.WRAPPED),
        PageCell(joined(result, lambda part: part.provider_order_no), palette.WRAPPED),
        PageCell(joined(result, lambda part: part.tracking_no), palette.WRAPPED),
        PageCell(_row_ranges(result.rows), palette.CENTRED),
        PageCell(result.attempts or sum(p.attempts for p in result.parts), palette.CENTRED),
        PageCell(messages.local_time(_last_time(result))),
        PageCell(joined(result, lambda part: part.request_id), palette.WRAPPED),
    ]
    cells += [_output_cell(content, joined(result, _output(name))) for name, _ in content.outputs]
    if link := _link(content, result, sheet_name, others):
        linked = 0 if result.reference else list(_COLUMNS).index(_ROWS_TITLE)
        cells[linked] = PageCell(cells[linked].content, palette.LINK, link)
    return cells


def _output_cell(content: ResultContent, text: str) -> PageCell:
    if text in content.files:
        shown, address = content.files[text]
        return PageCell(shown, palette.LINK, file=address)
    return PageCell(text, palette.WRAPPED)


def _status_cell(result: Result, lang: str) -> PageCell:
    look = result.is_to_look_at
    word = messages.status_and_code(result.status, lang, look=look)
    return PageCell(word, palette.status_style(result.status, look=look))


def _last_time(result: Result) -> str:
    return result.time or max((part.time for part in result.parts), default="")


def _link(content: ResultContent, result: Result, sheet_name: str, others: Collection[str]) -> str:
    """The place of the first error, or else of the first warning, on a sheet that is there."""
    sheet = content.sheet
    for issue in sorted(result.issues, key=lambda issue: issue.warning):
        name = sheet_name if issue.cell.sheet == sheet.name else issue.cell.sheet
        if name == sheet_name or name in others:
            column = issue.cell.column or next(iter(sheet.letters), "A")
            quoted = name.replace("'", "''")
            return f"'{quoted}'!{column}{issue.cell.row}"
    return ""


def _row_ranges(rows: Sequence[int]) -> str:
    """`2, 3` or `2-9, 14`."""
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return ", ".join(
        f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs
    )


def _output(name: str) -> Callable[[Result], str]:
    return lambda result: result.outputs.get(name, "")


def is_results_page(titles: Iterable[str]) -> bool:
    """Whether a sheet called Results is ours: a customer's own may begin with Reference too."""
    found = {line for title in titles for line in title.split("\n")}
    return len(found & _COLUMNS.keys()) > len(_COLUMNS) // 2


def reference_column(titles: Sequence[str]) -> int:
    """Which column of this page names the orders."""
    own = next(iter(_COLUMNS))
    return next((at for at, title in enumerate(titles) if own in title.split("\n")), 0)
