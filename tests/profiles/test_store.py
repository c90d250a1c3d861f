"""Profiles as files: what is written is read again, and what cannot be used is told."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from converter.errors import UsageError
from converter.profiles import store
from converter.profiles.model import ColumnChoice, FieldColumns, LeftOut, Profile

UK = Profile(
    "Shopify UK",
    "oms",
    "uk",
    titles=("Name", "Art", "Art"),
    columns={"itemDTOs[].sku": FieldColumns(((ColumnChoice("Art", 2),),), numbered=True)},
    fixed={"shippingMethodCode": "UPS"},
    words={"shippingMethodCode": {"Economy": "HK_TNT"}},
    ignored=frozenset(("Vendor", "Tags")),
    header_row=3,
    date_order="day first",
    product_table="products.xlsx",
    sheets=("Orders",),
    leave_out=(LeftOut(ColumnChoice("", letter="C"), ("cancelled",)),),
)


@pytest.mark.parametrize("name", ["Shopify UK", "店铺/英国", "CON.", "../up", "  "])
def test_a_profile_is_read_as_it_was_kept(tmp_path: Path, name: str) -> None:
    profile = Profile(**{**vars(UK), "name": name})

    path = store.keep(tmp_path, profile)

    assert path.parent == tmp_path / "profiles"
    assert store.read_file(path) == profile
    assert store.find(tmp_path, name.upper()) == profile


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    path = store.keep(tmp_path / "home", UK)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_profile_takes_the_place_of_one_of_the_same_name(tmp_path: Path) -> None:
    store.keep(tmp_path, UK)
    store.keep(tmp_path, Profile("shopify uk", "oms"))

    assert [one.name for one in store.kept(tmp_path)[0]] == ["shopify uk"]


def test_the_hash_is_of_what_it_says_and_not_of_its_name() -> None:
    renamed = Profile(**{**vars(UK), "name": "other"})
    changed = Profile(**{**vars(UK), "header_row": 4})

    assert store.sha256(renamed) == store.sha256(UK) != store.sha256(changed)


def test_deleting_and_looking_for_what_is_not_there(tmp_path: Path) -> None:
    store.keep(tmp_path, UK)
    with pytest.raises(UsageError, match=r"There is no profile 'x'. The kept ones are: Shopify UK"):
        store.find(tmp_path, "x")
    with pytest.raises(
        UsageError, match=r"The profile 'Shopify UK' is for oms. Use one for pandap"
    ):
        store.find(tmp_path, "Shopify UK", "pandapon")

    assert store.delete(tmp_path, "shopify uk") == UK
    with pytest.raises(UsageError, match=r"There is no profile 'Shopify UK'. `converter profile"):
        store.find(tmp_path, "Shopify UK")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("x", "is no profile of this program, or it is damaged", id="no JSON"),
        pytest.param("[]", "is no profile of this program, or it is damaged", id="a list"),
        pytest.param('{"format": 9}', "was made by a newer version of this program", id="newer"),
        pytest.param('{"format": 1, "name": "x"}', "provider: Field required", id="incomplete"),
        pytest.param(
            '{"format": 1, "name": "x", "provider": "y", "fixed": {"a": 1}}',
            "fixed.a: Input should be a valid string",
            id="a number",
        ),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: str, problem: str) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "x.json").write_text(text, encoding="utf-8")
    store.keep(tmp_path, UK)

    found, (fault,) = store.kept(tmp_path)

    assert found == [UK]
    assert problem in fault.message
