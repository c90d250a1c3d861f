"""A product table fills blank declared data by SKU, and is named where it cannot."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from converter.errors import SheetError, UsageError
from converter.mapping.load import find_mapping, load_mapping
from converter.products.table import read_products
from converter.profiles import store
from converter.profiles.model import Profile

Run = Callable[..., Result]
Write = Callable[..., str]

SCEXPRESS = load_mapping(find_mapping("scexpress"))
ORDER = {
    "客户单号": "A-1", "渠道": "HK_TNT", "总件数": "1", "是否带电": "否", "总重量": "1",
    "包裹类型": "其它", "物品类型": "包裹", "收件人国家": "US", "收件人": "Ann",
    "收件人地址": "1 Main St",
    "收件人城市": "LA", "收件人邮编": "90001", "收件人省州": "CA", "收件人电话": "3235550100",
    "收件人邮箱": "ann@example.com", "寄件人国家": "CN", "寄件人": "Li Lei", "寄件人地址": "1 Road",
    "寄件人城市": "Shenzhen", "寄件人邮编": "518000", "寄件人省州": "Guangdong",
    "寄件人电话": "075512345678",
}  # fmt: skip
PRODUCTS = [
    [
        "SKU", "中文品名", "英文品名", "净重(g)", "毛重(KG)", "申报单价(USD)", "海关编码", "产地",
        "单位",
    ],
    ["007", "手机壳", "phone case", "100", "0.2", "5.5", "3926909090", "中国", "PCS"],
    ["mug-1", "杯子", "mug", "250", "0.3", "3", "6912001000", "CN", "PCS"],
]  # fmt: skip


@pytest.fixture
def write(home: Path, sheets: Any) -> Write:
    def file(name: str, rows: list[list[str]]) -> str:
        (home / name).write_bytes(sheets.xlsx(rows).read_bytes())
        return name

    return file


@pytest.fixture
def order_sheet(write: Write) -> Write:
    """Writes a sheet with one item in each row, in one order."""

    def file(titles: list[str], *items: list[str]) -> str:
        rows = [[*ORDER, *titles], *([*ORDER.values(), *item] for item in items)]
        return write("orders.xlsx", rows)

    return file


def items_of(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == 0, done.stderr
    body = json.loads(done.stdout.splitlines()[0])["body"]
    found: list[dict[str, Any]] = body["datas"][0]["items"]
    return found


def test_blank_data_come_from_the_table_and_typed_cells_win(
    run: Run, write: Write, order_sheet: Write
) -> None:
    write("products.xlsx", PRODUCTS)
    sheet = order_sheet(["SKU", "数量", "英文品名"], ["007", "2", ""], ["ＭＵＧ-1", "1", "big mug"])

    done = run("convert", sheet, "-p", "scexpress", "--products", "products.xlsx")

    first, second = items_of(done)
    assert first == {
        "skucode": "007", "cnname": "手机壳", "enname": "phone case", "weight": 0.1,
        "mweight": 0.2, "quantity": 2, "quantityunit": "PCS", "price": 5.5,
        "declarecurrency": "USD", "hscode": "3926909090", "origin": "CN",
    }  # fmt: skip
    assert (second["enname"], second["weight"], second["price"]) == ("big mug", 0.25, 3)
    assert "17 values of 2 items come from products.xlsx: " in done.stderr


def test_words_that_stand_for_nothing_are_blank_cells(
    run: Run, write: Write, order_sheet: Write
) -> None:
    write("products.xlsx", PRODUCTS)
    sheet = order_sheet(["SKU", "数量", "中文品名", "英文品名"], ["007", "2", "-", "N/A"])

    done = run("convert", sheet, "-p", "scexpress", "--products", "products.xlsx")

    (item,) = items_of(done)
    assert (item["cnname"], item["enname"]) == ("手机壳", "phone case")


def test_zeros_of_an_sku_count(run: Run, write: Write, order_sheet: Write) -> None:
    write("products.xlsx", PRODUCTS)

    done = run(
        "check", order_sheet(["SKU", "数量"], ["7", "2"]), "-p", "scexpress",
        "--products", "products.xlsx", "--json",
    )  # fmt: skip

    assert done.exit_code == 1
    (issue,) = json.loads(done.stdout)["orders"][0]["issues"]
    assert (issue["code"], issue["cell"], issue["value"]) == ("product_unknown", "Orders!W2", "7")
    assert (
        issue["message"]
        == (
            "SKU: expected an SKU of products.xlsx, found '7', and these are blank: Chinese name, "
            "English name, Net weight (kg), Gross weight (kg), Unit, Declared unit price, HS code, "
            "Origin. Add the SKU there, or fill them in here."
        )
        or "Declared currency" in issue["message"]
    )


def test_what_the_table_lacks_or_has_wrong_names_its_row(
    run: Run, write: Write, order_sheet: Write
) -> None:
    rows = [PRODUCTS[0], ["007", "手机壳", "", "light", "0.2", "5.5", "39", "中国", "PCS"]]
    write("products.xlsx", rows)

    done = run(
        "check", order_sheet(["SKU", "数量"], ["007", "2"]), "-p", "scexpress",
        "--products", "products.xlsx",
    )  # fmt: skip

    assert done.exit_code == 1
    assert (
        "Orders!W2 SKU: products.xlsx has no English name for this SKU in row 2, and the sheet has "
        "none. Fill it in at either place."
    ) in done.stderr
    assert (
        "Orders!W2 Net weight (kg) (products.xlsx, D2): expected a number, found 'light'."
    ) in done.stderr


def test_a_price_in_another_currency_than_the_order_is_asked_about(
    run: Run, write: Write, order_sheet: Write
) -> None:
    write("products.xlsx", PRODUCTS)

    done = run(
        "check", order_sheet(["SKU", "数量", "币种类型"], ["007", "2", "欧元"]), "-p", "scexpress",
        "--products", "products.xlsx",
    )  # fmt: skip

    assert done.exit_code == 1
    assert (
        "the price in products.xlsx is in USD, but the order says EUR. Make the two agree."
    ) in done.stderr


def test_a_fixed_value_wins_over_the_table_of_a_profile(
    run: Run, home: Path, write: Write, order_sheet: Write
) -> None:
    write("products.xlsx", PRODUCTS)
    fixed = {"items[].origin": "VN"}
    profile = Profile("P", "scexpress", fixed=fixed, product_table=str(home / "products.xlsx"))
    store.keep(home / "home", profile)
    sheet = order_sheet(["SKU", "数量"], ["007", "2"])

    (item,) = items_of(run("convert", sheet, "-p", "scexpress", "--profile", "P"))

    assert (item["origin"], item["hscode"]) == ("VN", "3926909090")


def test_a_csv_with_other_titles_and_totals(home: Path) -> None:
    text = "SKU Code,HSCode,Weight,Qty\nA1,3926909090,1,9\nA1,3926909090,1,9\n"
    (home / "p.csv").write_text(text, encoding="utf-8")
    (home / "q.csv").write_text(text.replace("Weight", "Net weight (kg)"), encoding="utf-8")

    with pytest.raises(SheetError, match=r"can mean several things: .*Net weight"):
        read_products(home / "p.csv", SCEXPRESS)
    products = read_products(home / "q.csv", SCEXPRESS)

    assert products.provided == {"items[].weight", "items[].hscode"}
    assert (products.lines, products.place("a1", "items[].hscode")) == ({"a1": 0}, "q.csv, B2")


def test_two_rows_of_one_sku_that_differ_are_refused(write: Write) -> None:
    rows = [*PRODUCTS, ["ＭＵＧ-1", *PRODUCTS[2][1:-1], "BOX"]]

    with pytest.raises(SheetError) as caught:
        read_products(Path(write("products.xlsx", rows)), SCEXPRESS)

    assert caught.value.args[0] == (
        "products.xlsx: two rows of one SKU have different data: ＭＵＧ-1 (3, 4). "
        "Correct or delete one of each two rows. [PRODUCT_TWICE]"
    )


def test_a_table_that_is_not_there(home: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no product table .*x.xlsx"):
        read_products(home / "x.xlsx", SCEXPRESS)
