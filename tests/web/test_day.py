"""A clerk's day, request by request: check, send, result, doubts, history."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import openpyxl
import pytest

from tests.web.conftest import Visitor

Example = Callable[..., bytes]


def checked(visitor: Visitor, content: bytes, name: str = "orders.csv") -> str:
    address = visitor.upload(name, content)
    visitor.wait(address)
    return address


def test_a_sheet_is_checked_and_sent_in_the_sandbox(visitor: Visitor, example: Example) -> None:
    address = checked(visitor, example())

    page = visitor.get(address)
    assert '<option value="scexpress" selected>' in page
    assert "<b>4</b> can be sent" in page
    plan = visitor.get(f"{address}/send")
    assert "Send 4 orders to the sandbox" in plan
    assert "Nothing real is sent." in plan

    assert visitor.post(f"{address}/send", job="2") == f"{address}/result"
    visitor.wait(address)
    result = visitor.get(f"{address}/result")
    assert "Every order was accepted. Nothing is left to do." in result
    assert "SBX-00000001" in result
    assert result.count('<span class="status accepted">accepted</span>') == 4
    book = openpyxl.load_workbook(io.BytesIO(visitor.client.get(f"{address}/result/3").content))
    assert {"Results", "orders", "Summary"} <= {*book.sheetnames}
    assert "orders.csv" in visitor.get("/history")
    assert "accepted 4" in visitor.get("/")

    assert (
        "This sheet has changed"
        in visitor.client.post(
            f"{address}/send", data={"job": "2"}, headers={"Origin": "http://127.0.0.1:8700"}
        ).text
    )  # a second tab sends nothing twice


def test_wrong_cells_are_shown_where_they_stand(visitor: Visitor, example: Example) -> None:
    content = example("Amazon ONT8,", "<script>alert(1)</script>,").replace(b"33.4", b"heavy")

    address = checked(visitor, content)

    page = visitor.get(address)
    assert "<script>alert" not in page
    assert 'form="cells" value="heavy"' in page
    assert "expected a number, found &#39;heavy&#39;" in page
    assert '<th scope="row">2</th>' in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in visitor.get(f"{address}?all=1")
    plan = visitor.get(f"{address}/send")
    assert "Send 3 orders to the sandbox" in plan


def test_a_cell_is_corrected_on_the_page(visitor: Visitor, example: Example) -> None:
    address = checked(visitor, example("33.4", "heavy"))
    page = visitor.get(address)
    (name,) = re.findall(r'<input name="([^"]+)" form="cells" value="heavy"', page)

    visitor.post(f"{address}/cells", job="2", **{name: "33.4"})
    visitor.wait(address)

    assert "<b>4</b> can be sent" in visitor.get(address)
    visitor.post(f"{address}/cells", 409, job="2", **{name: "1"})  # of an older check
    visitor.post(f"{address}/send", job="4")
    visitor.wait(address)
    book = openpyxl.load_workbook(io.BytesIO(visitor.client.get(f"{address}/result/5").content))
    cell = name.partition("!")[2]
    assert book["orders"][cell].value == "33.4"


@pytest.mark.parametrize("name", ["nosheet!A2", "orders!ZZZ2", "orders!A999", "A2", "orders!../A2"])
def test_no_cell_that_is_not_there_is_corrected(
    visitor: Visitor, example: Example, name: str
) -> None:
    address = checked(visitor, example())

    assert visitor.post(f"{address}/cells", job="2", **{name: "x"}) == address

    assert visitor.client.get(f"{address}/progress").json()["job"] == 2


def test_what_is_real_is_said_and_has_to_be_ticked(visitor: Visitor, example: Example) -> None:
    address = checked(visitor, example())
    visitor.post(f"{address}/check", provider="scexpress", where="real", then="send")
    visitor.wait(address)

    plan = visitor.get(f"{address}/send")

    assert '<p class="mode real"><strong>REAL</strong>' in plan
    assert "The account of this provider is not set up" in plan
    visitor.post(f"{address}/send", 400, job="3")  # nobody ticked that it is real
    assert "Nothing was sent so far." in visitor.get("/history")


def test_doubts_are_settled_by_a_person(visitor: Visitor, example: Example) -> None:
    address = checked(visitor, example("SCX-20251201-002", "DROP-7"))
    visitor.post(f"{address}/send", job="2")
    visitor.wait(address)
    assert "may or may not exist" in visitor.get(f"{address}/result")
    doubts = visitor.get("/settle")
    assert "DROP-7" in doubts

    visitor.post(
        f"{address}/settle", reference="DROP-7", decision="created", number="A-77", note="seen"
    )
    visitor.wait(address)

    assert "A-77" in visitor.get(f"{address}/result")


def test_the_page_speaks_the_language_of_the_browser(visitor: Visitor) -> None:
    visitor.client.headers["Accept-Language"] = "zh-CN,zh;q=0.9"

    assert "把订单表拖到本页任意位置" in visitor.get("/")
    visitor.post("/language", lang="en", here="/")
    assert "Drop order sheets anywhere on this page" in visitor.get("/")


def test_a_sheet_that_cannot_be_read_says_why(visitor: Visitor) -> None:
    address = checked(visitor, b"PK\x03\x04 nothing", "broken.xlsx")

    page = visitor.get(address)

    assert 'class="told"' in page
    assert "broken.xlsx" in page


def test_a_sheet_of_nobody_asks_for_the_provider(visitor: Visitor) -> None:
    address = checked(visitor, b"x,y\n1,2\n")

    assert "Choose the provider." in visitor.get(address)


def test_templates_come_as_files(visitor: Visitor) -> None:
    found = visitor.client.get("/templates/oms")

    book = openpyxl.load_workbook(io.BytesIO(found.content))
    assert "Orders" in book.sheetnames
    assert found.headers["content-disposition"] == 'attachment; filename="oms.xlsx"'
    visitor.get("/templates/nobody", status=404)


def test_a_sheet_is_deleted_with_its_results(visitor: Visitor) -> None:
    address = checked(visitor, b"x,y\n1,2\n")

    assert visitor.post(f"{address}/delete") == "/"

    visitor.get(address, status=404)


def test_the_story_of_an_order_and_its_late_numbers(visitor: Visitor, example: Example) -> None:
    address = checked(visitor, example())
    visitor.post(f"{address}/send", job="2")
    visitor.wait(address)
    result = visitor.get(f"{address}/result")
    link = "/story?reference=SCX-20251201-002&amp;provider=scexpress"
    assert f'href="{link}"' in result
    assert "Fetch late numbers" in result

    story = visitor.get(link.replace("&amp;", "&"))
    assert '<span class="status accepted">accepted</span>' in story
    assert "Attempt 1" in story
    assert "No journal on this machine knows" in visitor.get("/story?reference=nobody")

    visitor.post(f"{address}/refresh")
    visitor.wait(address)
    result = visitor.get(f"{address}/result")
    assert result.count('<span class="status accepted">accepted</span>') == 4
    assert f"{address}/result/4" in result
