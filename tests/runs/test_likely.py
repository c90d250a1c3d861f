"""Whom a sheet is for, where nobody says so or another provider is meant."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from converter import sheet
from converter.errors import SheetError
from converter.mapping.load import find_mapping, load_mapping
from converter.mapping.shipped import shipped_folder
from converter.messages import translate
from converter.runs.likely import ask_for_provider, fits
from converter.runs.prepare import prepare_sheet
from converter.settings import Settings

OMS = shipped_folder("templates") / "data" / "oms.csv"
SHOPIFY = Path(__file__).parents[1] / "exports" / "shopify.csv"


def question(path: Path, lang: str = "en") -> str:
    error = ask_for_provider(path, only=None, encoding=None, folder=None)
    return translate(error.message, lang)


def test_the_likeliest_provider_comes_first() -> None:
    found = fits(sheet.read(OMS), OMS)

    assert [(fit.provider, fit.missing) for fit in found][:2] == [("oms", 0), ("apicenter", 1)]


def test_without_a_provider_the_likely_ones_are_listed() -> None:
    assert question(OMS).splitlines()[:3] == [
        "Who is oms.csv for? Choose with -p NAME:",
        "  oms: every required column is there",
        "  apicenter: 1 required column is missing",
    ]


def test_an_export_is_called_by_its_name() -> None:
    assert question(SHOPIFY).startswith(
        "Shopify orders export: 2 orders, 3 items. Who is shopify.csv for?"
    )
    assert question(SHOPIFY, "zh").startswith("Shopify 订单导出：2 个订单，3 个商品。")


def test_a_sheet_of_nobody_is_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("alpha,beta\n1,2\n")

    assert question(path) == "prices.csv fits no provider. Choose one with -p NAME."


def refused(path: Path, provider: str) -> str:
    mapping = load_mapping(find_mapping(provider))
    with pytest.raises(SheetError) as error:
        prepare_sheet(
            path, mapping, cast(Settings, SimpleNamespace(values={})), only=None, lang="en"
        )
    return str(error.value)


def test_a_sheet_for_another_provider_is_told_so() -> None:
    assert "Did you mean -p oms?" in refused(OMS, "scexpress")


def test_the_export_of_a_shop_is_for_no_provider_in_particular() -> None:
    assert "Did you mean" not in refused(SHOPIFY, "scexpress")
