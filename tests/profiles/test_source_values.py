"""Dates, amounts and prices as exports write them; what is not certain stays as written."""

from __future__ import annotations

import pytest

from converter.profiles.source_rows import plain
from converter.profiles.source_values import (
    currency_of,
    divided,
    order_of,
    plain_amount,
    plain_date,
)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("05/13/2026 2:49:19 PM", "month first", "2026-05-13 14:49:19"),
        ("05/13/2026 12:05:00 AM", "month first", "2026-05-13 00:05:00"),
        ("28/10/2026 22:57:28", "day first", "2026-10-28 22:57:28"),
        ("05/01/26", "month first", "2026-05-01"),
        ("5/1/2026 9:58:12 AM", "", "5/1/2026 9:58:12 AM"),
        ("05/13/2026", "day first", "05/13/2026"),
        ("May-01-26", "", "2026-05-01"),
        ("10-Dez-25", "", "2025-12-10"),
        ("03-Mär-26", "", "2026-03-03"),
        ("01 May 2026 11:46", "", "2026-05-01 11:46"),
        ("May 1, 2026 09:58:12 AM", "", "2026-05-01 09:58:12"),
        ("2026-05-01 10:00", "month first", "2026-05-01 10:00"),
        ("tomorrow", "month first", "tomorrow"),
        ("13 PM", "month first", "13 PM"),
    ],
)
def test_dates(text: str, order: str, expected: str) -> None:
    assert plain_date(text, order) == expected


@pytest.mark.parametrize(
    ("texts", "usual", "expected"),
    [
        (["05/06/2026", "25/04/2026"], "", "day first"),
        (["05/06/2026", "05/13/2026"], "day first", "month first"),
        (["05/06/2026"], "month first", "month first"),
        (["05/06/2026"], "", ""),
        (["05/13/2026", "25/04/2026"], "month first", ""),
        ([], "day first", "day first"),
    ],
)
def test_a_column_proves_its_own_order_of_day_and_month(
    texts: list[str], usual: str, expected: str
) -> None:
    assert order_of(texts, usual) == expected


@pytest.mark.parametrize(
    ("text", "comma", "expected"),
    [
        ("$1,012.50", False, "1012.50"),
        ("1.116,99 €", True, "1116.99"),
        ("9,90 €", True, "9.90"),
        ("¥28.00", False, "28.00"),
        ("12.5000", False, "12.5000"),
        ("1,23", False, "1,23"),
        ("12.50", True, "12.50"),
        ("2.00(满减：2.00)", False, "2.00(满减：2.00)"),
        ("-5.00", False, "-5.00"),
        ("5-8", False, "5-8"),
    ],
)
def test_amounts(text: str, *, comma: bool, expected: str) -> None:
    assert plain_amount(text, comma=comma) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("$10.00", "USD"), ("10.00 EUR", "EUR"), ("£9.50", ""), ("10.00", ""), ("free", "")],
)
def test_currencies(text: str, expected: str) -> None:
    assert currency_of(text, {"$": "USD"}) == expected


@pytest.mark.parametrize(
    ("total", "pieces", "expected"),
    [
        ("25.00", "2", "12.50"),
        ("25.0", "2", "12.5"),
        ("3000", "2", "1500"),
        ("10.00", "3", None),
        ("10.00", "0", None),
        ("10.00", "", None),
        ("1,000", "2", None),
        ("7", "8", "0.875"),
    ],
)
def test_the_price_of_one_piece_is_exact_or_unknown(
    total: str, pieces: str, expected: str | None
) -> None:
    assert divided(total, pieces) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'07302", "07302"),
        ('="350001"', "350001"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("'+49 30", "+49 30"),
        (" MUG-01\t", "MUG-01"),
    ],
)
def test_marks_of_spreadsheets_are_no_part_of_a_text(text: str, expected: str) -> None:
    assert plain(text) == expected
