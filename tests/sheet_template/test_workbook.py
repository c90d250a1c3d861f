"""The blank order sheets: what people see, and that the program reads it back."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from converter import layout, sheet
from converter.errors import OutputError
from converter.mapping import standards
from converter.mapping.load import (
    available_mappings,
    find_mapping,
    load_mapping,
    parse_mapping,
)
from converter.mapping.model import ProviderMapping
from converter.mapping.shipped import shipped_folder
from converter.sheet_template import examples, guide, published, workbook
from converter.sheet_template.columns import columns_of
from converter.text import fold

TEMPLATES = shipped_folder("templates")
ACME = load_mapping(Path(__file__).parents[1] / "acme.yaml")
PROVIDERS = sorted(available_mappings())
BLANKS = [f"{name}.xlsx" for name in PROVIDERS]
FILLED = [f"{name}.example.xlsx" for name in PROVIDERS] + ["sandbox-trouble.xlsx"]

each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def load(provider: str) -> ProviderMapping:
    return load_mapping(find_mapping(provider))


@pytest.fixture
def book(tmp_path: Path) -> Any:
    target = tmp_path / "acme.xlsx"
    workbook.write_template(ACME, target)
    return openpyxl.load_workbook(target)


# -- the sheet to fill in ----------------------------------------------------------------------


def test_headers_are_in_both_languages_with_a_star_where_required(book: Any) -> None:
    assert book.sheetnames == ["Orders", "Example", "Guide", "Choices"]
    assert [cell.value for cell in book["Orders"][1]] == [
        "*客户单号\nReference",
        "*渠道\nChannel",
        "投保\nInsured",
        "*付款时间\nPaid at",
        "*国家\nCountry",
        "邮箱\nEmail",
        "电话\nPhone",
        "箱号\nBox no.",
        "重量(KG)\nWeight (kg)",
        "*SKU",
        "商品ID\nItem ID",
        "*数量\nQuantity",
    ]
    assert book["Orders"].max_row == 1
    assert book["Orders"].freeze_panes == "B2"
    assert book["Choices"].sheet_state == "hidden"


def test_colours_tell_group_and_need(book: Any) -> None:
    shades = {cell.value.split("\n")[0]: cell.fill.fgColor.rgb[2:] for cell in book["Orders"][1]}

    assert shades == {
        "*客户单号": "2F5C8F",
        "*渠道": "2F5C8F",
        "投保": "DFE9F5",
        "*付款时间": "2F5C8F",
        "*国家": "2F5C8F",
        "邮箱": "DFE9F5",
        "电话": "DFE9F5",
        "箱号": "A8D0B8",
        "重量(KG)": "A8D0B8",
        "*SKU": "96691E",
        "商品ID": "F6EBD3",
        "*数量": "96691E",
    }


def test_every_header_has_its_note(book: Any) -> None:
    comments = [cell.comment for cell in book["Orders"][1]]

    assert {comment.author for comment in comments} == {"converter"}
    assert [comment.text for comment in comments] == list(map(guide.note, columns_of(ACME)))


def test_excel_keeps_out_what_would_be_refused(book: Any) -> None:
    found = {
        str(rule.sqref): (rule.type, rule.operator or "between", rule.formula1, rule.errorStyle)
        for rule in book["Orders"].data_validations.dataValidation
    }

    countries = book["Choices"].max_row
    assert found == {
        "B2:B5001": ("textLength", "lessThanOrEqual", "20", None),
        "C2:C5001": ("list", "between", '"是,否"', None),
        "E2:E5001": ("list", "between", f"Choices!$A$2:$A${countries}", "warning"),
        "I2:I5001": ("decimal", "greaterThan", "0", None),
        "L2:L5001": ("whole", "greaterThanOrEqual", "1", None),
    }


def test_code_columns_are_text(book: Any) -> None:
    """An item ID may be longer than the fifteen digits that Excel keeps of a number."""
    assert _column_formats(book["Orders"]) == {
        **dict.fromkeys("ABCEFGHJK", "@"),
        **dict.fromkeys("IL", "General"),
        "D": "yyyy-mm-dd hh:mm:ss",
    }


def _column_formats(orders: Any) -> dict[str, str]:
    return {
        get_column_letter(column): dimension.number_format
        for dimension in orders.column_dimensions.values()
        for column in range(dimension.min, dimension.max + 1)
    }


def test_long_lists_stand_on_the_hidden_sheet(tmp_path: Path) -> None:
    words = ", ".join(f"{i}: [选项之第{i}号]" for i in range(60))
    text = (Path(__file__).parents[1] / "acme.yaml").read_text(encoding="utf-8")
    mapping = parse_mapping(
        text.replace('choices: {1: ["yes", 是]}', f"choices: {{{words}}}").replace(
            "type: country", "type: currency"
        ),
        "acme.yaml",
    )

    workbook.write_template(mapping, tmp_path / "acme.xlsx")

    book = openpyxl.load_workbook(tmp_path / "acme.xlsx")
    rules = {str(r.sqref): r.formula1 for r in book["Orders"].data_validations.dataValidation}
    assert rules["C2:C5001"] == "Choices!$A$2:$A$62"
    choices = book["Choices"]
    assert [choices["A2"].value, choices["A61"].value, choices["A62"].value] == [
        "选项之第0号",
        "选项之第59号",
        "否",
    ]
    assert [cell.value for cell in choices[1]][:2] == ["insured", "currency"]
    assert [cell.value for cell in choices[2]][1:] == ["CNY", "人民币", "Chinese Yuan"]
    assert rules["E2:E5001"].startswith("Choices!$B$2:$B$")


@each_provider
def test_countries_and_currencies_of_the_lists_are_read(provider: str, tmp_path: Path) -> None:
    workbook.write_template(load(provider), tmp_path / "sheet.xlsx")

    rows = list(openpyxl.load_workbook(tmp_path / "sheet.xlsx")["Choices"].values)
    for heading, known, expected in (
        ("country", standards.countries(), {"CN", "US", "GB", "SA", "HK"}),
        ("currency", standards.currencies(), {"CNY", "USD", "EUR"}),
    ):
        if heading not in (rows[0] if rows else ()):
            continue
        at = rows[0].index(heading)
        listed = [str(row[at]) for row in rows[1:] if row[at]]
        assert expected <= set(listed)
        for offset in range(3):
            for row in rows[1:]:
                if row[at] and offset != 1:
                    assert known[fold(str(row[at + offset]))] == row[at]


@each_provider
def test_every_header_is_read_back_as_its_field(provider: str, tmp_path: Path) -> None:
    mapping = load(provider)
    target = tmp_path / "sheet.xlsx"
    workbook.write_template(mapping, target)

    table = layout.find_table(sheet.read(target), mapping, target)

    assert table.name == "Orders"
    assert set(table.columns) == {spec.path for spec in mapping.fields if spec.join is None}
    assert table.columns[mapping.order.reference].letter == "A"
    assert table.notes == ()
    assert len(table.rows) == 0


# -- Example and Guide -------------------------------------------------------------------------


def test_example_shows_an_order_of_two_items(book: Any) -> None:
    rows = list(book["Example"].values)[1:]

    told = ["ABC", "", "2025-12-01 10:20:00", "CN", "name@example.com", ""]
    assert [[str(cell) if cell is not None else "" for cell in row] for row in rows] == [
        ["A-009", *told, "ABC", "1.5", "ABC", "", "2"],
        ["A-010", *told, "ABC", "1.5", "ABC", "", "2"],
        ["A-010", *[""] * 6, "ABC", "", "ABC", "", "2"],
    ]


def test_guide_lists_every_field(book: Any) -> None:
    rows = [[str(cell) if cell else "" for cell in row] for row in book["Guide"].values]
    first = next(i for i, row in enumerate(rows) if row[0].startswith("列"))

    assert rows[first] == [
        "列\nColumn",
        "中文标题\nChinese title",
        "英文标题\nEnglish title",
        "是否必填\nRequired",
        "分组\nGroup",
        "类型\nType",
        "限制\nLimits",
        "可选值\nAllowed",
        "示例\nExample",
        "说明\nMeaning",
        "也可识别的标题\nTitles also understood",
        "字段\nField",
    ]
    assert [row[11] for row in rows[first + 1 : first + 13]] == [
        *("number", "channel", "insured", "paid", "country", "mail", "phone"),
        *("boxes[].no", "boxes[].kg", "items[].sku", "items[].id", "items[].qty"),
    ]
    assert rows[first + 2] == [
        *("B", "渠道", "Channel", "必填 required", "订单 Order", "文本 text"),
        *("最多 20 个字符 up to 20 characters", "", "", "由顶点提供\nFrom Acme"),
        *("服务, Service", "channel"),
    ]


def test_guide_puts_rules_into_words(book: Any) -> None:
    lines = [str(row[0]) for row in book["Guide"].values if str(row[0]).startswith("•")]

    assert lines == [
        "• 至少填写一项：邮箱、电话    fill in at least one of Email, Phone",
        "• 当 投保 = 是 时：必须填写：邮箱；顶点要求"
        "    if Insured = yes: fill in Email; Acme asks for it",
        "• 填写了 箱号 时：数量 ≈ 重量(KG) × 重量(KG) 的合计 (± 5 %)（仅提醒）"
        "    if Box no. is given: Quantity ≈ the sum of Weight (kg) × Weight (kg) (± 5 %) "
        "(only a warning)",
        "• 填有 SKU 的行数 ≤ 50    the number of lines with SKU ≤ 50",
        "• 商品ID 必须是 箱号 之一    Item ID must be one of Box no.",
    ]


# -- the templates folder ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def remade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates")
    shutil.copytree(TEMPLATES / "data", folder / "data")
    published.rewrite(folder)
    return folder


def test_templates_folder_holds_what_is_made(remade: Path) -> None:
    made = {path.name for path in remade.glob("*.xlsx")}

    assert made == {*BLANKS, *FILLED}
    assert {path.name for path in TEMPLATES.glob("*.xlsx")} == made


@pytest.mark.parametrize("name", [*BLANKS, *FILLED])
def test_templates_are_in_step_with_mappings_and_data(name: str, remade: Path) -> None:
    """If this fails, run `python -m converter.sheet_template`.

    Names of countries and currencies come with babel, so the hidden sheet may differ.
    """
    assert _content(TEMPLATES / name) == _content(remade / name)


def _content(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    book = openpyxl.load_workbook(path)
    for page in book.worksheets:
        if page.title == "Choices":
            continue
        found[page.title] = [
            (
                cell.coordinate,
                cell.value,
                cell.number_format,
                cell.fill.fgColor.rgb,
                cell.comment.text if cell.comment else None,
            )
            for row in page.iter_rows()
            for cell in row
        ]
        found[f"{page.title} rules"] = [
            (rule.type, str(rule.sqref), re.sub(r"\$\d+$", "", rule.formula1 or ""))
            for rule in page.data_validations.dataValidation
        ]
        found[f"{page.title} widths"] = {
            letter: (dimension.width, dimension.number_format)
            for letter, dimension in page.column_dimensions.items()
        }
    return found


def test_same_mapping_makes_the_same_bytes(tmp_path: Path) -> None:
    workbook.write_template(ACME, tmp_path / "one.xlsx")
    workbook.write_template(ACME, tmp_path / "two.xlsx")

    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


@pytest.mark.parametrize("name", FILLED)
def test_filled_sheets_keep_codes_as_text_and_numbers_as_numbers(name: str) -> None:
    orders = openpyxl.load_workbook(TEMPLATES / name)["Orders"]
    formats = _column_formats(orders)
    kinds = {
        (formats[cell.column_letter], type(cell.value).__name__)
        for row in orders.iter_rows(min_row=2)
        for cell in row
        if cell.value is not None
    }

    assert kinds <= {
        ("@", "str"),
        ("General", "int"),
        ("General", "float"),
        ("yyyy-mm-dd hh:mm:ss", "datetime"),
    }


def test_example_rows_are_the_shipped_ones_or_made_of_the_mapping() -> None:
    mapping = load("oms")

    shipped = examples.read(TEMPLATES / "data" / "oms.csv", mapping)
    assert examples.shipped_or_made(mapping) == shipped
    assert examples.shipped_or_made(ACME) == examples.made(ACME)


def test_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        workbook.write_template(ACME, tmp_path / "nowhere" / "acme.xlsx")
