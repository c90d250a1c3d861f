"""The tab on which a person says which column is which field."""

from __future__ import annotations

import html
import io
import re

import openpyxl
import pytest

import converter
from tests.web.conftest import Visitor

SHEET = (
    "Our no,Amazon号,FBA warehouse,渠道,箱子长,Extra\n"
    "PO-1,FBA1,ONT8,CH1,40,first\nPO-2,FBA2,ONT8,CH1,41,second\n"
)


@pytest.fixture
def address(visitor: Visitor) -> str:
    found = visitor.upload("shop.csv", SHEET.encode())
    visitor.wait(found)
    visitor.post(f"{found}/check", provider="scexpress")
    visitor.wait(found)
    return found


def field(page: str, title: str, kind: str = "column") -> str:
    """The name of the box of a field, by its title."""
    row = re.search(rf'<tr><th scope="row">{re.escape(title)}.*?</tr>', page, re.DOTALL)
    assert row
    found = re.search(rf'name="({kind}:[^"]+)"', row[0])
    assert found
    return html.unescape(found[1])


def test_columns_are_said_once_and_known_the_next_time(visitor: Visitor, address: str) -> None:
    assert f'href="{address}/columns"' in visitor.get(address)
    page = visitor.get(f"{address}/columns")
    (token,) = re.findall(r'name="form" value="([0-9a-f]{16})"', page)
    assert "Columns that no field takes" in page
    assert "first | second" in page

    visitor.post(
        f"{address}/columns",
        form=token,
        **{"layout:name": "Shop", field(page, "Customer ref. 1"): "Our no"},
        **{field(page, "Order note", "fixed"): "-1+1 always"},
    )
    visitor.wait(address)

    (kept,) = converter.list_profiles()
    assert kept.name == "Shop"
    assert [str(c) for c in kept.columns["order.customernumber1"].alternatives[0]] == ["Our no"]
    assert "-1+1 always" in kept.fixed.values()
    assert "<option selected>Shop</option>" in visitor.get(address)
    again = visitor.upload("shop.csv", SHEET.encode())
    visitor.wait(again)
    visitor.post(f"{again}/check", provider="scexpress")
    visitor.wait(again)
    assert "Our no" in visitor.get(f"{again}/columns")


def test_what_cannot_be_kept_names_the_field(visitor: Visitor, address: str) -> None:
    page = visitor.get(f"{address}/columns")
    (token,) = re.findall(r'name="form" value="([0-9a-f]{16})"', page)
    origin = {"Origin": "http://127.0.0.1:8700"}

    fields = {"form": token, field(page, "Customer ref. 1"): "Nowhere"}
    refused = visitor.client.post(f"{address}/columns", data=fields, headers=origin)

    assert refused.status_code == 400
    assert "Customer ref. 1: the sheet has no column" in html.unescape(refused.text)
    assert "Nowhere</option>" in refused.text  # what was chosen is still there
    assert converter.list_profiles() == []


def test_the_same_comes_as_a_workbook(visitor: Visitor, address: str) -> None:
    (token,) = re.findall(r'name="form" value="([0-9a-f]{16})"', visitor.get(f"{address}/columns"))

    found = visitor.client.get(f"{address}/columns/{token}")

    assert "Fields" in openpyxl.load_workbook(io.BytesIO(found.content)).sheetnames
    visitor.get(f"{address}/columns/0123456789abcdef", status=404)
    visitor.post(f"{address}/columns", 409, form="../../secret")
