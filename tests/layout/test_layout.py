"""Which column is which field: matched by every name a field has, and never guessed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from converter import sheet
from converter.errors import SheetError
from converter.layout import find_table
from converter.layout.table import Table
from converter.layout.titles import normalise
from converter.mapping.load import available_mappings, load_mapping
from converter.mapping.model import ProviderMapping
from converter.messages import translate
from converter.orders.payload import Payloads

MappingWith = Callable[..., ProviderMapping]

# -- titles ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "name", "unit"),
    [
        pytest.param("客户单号", "客户单号", "", id="plain"),
        pytest.param("  Order\n No ", "orderno", "", id="case, blanks and line breaks"),
        pytest.param("ＳＫＵ　码", "sku码", "", id="full width"),
        pytest.param("Order\u00a0No", "orderno", "", id="blank that does not break"),
        pytest.param("服务*", "服务", "", id="star behind"),
        pytest.param("＊服务", "服务", "", id="full-width star before"),
        pytest.param("FBA ID*：", "fbaid", "", id="star and colon"),
        pytest.param("收件人(必填)", "收件人", "", id="must be filled in"),
        pytest.param("收件人（必填项）", "收件人", "", id="must be filled in, longer"),
        pytest.param("【选填】备注", "备注", "", id="may be filled in"),
        pytest.param("Name (required)", "name", "", id="required"),
        pytest.param("客户单号(文本格式)", "客户单号", "", id="hint: text"),
        pytest.param("收件人国家代码(二字代码)*", "收件人国家代码", "", id="hint: code"),
        pytest.param("长(CM)", "长", "cm", id="unit in brackets"),
        pytest.param("长 cm", "长", "cm", id="unit at the end"),
        pytest.param("长cm", "长", "cm", id="unit at the end, no blank"),
        pytest.param("Length cm", "length", "cm", id="unit after an English word"),
        pytest.param("长/毫米", "长", "mm", id="unit behind a stroke"),
        pytest.param("Packing", "packing", "", id="a word that ends like a unit"),
        pytest.param("货箱重量（KG）*", "货箱重量", "kg", id="unit before a star"),
        pytest.param("Weight kg (必填)", "weight", "kg", id="unit before a remark"),
        pytest.param("重量(公斤)", "重量", "kg", id="Chinese unit"),
        pytest.param("重量1(g)", "重量1", "g", id="unit after a number"),
        pytest.param("单价(元)", "单价", "元", id="currency"),
        pytest.param("发件人电话", "寄件人电话", "", id="two words for the sender"),
        pytest.param("收货人姓名", "收件人姓名", "", id="two words for the receiver"),
        pytest.param("收货渠道", "收货渠道", "", id="but the forwarder's intake is none"),
        pytest.param("收件人地址 一", "收件人地址1", "", id="Chinese numeral"),
        pytest.param("省份/洲名", "省份/州名", "", id="common misspelling"),
        pytest.param("Order No.:", "orderno", "", id="full stop at the end"),
        pytest.param("訂單號（必填項）", "订单号", "", id="traditional characters"),
        pytest.param("發件人郵編", "寄件人邮编", "", id="traditional, two words for the sender"),
        pytest.param("長(釐米)", "长", "cm", id="traditional unit"),
        pytest.param("\ufeff*服务\u200b", "服务", "", id="invisible characters"),
        pytest.param("***", "", "", id="nothing left"),
    ],
)
def test_titles_are_compared_without_their_trimmings(title: str, name: str, unit: str) -> None:
    assert normalise(title) == (name, unit)


TRIMMINGS = st.sampled_from(
    [*"*＊:：()（）[]【】 \n\u3000一二三洲州gkcm件发寄人货", "必填项", "选填", "(cm)"]
)


@given(st.lists(st.one_of(TRIMMINGS, st.characters())).map("".join))
@example("必必填填")
@example("长(cm)(kg)")
@example("H\u0331")
@example("\u0130")
def test_a_normalised_title_is_as_it_is(title: str) -> None:
    name, _ = normalise(title)

    assert normalise(name) == (name, "")


# -- columns -----------------------------------------------------------------------------------

NEEDED = {
    "order.ref": "客户单号",
    "order.to.name": "收件人",
    "items[].sku": "商品编码",
    "items[].qty": "数量",
}


def found(table: Table) -> dict[str, str]:
    """Field -> the title it was found under."""
    return {path: column.title for path, column in table.columns.items()}


def headed(titles: list[str]) -> list[list[str]]:
    """A sheet with these titles and a row of data."""
    return [titles, [f"x{i}" for i in range(len(titles))]]


def with_needed(*titles: str) -> list[list[str]]:
    return headed([*NEEDED.values(), *titles])


def refusal(sheets: Any, rows: list[list[str]], mapping: ProviderMapping) -> str:
    """What is wrong and what to do, without the code that stands behind it."""
    with pytest.raises(SheetError) as error:
        sheets.table(rows, mapping)
    assert error.value.code
    return str(error.value).removesuffix(f" [{error.value.code}]")


@pytest.mark.parametrize(
    ("title", "path"),
    [
        pytest.param("客户单号", "order.ref", id="Chinese title"),
        pytest.param("Reference", "order.ref", id="English title"),
        pytest.param("REFERENCE *", "order.ref", id="case and star"),
        pytest.param("订单号", "order.ref", id="alias"),
        pytest.param("Order no.", "order.ref", id="alias with a full stop"),
        pytest.param("ref", "order.ref", id="the API's own name, where it is unique"),
        pytest.param("Ref*", "order.ref", id="the API's own name, as people write it"),
        pytest.param("order.ref", "order.ref", id="whole path"),
        pytest.param("Order.Ref", "order.ref", id="whole path in capitals"),
        pytest.param("客户单号\nReference", "order.ref", id="both languages, in two lines"),
        pytest.param("客户单号 / Reference", "order.ref", id="both languages, with a stroke"),
        pytest.param("客户单号|Order No", "order.ref", id="both languages, with a bar"),
        pytest.param("客户单号/Order No", "order.ref", id="both languages, with a bare stroke"),
        pytest.param("客户单号 Reference", "order.ref", id="both languages, with a blank"),
        pytest.param("Reference*客户单号", "order.ref", id="both languages, with a star"),
        pytest.param("客户单号(Reference)", "order.ref", id="both languages, with brackets"),
        pytest.param("*客户单号(Reference)", "order.ref", id="with brackets and a star"),
        pytest.param("客户单号(Order ref)", "", id="with brackets, one of them unknown"),
        pytest.param("客户\u200b单号\u200b", "order.ref", id="with invisible characters"),
        pytest.param("1、客户单号", "order.ref", id="with a number before"),
        pytest.param("客户单号（必填，每票唯一）", "order.ref", id="with a longer remark"),
        pytest.param("收件人Phone", "", id="two languages that disagree, without a blank"),
        pytest.param("客户单号 / Receiver", "", id="two languages that disagree"),
        pytest.param("客户单号\n请填写", "order.ref", id="a title and a remark"),
        pytest.param("客户单号\n收件人", "", id="a title and another"),
    ],
)
def test_a_field_is_found_by_any_of_its_names(
    sheets: Any, tiny: ProviderMapping, title: str, path: str
) -> None:
    rows = headed([title, *list(NEEDED.values())[1:]])

    if path:
        assert found(sheets.table(rows, tiny))[path] == title.strip()
    else:
        assert "missing required column 客户单号 / Reference" in refusal(sheets, rows, tiny)


@pytest.mark.parametrize(
    ("title", "path"),
    [
        pytest.param("items[].sku", "items[].sku", id="whole path"),
        pytest.param("items.sku", "items[].sku", id="without its list marks"),
        pytest.param("sku", "items[].sku", id="last name"),
        pytest.param("SKU", "items[].sku", id="last name in capitals"),
        pytest.param("ｓｋｕ", "items[].sku", id="last name in full width"),
    ],
)
def test_fields_of_lists_have_names_too(
    sheets: Any, tiny: ProviderMapping, title: str, path: str
) -> None:
    rows = headed([title if name == path else zh for name, zh in NEEDED.items()])

    assert found(sheets.table(rows, tiny)) == {**NEEDED, path: title}


def test_a_camel_case_name_is_found_in_any_case(sheets: Any, mapping_with: MappingWith) -> None:
    mapping = mapping_with(more_fields="  - {path: order.shopCode, title: {zh: 店铺, en: Shop}}\n")

    for title in ("shopCode", "shopcode", "SHOPCODE", "order.ShopCode"):
        assert found(sheets.table(with_needed(title), mapping))["order.shopCode"] == title


def test_the_exact_name_wins_over_anothers_title(sheets: Any, mapping_with: MappingWith) -> None:
    mapping = mapping_with(
        more_fields="""
  - {path: order.size, title: {zh: 尺寸, en: tone}}
  - {path: order.tone, title: {zh: 色调, en: Shade}}
