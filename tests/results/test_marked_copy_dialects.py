"""Workbooks as other programs write them are marked like those of Excel."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xlsxwriter

from converter.model import STATUS_TITLE, Result, Status
from converter.report import Report
from converter.results import marked_copy, palette
from converter.results.content import ResultContent
from converter.results.marks import MOST_NOTES
from converter.results.notes import Notes
from converter.results.order_sheet import OrderSheet
from tests.results.marking import (
    ACCEPTED,
    TITLES,
    invalid,
    issue,
    load,
    mark,
    statuses,
)
from tests.zip_parts import change_parts, parts

# -- sheets of other programs ------------------------------------------------------------------


def with_sheet(change: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], None]:
    def remake(found: dict[str, bytes]) -> None:
        xml = change(found["xl/worksheets/sheet1.xml"])
        found["xl/worksheets/sheet1.xml"] = xml

    return remake


def prefixed(xml: bytes) -> bytes:
    xml = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", xml)
    return xml.replace(b"xmlns=", b"xmlns:x=")


def pretty(xml: bytes) -> bytes:
    return re.sub(rb"(<c |</row>)", rb"\n  \1", xml)


def all_prefixed(found: dict[str, bytes]) -> None:
    for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"):
        found[name] = prefixed(found[name])


_LOOSE = (
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
)
_STRICT = (
    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships",
)


def rename(found: dict[str, bytes], before: Sequence[bytes], after: Sequence[bytes]) -> None:
    for name in found:
        for old, new in zip(before, after, strict=True):
            found[name] = found[name].replace(old, new)


def without_part(name: str, kind: str) -> Callable[[dict[str, bytes]], None]:
    def remake(found: dict[str, bytes]) -> None:
        del found[name]
        for relations in ("_rels/.rels", "xl/_rels/workbook.xml.rels"):
            pattern = rb"<Relationship [^>]*/%b\"[^>]*/>" % kind.encode()
            found[relations] = re.sub(pattern, b"", found[relations])
        types, part = "[Content_Types].xml", name.encode()
        found[types] = re.sub(rb'<Override [^>]*PartName="/%b"[^>]*/>' % part, b"", found[types])

    return remake


def test_strict_workbook_stays_strict(simple: Path) -> None:
    marked = mark(change_parts(simple, lambda found: rename(found, _LOOSE, _STRICT)), invalid("B3"))

    assert not any(old in xml for xml in parts(marked).values() for old in _LOOSE)
    assert (
        statuses(change_parts(marked, lambda found: rename(found, _STRICT, _LOOSE)))[1] == "invalid"
    )


def absolute_targets(found: dict[str, bytes]) -> None:
    name = "xl/_rels/workbook.xml.rels"
    found[name] = found[name].replace(b'Target="worksheets', b'Target="/xl/Worksheets')


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _: None, id="as usual"),
        pytest.param(with_sheet(pretty), id="a line for each cell"),
        pytest.param(with_sheet(prefixed), id="prefix"),
        pytest.param(all_prefixed, id="prefixes everywhere"),
        pytest.param(
            with_sheet(lambda xml: re.sub(rb'(<(?:c|row)\b[^>]*?) r="\w+"', rb"\1", xml)),
            id="no numbers on rows and cells",
        ),
        pytest.param(
            with_sheet(lambda xml: re.sub(rb'="([^"\']*)"', rb"='\1'", xml)), id="single quotes"
        ),
        pytest.param(
            with_sheet(lambda xml: xml.replace(b"<row", b"<!-- </row> <row r='9'> --><row")),
            id="comments",
        ),
        pytest.param(
            with_sheet(lambda xml: re.sub(rb"<v>(\d+)</v>", rb"<v><![CDATA[\1]]></v>", xml)),
            id="sections of text",
        ),
        pytest.param(with_sheet(lambda xml: b"\xef\xbb\xbf" + xml), id="byte order mark"),
        pytest.param(with_sheet(lambda xml: xml.decode().encode("utf-16")), id="UTF-16"),
        pytest.param(
            with_sheet(lambda xml: re.sub(rb"<dimension[^>]*/>", b"", xml)), id="no dimension"
        ),
        pytest.param(with_sheet(lambda xml: xml.replace(b"><", b">\n  <")), id="indented"),
        pytest.param(with_sheet(lambda xml: xml.replace(b' r="', b'\n r="')), id="line breaks"),
        pytest.param(with_sheet(lambda xml: re.sub(rb"(</\w+)>", rb"\1 >", xml)), id="wide ends"),
        pytest.param(absolute_targets, id="absolute targets in other letters"),
        pytest.param(without_part("docProps/app.xml", "extended-properties"), id="no app.xml"),
        pytest.param(without_part("docProps/core.xml", "core-properties"), id="no core.xml"),
        pytest.param(without_part("xl/theme/theme1.xml", "theme"), id="no theme"),
    ],
)
def test_sheets_of_every_hand_are_marked(
    simple: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    values = load(simple)["Orders"]
    expected = [[cell.value for cell in row] for row in values.iter_rows(max_col=4)]
    change_parts(simple, change)

    again = mark(mark(simple, invalid("A2", "B3")), invalid("B3", "D4"))

    book = load(again)
    sheet = book["Orders"]
    assert book.sheetnames == ["Results", "Orders", "Summary"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(max_col=4)] == expected
    assert statuses(again) == [STATUS_TITLE, "invalid", "invalid", "accepted"]
    filled = [
        c.coordinate for r in sheet["A2:D4"] for c in r if c.fill.fgColor.rgb[2:] == palette.RED
    ]
    assert filled == ["B3", "D4"]
    assert [c.coordinate for r in sheet for c in r if c.comment] == ["B3", "D4"]


def test_workbook_without_styles_gets_some(simple: Path) -> None:
    def remove_styles(found: dict[str, bytes]) -> None:
        without_part("xl/styles.xml", "styles")(found)
        xml = found["xl/worksheets/sheet1.xml"]
        found["xl/worksheets/sheet1.xml"] = re.sub(rb' s="\d+"', b"", xml)

    change_parts(simple, remove_styles)

    sheet = load(mark(simple, invalid("B3")))["Orders"]

    assert sheet["B3"].fill.fgColor.rgb == f"FF{palette.RED}"
    assert sheet["A2"].font.name == "Calibri"


def test_sheet_without_rows_is_marked(simple: Path) -> None:
    empty = with_sheet(lambda xml: re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData/>", xml))
    change_parts(simple, empty)

    sheet = load(mark(simple, invalid("B7")))["Orders"]

    assert sheet["B7"].fill.fgColor.rgb == f"FF{palette.RED}"
    assert [sheet[f"E{row}"].value for row in (1, 2)] == [STATUS_TITLE, "invalid"]


def test_document_type_is_refused(simple: Path) -> None:
    """Entities could make a gigabyte of a line: such a workbook is written anew."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    change = with_sheet(lambda xml: xml.replace(b"<worksheet", bomb + b"<worksheet", 1))
    change_parts(simple, change)
    report = Report("acme", "orders.xlsx", "run", ACCEPTED)
    view = OrderSheet("Orders", 1, ("A", "B", "C", "D"), TITLES, 3, lambda: ())

    assert not marked_copy.write(ResultContent(report, view), simple, simple.with_name("out.xlsx"))


