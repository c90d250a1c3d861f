"""Rows whose own words say that the order is cancelled, in columns that no field takes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from converter.layout.area import Area
from converter.layout.chosen import chosen_positions
from converter.layout.matching import Matching
from converter.layout.titles import by_language
from converter.model import Cell, Issue, own_title
from converter.text import clean, fold

_WORDS = frozenset(
    fold(word)
    for word in (
        *("cancelled", "canceled", "order cancelled", "cancellation", "void", "voided"),
        *("refunded", "fully refunded", "closed - refunded"),
        *(
            "已取消",
            "取消",
            "订单取消",
            "已取消订单",
            "交易取消",
            "交易关闭",
            "已关闭",
            "已作废",
            "作废",
        ),
        *("已退款", "退款成功", "全额退款", "已取消，退款成功", "未发货，退款成功"),
        *("storniert", "annulliert", "annulé", "annulée", "remboursé", "remboursée"),
        *("cancelado", "cancelada", "anulado", "reembolsado", "annullato", "rimborsato"),
        *("geannuleerd", "anulowane", "anulowano", "avbruten", "annulleret"),
        *("ยกเลิกแล้ว", "ยกเลิก", "dibatalkan", "batal", "pesanan dibatalkan", "đã hủy", "đã huỷ"),
        *("キャンセル", "キャンセル済み", "취소", "취소완료", "отменён", "отменен"),
    )
)
"""What shops say of orders that are not to be sent, as the whole text of a cell."""


def cancelled_rows(matching: Matching) -> Iterator[Issue]:
    """An issue for each row with such a word, unless the profile says what of it is left out."""
    area = matching.area
    taken = {
        each.position
        for group in (matching.claimed, matching.shared, *matching.groups.values())
        for column in group.values()
        for each in column.all()
    }
    for one in matching.profile.leave_out:
        taken |= set(chosen_positions(one.column, area.titles, area.sheet.letters))
    for position, title in enumerate(area.titles):
        if position not in taken and not own_title(title):
            yield from _in_column(area, position, title)


def _in_column(area: Area, position: int, title: str) -> Iterator[Issue]:
    codes, texts = area.sheet.column(position)
    said = {code: text for code, text in enumerate(texts) if fold(clean(text)) in _WORDS}
    if not said:
        return
    rows = area.sheet.frame.index
    for at in np.flatnonzero(np.isin(codes, list(said)) & area.keep).tolist():
        cell = Cell(area.sheet.name, area.sheet.letters[position], int(rows[at]))
        facts = {"found": f"'{clean(said[codes[at]])}'"}
        yield Issue(cell, "", by_language(title), "order_cancelled", facts)
