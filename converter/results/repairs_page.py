"""The sheet Repairs: every value that was taken otherwise than it stands in its cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from converter import messages
from converter.message import t
from converter.messages import translate
from converter.model import REPAIRS_SHEET, Repair
from converter.results import palette
from converter.results.content import ResultContent, bilingual
from converter.results.page import Page, PageCell

_COLUMNS = {
    t("Cell"): 18,
    t("Column or field"): 28,
    t("In the sheet"): 40,
    t("Taken as"): 40,
    t("Why"): 64,
}
"""Columns and their widths."""


def repairs_page(content: ResultContent, sheet_name: str, others: Collection[str] = ()) -> Page:
    """One row per repair, each with a link to its cell."""
    head = [PageCell(bilingual(title, content.lang), palette.HEAD) for title in _COLUMNS]

    def rows() -> Iterator[list[PageCell]]:
        yield head
        for repair in content.report.repairs:
            yield _row(content, repair, sheet_name, others)

    return Page(
        REPAIRS_SHEET, (*_COLUMNS.values(),), rows(), content.tab_colour, titled=len(head), kept=1
    )  # fmt: skip


def _row(
    content: ResultContent, repair: Repair, sheet_name: str, others: Collection[str]
) -> list[PageCell]:
    cell = repair.cell
    name = sheet_name if cell.sheet == content.sheet.name else cell.sheet
    quoted = name.replace("'", "''")
    link = f"'{quoted}'!{cell.column}{cell.row}" if cell.column else ""
    linked = bool(link) and (name == sheet_name or name in others)
    return [
        PageCell(str(cell), palette.LINK if linked else palette.PLAIN, link if linked else ""),
        PageCell(" ".join(translate(repair.title, content.lang).split()), palette.WRAPPED),
        PageCell(repair.value, palette.WRAPPED),
        PageCell(repair.taken, palette.WRAPPED),
        PageCell(content.say(messages.of_repair(repair)), palette.WRAPPED),
    ]


def is_repairs_page(titles: Iterable[str]) -> bool:
    """Whether a sheet called Repairs is ours."""
    found = {line for title in titles for line in title.split("\n")}
    return found >= _COLUMNS.keys()
