"""Sheets as people really send them, one of each family: the same payloads as the clean sheet.

The letters are those of the template families in order sheets: A a forwarder's form with a block
of labels, B one row per waybill, C to E numbered items, F and G box lines, I a merged export, J to
M shop and warehouse sheets, N customs titles in two languages, O English bookings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from converter.mapping.model import ProviderMapping
from tests.layout.providers_sheets import (
    NUMBERED_C,
    OMS,
    OMS_CLEAN,
    SC,
    SC_CLEAN,
    SC_ORDER,
    Rows,
    boxed,
    first_row_only,
    line,
    payloads,
    sc_rows,
    titled,
    with_columns,
    without,
)


def form_a() -> Rows:
    """Labels with their values above, the table of boxes and items on row 18."""
    above: Rows = [["单票运单导入模板"], []]
    labels = {
        "客户订单号*:": "T1", "服务*:": "HK_TNT", "是否带电*：": "否", "包裹类型:": "其它",
        "物品类型:": "包裹", "收件人国家代码(二字代码)*:": "US", "收件人姓名*:": "Ann Roe",
        "收件人地址一*:": "1 Main St", "收件人城市:": "Los Angeles", "收件人邮编:": "90001",
        "收件人省份/州:": "CA", "收件人电话:": "3235550100", "收件人邮箱:": "ann@example.com",
        "发件人国家代码(二字代码)*:": "CN", "发件人姓名*:": "Li Lei",
        "发件人地址一*:": "1 Example Road",
        "发件人城市*:": "Shenzhen", "发件人邮编*:": "518000", "发件人省份/州*:": "Guangdong",
        "发件人电话:": "075500000000", "总件数*:": 2, "总实重*:": "5", "店铺:": "Shop 1",
        "备注:": None,
    }  # fmt: skip
    given = list(labels.items())
    above += [
        [label, value, None, given[at + 1][0], given[at + 1][1]]
        for at, (label, value) in enumerate(given)
        if at % 2 == 0
    ]
    above += [[]] * (17 - len(above))
    titles = ["货箱编号*", "箱数", "货箱重量(KG)", "货箱长度(CM)", "货箱宽度(CM)", "货箱高度(CM)",
              "产品英文品名*", "产品中文品名*", "产品申报单价*", "产品申报数量*", "申报币种",
              "单位",
              "产品海关编码", "产品SKU", "产品重量(kg)", "毛重(KG)", "原产国"]  # fmt: skip
    box = [1, "2.5", 50, 40, 30]
    item = ["PCS", "9608100000"]
    return [
        *above,
        titles,
        ["B1", *box, "pen", "笔", "1.25", 2, "USD", *item, "PEN-01", "0.5", "0.55", "CN"],
        ["B2", *box, "pen", "笔", "1.25", 1, "USD", *item, "INK-02", "0.5", "0.55", "CN"],
    ]


A_CLEAN = sc_rows(
    line("T1", "PEN-01", 2, **boxed("B1"), **{"总件数": 2, "预报总重量(KG)": "5"}),
    line("T1", "INK-02", 1, **boxed("B2"), **{"总件数": 2, "预报总重量(KG)": "5"}),
)
SC_NUMBERED: Rows = [
    [*SC_ORDER, "客户参考号1", "总件数", "总实重", "中文品名1", "英文品名1", "SKU1", "数量1",
     "申报单价1", "单位净重(kg)1", "毛重1(g)", "中文品名2", "英文品名2", "SKU2", "数量2",
     "申报单价2",
     "单位净重(kg)2", "毛重2(g)", "单位", "海关编码", "申报币种", "原产国"],
    [*SC_ORDER.values(), "T1", 1, "2.5", "笔", "pen", "PEN-01", 2, "1.25", "0.5", 550, "笔", "pen",
     "INK-02", 1, "1.25", "0.5", 550, "PCS", "9608100000", "USD", "CN"],
    [*SC_ORDER.values(), "T2", 1, "2.5", "笔", "pen", "CUP-03", 5, "1.25", "0.5", 550, None, None,
     None, None, None, None, None, "PCS", "9608100000", "USD", "CN"],
]  # fmt: skip

SHAPES = [
    pytest.param(SC, lambda: form_a(), A_CLEAN, id="A: labels above the items"),
    pytest.param(
        SC,
        lambda: titled(
            SC_CLEAN, 客户参考号1="客户单号(文本格式)", **{"总件数": "件数",
            "预报总重量(KG)": "总实重"},
            收件人国家编码="目的地国家", 收件人省州="省份/洲名简码", 收件人城市="城市",
            收件人邮编="邮编",
            收件人名称="收件人姓名", 寄件人名称="寄件人姓名", 寄件人省州="寄件人州名",
            商品SKU="货号",
            物品中文名="中文品名", 物品英文名="英文品名", 申报币别="币种", 申报单价="单价",
        ),
        SC_CLEAN,
        id="B: a forwarder's titles",
    ),
    pytest.param(OMS, lambda: NUMBERED_C, OMS_CLEAN, id="C: numbered items"),
    pytest.param(SC, lambda: SC_NUMBERED, SC_CLEAN, id="D and E: numbered items, units, shared"),
    pytest.param(
        OMS,
        lambda: [
            *([t.replace("1", "") if "1" in t else t for t in row] if at == 0 else row
              for at, row in enumerate([NUMBERED_C[0][:14], *(r[:14] for r in NUMBERED_C[1:])]))
        ],
        OMS_CLEAN,
        id="C: the first item without a number",
    ),
    pytest.param(
        OMS,
        lambda: [
            [{"SKU1": "item1_sku", "申报数量1": "item1_quantity", "SKU2": "item2_sku",
              "申报数量2": "item2_quantity"}.get(t, t) for t in NUMBERED_C[0][:14]],
            *(row[:14] for row in NUMBERED_C[1:]),
        ],
        OMS_CLEAN,
        id="C: numbers within the titles",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            with_columns(first_row_only(OMS_CLEAN, 10), 序号=[1, 1, 2]),
            平台订单号="参考编号", 收件人国家代码="收件国家", 收件人地址1="收件地址",
            收件人邮编="收件邮编",
            收件人城市="收件城市", 收件人姓名="收件人", 收件人电话="收件电话", 物流渠道="指定路线",
        ),
        OMS_CLEAN,
        id="F: the reference on the first row, numbered in the file",
    ),
    pytest.param(
        OMS,
        lambda: [
            with_columns(first_row_only(OMS_CLEAN, 10), 序号=[1, 1, 2])[at] for at in (0, 1, 3, 2)
        ],
        OMS_CLEAN,
        id="F: rows of one number apart",
    ),
    pytest.param(
        OMS,
        lambda: with_columns(first_row_only(OMS_CLEAN, 10), 序号=[1, 2, 3]),
        OMS_CLEAN,
        id="F: numbers that only count the rows",
    ),
    pytest.param(
        SC,
        lambda: titled(
            sc_rows(*(
                {**line("T1", sku, 2, **{"总件数": 2, "预报总重量(KG)": "5"}), "货箱编号": box,
                 "件数": 1, "货箱重量(kg)": "2.5", "货箱尺寸(长*宽*高cm)": "50*40x30"}
                for sku, box in (("PEN-01", "B1"), ("INK-02", "B2"))
            )),
            申报单价="单个产品申报价值(usd)", 数量="单票数量",
        ),
        sc_rows(*(
            line("T1", sku, 2, **boxed(box), **{"总件数": 2, "预报总重量(KG)": "5"})
            for sku, box in (("PEN-01", "B1"), ("INK-02", "B2"))
        )),
        id="G: box sizes in one column",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            first_row_only(OMS_CLEAN, 10), 平台订单号="订单编号", 收件人姓名="收货人姓名",
            收件人地址1="收货地址", 收件人邮编="邮编", 收件人电话="联系手机", SKU="货号",
            物流渠道="物流公司", 平台仓库编码="发货仓库",
        ),
        OMS_CLEAN,
        id="I: order cells on the first row only",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            OMS_CLEAN, 平台订单号="线上单号", 收件人地址1="收件人地址 1", SKU="商品编码",
            数量="商品数量", 收件人电话="收件人手机号", 平台仓库编码="发货仓库",
            物流渠道="快递公司",
        ),
        OMS_CLEAN,
        id="J: a shop's sheet",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            without(
                with_columns(OMS_CLEAN, 名=["Ann", "Ann", "Ben"], 姓=["Roe", "Roe", "Li"]),
                "收件人姓名",
            ),
            平台订单号="订单编号", 收件人国家代码="国家/地区", 收件人地址1="街道",
            收件人城市="城市",
            收件人电话="联系电话",
        ),
        OMS_CLEAN,
        id="K: given and family name",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            OMS_CLEAN, 平台订单号="参考号", 物流渠道="运输方式代码", 平台仓库编码="交货仓库",
            **{"收件人省/州": "收件人州/区域"}, 收件人国家代码="收件人国家或地区",
        ),
        OMS_CLEAN,
        id="L: a warehouse's titles",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            OMS_CLEAN, 平台订单号="客户参考号1", 收件人姓名="收货方", 收件人电话="收货联系电话",
            收件人地址1="收货地地址", SKU="货号",
        ),
        OMS_CLEAN,
        id="M: a dispatch sheet",
    ),
    pytest.param(
        SC,
        lambda: titled(
            with_columns(SC_CLEAN, **{"Weight Unit\n重量单位": ["KG", "KG", "kg"]}),
            客户参考号1="Declaration Bill Id\n订单号", **{"净重(KG)": "Item Weight\n商品重量"},
            数量="Qty / 数量", 收件人名称="Receiver Name\n收件人名称",
        ),
        SC_CLEAN,
        id="N: titles in two languages, weights in their unit",
    ),
    pytest.param(
        SC,
        lambda: titled(
            with_columns(
                without(SC_CLEAN, "净重(KG)"),
                **{"Item Weight\n商品重量": [500, 500, 500],
                   "Weight Unit\n重量单位": ["g", "G", "克"]},
            ),
        ),
        SC_CLEAN,
        id="N: weights in grams",
    ),
    pytest.param(
        OMS,
        lambda: titled(
            OMS_CLEAN, 平台订单号="CustomerReference", 收件人姓名="ContactName", 收件人电话="Phone",
            收件人地址1="AddressLine1", 收件人城市="City", 收件人邮编="PostalCode",
            收件人国家代码="Country", 物流渠道="ServiceCode", 数量="Quantity",
            **{"收件人省/州": "Province"},
        ),
        OMS_CLEAN,
        id="O: an English booking",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("mapping", "rows", "clean"), SHAPES)
def test_a_sheet_of_each_family_becomes_the_payloads_of_the_clean_one(
    sheets: Any, mapping: ProviderMapping, rows: Callable[[], Rows], clean: Rows
) -> None:
    assert payloads(sheets, rows(), mapping) == payloads(sheets, clean, mapping)
