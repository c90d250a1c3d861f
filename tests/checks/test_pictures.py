"""The cell of each picture, whichever program placed it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.drawing.image import Image

from converter.checks import pictures
from converter.errors import SheetError
from converter.model import Cell

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def found(path: Path) -> dict[str, list[bytes]]:
    """Cell -> the contents of the pictures in it."""
    with pictures.opened(path) as opened:
        return {
            str(cell): [opened.read(one) if one.part else b"" for one in lying]
            for cell, lying in opened.at.items()
        }


def test_pictures_laid_on_cells(tmp_path: Path, picture_books: Any) -> None:
    red, green = picture_books.png(RED), picture_books.png(GREEN)
    path = picture_books.laid(tmp_path / "a.xlsx", [["x"]], {"C2": red, "C5": green, "AA9": red})

    assert found(path) == {"Orders!C2": [red], "Orders!C5": [green], "Orders!AA9": [red]}


def test_pictures_that_excel_put_into_cells(tmp_path: Path, picture_books: Any) -> None:
    red, green = picture_books.png(RED), picture_books.png(GREEN)
    path = picture_books.laid(
        tmp_path / "a.xlsx", [["x"]], {"C2": red, "C3": green, "C4": red}, in_cells=True
    )

    assert found(path) == {"Orders!C2": [red], "Orders!C3": [green], "Orders!C4": [red]}


@pytest.mark.parametrize("value", [None, "#NAME?"], ids=["saved by WPS", "saved by Excel"])
def test_pictures_that_wps_put_into_cells(
    tmp_path: Path, picture_books: Any, value: str | None
) -> None:
    red, green = picture_books.png(RED), picture_books.png(GREEN)
    path = picture_books.wps(
        tmp_path / "a.xlsx", [["x"]], {"ID_A": red, "ID_B": green},
        {"B2": "ID_B", "B3": "ID_A", "B4": "ID_GONE"}, value=value,
    )  # fmt: skip

    assert found(path) == {"Orders!B2": [green], "Orders!B3": [red], "Orders!B4": [b""]}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param('=DISPIMG("ID_A",1)', "xl/media/image1.png", id="as WPS shows it"),
        pytest.param('=_xlfn.DISPIMG("ID_A",1)', "xl/media/image1.png", id="as it is saved"),
        pytest.param('dispimg( "ID_A", 1 )', "xl/media/image1.png", id="otherwise written"),
        pytest.param('=DISPIMG("ID_X",1)', "", id="of another workbook"),
    ],
)
def test_a_text_that_shows_a_picture(
    tmp_path: Path, picture_books: Any, text: str, part: str
) -> None:
    path = picture_books.wps(tmp_path / "a.xlsx", [["x"]], {"ID_A": picture_books.png(RED)}, {})

    with pictures.opened(path) as opened:
        shown = opened.by_formula(text)
        assert shown is not None
        assert shown.part == part
        assert opened.by_formula("a.png") is None


def test_pictures_of_openpyxl_on_two_sheets(tmp_path: Path, picture_books: Any) -> None:
    red, green = picture_books.png(RED, 300), picture_books.png(GREEN)
    book = openpyxl.Workbook()
    del book["Sheet"]
    book.create_sheet("A & B").add_image(Image(io.BytesIO(red)), "D4")
    book.create_sheet("订单").add_image(Image(io.BytesIO(green)), "B2")
    book.save(tmp_path / "a.xlsx")

    with pictures.opened(tmp_path / "a.xlsx") as opened:
        assert set(opened.at) == {Cell("A & B", "D", 4), Cell("订单", "B", 2)}


@pytest.mark.parametrize(
    ("at", "cell"),
    [
        pytest.param({}, "Orders!C2", id="at the corner"),
        pytest.param({"y_offset": 9}, "Orders!C2", id="in the middle"),
        pytest.param({"y_offset": 18}, "Orders!C3", id="a little above the next row"),
        pytest.param({"x_offset": 60}, "Orders!D2", id="a little before the next column"),
        pytest.param({"x_offset": 60, "y_offset": 18}, "Orders!D3", id="both"),
        pytest.param({"y_offset": 18, "object_position": 1}, "Orders!C3", id="moves with cells"),
        pytest.param({"x_scale": 20, "y_scale": 20}, "Orders!C2", id="far larger than the cell"),
    ],
)
def test_a_picture_that_only_just_begins_in_a_cell_lies_in_the_next(
    tmp_path: Path, picture_books: Any, at: dict[str, Any], cell: str
) -> None:
    path = picture_books.laid(tmp_path / "a.xlsx", [], {"C2": picture_books.png(RED, 30)}, at=at)

    assert list(found(path)) == [cell]


def test_several_pictures_in_a_cell_are_all_told(tmp_path: Path, picture_books: Any) -> None:
    red, green = picture_books.png(RED), picture_books.png(GREEN)
    path = picture_books.wps(
        picture_books.laid(tmp_path / "a.xlsx"), [], {"ID_A": red}, {"B2": "ID_A"}
    )
    both = openpyxl.Workbook()
    del both["Sheet"]
    orders = both.create_sheet("Orders")
    for content in (red, green):
        orders.add_image(Image(io.BytesIO(content)), "B2")
    both.save(path)

    assert [len(lying) for lying in found(path).values()] == [2]


def test_a_picture_that_is_only_linked_has_no_content(tmp_path: Path, picture_books: Any) -> None:
    path = picture_books.laid(tmp_path / "a.xlsx", [], {"C2": picture_books.png(RED)})
    picture_books.change(
        path, {}, {"xl/drawings/_rels/drawing1.xml.rels":
                   (b'Target="../media/image1.png"',
                    b'Target="file:///etc/hostname" TargetMode="External"')}
    )  # fmt: skip

    assert found(path) == {"Orders!C2": [b""]}


@pytest.mark.parametrize(
    "target",
    ["../../../../etc/hostname", "/etc/hostname", "../media/nothing.png", "../worksheets"],
)
def test_a_picture_is_nothing_but_a_part_of_the_workbook(
    tmp_path: Path, picture_books: Any, target: str
) -> None:
    path = picture_books.laid(tmp_path / "a.xlsx", [], {"C2": picture_books.png(RED)})
    picture_books.change(
        path, {}, {"xl/drawings/_rels/drawing1.xml.rels":
                   (b"../media/image1.png", target.encode())}
    )  # fmt: skip

    assert found(path) == {"Orders!C2": [b""]}


@pytest.mark.parametrize(
    ("part", "before", "after"),
    [
        pytest.param("xl/drawings/drawing1.xml", b"</xdr:wsDr>", b"", id="cut off"),
        pytest.param("xl/drawings/drawing1.xml", b"<xdr:wsDr",
                     b'<!DOCTYPE a [<!ENTITY b "c">]><xdr:wsDr', id="document type"),
        pytest.param("xl/drawings/drawing1.xml", b"<xdr:col>2<", b"<xdr:col>-9<", id="before A"),
        pytest.param("xl/drawings/drawing1.xml", b"<xdr:col>2<", b"<xdr:col>99999<", id="far"),
        pytest.param("xl/drawings/drawing1.xml", b"<xdr:row>1<", b"<xdr:row>x<", id="no number"),
        pytest.param("xl/worksheets/sheet1.xml", b"</worksheet>", b"", id="sheet cut off"),
        pytest.param("xl/drawings/drawing1.xml", b"<xdr:pic>", b"<xdr:a>" * 5000 + b"<xdr:pic>",
                     id="deep"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_stops_with_a_code(
    tmp_path: Path, picture_books: Any, part: str, before: bytes, after: bytes
) -> None:
    path = picture_books.laid(tmp_path / "a.xlsx", [["x"]], {"C2": picture_books.png(RED)})
    picture_books.change(path, {}, {part: (before, after)})

    with pytest.raises(SheetError, match=r"DAMAGED_PICTURES"):
        found(path)


def test_more_markup_than_any_drawing_has(tmp_path: Path, picture_books: Any) -> None:
    path = picture_books.laid(tmp_path / "a.xlsx", [["x"]], {"C2": picture_books.png(RED)})
    many = b"<a/>" * 2_000_001
    picture_books.change(
        path, {}, {"xl/drawings/drawing1.xml": (b"</xdr:wsDr>", many + b"</xdr:wsDr>")}
    )

    with pytest.raises(SheetError, match=r"DAMAGED_PICTURES"):
        found(path)


@pytest.mark.parametrize(
    ("parts", "unread"),
    [
        pytest.param({"xl/workbook.bin": b"", "xl/media/image1.png": b""}, True, id="xlsb"),
        pytest.param({"content.xml": b"", "Pictures/1.png": b""}, True, id="ods"),
        pytest.param({"content.xml": b""}, False, id="ods without pictures"),
    ],
)
def test_pictures_of_other_files_are_not_passed_over_in_silence(
    tmp_path: Path, parts: dict[str, bytes], unread: bool
) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    with pictures.opened(path) as opened:
        assert opened.unread == unread
        assert not opened.at


def test_pictures_of_an_old_workbook_are_not_passed_over_in_silence(
    tmp_path: Path, picture_books: Any
) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(512) + picture_books.png(RED))

    with pictures.opened(path) as opened:
        assert opened.unread


def test_a_text_file_has_no_pictures(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")

    assert found(path) == {}
