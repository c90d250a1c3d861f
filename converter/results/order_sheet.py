"""The order sheet as the result workbook needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from converter.layout.table import Table
    from converter.sheet import Sheet

_ROWS_PER_BLOCK = 10_000


@dataclass(frozen=True)
class OrderSheet:
    """The order sheet as it was read, in Excel's terms.

    `rows` yields every row but the header, with its number and its texts, blank ones as "".
    """

    name: str
    header_row: int
    letters: tuple[str, ...]
    titles: tuple[str, ...]
    row_count: int
    rows: Callable[[], Iterable[tuple[int, Sequence[str]]]]
    others: tuple[OrderSheet, ...] = ()
    """Sheets with the boxes and items of these orders; their `rows` yield every row."""


def order_sheet_of(table: Table) -> OrderSheet:
    """The sheet or sheets of a table that was matched to a mapping."""
    others = {part.sheet.name: part for part in table.parts if part.sheet is not table.sheet}
    return replace(
        _order_sheet(table.sheet, table.header_row, table.titles, skipped_row=table.header_row),
        others=tuple(_order_sheet(o.sheet, o.header_row, o.titles) for o in others.values()),
    )


def _order_sheet(
    sheet: Sheet, header_row: int, titles: tuple[str, ...], skipped_row: int = 0
) -> OrderSheet:
    def rows() -> Iterator[tuple[int, Sequence[str]]]:
        columns = [sheet.column(position) for position in range(len(sheet.letters))]
        # The code of a blank cell is -1, which finds the "" appended here.
        texts_by_code = [(codes, [*texts, ""]) for codes, texts in columns]
        numbers = sheet.frame.index.tolist()
        for start in range(0, len(numbers), _ROWS_PER_BLOCK):
            block = slice(start, start + _ROWS_PER_BLOCK)
            texts_by_column = (
                [texts[code] for code in codes[block].tolist()] for codes, texts in texts_by_code
            )
            for number, row in zip(numbers[block], zip(*texts_by_column, strict=True), strict=True):
                if number != skipped_row:
                    yield number, row

    count = int((sheet.frame.index > header_row).sum())
    return OrderSheet(sheet.name, header_row, sheet.letters, titles, count, rows)
