"""Repairs of a whole sheet: sent as they are meant, listed one by one, and counted."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result

from converter.model import REPAIRS_SHEET

Run = Callable[..., Result]

ORDER = {
    "客户单号": "A-1", "渠道": "HK_TNT", "总件数": "1", "是否带电": "否", "总重量": "1",
    "包裹类型": "其它", "物品类型": "包裹", "收件人国家": "US", "收件人": "Ann Example",
    "收件人地址": "1 Main St", "收件人地址2": "", "收件人城市": "Jersey City",
    "收件人邮编": "07302", "收件人省州": "NJ", "收件人电话": "3235550100",
    "收件人邮箱": "ann@example.com", "寄件人国家": "CN", "寄件人": "Li Lei", "寄件人地址": "1 Road",
    "寄件人城市": "Shenzhen", "寄件人邮编": "518000", "寄件人省州": "Guangdong",
    "寄件人电话": "075512345678", "SKU": "S1", "中文品名": "手机壳", "英文品名": "phone case",
    "净重(KG)": "0.1", "毛重(KG)": "0.2", "数量": "2", "单位": "PCS", "申报单价": "5.5",
    "币种": "USD", "海关编码": "3926909090", "产地": "CN", "品牌": "",
}  # fmt: skip


@pytest.fixture
def sheet(home: Path) -> Callable[..., str]:
    """Writes orders that differ from the usual one, and returns the file's name."""

    def write(*changes: dict[str, str]) -> str:
        rows = [ORDER | {"客户单号": f"A-{n}"} | each for n, each in enumerate(changes, 1)]
        with (home / "orders.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, ORDER)
            writer.writeheader()
            writer.writerows(rows)
        return "orders.csv"

    return write


def sent(done: Result) -> list[dict[str, Any]]:
    bodies = [json.loads(line)["body"] for line in done.stdout.splitlines()]
    return [data for body in bodies for data in body["datas"]]


def test_what_is_certain_is_sent_as_it_is_meant(run: Run, sheet: Callable[..., str]) -> None:
    name = sheet(
        {"收件人": "JosÃ© Example", "收件人邮编": "7302", "收件人地址2": "-"},
        {"海关编码": "3926909090.0", "收件人电话": "'3235550100"},
    )

    done = run("convert", name, "-p", "scexpress")

    first, second = sent(done)
    assert done.exit_code == 0, done.stderr
    assert first["order"]["consigneename"] == "José Example"
    assert first["order"]["consigneezipcode"] == "07302"
    assert "consigneeaddress2" not in first["order"]
    assert second["items"][0]["hscode"] == "3926909090"
    assert second["order"]["consigneetel"] == "3235550100"


def test_every_repair_is_listed_and_counted(run: Run, sheet: Callable[..., str]) -> None:
    name = sheet({"收件人": "JosÃ© Example", "收件人邮编": "7302"}, {"收件人地址2": "-"})

    done = run("check", name, "-p", "scexpress", "--json")

    document = json.loads(done.stdout)
    assert [
        (one["cell"], one["code"], one["severity"], one["field"], one["value"], one["taken"])
        for one in document["repairs"]
    ] == [
        ("orders!I2", "repaired_encoding", "repaired", "order.consigneename", "JosÃ© Example",
         "José Example"),
        ("orders!M2", "repaired_postcode", "repaired", "order.consigneezipcode", "7302", "07302"),
        ("orders!K3", "repaired_placeholder", "repaired", "order.consigneeaddress2", "-", ""),
    ]  # fmt: skip
    assert any(note.startswith("Repaired: 1 × ") for note in document["notes"])
    page = openpyxl.load_workbook(document["result"])[REPAIRS_SHEET]
    assert [[cell.value for cell in row][:4] for row in page.iter_rows(min_row=2)] == [
        ["orders!I2", "收件人", "JosÃ© Example", "José Example"],
        ["orders!M2", "收件人邮编", "7302", "07302"],
        ["orders!K3", "收件人地址2", "-", None],
    ]


def test_a_result_is_a_sheet_again_with_one_list_of_repairs(
    run: Run, sheet: Callable[..., str]
) -> None:
    run("check", sheet({"收件人邮编": "7302"}), "-p", "scexpress")

    done = run("check", "orders.result.xlsx", "-p", "scexpress", "--json")

    document = json.loads(done.stdout)
    assert [one["taken"] for one in document["repairs"]] == ["07302"]
    names = openpyxl.load_workbook(document["result"]).sheetnames
    assert names == ["Results", "orders", "Repairs", "Summary"]


def test_nothing_is_said_where_nothing_was_repaired(run: Run, sheet: Callable[..., str]) -> None:
    done = run("check", sheet({}), "-p", "scexpress", "--json")

    document = json.loads(done.stdout)
    assert "repairs" not in document
    assert REPAIRS_SHEET not in openpyxl.load_workbook(document["result"]).sheetnames


@pytest.mark.parametrize(
    ("change", "cell", "code"),
    [
        ({"收件人": "N/A"}, "orders!I2", "placeholder"),
        ({"收件人": "Jos\ufffd"}, "orders!I2", "text_lost"),
        ({"收件人": "寮犱笁"}, "orders!I2", "text_garbled"),
        ({"收件人": "张三 13800000000"}, "orders!I2", "name_with_phone"),
    ],
)
def test_what_is_not_certain_is_asked(
    run: Run, sheet: Callable[..., str], change: dict[str, str], cell: str, code: str
) -> None:
    done = run("check", sheet(change), "-p", "scexpress", "--json")

    (order,) = json.loads(done.stdout)["orders"]
    assert order["status"] == "invalid"
    assert [(one["cell"], one["code"]) for one in order["issues"]] == [(cell, code)]


def test_a_sheet_made_for_the_provider_goes_as_it_was_typed(
    run: Run, sheet: Callable[..., str]
) -> None:
    row = {"收件人邮编": "00000", "收件人省州": "CA", "收件人电话": "1", "品牌": "none"}

    (request,) = sent(run("convert", sheet(row), "-p", "scexpress"))

    order = request["order"]
    assert (order["consigneezipcode"], order["consigneetel"]) == ("00000", "1")
    assert request["items"][0]["brand"] == "none"


def test_a_postcode_that_may_lack_zeros_is_looked_at(run: Run, sheet: Callable[..., str]) -> None:
    done = run(
        "check", sheet({"收件人邮编": "7302", "收件人省州": "CA"}), "-p", "scexpress", "--json"
    )

    (order,) = json.loads(done.stdout)["orders"]
    assert (order["status"], order["look"]) == ("valid", True)


def test_a_reference_stays_as_it_is(run: Run, sheet: Callable[..., str]) -> None:
    done = run("convert", sheet({"客户单号": "1001.0"}), "-p", "scexpress")

    assert sent(done)[0]["order"]["customernumber1"] == "1001.0"


CHINESE = {
    "收件人国家": "CN", "收件人地址": "浙江省杭州市西湖区示例路1号", "收件人邮编": "310000",
    "收件人省州": "", "收件人城市": "", "收件人": "张三", "收件人电话": "13800000000",
}  # fmt: skip


def receiver(order: dict[str, Any]) -> tuple[str | None, ...]:
    names = ("name", "tel", "province", "city", "area", "address1")
    return tuple(order["order"].get(f"consignee{name}") for name in names)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"收件人省州": "浙江", "收件人城市": ""},
        {"收件人省州": "浙江省/杭州市/西湖区", "收件人地址": "示例路1号"},
        {"收件人地址": "浙江省 杭州市 西湖区 示例路1号(310000)", "收件人邮编": "310000"},
        {
            "收件人": "",
            "收件人电话": "",
            "收件人地址": "张三13800000000浙江省杭州市西湖区示例路1号",
        },
        {"收件人地址": "浙江杭州西湖区示例路1号"},
    ],
)
def test_a_chinese_address_is_taken_apart(
    run: Run, sheet: Callable[..., str], change: dict[str, str]
) -> None:
    done = run("convert", sheet(CHINESE | change), "-p", "scexpress")

    assert done.exit_code == 0, done.stderr
    name, phone, province, *rest = receiver(sent(done)[0])
    assert (name, phone, *rest) == ("张三", "13800000000", "杭州市", "西湖区", "示例路1号")
    assert province in ("浙江省", change.get("收件人省州"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"收件人省州": "江苏省", "收件人城市": "南京市"}, "address_differs"),
        ({"收件人地址": "西湖区示例路1号"}, "address_unclear"),
        (
            {"收件人": "", "收件人电话": "",
             "收件人地址": "浙江省杭州市西湖区示例路1号张三13800000000"},
            "contact_unclear",
        ),
    ],
)  # fmt: skip
def test_a_chinese_address_that_is_not_certain_is_asked_about(
    run: Run, sheet: Callable[..., str], change: dict[str, str], code: str
) -> None:
    done = run("check", sheet(CHINESE | change), "-p", "scexpress", "--json")

    (order,) = json.loads(done.stdout)["orders"]
    assert code in [one["code"] for one in order["issues"]]