"""
    )

    assert "order.tone" in found(sheets.table(with_needed("tone"), mapping))
    assert "order.size" in found(sheets.table(with_needed("Tone"), mapping))


def test_a_whole_path_wins_over_the_same_last_name(sheets: Any, mapping_with: MappingWith) -> None:
    mapping = mapping_with(
        more_fields="""
  - {path: name, title: {zh: 名称, en: Label}}
"""
    )

    assert found(sheets.table(with_needed("name"), mapping))["name"] == "name"


MAPPINGS = {name: load_mapping(path) for name, path in available_mappings().items()}


def names(kind: str, mapping: ProviderMapping) -> dict[str, str]:
    """Field -> its name of one kind, as a sheet's header may have it."""
    specs = [spec for spec in mapping.fields if spec.join is None]
    if kind == "path":
        return {spec.path: spec.path for spec in specs}
    if kind == "last":
        last = {spec.path: spec.path.rpartition(".")[2] for spec in specs}
        return {path: name for path, name in last.items() if [*last.values()].count(name) == 1}
    if kind == "both":
        return {spec.path: f"{spec.title.zh}\n{spec.title.en}" for spec in specs}
    return {spec.path: spec.title.get(kind) for spec in specs}


@pytest.mark.parametrize("kind", ["zh", "en", "both", "path", "last"])
@pytest.mark.parametrize("provider", MAPPINGS)
def test_every_field_of_the_shipped_mappings_is_found_by_each_kind_of_name(
    sheets: Any, provider: str, kind: str
) -> None:
    mapping = MAPPINGS[provider]
    wanted = names("path", mapping) | names(kind, mapping)

    table = sheets.table(headed([*wanted.values()]), mapping)

    assert found(table) == wanted
    assert table.notes == ()


