"""Amounts, weights, quantities and dates in the wordings of real sheets."""

from __future__ import annotations

import pytest

from converter.mapping.model import FieldSpec
from converter.repairs.dates import dates, order_of
from converter.repairs.draft import Change, Question
from converter.repairs.numbers import Column, amounts, measures, quantities

NEITHER, POINTS, COMMAS = Column(False, False), Column(True, False), Column(False, True)


def field(title: str = "Field", **keys: object) -> FieldSpec:
    return FieldSpec.model_validate({"path": "it", "title": {"en": title, "zh": "字段"}, **keys})


def said(found: list[Change | Question]) -> object:
    for one in found:
        if isinstance(one, Question):
            return f"?{one.doubt.code}"
        texts = [*one.texts.values()]
        return texts[0] if len(texts) == 1 else tuple(texts)
    return None


@pytest.mark.parametrize(
    ("text", "currency", "meant"),
    [
        ("$5.50", "USD", "5.50"),
        ("$ 5.50", "CAD", "5.50"),
        ("$5.50", "", None),
        ("$5.50", "EUR", None),
        ("US$5.50", "", ("5.50", "USD")),
        ("USD5.50", "", ("5.50", "USD")),
        ("5.50 USD", "USD", "5.50"),
        ("￥5.50", "CNY", "5.50"),
        ("￥5.50", "JPY", "5.50"),
        ("￥5.50", "", None),
        ("5.5元", "", ("5.5", "CNY")),
        ("５．５０", "USD", None),
        ("9,90 €", "", ("9.90", "EUR")),
        ("1.234,56 €", "EUR", "1234.56"),
        ("£12", "GBP", "12"),
        ("R$ 10,50", "", ("10.50", "BRL")),
        ("Rp120.000", "", ("120000", "IDR")),
        ("120.000₫", "VND", "120000"),
        ("¥1,200", "JPY", "1200"),
        ("12.50/件", "USD", "12.50"),
        ("12.50 each", "USD", "12.50"),
        ("12 zł", "", ("12", "PLN")),
        ("kr 12", "", None),
        ("kr 12", "SEK", "12"),
        ("5.50 EUR", "USD", "?amount_currency"),
        ("1,234", "USD", "?number_unclear"),
        ("5-8", "USD", None),
        ("约5", "USD", None),
        ("5*2", "USD", None),
        ("-5.00", "USD", None),
        ("5.50", "USD", None),
    ],
)
def test_an_amount(text: str, currency: str, meant: object) -> None:
    judge = amounts(field(type="decimal", currency="money"), NEITHER, "money")

    assert said(judge(text, currency)) == meant


@pytest.mark.parametrize(
    ("text", "column", "meant"),
    [
        ("1,234.56", NEITHER, None),
        ("1.234,56", NEITHER, "1234.56"),
        ("1 234,56", NEITHER, "1234.56"),
        ("1'234.56", NEITHER, "1234.56"),
        ("12,5", NEITHER, "12.5"),
        ("12,5", POINTS, "?number_unclear"),
        ("1,234", NEITHER, "?number_unclear"),
        ("1,234", POINTS, None),
        ("1,234", COMMAS, "1.234"),
        ("1.234", COMMAS, "1234"),
        ("1.234", NEITHER, None),
        ("1,234,567", NEITHER, None),
        ("1.234.567", NEITHER, "1234567"),
        ("0,5", NEITHER, "0.5"),
    ],
)
def test_points_and_commas(text: str, column: Column, meant: object) -> None:
    assert said(measures(field(type="decimal"), column)(text)) == meant


def test_what_a_column_proves_of_its_signs() -> None:
    assert Column.of(["$5.50", "1,234"]) == POINTS
    assert Column.of(["9,90 €", "1.234"]) == COMMAS
    assert Column.of(["1,234", "5"]) == NEITHER


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("0.5kg", "0.5"),
        ("0.5 KGS", "0.5"),
        ("0.5公斤", "0.5"),
        ("500g", "0.5"),
        ("500克", "0.5"),
        ("500G/件", "0.5"),
        ("1斤", "0.5"),
        ("1.1 lb", "0.498951607"),
        ("12 oz", "0.3401942775"),
        ("1 lb 4 oz", "0.56699046250"),
        ("5cm", None),
        ("5 boxes", None),
    ],
)
def test_a_weight_with_its_unit(text: str, meant: str | None) -> None:
    found = said(measures(field("Weight (kg)", type="decimal"), NEITHER)(text))

    assert found == (meant and meant.rstrip("0"))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2件", "2"),
        ("2个", "2"),
        ("2 pcs", "2"),
        ("2PCS", "2"),
        ("2 piece", "2"),
        ("x2", "2"),
        ("×2", "2"),
        ("*2", "2"),
        ("两件", "2"),
        ("2双", "2"),
        ("2盒", "2"),
        ("2", None),
        ("2.0", None),
        ("2箱", None),
        ("1打", None),
        ("2+1", None),
        ("2/3", None),
        ("若干", None),
        ("2.5件", None),
    ],
)
def test_a_quantity(text: str, meant: str | None) -> None:
    assert said(quantities(field(type="integer"))(text)) == meant


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["12/01/2025", "13/01/2025"], "day first"),
        (["12/01/2025", "01/13/2025"], "month first"),
        (["12/01/2025", "01/02/2025"], ""),
        (["13/01/2025", "01/13/2025"], ""),
        (["1.5.2026"], "day first"),
        (["2025-12-13"], ""),
    ],
)
def test_the_order_that_a_column_proves(texts: list[str], order: str) -> None:
    assert order_of(texts) == order


@pytest.mark.parametrize(
    ("text", "order", "meant"),
    [
        ("20251201", "", "2025-12-01"),
        ("12/01/2025", "", None),
        ("12/01/2025", "day first", "2025-01-12"),
        ("12/01/2025", "month first", "2025-12-01"),
        ("05/01/26 14:30", "month first", "2026-05-01 14:30"),
        ("1.5.2026", "day first", "2026-05-01"),
        ("Jul-21-25", "", "2025-07-21"),
        ("01-May-26", "", "2026-05-01"),
        ("01 May 2026", "", "2026-05-01"),
        ("May 1, 2026", "", "2026-05-01"),
        ("10-Dez-25", "", "2025-12-10"),
        ("115/05/01", "", "2026-05-01"),
        ("令和8年5月1日", "", "2026-05-01"),
        ("2569-05-01", "", "2026-05-01"),
        ("0000-00-00 00:00:00", "", ""),
        ("1900-01-00", "", ""),
        ("26/5/1", "", None),
        ("2026-05-01 10:00", "", None),
        ("昨天", "", None),
    ],
)
def test_a_date(text: str, order: str, meant: str | None) -> None:
    assert said(dates(field(type="datetime"), order)(text)) == meant
