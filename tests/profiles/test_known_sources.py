"""Which sheets are exports of known sources, and what their rules make of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from converter import sheet
from converter.mapping import vocabulary
from converter.mapping.load import load_mapping
from converter.mapping.model import ProviderMapping
from converter.mapping.shipped import shipped_folder
from converter.profiles import known_sources, source_sheet

ROOT = Path(__file__).parents[2]
NEUTRAL = load_mapping(ROOT / "tests" / "exports" / "neutral.yaml")
OURS = [
    *sorted((ROOT / "tests" / "cases").glob("*/*.csv")),
    *sorted((shipped_folder("templates") / "data").glob("*.csv")),
]

SHOPIFY = ["Name", "Email", "Cancelled at", "Lineitem quantity", "Lineitem name", "Lineitem price",
           "Shipping Name", "Shipping Zip", "Currency", "Lineitem sku"]  # fmt: skip
AMAZON = ["order-id", "order-item-id", "recipient-name", "quantity-purchased", "item-price", "sku"]


def known(sheets: Any, rows: list[list[str]]) -> source_sheet.SourceSheet:
    (one,) = sheet.read(sheets.csv(rows), known=lambda text: text in rows[0])
    found = source_sheet.find(one)
    assert found is not None
    return found


def column(found: source_sheet.SourceSheet, name: str) -> list[str]:
    """The texts of a field below the titles, blank cells as empty texts."""
    ((choice,),) = found.columns[name].alternatives
    position = [" ".join(text.split()) for text in found.sheet.texts(found.header_row)].index(
        choice.title
    )
    codes, texts = found.sheet.column(position)
    return [texts[code] if code >= 0 else "" for code in codes.tolist()][1:]


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_sheets_in_the_providers_own_words_are_no_exports(path: Path) -> None:
    assert source_sheet.find(sheet.read(path, known=lambda _: True)[0]) is None


@pytest.mark.parametrize("source", known_sources.known_sources(), ids=lambda source: source.name)
def test_sources_speak_of_fields_of_the_vocabulary(source: known_sources.KnownSource) -> None:
    names = vocabulary.words()

    assert set(source.columns) <= set(names)
    assert set(source.fixed) <= set(names)
    assert not set(map(known_sources.key, source.proof)) - source.known_titles()
    assert len(source.proof) > 1


def test_titles_are_compared_without_marks_and_hints() -> None:
    assert (
        known_sources.key(" Order ID (required)") == known_sources.key("'Order  ID*") == "OrderID"
    )
    assert (
        known_sources.key("单价1(usd）")
        == known_sources.key("单价1(usd)")
        != known_sources.key("单价1")
    )
    assert known_sources.key("Người") != known_sources.key("người")


def test_a_sheet_of_which_most_is_something_else_is_no_export(sheets: Any) -> None:
    titles = [*SHOPIFY, *(f"extra {number}" for number in range(20))]

    (one,) = sheet.read(sheets.csv([titles, ["x"] * len(titles)]))

    assert source_sheet.find(one) is None


def test_an_order_that_is_cancelled_on_its_first_row_is_left_out_as_a_whole(sheets: Any) -> None:
    found = known(sheets, [
        SHOPIFY,
        ["#1", "a@b.c", "", "1", "Mug", "5", "Ann", "'07302", "USD", "MUG"],
        ["#2", "a@b.c", "2026-05-03", "1", "Mug", "5", "Ben", "07302", "USD", "MUG"],
        ["#2", "a@b.c", "", "1", "Tote", "5", "", "", "", "TOTE"],
        ["#1", "a@b.c", "", "1", "Tote", "5", "", "", "", "TOTE"],
    ])  # fmt: skip

    assert (found.orders, found.items) == (1, 2)
    assert column(found, "items.sku") == ["MUG", "", "", "TOTE"]
    assert column(found, "items.currency") == ["USD", "", "", "USD"]
    assert column(found, "receiver.postcode") == ["07302", "", "", ""]


def test_a_total_that_does_not_divide_is_marked(sheets: Any) -> None:
    found = known(sheets, [AMAZON, ["1", "2", "Ann", "3", "10.00", "MUG"]])

    assert list(found.sheet.flaws.values()) == [{"division": {2}}]


def test_a_made_column_stands_under_the_letter_of_its_cells(sheets: Any) -> None:
    found = known(sheets, [AMAZON, ["1", "2", "Ann", "2", "10.00", "MUG"]])

    letters = found.sheet.letters[len(AMAZON) :]
    titles = found.sheet.texts(1)[len(AMAZON) :]
    assert dict(zip((title.strip("\u2060") for title in titles), letters, strict=True)) == {
        "order-id": "A", "recipient-name": "C", "quantity-purchased": "D", "item-price": "E",
        "sku": "F",
    }  # fmt: skip


def test_a_mapping_that_says_nothing_of_its_fields_reads_no_source(tiny: ProviderMapping) -> None:
    assert source_sheet.is_readable(NEUTRAL)
    assert not source_sheet.is_readable(tiny)