TWO_MEANINGS = """
  - {path: order.a, title: {zh: 甲, en: First}, aliases: [Code]}
  - {path: order.b, title: {zh: 乙, en: Other}, aliases: [Code]}
"""
ONE_NEEDED = """
  - {path: order.a, title: {zh: 甲, en: First}, aliases: [Code]}
  - {path: order.b, title: {zh: 乙, en: Other}, aliases: [Code], required: true}
"""
IN_BOXES = """
  - {path: order.a, title: {zh: 甲, en: First}, aliases: [Code]}
  - {path: "boxes[].b", title: {zh: 乙, en: Other}, aliases: [Code]}
"""
SEVERAL = (
    "Orders!E1: the column title 'Code' can mean several things: 甲 / First (order.a), "
    "乙 / Other ({other}). Rename the column to the one that is meant, or choose it with "
    "--columns FILE."
)


@pytest.mark.parametrize(
    ("fields", "titles", "expected"),
    [
        pytest.param(TWO_MEANINGS, ["Code", "First"], {"order.b": "Code"}, id="other one is there"),
        pytest.param(ONE_NEEDED, ["Code"], {"order.b": "Code"}, id="only one is needed"),
        pytest.param(ONE_NEEDED, ["Code", "乙"], {"order.a": "Code"}, id="the needed one is there"),
        pytest.param(IN_BOXES, ["Code"], {"order.a": "Code"}, id="there are no boxes"),
        pytest.param(
            IN_BOXES, ["Code", "甲", "箱号", "每箱件数"], {"boxes[].b": "Code"}, id="in the boxes"
        ),
    ],
)
def test_a_title_of_several_meanings_is_used_where_no_doubt_is_left(
    sheets: Any,
    mapping_with: MappingWith,
    fields: str,
    titles: list[str],
    expected: dict[str, str],
) -> None:
    table = sheets.table(with_needed(*titles), mapping_with(more_fields=fields))

    assert expected.items() <= found(table).items()


