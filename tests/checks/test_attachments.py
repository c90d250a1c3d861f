"""Pictures and files in orders: each item is sent with the content of its own cell."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result
from openpyxl.drawing.image import Image
from openpyxl.utils import get_column_letter

from converter import messages
from converter.checks import attachments, cells
from converter.checks.attachments import Attachment, Attachments
from converter.checks.files import Folder
from converter.checks.pictures import Pictures
from converter.errors import MappingError, SheetError
from converter.mapping.load import load_mapping, parse_mapping
from converter.orders import by_order, grouping, rules

RED, GREEN = (255, 0, 0), (0, 255, 0)

Run = Callable[..., Result]

MAPPING = """
provider: pics
title: {en: Pics, zh: 图}
source: made up for the tests
settings:
  base_url: {env: PICS_BASE_URL, default: "https://pics.example"}
request: {path: /orders, body: $order}
order:
  reference: ref
  lists: {items: {required: true}}
fields:
  - {path: ref, title: {zh: 单号, en: Ref}, required: true}
  - {path: "items[].sku", title: {zh: SKU, en: SKU}, required: true}
  - path: items[].picture
    title: {zh: 图片, en: Picture}
    format: base64
    file: {types: [jpg, png], max_bytes: 2000, extension: "items[].ext", name: "items[].name"}
  - path: items[].ext
    title: {zh: 格式, en: Ext}
    type: choice
    choices: {.jpg: [jpg], .jpeg: [jpeg], .png: [png]}
  - {path: "items[].name", title: {zh: 文件名, en: Name}}
response: {call_ok: ok, match: {single: true}, accepted: ok}
"""

HEAD = ["Ref", "SKU", "Picture", "Ext", "Name"]


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture
def pics(home: Path) -> Path:
    """The folder that the sheet is in, with the mapping and some files, and a secret outside."""
    folder = home / "work"
    (folder / "sub").mkdir(parents=True)
    (folder / "pics.yaml").write_text(MAPPING, encoding="utf-8")
    return folder


@pytest.fixture
def convert(run: Run, pics: Path) -> Callable[..., tuple[list[dict[str, Any]], list[str]]]:
    """The items that would be sent, and the program's messages."""

    def convert(path: Path, *words: str) -> tuple[list[dict[str, Any]], list[str]]:
        done = run("convert", str(path), "-p", str(pics / "pics.yaml"), *words)
        bodies = [json.loads(line)["body"] for line in done.stdout.splitlines()]
        return [item for body in bodies for item in body["items"]], [
            line.strip() for line in done.stderr.splitlines()
        ]

    return convert


# -- pictures in the row -----------------------------------------------------------------------

ROWS = [HEAD, ["O-1", "S-1"], ["O-1", "S-2"], ["O-2", "S-3"]]


@pytest.mark.parametrize("in_cells", [False, True], ids=["laid on the sheet", "placed in cells"])
def test_each_item_has_the_picture_of_its_row(
    pics: Path, convert: Any, picture_books: Any, in_cells: bool
) -> None:
    red, green = picture_books.png(RED), picture_books.png(GREEN)
    book = picture_books.laid(
        pics / "o.xlsx", ROWS, {"C2": red, "C4": green, "F3": red}, in_cells=in_cells
    )

    items, said = convert(book)

    assert items == [
        {"sku": "S-1", "picture": encoded(red), "ext": ".png", "name": "image1.png"},
        {"sku": "S-2"},
        {"sku": "S-3", "picture": encoded(green), "ext": ".png", "name": "image2.png"},
    ]
    assert "2 orders: 2 valid" in said


@pytest.mark.parametrize("value", [None, "#NAME?"], ids=["saved by WPS", "saved by Excel"])
def test_each_item_has_wps_picture_of_its_cell(
    pics: Path, convert: Any, picture_books: Any, value: str | None
) -> None:
    red, green = picture_books.png(RED), picture_books.png(GREEN)
    book = picture_books.wps(
        pics / "o.xlsx", ROWS, {"ID_A": red, "ID_B": green}, {"C2": "ID_B", "C4": "ID_A"},
        value=value,
    )  # fmt: skip

    items, _ = convert(book)

    assert [item.get("picture") for item in items] == [encoded(green), None, encoded(red)]


