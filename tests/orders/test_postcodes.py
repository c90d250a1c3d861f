"""Postcodes without their leading zeros cause a warning and are sent unchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

FIELDS = """
  - {path: ref, title: {zh: 单号, en: Reference}, required: true}
  - {path: to.country, title: {zh: 国家, en: Country}, type: country}
  - {path: to.zip, title: {zh: 邮编, en: Postcode}, postcode_of: to.country}
  - {path: "items[].sku", title: {zh: 编码, en: SKU}}
"""


@pytest.mark.parametrize(
    ("country", "code", "digits"),
    [
        pytest.param("US", "2108", "5", id="Boston"),
        pytest.param("美国", "602", "5", id="by its name"),
        pytest.param("DE", "1067", "5", id="Dresden"),
        pytest.param("CN", "10000", "6", id="six digits"),
        pytest.param("JP", "600000", "7", id="Sapporo"),
        pytest.param("US", "02108", "", id="whole"),
        pytest.param("US", "02108-1234", "", id="with its extension"),
        pytest.param("GB", "1234", "", id="where letters belong to it"),
        pytest.param("NL", "1012", "", id="where nobody counts"),
        pytest.param("", "2108", "", id="without a country"),
        pytest.param("US", "", "", id="none"),
    ],
)
def test_a_short_postcode_is_a_warning(
    sheets: Any, mapping_with: Callable[..., Any], country: str, code: str, digits: str
) -> None:
    mapping = mapping_with(fields=FIELDS, reference="ref", lists="{items: {}}")
    table = [["单号", "国家", "邮编", "编码"], ["R1", country, code, "S1"]]

    found = [issue for issue in sheets.issues(table, mapping) if "postcode" in issue]

    expected = f"has {digits} digits, found '{code}': leading zeros may be lost."
    assert len(found) == bool(digits)
    assert all(issue.startswith("Warning: Orders!C2 邮编: ") for issue in found)
    assert all(expected in issue for issue in found)