@pytest.mark.parametrize(
    ("fields", "titles", "other"),
    [
        pytest.param(TWO_MEANINGS, ["Code"], "order.b", id="both are open"),
        pytest.param(TWO_MEANINGS, ["Code", "甲", "乙"], "order.b", id="both have columns"),
        pytest.param(TWO_MEANINGS, ["Code", "Code"], "order.b", id="which is which"),
        pytest.param(ONE_NEEDED, ["Code", "code"], "order.b", id="which is the needed one"),
        pytest.param(IN_BOXES, ["Code", "箱号", "每箱件数"], "boxes[].b", id="there are boxes"),
    ],
)
def test_a_title_of_several_meanings_is_not_guessed(
    sheets: Any, mapping_with: MappingWith, fields: str, titles: list[str], other: str
) -> None:
    mapping = mapping_with(more_fields=fields)

    assert refusal(sheets, with_needed(*titles), mapping) == SEVERAL.format(other=other)


def test_a_blank_column_is_no_doubt(sheets: Any, mapping_with: MappingWith) -> None:
    rows = [[*NEEDED.values(), "Code", "Code"], ["x", "x", "x", "1", "", ""]]

    table = sheets.table(rows, mapping_with(more_fields=TWO_MEANINGS))

    assert found(table) == NEEDED


ASK = """
  单号: [order.ref, order.second]
  No: [order.second]
"""


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            with_needed("单号"),
            "Orders!E1: the column title '单号' can mean several things: 客户单号 / Reference "
            "(order.ref), 第二单号 / Second ref. (order.second). Rename the column to the one "
            "that is meant, or choose it with --columns FILE.",
            id="beside its first meaning",
        ),
        pytest.param(
            headed(["单号", "收件人", "商品编码", "数量"]),
            "Orders!A1: the column title '单号' can mean several things: 客户单号 / Reference "
            "(order.ref), 第二单号 / Second ref. (order.second). Rename the column to the one "
            "that is meant, or choose it with --columns FILE.",
            id="instead of its first meaning",
        ),
        pytest.param(
            with_needed("No*"),
            "Orders!E1: the column title 'No*' can mean several things: 第二单号 / Second ref. "
            "(order.second). Rename the column to the one that is meant, or choose it "
            "with --columns FILE.",
            id="even where only one is known",
        ),
    ],
)
def test_some_titles_are_always_asked_about(
    sheets: Any, mapping_with: MappingWith, rows: list[list[str]], expected: str
) -> None:
    assert refusal(sheets, rows, mapping_with(ask=ASK)) == expected


