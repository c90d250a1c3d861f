"""Example orders: what the program makes up, and what it ships."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from converter.checks import values
from converter.mapping import standards
from converter.mapping.load import available_mappings, find_mapping, load_mapping
from converter.mapping.model import ProviderMapping
from converter.mapping.shipped import shipped_folder
from converter.sheet_template import examples
from converter.sheet_template.examples import Row

DATA = shipped_folder("templates") / "data"


def load(provider: str) -> ProviderMapping:
    return load_mapping(find_mapping(provider))


def check_cells(mapping: ProviderMapping, rows: Sequence[Row]) -> None:
    """Each cell by itself; the pipeline's tests check whole orders."""
    for row in rows:
        for path, text in row.items():
            spec = mapping.field(path)
            value = values.parser(spec, {"time_zone": "Asia/Shanghai"})(text)

            assert not isinstance(value, values.Problem), (path, text)
            assert spec.max is None or len(str(value)) <= spec.max, (path, text)
            if spec.format:
                assert standards.FORMATS[spec.format].fullmatch(text), (path, text)
            if "@" in text:
                assert text.endswith("@example.com")


@pytest.mark.parametrize("provider", sorted(available_mappings()))
def test_example_orders_fit_their_own_mapping(provider: str) -> None:
    check_cells(load(provider), examples.made(load(provider)))


@pytest.mark.parametrize("name", sorted(path.stem for path in DATA.glob("*.csv")))
def test_example_data_fit_their_mapping(name: str) -> None:
    mapping = load(name.split(".")[0])
    rows = examples.read(DATA / f"{name}.csv", mapping)

    check_cells(mapping, rows)
    orders = {row[mapping.order.reference] for row in rows}
    assert len(orders) >= 3
    assert len(rows) > len(orders) or "trouble" in name


def test_sandbox_trouble_has_one_order_for_each_kind() -> None:
    from converter.sandbox import TROUBLE

    mapping = load("scexpress")
    rows = examples.read(DATA / "scexpress.sandbox-trouble.csv", mapping)

    first, *middle, last = [row[mapping.order.reference] for row in rows]
    assert (first, last) == ("GOOD-1", "GOOD-2")
    assert sorted(middle) == sorted(f"{word}-1" for word in TROUBLE)


@pytest.mark.parametrize(
    ("provider", "path"),
    [
        pytest.param("platform1688", "cargoParamList[].supplier", id="1688 suppliers"),
        pytest.param("pandapon", "cargoParamList[].sellerOpenId", id="pandapon sellers"),
    ],
)
def test_examples_show_an_order_of_two_sellers(provider: str, path: str) -> None:
    mapping = load(provider)
    rows = examples.read(DATA / f"{provider}.csv", mapping)

    first = rows[0][mapping.order.reference]
    sellers = {row[path] for row in rows if row[mapping.order.reference] == first}
    assert len(sellers) == 2