def test_a_picture_in_merged_cells_is_each_rows(
    pics: Path, convert: Any, picture_books: Any
) -> None:
    red = picture_books.png(RED)
    book = openpyxl.load_workbook(picture_books.laid(pics / "o.xlsx", ROWS, {"C2": red}))
    book["Orders"].merge_cells("C2:C3")
    book.save(pics / "o.xlsx")

    items, _ = convert(pics / "o.xlsx")

    assert ["picture" in item for item in items] == [True, True, False]


@pytest.mark.parametrize("kind", ["laid on the sheet", "placed in cells", "of WPS", "of both"])
def test_the_pictures_are_still_there_in_the_result_workbook(
    pics: Path, convert: Any, run: Run, picture_books: Any, kind: str
) -> None:
    red, green = picture_books.png(RED), picture_books.png(GREEN)
    book, rows = pics / "o.xlsx", [HEAD, ["O-1", "S-1"], ["O-2", ""], ["O-3", "S-3"]]
    if kind in ("of WPS", "of both"):
        shown = {"C2": "ID_B", "C3": "ID_A", "C4": "ID_A"}
        value = "#NAME?" if kind == "of both" else None
        picture_books.wps(book, rows, {"ID_A": red, "ID_B": green}, shown, value=value)
    else:
        laid = {"C2": green, "C3": red, "C4": red}
        picture_books.laid(book, rows, laid, in_cells=kind == "placed in cells")
    before, _ = convert(book)

    run("check", str(book), "-p", str(pics / "pics.yaml"))
    after, _ = convert(pics / "o.result.xlsx")

    assert after == before
    assert [item["picture"] for item in after] == [encoded(green), encoded(red)]