# -- macros, and what calculates ---------------------------------------------------------------


def test_macros_are_left_out(tmp_path: Path) -> None:
    """The result is called .xlsx, and Excel opens none that holds macros."""
    path = tmp_path / "orders.xlsm"
    book = xlsxwriter.Workbook(path)
    book.add_vba_project(io.BytesIO(b"macros"), is_stream=True)
    sheet = book.add_worksheet("Orders")
    sheet.write_row(0, 0, TITLES)
    book.close()

    found = parts(mark(path, ACCEPTED))

    assert "xl/vbaProject.bin" not in found
    assert b"macroEnabled" not in found["[Content_Types].xml"]
    assert b"vbaProject" not in found["xl/_rels/workbook.xml.rels"]


def test_signature_of_the_customers_workbook_is_left_out(simple: Path) -> None:
    """It says that nothing was changed."""

    def sign(found: dict[str, bytes]) -> None:
        found["_xmlsignatures/origin.sigs"] = b""
        found["[Content_Types].xml"] = found["[Content_Types].xml"].replace(
            b"</Types>",
            b'<Default Extension="sigs" ContentType="application/vnd.openxmlformats-package.'
            b'digital-signature-origin"/></Types>',
        )
        relation = (
            b'<Relationship Id="rId9" Target="_xmlsignatures/origin.sigs" Type="http://schemas.'
            b'openxmlformats.org/package/2006/relationships/digital-signature/origin"/>'
        )
        found["_rels/.rels"] = found["_rels/.rels"].replace(b"</Rel", relation + b"</Rel", 1)

    assert not [n for n in parts(mark(change_parts(simple, sign), ACCEPTED)) if "signatures" in n]


def test_order_of_calculation_stays_until_cells_of_ours_go(simple: Path) -> None:
    def add_order(found: dict[str, bytes]) -> None:
        found["xl/calcChain.xml"] = b"<calcChain/>"
        relation = (
            b'<Relationship Id="rId99" Target="calcChain.xml" Type="http://schemas.openxmlformats.'
            b'org/officeDocument/2006/relationships/calcChain"/></Relationships>'
        )
        name = "xl/_rels/workbook.xml.rels"
        found[name] = found[name].replace(b"</Relationships>", relation)

    change_parts(simple, add_order)

    once = mark(simple, ACCEPTED)

    assert "xl/calcChain.xml" in parts(once)
    assert "xl/calcChain.xml" not in parts(mark(once, ACCEPTED))


def test_notes_of_a_large_sheet_are_limited(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    count = MOST_NOTES + 10
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("Orders")
    sheet.write_row(0, 0, TITLES)
    for row in range(1, count + 1):
        sheet.write_row(row, 0, [f"A-{row}", "", 1, ""])
    book.close()
    wrong = tuple(issue("B", row) for row in range(2, count + 2))

    found = parts(mark(path, [Result("A-1", Status.INVALID, issues=wrong)]))

    assert found["xl/comments1.xml"].count(b"<comment ") == MOST_NOTES
    assert found["xl/worksheets/sheet1.xml"].count(b' s="') > count


def test_shapes_whose_prefixes_are_called_otherwise_get_ours_declared() -> None:
    """As openpyxl has written them."""
    shapes = (
        b'<xml xmlns:ns0="urn:schemas-microsoft-com:office:office" '
        b'xmlns:ns1="urn:schemas-microsoft-com:vml"><ns1:shape id="_x0000_s1"/></xml>'
    )
    notes = Notes(None, shapes, main="http://schemas.openxmlformats.org/spreadsheetml/2006/main")
    notes.add((2, 0), "converter:\nwrong")

    written = notes.shapes(2, {-1: 64}, 20)

    assert ElementTree.fromstring(written)[-1].tag == "{urn:schemas-microsoft-com:vml}shape"
