"""Chinese addresses taken apart, and the cells that hold a receiver as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.repairs import regions
from converter.repairs.contacts import Contact, apart, is_contact
from converter.repairs.regions import divide

TABLE = json.loads((Path(regions.__file__).parent / "divisions.json").read_text(encoding="utf-8"))[
    "provinces"
]
PLACES = [
    (province, city, district)
    for province, cities in TABLE.items()
    for city, districts in cities.items()
    for district in districts
]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("浙江省杭州市西湖区示例街道1号2幢301室", "浙江省|杭州市|西湖区|示例街道1号2幢301室"),
        ("浙江省 杭州市 西湖区 示例路1号", "浙江省|杭州市|西湖区|示例路1号"),
        ("浙江杭州西湖区示例路1号", "浙江省|杭州市|西湖区|示例路1号"),
        ("浙江杭州市西湖区示例路1号", "浙江省|杭州市|西湖区|示例路1号"),
        ("浙江省/杭州市/西湖区", "浙江省|杭州市|西湖区|"),
        ("浙江省-杭州市-西湖区", "浙江省|杭州市|西湖区|"),
        ("浙江省,杭州市,西湖区", "浙江省|杭州市|西湖区|"),
        ("浙江省>杭州市>西湖区", "浙江省|杭州市|西湖区|"),
        ("浙江省/杭州市/西湖区/示例街道", "浙江省|杭州市|西湖区|示例街道"),
        ("北京市朝阳区示例路1号", "北京市|北京市|朝阳区|示例路1号"),
        ("北京朝阳区示例路1号", "北京市|北京市|朝阳区|示例路1号"),
        ("北京北京市朝阳区示例路1号", "北京市|北京市|朝阳区|示例路1号"),
        ("北京市市辖区朝阳区示例路1号", "北京市|北京市|朝阳区|示例路1号"),
        ("重庆市忠县示例路1号", "重庆市|重庆市|忠县|示例路1号"),
        ("广东省东莞市示例镇示例路1号", "广东省|东莞市||示例镇示例路1号"),
        ("海南省儋州市示例镇1号", "海南省|儋州市||示例镇1号"),
        ("湖北省仙桃市示例路1号", "湖北省|仙桃市||示例路1号"),
        ("湖北省省直辖县级行政区划仙桃市示例路1号", "湖北省|仙桃市||示例路1号"),
        ("新疆维吾尔自治区伊犁哈萨克自治州伊宁市示例路1号",
         "新疆维吾尔自治区|伊犁哈萨克自治州|伊宁市|示例路1号"),
        ("湖北恩施州恩施市示例路1号", "湖北省|恩施土家族苗族自治州|恩施市|示例路1号"),
        ("杭州市西湖区示例路1号", "浙江省|杭州市|西湖区|示例路1号"),
        ("江苏省昆山市示例路1号", "江苏省|苏州市|昆山市|示例路1号"),
        ("浙江省杭州市西湖区浙江省杭州市西湖区示例路1号", "浙江省|杭州市|西湖区|示例路1号"),
        ("中国浙江省杭州市西湖区示例路1号", "浙江省|杭州市|西湖区|示例路1号"),
        ("西湖区示例路1号", None),
        ("北京路1号", None),
        ("江苏南京路1号", None),
        ("香港九龙示例道1号", None),
        ("1 Example St", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_parts_of_an_address(text: str, parts: str | None) -> None:
    found = divide(text)

    shown = found and "|".join((found.province, found.city, found.district, found.rest))
    assert shown == parts


@given(st.sampled_from(PLACES), st.sampled_from(["", " ", "/", "-"]))
def test_what_is_joined_again_has_lost_nothing(place: tuple[str, str, str], gap: str) -> None:
    province, city, district = place
    parts = [*dict.fromkeys(filter(None, (province, city, district)))]

    found = divide(gap.join([*parts, "示例路1号"]))

    assert found is not None
    assert (found.province, found.rest) == (province, "示例路1号")
    # A county that is its own city has no district.
    assert (found.city, found.district) == ((city, district) if city else (district, ""))


@pytest.mark.parametrize(
    "text",
    [
        "张三，13800000000，浙江省杭州市西湖区示例路1号",
        "张三 13800000000 浙江省杭州市西湖区示例路1号",
        "13800000000 张三 浙江省杭州市西湖区示例路1号",
        "浙江省杭州市西湖区示例路1号 张三 13800000000",
        "浙江省杭州市西湖区示例路1号 13800000000 张三",
        "张三 浙江省杭州市西湖区示例路1号 13800000000",
        "张三13800000000浙江省杭州市西湖区示例路1号",
        "收件人：张三\n手机号码：13800000000\n所在地区：浙江省杭州市西湖区\n详细地址：示例路1号",
        "姓名：张三 电话：13800000000 地址：浙江省杭州市西湖区示例路1号",
        "收 货 人 ：张三；联系方式: 13800000000；收货地址：浙江省杭州市西湖区示例路1号",
    ],
)
def test_a_receiver_in_one_cell(text: str) -> None:
    assert is_contact(text)
    assert apart(text) == Contact("张三", "13800000000", "浙江省杭州市西湖区示例路1号")


def test_a_postcode_and_the_extension_of_a_number_are_kept() -> None:
    text = "张三[1234] 18400000000-1234 浙江省-杭州市-西湖区-示例街道 示例路1号 310000"
    address = "浙江省-杭州市-西湖区-示例街道 示例路1号"

    assert apart(text) == Contact("张三[1234]", "18400000000-1234", address, "310000")


@pytest.mark.parametrize(
    "text",
    [
        "浙江省杭州市西湖区示例路1号张三13800000000",
        "张三 13800000000 李四 13900000000 浙江省杭州市西湖区示例路1号",
        "张三 13800000000 示例路1号",
        "麻烦发一下 张三 13800000000 浙江省杭州市西湖区示例路1号",
        "张三 李四 13800000000 浙江省杭州市西湖区示例路1号",
        "收件人：张三 收件人：李四 地址：浙江省杭州市西湖区示例路1号",
        "浙江省杭州市西湖区示例路1号",
    ],
)
def test_what_is_not_certain_is_not_taken_apart(text: str) -> None:
    assert apart(text) is None