LAYOUTS = {
    "numbered columns": (
        [["Ref", "SKU1", "图片1", "SKU2", "图片2"], ["O-1", "S-1", "", "S-2"], ["O-2", "S-3"]],
        {"C2": RED, "E2": GREEN, "C3": GREEN},
    ),
    "a title above and a total below": (
        [["出货清单"], [], ["Ref", "SKU", "图片"], ["O-1", "S-1"], ["", "S-2"], ["O-2", "S-3"],
         ["合计"]],
        {"A1": GREEN, "C4": RED, "C5": GREEN, "C6": GREEN, "C7": RED},
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pictures_in_other_layouts(
    pics: Path, convert: Any, picture_books: Any, layout: str
) -> None:
    rows, colors = LAYOUTS[layout]
    laid = {cell: picture_books.png(color) for cell, color in colors.items()}

    items, _ = convert(picture_books.laid(pics / "o.xlsx", rows, laid))

    red, green = encoded(picture_books.png(RED)), encoded(picture_books.png(GREEN))
    expected = [("S-1", red), ("S-2", green), ("S-3", green)]
    assert [(item["sku"], item.get("picture")) for item in items] == expected


def test_pictures_on_a_sheet_of_items(pics: Path, convert: Any, picture_books: Any) -> None:
    to = "  - {path: to, title: {zh: 收件人, en: To}, required: true}\n"
    changed = MAPPING.replace("fields:\n", f"fields:\n{to}")
    (pics / "pics.yaml").write_text(changed, encoding="utf-8")
    rows = [["Ref", "SKU", "Picture"], ["O-1", "S-1"], ["O-1", "S-2"], ["O-2", "S-3"]]
    green = picture_books.png(GREEN)
    book = openpyxl.load_workbook(picture_books.laid(pics / "o.xlsx", rows, {"C4": green}))
    heads = book.create_sheet("Heads", 0)
    for row in (["Ref", "To"], ["O-1", "Ann"], ["O-2", "Ben"]):
        heads.append(row)
    book.save(pics / "o.xlsx")

    items, _ = convert(pics / "o.xlsx")

    assert [item.get("picture") for item in items] == [None, None, encoded(green)]


@pytest.mark.parametrize(
    ("picture", "typed", "en", "zh"),
    [
        pytest.param(
            "large", "",
            "expected a picture of at most 2,000 bytes, found one of 3,000 bytes. "
            "Compress the pictures in Excel or WPS.",
            "图片最大 2,000 bytes，实际为 3,000 bytes。请在 Excel 或 WPS 中压缩图片。",
            id="too large",
        ),
        pytest.param(
            "gif", "",
            "expected a picture of jpg, png, found one of gif. Save it as one of these and "
            "insert it again.",
            "图片格式应为 jpg, png，实际为 gif。请另存为其中一种格式后重新插入。",
            id="wrong type",
        ),
        pytest.param(
            "red", "a note",
            "expected a picture or a text, found a picture and 'a note' in one cell. Remove one.",
            "单元格内同时有图片和文字 'a note'，只能保留一个。请删除其中之一。",
            id="a text under it",
        ),
        pytest.param(
            "linked", "",
            "expected a picture, found one that is not in this workbook: it was only linked, or "
            "was lost on copying. Insert it again.",
            "图片不在本工作簿中（只是链接，或复制时丢失）。请重新插入图片。",
            id="only linked",
        ),
    ],
)  # fmt: skip
def test_a_picture_that_cannot_be_sent(
    pics: Path, convert: Any, picture_books: Any, picture: str, typed: str, en: str, zh: str
) -> None:
    red = picture_books.png(RED)
    content = {
        "large": red.ljust(3000, b"\0"),
        "gif": b"GIF89a\x08\0\x08\0" + bytes(200),
    }.get(picture, red)
    book = picture_books.laid(
        pics / "o.xlsx", [HEAD, ["O-1", "S-1"], ["O-2", "S-2", typed]], {"C3": content}
    )
    if picture == "linked":
        rels = "xl/drawings/_rels/drawing1.xml.rels"
        picture_books.change(book, {}, {rels: (b"/image1.png", b"/image9.png")})

    items, said = convert(book)
    _, said_zh = convert(book, "--lang", "zh")

    assert items == [{"sku": "S-1"}]
    assert f"Orders!C3 Picture: {en}" in said
    assert f"Orders!C3 Picture：{zh}" in said_zh


def test_two_pictures_in_one_cell(pics: Path, convert: Any, picture_books: Any) -> None:
    book = picture_books.laid(pics / "o.xlsx", ROWS, {"C2": picture_books.png(RED)})
    two = openpyxl.load_workbook(book)
    green = io.BytesIO(picture_books.png(GREEN))
    two["Orders"].add_image(Image(green), "C2")
    two.save(book)

    items, said = convert(book)

    assert [item["sku"] for item in items] == ["S-3"]
    assert (
        "Orders!C2 Picture: expected one picture in the cell, found 2. Delete or move the others."
        in said
    )


# -- files named in the cell -------------------------------------------------------------------


@pytest.fixture
def filled(pics: Path, picture_books: Any) -> Path:
    """Files in the sheet's folder, beside others that must never be read."""
    (pics / "green.png").write_bytes(picture_books.png(GREEN))
    (pics / "sub" / "红.JPEG").write_bytes(picture_books.jpg)
    (pics / "wrong.jpg").write_bytes(picture_books.png(RED))
    (pics / "form.pdf").write_bytes(picture_books.pdf)
    (pics / "text.png").write_bytes(b"nothing but text")
    (pics / "large.jpg").write_bytes(picture_books.jpg.ljust(2001, b"\0"))
    (pics.parent / "secret.png").write_bytes(picture_books.png(RED))
    (pics / "link.png").symlink_to(pics.parent / "secret.png")
    (pics / "up").symlink_to(pics.parent)
    return pics


def sheet(folder: Path, *texts: str) -> Path:
    path = folder / "o.csv"
    lines = [",".join(HEAD), *(f'O-{at},S-{at},"{text}",,' for at, text in enumerate(texts, 1))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_file_beside_the_sheet(filled: Path, convert: Any, picture_books: Any) -> None:
    green, jpg = encoded(picture_books.png(GREEN)), encoded(picture_books.jpg)

    items, _ = convert(sheet(filled, "green.png", r"sub\红.JPEG", "-", "", green))

    assert items == [
        {"sku": "S-1", "picture": green, "ext": ".png", "name": "green.png"},
        {"sku": "S-2", "picture": jpg, "ext": ".jpg", "name": "红.JPEG"},
        {"sku": "S-3"},
        {"sku": "S-4"},
        {"sku": "S-5", "picture": green, "ext": ".png"},
    ]


def test_a_file_in_a_folder_that_is_named(filled: Path, convert: Any) -> None:
    path = sheet(filled, "红.JPEG", "green.png")

    items, said = convert(path, "--files", str(filled / "sub"))

    assert [item["sku"] for item in items] == ["S-1"]
    assert (
        f"o!C3 Picture: expected the file 'green.png' in the folder {filled / 'sub'}, found none. "
        "Put it there, or say --files DIR." in said
    )


def test_a_folder_that_is_not_there(filled: Path, run: Run) -> None:
    done = run("convert", str(sheet(filled, "")), "-p", str(filled / "pics.yaml"), "--files", "no")

    assert done.exit_code == 2
    assert "'no' does not exist" in done.stderr


def test_what_is_typed_beside_a_file_counts(filled: Path, convert: Any) -> None:
    path = filled / "o.csv"
    path.write_text(
        ",".join(HEAD) + "\nO-1,S-1,sub/红.JPEG,jpeg,mine.jpg\nO-2,S-2,green.png,jpg,\n",
        encoding="utf-8",
    )

    items, said = convert(path)

    assert [(item["ext"], item["name"]) for item in items] == [(".jpeg", "mine.jpg")]
    assert (
        "o!D3 Ext: expected .png as the content is, found '.jpg'. Correct it, or leave it blank."
        in said
    )


REFUSED = [
    pytest.param(
        "none.png",
        "expected the file 'none.png' in the folder {folder}, found none. "
        "Put it there, or say --files DIR.",
        "文件夹 {folder} 中没有文件 'none.png'。请把文件放到该处，或用 --files 指定文件夹。",
        id="missing",
    ),
    pytest.param(
        "../secret.png",
        "expected a file inside the folder {folder}, found '../secret.png', which leads out of "
        "it. Put the file into the folder and write its name alone.",
        "文件必须在文件夹 {folder} 内，而 '../secret.png' 指向其外。"
        "请把文件放入该文件夹，只填文件名。",
        id="up",
    ),
    pytest.param(
        "/etc/pic.png",
        "expected a file inside the folder {folder}, found '/etc/pic.png', which leads out of it. "
        "Put the file into the folder and write its name alone.",
        "文件必须在文件夹 {folder} 内，而 '/etc/pic.png' 指向其外。"
        "请把文件放入该文件夹，只填文件名。",
        id="absolute",
    ),
    pytest.param(
        "link.png",
        "expected a file inside the folder {folder}, found 'link.png', which is or passes a link. "
        "Put the file itself there.",
        "文件必须在文件夹 {folder} 内，而 'link.png' 是链接或经过链接。请放入文件本身。",
        id="link",
    ),
    pytest.param(
        "up/secret.png",
        "expected a file inside the folder {folder}, found 'up/secret.png', which is or passes a "
        "link. Put the file itself there.",
        "文件必须在文件夹 {folder} 内，而 'up/secret.png' 是链接或经过链接。请放入文件本身。",
        id="linked folder",
    ),
    pytest.param(
        "large.jpg",
        "expected a file of at most 2,000 bytes, found 'large.jpg' with 2,001 bytes. "
        "Make it smaller.",
        "文件最大 2,000 bytes，而 'large.jpg' 为 2,001 bytes。请压缩。",
        id="too large",
    ),
    pytest.param(
        "form.pdf",
        "expected a file with the content of jpg, png, found 'form.pdf' with the content of pdf. "
        "Save it as one of these.",
        "文件内容应为 jpg, png，而 'form.pdf' 的内容为 pdf。请另存为其中一种格式。",
        id="wrong type",
    ),
    pytest.param(
        "text.png",
        "expected a file with the content of jpg, png, found 'text.png' with the content of ?. "
        "Save it as one of these.",
        "文件内容应为 jpg, png，而 'text.png' 的内容为 ?。请另存为其中一种格式。",
        id="a picture in name only",
    ),
    pytest.param(
        "wrong.jpg",
        "expected a name that ends as its content does, found 'wrong.jpg' with the content of "
        "png. Rename the file, or take the right one.",
        "文件扩展名应与内容一致，而 'wrong.jpg' 的内容为 png。请改名或换成正确的文件。",
        id="wrong ending",
    ),
    pytest.param(
        "红色",
        "expected a picture in the cell, a file's name with its ending or Base64 text "
        "(jpg, png), found '红色'. Give one of these.",
        "应为单元格内的图片、带扩展名的文件名或 Base64 文本（jpg, png），实际为 '红色'。请更正。",
        id="no name and no Base64",
    ),
]


@pytest.mark.parametrize(("text", "en", "zh"), REFUSED)
def test_a_file_that_is_not_taken(filled: Path, convert: Any, text: str, en: str, zh: str) -> None:
    path = sheet(filled, "green.png", text)

    items, said = convert(path)
    _, said_zh = convert(path, "--lang", "zh")

    assert [item["sku"] for item in items] == ["S-1"]
    assert f"o!C3 Picture: {en.format(folder=filled)}" in said
    assert f"o!C3 Picture：{zh.format(folder=filled)}" in said_zh


@pytest.mark.parametrize(
    ("text", "sent", "warning"),
    [
        pytest.param(
            "https://example.com/a.jpg", None,
            "found the web address 'https://example.com/a.jpg'; the provider takes only the "
            "content, so this is not sent. Insert the picture, or write a file's name.",
            id="web address",
        ),
        pytest.param(
            "pic1", "pic1",
            "'pic1' is sent as Base64, but is not the content of jpg, png. If it is the name of "
            "a file, write it with its ending, such as .jpg.",
            id="a name without ending",
        ),
    ],
)  # fmt: skip
def test_what_is_doubtful_is_said(
    filled: Path, convert: Any, text: str, sent: str | None, warning: str
) -> None:
    items, said = convert(sheet(filled, text))

    assert [item.get("picture") for item in items] == [sent]
    assert f"Warning: o!C2 Picture: {warning}" in said


# -- the room ----------------------------------------------------------------------------------


def test_a_file_is_read_once_and_its_content_is_in_memory_once(
    filled: Path, sheets: Any, picture_books: Any
) -> None:
    (filled / "again.png").write_bytes(picture_books.png(GREEN))
    mapping = load_mapping(filled / "pics.yaml")
    table = sheets.table(sheet(filled, "green.png", "again.png", "./green.png"), mapping)

    column = Attachments(Folder.of(filled), Pictures()).column(
        mapping.field("items[].picture"), table
    )

    read = [one for one in column.parsed if isinstance(one, Attachment)]
    assert len(read) == 3
    assert len({id(one.content) for one in read}) == 1


def test_all_files_together_have_a_limit(filled: Path, sheets: Any) -> None:
    mapping = load_mapping(filled / "pics.yaml")
    table = sheets.table(sheet(filled, "green.png", "sub/红.JPEG"), mapping)
    spec = mapping.field("items[].picture")

    with pytest.raises(SheetError, match=re.escape("[FILES_LIMIT]")):
        Attachments(Folder.of(filled), Pictures(), total=100).column(spec, table)


UNUSED = (
    "Pictures in columns that take none (1 of them, the first in Orders!B2) are not sent. "
    "If they should be, call their column 图片 / Picture."
)


@pytest.mark.parametrize(
    ("place", "notes"),
    [
        pytest.param("B2", [UNUSED], id="beside an order"),
        pytest.param("B1", [], id="in the header"),
        pytest.param("B9", [], id="below the orders"),
    ],
)
def test_pictures_in_other_columns_are_not_passed_over_in_silence(
    filled: Path, convert: Any, picture_books: Any, place: str, notes: list[str]
) -> None:
    red = picture_books.png(RED)
    book = picture_books.laid(filled / "o.xlsx", [["Ref", "SKU"], ["O-1", "S-1"]], {place: red})

    items, said = convert(book)

    assert items == [{"sku": "S-1"}]
    assert [line for line in said if "Pictures in columns" in line] == notes


def test_a_drawing_that_nobody_needs_may_be_damaged(
    filled: Path, convert: Any, picture_books: Any
) -> None:
    red = picture_books.png(RED)
    book = picture_books.laid(filled / "o.xlsx", [["Ref", "SKU"], ["O-1", "S-1"]], {"B2": red})
    picture_books.change(book, {}, {"xl/drawings/drawing1.xml": (b"</xdr:wsDr>", b"")})

    items, _ = convert(book)

    assert items == [{"sku": "S-1"}]


def test_pictures_of_an_ods_are_not_passed_over_in_silence(
    filled: Path, sheets: Any, picture_books: Any
) -> None:
    mapping = load_mapping(filled / "pics.yaml")
    table = sheets.table([HEAD, ["O-1", "S-1"]], mapping)
    book = filled / "o.ods"
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("Pictures/1.png", picture_books.png(RED))

    with attachments.opened(book, None, table, mapping) as opened:
        assert opened.notes == (
            "The workbook holds pictures, which are read from .xlsx only. Save it as .xlsx if the "
            "orders need them.",
        )


def test_without_files_the_text_is_base64_alone(filled: Path, sheets: Any) -> None:
    mapping = load_mapping(filled / "pics.yaml")
    table = sheets.table(sheet(filled, "green.png"), mapping)

    found = by_order.in_order(rules.check(grouping.group(cells.check(table, mapping, {}), mapping)))

    assert [messages.issue(issue, "en") for issue in found] == [
        "o!C2 Picture: expected Base64 text, found 'green.png'. Paste the encoded content again."
    ]


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        pytest.param(
            "format: base64", "format: url",
            "items[].picture: 'file' goes with 'format: base64' and without 'max'",
            id="another format",
        ),
        pytest.param(
            'extension: "items[].ext"', 'extension: "items[].extension"',
            "there is no field 'items[].extension', did you mean 'items[].ext'?",
            id="unknown field",
        ),
        pytest.param(
            'name: "items[].name"', "name: ref",
            "ref is not in the list of items[].picture", id="field of the order",
        ),
        pytest.param(
            "types: [jpg, png]", "types: [jpg, gif]",
            "items[].ext is never '.gif': its choices are .jpg, .jpeg, .png", id="ending unknown",
        ),
        pytest.param(
            "types: [jpg, png]", "types: [jpg, doc]", "types: expected one of 'jpg'", id="kind",
        ),
    ],
)  # fmt: skip
def test_a_declaration_that_cannot_hold(before: str, after: str, problem: str) -> None:
    with pytest.raises(MappingError, match=re.escape(problem)):
        parse_mapping(MAPPING.replace(before, after), "pics.yaml")


# -- the shipped mappings ----------------------------------------------------------------------


def test_scexpress_takes_a_picture_and_its_format(run: Run, home: Path, picture_books: Any) -> None:
    run("template", "scexpress", "--example", "-o", "orders.xlsx")
    book = openpyxl.load_workbook("orders.xlsx")
    rows = [[cell.value for cell in row] for row in book["Orders"].iter_rows()]
    letter = next(c.column_letter for c in book["Orders"][1] if c.value == "产品图片\nPicture")
    red = picture_books.png(RED)
    picture_books.laid(home / "with.xlsx", rows, {f"{letter}3": red})

    done = run("convert", "with.xlsx", "-p", "scexpress")

    items = [
        item
        for line in done.stdout.splitlines()
        for order in json.loads(line)["body"]["datas"]
        for item in order["items"]
    ]
    assert [item.get("image") for item in items] == [None, encoded(red), *[None] * 5]
    assert items[1]["imgext"] == ".png"


def test_oms_takes_an_attachment_and_its_name(run: Run, home: Path, picture_books: Any) -> None:
    (home / "label.pdf").write_bytes(picture_books.pdf)
    (home / "o.csv").write_text(
        "订单号,仓库编码,物流渠道,收件人姓名,收件人邮编,收件人国家,收件人手机号,收件人城市,"
        "收件人地址,SKU,数量,附件类型,附件内容\n"
        "PO-1,LA,UPS,Ann,90001,US,3235550100,Los Angeles,1 Road,S-1,2,LABEL,label.pdf\n",
        encoding="utf-8",
    )

    done = run("convert", "o.csv", "-p", "oms")

    (order,) = json.loads(done.stdout)["body"]
    assert order["attachmentMiddleDTOs"] == [
        {
            "attachmentType": "LABEL",
            "fileName": "label.pdf",
            "base64": encoded(picture_books.pdf),
        }
    ]


def test_apicenter_takes_a_label(run: Run, home: Path, picture_books: Any) -> None:
    (home / "label.pdf").write_bytes(picture_books.pdf)
    run("template", "apicenter", "--example", "-o", "orders.xlsx")
    book = openpyxl.load_workbook("orders.xlsx")
    letters = {
        str(c.value).partition("\n")[0]: get_column_letter(at)
        for at, c in enumerate(book["Orders"][1], 1)
    }
    book["Orders"][letters["面单base64"] + "2"] = "label.pdf"
    book["Orders"][letters["面单地址"] + "2"] = None
    book.save("orders.xlsx")

    done = run("convert", "orders.xlsx", "-p", "apicenter")

    first = json.loads(done.stdout.splitlines()[0])["body"]
    assert encoded(picture_books.pdf) in json.dumps(first)