@pytest.mark.parametrize(
    ("rows", "also"),
    [
        pytest.param(
            with_needed("第二单号", "单号"), {"order.second": "第二单号"}, id="known by now"
        ),
        pytest.param(with_needed("no"), {"boxes[].no": "no", "items[].box": "no"}, id="API's name"),
        pytest.param([[*NEEDED.values(), "单号"], ["x", "x", "x", "1", ""]], {}, id="blank"),
    ],
)
def test_they_are_not_asked_about_where_it_does_not_matter(
    sheets: Any, mapping_with: MappingWith, rows: list[list[str]], also: dict[str, str]
) -> None:
    fields = "order.ref order.second order.to.name boxes[].no items[].sku items[].qty items[].box"
    kept = mapping_with(ask=ASK).fields
    mapping = mapping_with(ask=ASK).model_copy(
        update={"fields": tuple(spec for spec in kept if spec.path in fields.split())}
    )

    assert found(sheets.table(rows, mapping)) == NEEDED | also


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            with_needed("Order No"),
            "Orders!E1: the columns A '客户单号' and E 'Order No' are both the field "
            "客户单号 / Reference. Rename or delete one of them.",
            id="two columns for one field",
        ),
        pytest.param(
            with_needed("电话", "电话"),
            "Orders!F1: the columns E '电话' and F '电话' are both the field 电话 / Phone. "
            "Rename or delete one of them.",
            id="the same title twice",
        ),
        pytest.param(
            with_needed("重量(cm)", "每箱件数"),
            "Orders!E1: the column '重量(cm)' is in cm, but 重量(KG) / Weight (kg) is wanted in "
            "kg. Convert the column to kg and say so in its title.",
            id="a unit of something else",
        ),
        pytest.param(
            [
                [*NEEDED.values(), "Weight (kg)", "重量(cm)", "每箱件数"],
                ["x", "x", "x", "1", "", "5", "1"],
            ],
            "Orders!F1: the column '重量(cm)' is in cm, but 重量(KG) / Weight (kg) is wanted in "
            "kg. Convert the column to kg and say so in its title.",
            id="a unit of something else beside a blank column",
        ),
        pytest.param(
            headed(["客户单号", "收件人", "商品编码", "colour"]),
            "Orders.csv: missing required column 数量 / Quantity. Found in row 1: '客户单号', "
            "'收件人', '商品编码', 'colour'. Add the column, or rename the one that holds it. "
            "`converter template tiny` writes a sheet with every column, and --columns "
            "FILE keeps your own choice of columns.",
            id="a required column is missing",
        ),
        pytest.param(
            headed(["客户单", "收件人", "商品编码", "Quantities", "note"]),
            "Orders.csv: missing required columns 客户单号 / Reference (is it column A '客户单'?); "
            "数量 / Quantity (is it column D 'Quantities'?). Found in row 1: '客户单', '收件人', "
            "'商品编码', 'Quantities', 'note'. Add the column, or rename the one that holds it. "
            "`converter template tiny` writes a sheet with every column, and --columns "
            "FILE keeps your own choice of columns.",
            id="required columns have odd names",
        ),
        pytest.param(
            with_needed("箱号"),
            "Orders.csv: missing required column 每箱件数 / Count. Found in row 1: '客户单号', "
            "'收件人', '商品编码', '数量', '箱号'. Add the column, or rename the one that holds "
            "it. `converter template tiny` writes a sheet with every column, and --columns "
            "FILE keeps your own choice of columns.",
            id="a list in use needs its columns",
        ),
        pytest.param(
            [["Spring orders"], ["a", "b", "c", "d"], ["A1", "Ann", "pen", "1"]],
            "Orders.csv: 4 required columns are missing:\n"
            "  - 客户单号 / Reference\n"
            "  - 收件人 / Receiver\n"
            "  - 商品编码 / Article\n"
            "  - 数量 / Quantity\n"
            "Found in row 1: 'Spring orders'. Say once what this layout lacks, in a profile: "
            "converter profile new Orders.csv -p tiny. Or add the columns; `converter template "
            "tiny` writes a sheet with all of them.",
            id="no row is a header",
        ),
    ],
)
def test_a_sheet_is_refused_with_what_was_found_and_what_to_do(
    sheets: Any, tiny: ProviderMapping, rows: list[list[str]], expected: str
) -> None:
    assert refusal(sheets, rows, tiny) == expected