def test_an_address_stays_as_it_is_where_nothing_is_missing(
    run: Run, sheet: Callable[..., str]
) -> None:
    row = CHINESE | {"收件人省州": "浙江省", "收件人城市": "杭州市"}

    done = run("convert", sheet(row), "-p", "scexpress")

    assert receiver(sent(done)[0])[2:] == ("浙江省", "杭州市", None, CHINESE["收件人地址"])


def test_an_address_makes_up_for_columns_that_are_not_there(run: Run, home: Path) -> None:
    left_out = ("收件人省州", "收件人城市", "收件人", "收件人电话")
    titles = [title for title in ORDER if title not in left_out]
    row = ORDER | CHINESE | {"收件人地址": "张三 13800000000 浙江省杭州市西湖区示例路1号"}
    with (home / "orders.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([titles, [row[title] for title in titles]])

    done = run("convert", "orders.csv", "-p", "scexpress")

    assert done.exit_code == 0, done.stderr
    assert receiver(sent(done)[0]) == (
        "张三", "13800000000", "浙江省", "杭州市", "西湖区", "示例路1号"
    )  # fmt: skip


def test_columns_that_no_address_makes_up_for_are_still_missing(run: Run, home: Path) -> None:
    titles = [title for title in ORDER if title != "收件人城市"]
    with (home / "orders.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([titles, [ORDER[title] for title in titles]])

    done = run("convert", "orders.csv", "-p", "scexpress")

    assert done.exit_code == 2
    assert "收件人城市" in done.stderr


@pytest.mark.parametrize(
    ("change", "path", "value"),
    [
        ({"数量": "2件"}, ("items", 0, "quantity"), 2),
        ({"净重(KG)": "150g"}, ("items", 0, "weight"), 0.15),
        ({"申报单价": "$5.50"}, ("items", 0, "price"), 5.5),
        ({"申报单价": "5,50"}, ("items", 0, "price"), 5.5),
        ({"收件人国家": "Vereinigte Staaten"}, ("order", "countrycode"), "US"),
        ({"币种": "US$"}, ("items", 0, "declarecurrency"), "USD"),
        ({"申报单价": "US$5.50", "币种": ""}, ("items", 0, "declarecurrency"), "USD"),
    ],
)
def test_a_wording_is_sent_as_it_is_meant(
    run: Run, sheet: Callable[..., str], change: dict[str, str], path: tuple[Any, ...], value: Any
) -> None:
    done = run("convert", sheet(change), "-p", "scexpress")

    assert done.exit_code == 0, done.stderr
    found: Any = sent(done)[0]
    for step in path:
        found = found[step]
    assert found == value


def test_a_weight_in_a_column_of_another_unit_is_converted_once(run: Run, home: Path) -> None:
    row = {**ORDER, "净重(KG)": "500", "毛重(KG)": "0.6kg"}
    titles = [title.replace("净重(KG)", "净重(g)") for title in row]
    with (home / "orders.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([titles, [*row.values()], [
            {"净重(KG)": "0.5kg", "客户单号": "A-2"}.get(title, value)
            for title, value in row.items()
        ]])  # fmt: skip

    done = run("convert", "orders.csv", "-p", "scexpress")

    assert [one["items"][0]["weight"] for one in sent(done)] == [0.5, 0.5]
