"""Cells of which a profile takes several fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from converter.errors import SheetError
from converter.layout.find import find_table
from converter.layout.shared_cells import ItemPart, SizePart, entries_of
from converter.layout.table import Table
from converter.mapping.load import load_mapping
from converter.profiles.model import ColumnChoice, FieldColumns, Profile
from converter.sheet import read

NEUTRAL = load_mapping(Path(__file__).parent.parent / "exports" / "neutral.yaml")


def items(text: str) -> list[tuple[str, str]]:
    return [
        (ItemPart("sku", at).of(text), ItemPart("quantity", at).of(text))
        for at in range(len(entries_of(text)))
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MUG-01 x 2; TOW-1 x 1", [("MUG-01", "2"), ("TOW-1", "1")]),
        ("MUG*3，TOW×1", [("MUG", "3"), ("TOW", "1")]),
        ("2 x MUG\n1x TOW", [("MUG", "2"), ("TOW", "1")]),
        ("BOX2 x2", [("BOX2", "2")]),
    ],
)
def test_items_with_quantities_are_told_apart(text: str, found: list[tuple[str, str]]) -> None:
    assert items(text) == found


@pytest.mark.parametrize("text", ["BOX2", "12345", "12*3", "3 x 2", "MUG x 0", "MUG x 2 red"])
def test_other_items_fit_no_quantity(text: str) -> None:
    ((_, quantity),) = items(text)

    assert not quantity.isdigit()


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("60*40*30", ["60", "40", "30"]),
        ("60x40x30cm", ["60cm", "40cm", "30cm"]),
        ("60 cm × 40 cm × 30 cm", ["60cm", "40cm", "30cm"]),
    ],
)
def test_sizes_are_told_apart(text: str, sides: list[str]) -> None:
    assert [SizePart(at).of(text) for at in range(3)] == sides


@pytest.mark.parametrize("text", ["60", "60*40", "60in*40cm*30", "60*40*30*20"])
def test_other_sizes_are_no_number(text: str) -> None:
    assert all("?" in SizePart(at).of(text) for at in range(3))


def table_of(sheets: Any, rows: list[list[str]], **columns: str) -> Table:
    paths = {path.replace("__", "[]."): title for path, title in columns.items()}
    profile = Profile(
        "T",
        "neutral",
        columns={path: FieldColumns(((ColumnChoice(x),),)) for path, x in paths.items()},
    )
    path: Path = sheets.csv(rows)
    return find_table(read(path), NEUTRAL, path, profile=profile)


def texts(table: Table, path: str) -> list[str]:
    codes, found = table.codes(path)
    return [found[code] if code >= 0 else "" for code in codes.tolist()]


def test_a_column_for_code_and_quantity_gives_an_item_for_each_entry(sheets: Any) -> None:
    table = table_of(
        sheets,
        [["Order ID", "Goods"], ["A1", "MUG x 2; TOW x 1"], ["A2", "MUG*5"]],
        items__sku="Goods",
        items__quantity="Goods",
    )

    assert texts(table, "items[].sku") == ["MUG", "TOW", "MUG"]
    assert texts(table, "items[].quantity") == ["2", "1", "5"]


@pytest.mark.parametrize(
    ("title", "sides"), [("Box", ("60", "40", "30")), ("箱规(宽*长*高)", ("40", "60", "30"))]
)
def test_a_column_for_all_sides_is_read_as_its_title_says(
    sheets: Any, title: str, sides: tuple[str, str, str]
) -> None:
    table = table_of(
        sheets,
        [["Order ID", title], ["A1", "60*40*30"]],
        boxes__length=title,
        boxes__width=title,
        boxes__height=title,
    )

    found = [texts(table, f"boxes[].{side}") for side in ("length", "width", "height")]
    assert found == [[side] for side in sides]


def test_a_second_table_below_the_orders_is_named(sheets: Any) -> None:
    rows = [["Order ID", "SKU", "Qty"], ["A1", "MUG", "1"], ["", "", ""],
            ["SKU", "Stock", ""], ["MUG", "55", ""]]  # fmt: skip

    with pytest.raises(SheetError, match="titles of another table: 'SKU', 'Stock'"):
        sheets.table(rows, NEUTRAL)