def test_a_workbook_is_refused_by_the_row_of_its_header(sheets: Any, tiny: ProviderMapping) -> None:
    path = sheets.xlsx("客户单号 | 商品编码 | 数量\nA1 | pen | 1", at="B3")

    assert refusal(sheets, path, tiny) == (
        "Orders!3: missing required column 收件人 / Receiver. Found in row 3: '客户单号', "
        "'商品编码', '数量'. Add the column, or rename the one that holds it. "
        "`converter template tiny` writes a sheet with every column, and --columns "
        "FILE keeps your own choice of columns."
    )


@pytest.mark.parametrize(
    ("titles", "values", "expected"),
    [
        pytest.param(["Order No"], [""], {}, id="a blank second column"),
        pytest.param(["重量(kg)", "每箱件数"], ["5", "1"],
                     {"boxes[].weight": "重量(kg)", "boxes[].count": "每箱件数"}, id="same unit"),
        pytest.param(["重量", "每箱件数"], ["5", "1"],
                     {"boxes[].weight": "重量", "boxes[].count": "每箱件数"}, id="no unit"),
        pytest.param(["箱号"], [""], {"boxes[].no": "箱号", "items[].box": "箱号"},
                     id="blank columns put no list into use"),
    ],
)  # fmt: skip
def test_what_does_no_harm_is_accepted(
    sheets: Any,
    tiny: ProviderMapping,
    titles: list[str],
    values: list[str],
    expected: dict[str, str],
) -> None:
    rows = [[*NEEDED.values(), *titles], ["x", "x", "x", "1", *values]]

    assert found(sheets.table(rows, tiny)) == NEEDED | expected


def test_a_blank_first_column_gives_way_to_the_one_with_data(
    sheets: Any, tiny: ProviderMapping
) -> None:
    rows = [["Order No", *NEEDED.values()], ["", "x", "x", "x", "1"]]

    table = sheets.table(rows, tiny)

    assert (table.columns["order.ref"].letter, found(table)) == ("B", NEEDED)


def test_a_field_that_copies_another_has_its_column(sheets: Any, tiny: ProviderMapping) -> None:
    table = sheets.table(with_needed("箱号", "每箱件数"), tiny)

    assert table.columns["items[].box"] == table.columns["boxes[].no"]


def test_a_field_that_copies_another_may_have_its_own(sheets: Any, tiny: ProviderMapping) -> None:
    table = sheets.table(with_needed("箱号", "每箱件数", "物品箱号"), tiny)

    assert found(table)["items[].box"] == "物品箱号"


def test_the_reference_is_needed_even_where_the_mapping_forgets_to_say_so(
    sheets: Any, mapping_with: MappingWith
) -> None:
    mapping = mapping_with(reference="order.second")

    assert "missing required column 第二单号 / Second ref. Found in row 1: " in refusal(
        sheets, ORDERS, mapping
    )


# -- notes -------------------------------------------------------------------------------------


def notes(table: Table, lang: str = "en") -> list[str]:
    return [translate(note, lang) for note in table.notes]


def test_columns_that_are_passed_over_are_named(sheets: Any, mapping_with: MappingWith) -> None:
    table = sheets.table(
        with_needed("Colour", "", "Recevier", "序号"), mapping_with(ignored="[序号]")
    )

    assert notes(table) == [
        "Column F has values but no title and was not used.",
        "Column E 'Colour' is not known and was not used.",
        "Column G 'Recevier' is not known and was not used.",
    ]
    assert notes(table, "zh") == [
        "F 列有数据但没有标题，未使用。",
        "E 列 'Colour' 无法识别，未使用。",
        "G 列 'Recevier' 无法识别，未使用。",
    ]


def test_the_senders_title_is_no_suggestion_for_the_receivers(
    sheets: Any, tiny: ProviderMapping
) -> None:
    table = sheets.table(with_needed("寄件人 A"), tiny)

    assert notes(table) == ["Column E '寄件人 A' is not known and was not used."]


