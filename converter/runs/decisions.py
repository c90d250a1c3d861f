"""What people decide about orders in doubt, in the columns for it in the sheet Results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from converter import results, sheet
from converter.errors import UsageError
from converter.message import N_, t
from converter.model import DECISION_TITLE, FOUND_TITLE, RESULTS_SHEET, own_title
from converter.runs.prepare import Prepared
from converter.text import fold

_CREATED = {fold(word) for word in ("created", "yes", "已创建", "已存在", "是")}
_SETTLED = {fold(word) for word in ("settled", "已处理", "已补齐")}
_NOT_CREATED = {fold(word) for word in ("not created", "no", "未创建", "不存在", "否")}
_SEND_MISSING = {
    fold(word) for word in ("send missing lines", "send missing", "补发缺少的明细", "补发")
}


_CANCELLED = {fold(word) for word in ("cancelled", "canceled", "已取消")}
_NOT_CANCELLED = {fold(word) for word in ("not cancelled", "not canceled", "未取消")}


@dataclass(frozen=True)
class Decision:
    """What a person found out about one order at the provider."""

    reference: str
    created: bool
    number: str = ""
    settled: bool = False
    """A part of it existed, and the person had the rest made at the provider."""
    send_missing: bool = False
    """The lines that were not made are to be sent as a new order."""
    cancelled: bool | None = None
    """Whether it is cancelled there; None where the decision is about something else."""


@dataclass(frozen=True)
class _Written:
    """What stands in the columns of one row."""

    cell: str
    reference: str
    text: str
    number: str

    @property
    def word(self) -> str:
        return fold(self.text)


def written_decisions(path: Path) -> list[Decision]:
    """Read the decisions in the Results sheet of a workbook; none if it has no such sheet.

    Raises UsageError where a decision is none of the words that are meant.
    """
    decisions = []
    for one in _written(path):
        is_settled, sends = one.word in _SETTLED, one.word in _SEND_MISSING
        if one.word in _CANCELLED | _NOT_CANCELLED:
            is_cancelled = one.word in _CANCELLED
            decisions.append(Decision(one.reference, created=True, cancelled=is_cancelled))
            continue
        if not (is_settled or sends or one.word in _CREATED | _NOT_CREATED):
            problem = N_(
                "{cell}: expected 'created', 'not created', 'settled', 'send missing lines', "
                "'cancelled' or 'not cancelled' (已创建 / 未创建 / 已处理 / 补发缺少的明细 / "
                "已取消 / 未取消), found '{found}'. Correct it."
            )
            raise UsageError(t(problem, cell=one.cell, found=one.text[:40]))
        is_created = one.word in _CREATED or is_settled
        decisions.append(Decision(one.reference, is_created, one.number, is_settled, sends))
    return decisions


def to_send_missing(prepared: Prepared) -> set[str]:
    """The orders whose missing lines are to be sent, as a result workbook says of them.

    Only a sheet that has our columns is read once more.
    """
    titles = results.order_sheet_of(prepared.table).titles
    if not any(map(own_title, titles)):
        return set()
    return {one.reference for one in _written(prepared.path) if one.word in _SEND_MISSING}


def _written(path: Path) -> Iterator[_Written]:
    if path.suffix.lower() != ".xlsx":
        return
    found = next((one for one in sheet.read(path) if one.name == RESULTS_SHEET), None)
    if found is None:
        return
    header = int(found.frame.index[0])
    texts = found.texts(header)
    titles = [own_title(text) for text in texts]
    if DECISION_TITLE not in titles:
        return
    at, number_at = titles.index(DECISION_TITLE), titles.index(FOUND_TITLE)
    reference_at = results.reference_column(texts)
    for row in found.frame.index[1:]:
        texts = [text.strip() for text in found.texts(int(row))]
        if texts[at]:
            cell = f"{RESULTS_SHEET}!{found.letters[at]}{row}"
            yield _Written(cell, texts[reference_at], texts[at], texts[number_at])