def test_blank_columns_and_our_own_are_passed_over_in_silence(
    sheets: Any, tiny: ProviderMapping
) -> None:
    rows = [
        [*NEEDED.values(), "Colour", "", "Status 处理状态", "Message 处理说明"],
        ["x", "x", "x", "1", "", "", "accepted", "fine"],
    ]

    table = sheets.table(rows, tiny)

    assert found(table) == NEEDED
    assert table.notes == ()


# -- which sheet -------------------------------------------------------------------------------

ORDERS = with_needed()
OTHER = [["Carrier", "Price"], ["DHL", "5"]]


@pytest.mark.parametrize(
    ("book", "only", "expected"),
    [
        pytest.param({"Orders": ORDERS}, None, "Orders", id="the only one"),
        pytest.param({"Prices": OTHER, "Mai": ORDERS}, None, "Mai", id="the one with references"),
        pytest.param({"Blank": [["  "]], "Mai": ORDERS}, None, "Mai", id="a blank one beside it"),
        pytest.param({"Results": ORDERS, "Mai": ORDERS}, None, "Mai", id="our own beside it"),
        pytest.param({"May": ORDERS, "June": ORDERS}, "June", "June", id="the one that is named"),
        pytest.param({"Example": ORDERS}, "Example", "Example", id="even our own, if named"),
    ],
)
def test_the_sheet_with_the_orders_is_found(
    sheets: Any, tiny: ProviderMapping, book: dict[str, Any], only: str | None, expected: str
) -> None:
    path = sheets.xlsx(book)

    assert find_table(sheet.read(path, only=only), tiny, path, only=only).name == expected


@pytest.mark.parametrize(
    ("book", "expected"),
    [
        pytest.param(
            {"May": ORDERS, "June": ORDERS},
            "orders.xlsx: several sheets have orders: 'May', 'June'. Choose one with --sheet NAME.",
            id="several",
        ),
        pytest.param(
            {"Results": ORDERS, "Summary": OTHER},
            "orders.xlsx: there is no sheet with orders (passed over: Results, Summary, which is "
            "how this program names its own sheets). Put the orders on a sheet with a header "
            "row, or name it with --sheet.",
            id="only our own",
        ),
        pytest.param(
            {"Blank": [[" ", None, "\n"]]},
            "orders.xlsx: there is no sheet with orders. Put the orders on a sheet with a header "
            "row, or name it with --sheet.",
            id="nothing but blanks",
        ),
        pytest.param(
            {"Empty": []},
            "orders.xlsx: there is no sheet with orders. Put the orders on a sheet with a header "
            "row, or name it with --sheet.",
            id="nothing at all",
        ),
        pytest.param(
            {"Prices": OTHER, "Near": [["收件人", "商品编码", "数量"]]},
            "Near!1: missing required column 客户单号 / Reference. Found in row 1: '收件人', "
            "'商品编码', '数量'. Add the column, or rename the one that holds it. "
            "`converter template tiny` writes a sheet with every column, and --columns "
            "FILE keeps your own choice of columns.",
            id="the nearest one is spoken of",
        ),
    ],
)
def test_without_one_sheet_of_orders_the_workbook_is_refused(
    sheets: Any, tiny: ProviderMapping, book: dict[str, Any], expected: str
) -> None:
    assert refusal(sheets, sheets.xlsx(book), tiny) == expected


def test_a_csv_file_of_disguised_blanks_has_no_orders(sheets: Any, tiny: ProviderMapping) -> None:
    path = sheets.path("Orders.csv", b'=""\n')

    assert refusal(sheets, path, tiny) == (
        "Orders.csv: there is no sheet with orders. Put the orders on a sheet with a header row, "
        "or name it with --sheet."
    )


# -- rows and cells ----------------------------------------------------------------------------


def test_the_header_is_the_first_row_that_is_not_blank(sheets: Any, tiny: ProviderMapping) -> None:
    path = sheets.xlsx([[], *ORDERS, [], *ORDERS[1:]], at="B3")

    table = sheets.table(path, tiny)

    assert table.header_row == 4
    assert list(table.rows) == [5, 6, 7]
    assert str(table.cell("order.ref", 5)) == "Orders!B5"
    assert str(table.cell("order.second", 5)) == "Orders!5"


def test_a_header_alone_is_a_table_without_rows(sheets: Any, tiny: ProviderMapping) -> None:
    table = sheets.table(ORDERS[:1], tiny)

    assert found(table) == NEEDED
    assert list(table.rows) == []


def test_the_cells_of_a_field_are_those_below_the_header(
    sheets: Any, tiny: ProviderMapping
) -> None:
    rows = [*ORDERS, ["x0", "", "", ""], ["客户单号", "", "", ""]]

    codes, texts = sheets.table(rows, tiny).codes("order.ref")

    assert [texts[code] for code in codes] == ["x0", "x0", "客户单号"]


@pytest.mark.parametrize(
    ("rows", "code", "chinese"),
    [
        pytest.param(with_needed("Order No"), "TWO_COLUMNS", "都是字段", id="two columns"),
        pytest.param(with_needed("重量(cm)", "每箱件数"), "OTHER_UNIT", "单位应为", id="unit"),
        pytest.param(headed(["客户单号", "收件人"]), "MISSING_COLUMN", "缺少必填列", id="missing"),
        pytest.param(
            headed(["客户单", "收件人", "商品编码", "数量"]), "MISSING_COLUMN", "吗？", id="nearly"
        ),
    ],
)
def test_a_refusal_has_a_code_and_is_said_in_chinese_too(
    sheets: Any, tiny: ProviderMapping, rows: list[list[str]], code: str, chinese: str
) -> None:
    with pytest.raises(SheetError) as error:
        sheets.table(rows, tiny)

    assert error.value.code == code
    assert chinese in translate(error.value.message, "zh")


def test_a_field_is_suggested_only_where_it_has_no_column(
    sheets: Any, tiny: ProviderMapping
) -> None:
    """A second column of a field would be refused."""
    (note,) = notes(sheets.table(with_needed("Phones"), tiny))
    assert note == (
        "Column E 'Phones' is not known and was not used. Did you mean '电话'? "
        "Then rename the column."
    )

    (note,) = notes(sheets.table(with_needed("Receivers"), tiny))
    assert note == "Column E 'Receivers' is not known and was not used."


def test_many_columns_that_are_not_known_are_counted(sheets: Any, tiny: ProviderMapping) -> None:
    table = sheets.table(with_needed("alpha", "beta", "gamma", "delta"), tiny)

    assert notes(table) == [
        "4 columns are not known and were not used: E 'alpha', F 'beta', G 'gamma', H 'delta'."
    ]


@pytest.mark.parametrize("order", [("Boxes", "Items"), ("Items", "Boxes")])
def test_a_box_number_on_the_sheet_of_items_says_where_each_is_packed(
    sheets: Any, tiny: ProviderMapping, order: tuple[str, str]
) -> None:
    own = {
        "Boxes": "客户单号 | 箱号 | 每箱件数\nA1 | 1 | 1\nA1 | 2 | 1",
        "Items": "客户单号 | 箱号 | 商品编码 | 数量\nA1 | 2 | pen | 1\nA1 | 1 | ink | 3",
    }
    book = {"Orders": "客户单号 | 收件人\nA1 | Ann", **{name: own[name] for name in order}}

    (sent,) = Payloads(sheets.orders(sheets.xlsx(book), tiny)).of(0)

    assert sent.payload["boxes"] == [{"no": "1", "count": 1}, {"no": "2", "count": 1}]
    items = [(item["sku"], item["box"]) for item in sent.payload["items"]]
    assert items == [("pen", "2"), ("ink", "1")]
