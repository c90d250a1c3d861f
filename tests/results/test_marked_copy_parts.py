"""Whatever a workbook is made of, a run changes our marks in it and nothing else."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
import xlsxwriter
from openpyxl.styles import PatternFill
from openpyxl.worksheet.table import Table

from converter.model import MESSAGE_TITLE, STATUS_TITLE, Cell, Issue, Result, Status
from converter.report import Report
from converter.results import marked_copy, palette
from converter.results.content import ResultContent
from converter.results.marks import MOST_NOTES
from converter.results.notes import Notes
from converter.results.order_sheet import OrderSheet
from tests.soundness import faults

TITLES = ("客户单号", "国家", "数量", "备注")
FACTS = {"provider": "acme", "file": "orders.xlsx", "sha256": "0" * 64}
VBA_TYPE = "application/vnd.ms-office.vbaProject"


def issue(column: str, row: int, sheet: str = "Orders") -> Issue:
    return Issue(Cell(sheet, column, row), "x", "国家", "required", {})


def invalid(*places: str) -> tuple[Result, ...]:
    """Both orders, wrong at these cells."""
    found = [re.fullmatch(r"(?:(\w+)!)?([A-Z]+)(\d+)", place) for place in places]
    issues = tuple(issue(m[2], int(m[3]), m[1] or "Orders") for m in found if m)
    return (
        Result("A-1", Status.INVALID, rows=(2, 3), issues=issues),
        Result("B-2", Status.ACCEPTED, rows=(4,)),
    )


ACCEPTED = (
    Result("A-1", Status.ACCEPTED, rows=(2, 3)),
    Result("B-2", Status.ACCEPTED, rows=(4,)),
)


def mark(
    source: Path,
    results: Iterable[Result],
    titles: tuple[str, ...] = TITLES,
    *,
    header_row: int = 1,
) -> Path:
    """A run that told this of the orders."""
    target = source.with_suffix(".result.xlsx")
    report = Report("acme", "orders.xlsx", "20251201-101522-ab12", tuple(results), facts=FACTS)
    letters = tuple("ABCDEFGH"[: len(titles)])
    view = OrderSheet("Orders", header_row, letters, titles, 3, lambda: ())

    assert marked_copy.write(ResultContent(report, view), source, target)
    assert faults(target) == []
    return target


def picture() -> io.BytesIO:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + b"\xff\0\0" * 8 for _ in range(8)))
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + parts)


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """A workbook with all that an office program can put into one."""
    path = tmp_path / "orders.xlsx"
    book = xlsxwriter.Workbook(path)
    book.set_properties({"author": "Wang", "company": "Acme"})
    book.add_worksheet("Cover").write("A1", "hello")
    sheet = book.add_worksheet("Orders")
    sheet.activate()
    yellow = book.add_format({"bg_color": "#FFFF00", "bold": True})
    dotted = book.add_format({"pattern": 4, "fg_color": "#00FF00", "bg_color": "#0000FF"})
    sheet.write_row(0, 0, TITLES, book.add_format({"bold": True, "bottom": 1}))
    sheet.write_row(1, 0, ["", "US", 2, "fragile"])
    sheet.write_row(2, 0, ["A-1", "", 3])
    sheet.write_row(3, 0, ["B-2", "DE", 1])
    sheet.write("A2", "A-1", yellow)
    sheet.write("B3", "US", dotted)
    sheet.write_formula("D3", "=C2+C3", None, 5)
    sheet.write_rich_string("D4", "very ", yellow, "fragile")
    sheet.write_comment("A2", "ask Li", {"author": "Wang", "x_scale": 3, "color": "#CCFFCC"})
    sheet.data_validation("B2:B100", {"validate": "list", "source": ["US", "DE"]})
    sheet.conditional_format("C2:C100", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format(
        "C2:C10", {"type": "cell", "criteria": ">", "value": 2, "format": yellow}
    )
    sheet.freeze_panes(1, 1)
    sheet.autofilter("A1:D4")
    sheet.set_column("A:A", 30)
    sheet.set_column("D:XFD", 12)
    sheet.merge_range("A20:B21", "merged")
    sheet.print_area("A1:D50")
    sheet.repeat_rows(0)
    sheet.set_row(10, 40)
    sheet.set_row(12, None, None, {"hidden": True})
    sheet.insert_image("H8", "x.png", {"image_data": picture()})
    sheet.set_header("&L&G", {"image_left": "x.png", "image_data_left": picture()})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Orders!$C$2:$C$4"})
    sheet.insert_chart("H12", chart)
    sheet.write_url("A30", "https://example.com/a?b=1&c=2")
    sheet.insert_textbox("J2", "note")
    sheet.add_sparkline("A31", {"range": "Orders!C2:C4"})
    sheet.insert_button("K2", {"caption": "press"})
    lists = book.add_worksheet("Lists")
    lists.write_column(0, 0, [1, 2, 3])
    lists.hide()
    items = book.add_worksheet("Items")
    items.add_table("A1:B4", {"data": [[1, 2], [3, 4], [5, 6]]})
    items.write_comment("A1", "theirs")
    alone = book.add_chartsheet("Chart")
    pie = book.add_chart({"type": "pie"})
    pie.add_series({"values": "=Orders!$C$2:$C$4"})
    alone.set_chart(pie)
    book.define_name("Prices", "=Lists!$A$1:$A$3")
    book.define_name("Orders!Local", "=Orders!$A$1")
    book.close()
    return path


@pytest.fixture
def simple(tmp_path: Path) -> Path:
    """A workbook that openpyxl made."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Orders"
    for row in (TITLES, ("A-1", "US", 2, "fragile"), ("A-1", "US", 3, "x"), ("B-2", "DE", 1, "")):
        sheet.append(list(row))
    book.save(tmp_path / "orders.xlsx")
    return tmp_path / "orders.xlsx"


def load(path: Path, **how: Any) -> Any:
    """As openpyxl reads it, which tells of all that it cannot keep."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path, **how)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def remade(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The workbook with other parts."""
    found = parts(path)
    change(found)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.items():
            archive.writestr(name, content)
    return path


def look(cell: Any) -> tuple[str, ...]:
    styles = (cell.font, cell.fill, cell.border, cell.alignment, cell.protection)
    return (repr(cell.value), cell.number_format, *map(repr, styles))


def cells(path: Path, *, own: str = "EF") -> dict[str, tuple[str, ...]]:
    """Every cell of the customer's, with its value, its look and its note."""
    book = load(path, rich_text=True)
    return {
        f"{sheet.title}!{cell.coordinate}": (
            *look(cell),
            cell.comment.text if cell.comment else "",
        )
        for sheet in book.worksheets
        if sheet.title not in ("Results", "Summary")
        for row in sheet.iter_rows()
        for cell in row
        if not (sheet.title == "Orders" and cell.coordinate[0] in own)
        and look(cell) != look(sheet["ZZ999"])
    }


# -- nothing is lost ---------------------------------------------------------------------------


def test_only_the_parts_that_must_change_do(rich: Path) -> None:
    before, after = parts(rich), parts(mark(rich, invalid("A2", "B3")))

    assert {name for name in before if before[name] != after.get(name)} == {
        "[Content_Types].xml",
        "docProps/app.xml",
        "docProps/core.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
        "xl/styles.xml",
        "xl/workbook.xml",
        "xl/worksheets/sheet2.xml",
    }
    assert set(after) - set(before) == {f"xl/worksheets/sheet{n}.xml" for n in (5, 6)}


def test_what_does_not_change_is_not_even_packed_again(rich: Path) -> None:
    def packed(path: Path, name: str) -> bytes:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(name)
        raw = path.read_bytes()[info.header_offset :]
        name_length, extra_length = struct.unpack("<HH", raw[26:30])
        start = 30 + name_length + extra_length
        return raw[start : start + info.compress_size]

    marked = mark(rich, ACCEPTED)

    for name in ("xl/charts/chart1.xml", "xl/media/image1.png", "xl/worksheets/sheet4.xml"):
        assert packed(marked, name) == packed(rich, name)


def test_everything_around_the_rows_stays_as_it_was(rich: Path) -> None:
    """Drop-downs, conditional formats, the extension list and all that stands behind the rows."""
    before = parts(rich)["xl/worksheets/sheet2.xml"]
    after = parts(mark(rich, invalid("A2")))["xl/worksheets/sheet2.xml"]

    assert after.partition(b"</sheetData>")[2] == before.partition(b"</sheetData>")[2]
    assert b"x14:conditionalFormatting" in after
    assert b"x14:sparkline" in after


def test_cells_without_a_mark_stay_as_they_were(rich: Path) -> None:
    before, after = cells(rich), cells(mark(rich, invalid("A2", "B3", "Items!B3")))

    assert {place for place in before | after if before.get(place) != after.get(place)} == {
        "Orders!A2",
        "Orders!B3",
        "Items!B3",
    }


def test_values_of_formulas_stay(rich: Path) -> None:
    book = load(mark(rich, ACCEPTED), data_only=True)

    assert book["Orders"]["D3"].value == 5


def test_author_of_the_customers_workbook_stays(rich: Path) -> None:
    properties = load(mark(rich, ACCEPTED)).properties

    assert (properties.creator, properties.lastModifiedBy) == ("Wang", "converter")
    assert b"<Company>Acme</Company>" in parts(rich.with_suffix(".result.xlsx"))["docProps/app.xml"]


def test_names_of_one_sheet_follow_it(rich: Path) -> None:
    book = load(mark(rich, ACCEPTED))

    assert list(book.defined_names) == ["Prices"]
    assert list(book["Orders"].defined_names) == ["Local"]
    assert book["Orders"].print_area == "'Orders'!$A$1:$D$50"
    assert book["Orders"].print_title_rows == "$1:$1"


def test_workbook_opens_on_results_alone(rich: Path) -> None:
    found = parts(mark(rich, ACCEPTED))

    assert [name for name, xml in found.items() if b'tabSelected="1"' in xml] == [
        "xl/worksheets/sheet5.xml"
    ]
    assert b"activeTab" not in found["xl/workbook.xml"]


def test_sheet_that_says_it_is_not_selected_is_not_touched(rich: Path) -> None:
    """As LibreOffice writes it on every sheet."""
    name = "xl/worksheets/sheet1.xml"

    def say_so(found: dict[str, bytes]) -> None:
        found[name] = found[name].replace(b"<sheetView ", b'<sheetView tabSelected="false" ')

    before = parts(remade(rich, say_so))[name]

    assert parts(mark(rich, ACCEPTED))[name] == before


def test_widths_of_our_columns_are_cut_out_of_the_customers(rich: Path) -> None:
    xml = parts(mark(rich, ACCEPTED))["xl/worksheets/sheet2.xml"]

    assert re.findall(rb'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', xml) == [
        (b"1", b"1", b"30.7109375"),
        (b"4", b"4", b"12.7109375"),
        (b"5", b"5", b"20"),
        (b"6", b"6", b"70"),
        (b"7", b"16384", b"12.7109375"),
    ]


# -- and it comes back -------------------------------------------------------------------------


def test_solved_problems_leave_no_trace(rich: Path) -> None:
    """Fills of any kind come back, and so do notes."""
    once = mark(rich, invalid("A2", "B3", "C3", "A21", "Items!B3"))

    again = mark(once, ACCEPTED)

    assert cells(again) == cells(rich)
    assert b"_converter_fill" not in parts(again)["xl/workbook.xml"]
    notes = parts(again)["xl/comments1.xml"].replace(b"<author>converter</author>", b"")
    assert notes == parts(rich)["xl/comments1.xml"]
    assert parts(again)["xl/drawings/vmlDrawing1.vml"] == parts(rich)["xl/drawings/vmlDrawing1.vml"]


def test_runs_leave_nothing_behind_them(rich: Path) -> None:
    """A workbook that goes round and round does not grow."""
    first = rich
    for told in (invalid("A2", "B3"), ACCEPTED, invalid("A2", "B3")):
        first = mark(first, told)
    sizes = {name: len(xml) for name, xml in parts(first).items()}

    second = mark(mark(first, ACCEPTED), invalid("A2", "B3"))

    assert {name: len(xml) for name, xml in parts(second).items()} == sizes


def test_shades_stand_for_so_many_fills_and_no_more(tmp_path: Path) -> None:
    """What cannot be told by a shade is cleared, as an unmarked cell would be."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Orders"
    for column, title in enumerate(TITLES, 1):
        sheet.cell(1, column).value = title
    for row in range(2, 40):
        sheet[f"A{row}"].fill = PatternFill("solid", fgColor=f"0000{row:02X}")
    book.save(tmp_path / "orders.xlsx")
    told = Result("A-1", Status.INVALID, issues=tuple(issue("A", row) for row in range(2, 40)))

    once = mark(tmp_path / "orders.xlsx", [told])
    again = load(mark(once, []))["Orders"]

    shown = {row: again[f"A{row}"].fill.fgColor.rgb for row in range(2, 40)}
    assert {row: rgb for row, rgb in shown.items() if rgb != "00000000"} == {
        row: f"000000{row:02X}" for row in range(2, 22)
    }


def test_rows_that_were_copied_to_another_workbook_lose_our_marks(rich: Path) -> None:
    """Without Results, notes tell that fills are ours."""
    marked = load(mark(rich, invalid("A2", "B3")))
    for name in ("Results", "Summary", "Chart"):
        del marked[name]
    marked["Orders"].delete_cols(5, 2)
    marked.save(rich)

    sheet = load(mark(rich, ACCEPTED))["Orders"]

    assert sheet["A2"].fill.fgColor.rgb == "FFFFFF00"
    assert sheet["A2"].comment.text == "ask Li"
    assert sheet["B3"].comment is None


def test_sorted_rows_keep_what_belongs_to_them(rich: Path) -> None:
    marked = load(mark(rich, invalid("A2", "B3")))
    marked["Orders"].move_range("A2:F2", rows=30)  # takes its colour along, as sorting does
    marked.save(rich)

    sheet = load(mark(rich, ACCEPTED))["Orders"]

    assert sheet["A32"].fill.fgColor.rgb == "FFFFFF00"


# -- notes -------------------------------------------------------------------------------------


def shapes(path: Path, part: str = "xl/drawings/vmlDrawing1.vml") -> dict[tuple[int, int], bytes]:
    """The shapes of notes by row and column, from 0."""
    found = {}
    for shape in re.findall(rb"<v:shape .*?</v:shape>", parts(path)[part], re.DOTALL):
        row, column = re.search(rb"<x:Row>(\d+)", shape), re.search(rb"<x:Column>(\d+)", shape)
        if row and column:
            found[int(row[1]), int(column[1])] = shape
    return found


def test_customers_note_keeps_its_shape(rich: Path) -> None:
    before, after = shapes(rich), shapes(mark(rich, invalid("A2", "B3")))

    assert after[1, 0] == before[1, 0]
    assert set(after) == {(1, 0), (2, 1)}


def test_numbers_of_shapes_are_not_used_twice(rich: Path) -> None:
    marked = mark(rich, invalid("A2", "B3", "Items!B3"))

    numbers = [
        number
        for name, xml in parts(marked).items()
        if name.endswith(".vml")
        for number in re.findall(rb'<v:shape id="(_x0000_s\d+)"', xml)
    ]
    assert len(numbers) == len(set(numbers))


def test_problems_of_one_merged_cell_share_a_note(rich: Path) -> None:
    wrong = Result(
        "A-1",
        Status.INVALID,
        rows=(20, 21),
        issues=(issue("A", 20), Issue(Cell("Orders", "B", 21), "x", "数量", "required", {})),
    )

    sheet = load(mark(rich, [wrong]))["Orders"]

    blank = "expected a value, found a blank cell. Fill it in."
    assert sheet["A20"].comment.text == f"converter:\n国家: {blank}\n数量: {blank}"


def test_conversation_is_left_alone(rich: Path) -> None:
    """Excel shows the conversation and writes its own words into the note behind it."""

    def make_thread(found: dict[str, bytes]) -> None:
        xml = found["xl/comments1.xml"]
        found["xl/comments1.xml"] = xml.replace(b"<author>Wang<", b"<author>tc={1-2}<")

    remade(rich, make_thread)

    sheet = load(mark(rich, invalid("A2")))["Orders"]

    assert sheet["A2"].comment.text == "ask Li"
    assert sheet["A2"].fill.fgColor.rgb == "FFF8CBC5"


def test_notes_of_a_sheet_that_had_none_get_their_place(rich: Path) -> None:
    """Before the table, where Excel wants the drawing of the notes."""
    remade(rich, lambda found: _without_notes(found, 4))

    marked = mark(rich, invalid("Items!B3"))

    xml = parts(marked)["xl/worksheets/sheet4.xml"]
    assert re.search(rb'<pageMargins [^>]*/><legacyDrawing [^>]*r:id="rId\d+"/><tableParts', xml)
    assert load(marked)["Items"]["B3"].comment.author == "converter"


def test_notes_join_the_shapes_that_a_sheet_has_for_something_else(rich: Path) -> None:
    def remove_comments(found: dict[str, bytes]) -> None:
        name = "xl/worksheets/_rels/sheet2.xml.rels"
        found[name] = re.sub(rb"<Relationship [^>]*/comments\"[^>]*/>", b"", found[name])

    remade(rich, remove_comments)

    assert {(1, 0), (2, 1)} <= set(shapes(mark(rich, invalid("B3"))))


def test_relations_get_a_type_where_each_had_its_own(simple: Path) -> None:
    def name_each(found: dict[str, bytes]) -> None:
        types = found["[Content_Types].xml"]
        each = b"".join(
            b'<Override PartName="/%b" ContentType="application/vnd.openxmlformats-package.'
            b'relationships+xml"/>' % name.encode()
            for name in found
            if name.endswith(".rels")
        )
        types = re.sub(rb'<Default Extension="rels"[^>]*/>', b"", types)
        found["[Content_Types].xml"] = types.replace(b"</Types>", each + b"</Types>")

    mark(remade(simple, name_each), invalid("B3"))  # which looks for parts without a type


def _without_notes(found: dict[str, bytes], number: int) -> None:
    sheet, relations = (
        f"xl/worksheets/sheet{number}.xml",
        f"xl/worksheets/_rels/sheet{number}.xml.rels",
    )
    found[sheet] = re.sub(rb"<legacyDrawing [^>]*/>", b"", found[sheet])
    kinds = rb"<Relationship [^>]*/(?:comments|vmlDrawing)\"[^>]*/>"
    found[relations] = re.sub(kinds, b"", found[relations])


# -- our columns -------------------------------------------------------------------------------


def statuses(path: Path, column: str = "E") -> list[Any]:
    sheet = load(path)["Orders"]
    return [sheet[f"{column}{row}"].value for row in range(1, 5)]


def test_columns_stay_where_somebody_moved_them(simple: Path) -> None:
    marked = load(mark(simple, ACCEPTED))
    marked["Orders"].insert_cols(2)
    for row in range(1, 5):  # our status stands second now, with a customer's column behind it
        sheet = marked["Orders"]
        sheet[f"B{row}"], sheet[f"F{row}"], sheet[f"H{row}"] = (
            sheet[f"F{row}"].value,
            sheet[f"E{row}"].value,
            f"mine {row}",
        )
    marked.save(simple)

    again = mark(simple, invalid("A2"), (TITLES[0], STATUS_TITLE, *TITLES[1:], MESSAGE_TITLE, "x"))

    sheet = load(again)["Orders"]
    assert statuses(again, "B") == [STATUS_TITLE, "invalid", "invalid", "accepted"]
    assert [sheet[f"H{row}"].value for row in range(1, 5)] == [f"mine {r}" for r in range(1, 5)]
    assert sheet["G1"].value == MESSAGE_TITLE


def test_title_above_our_columns_stays(simple: Path) -> None:
    book = load(simple)
    book["Orders"].insert_rows(1, 2)
    book["Orders"]["E1"] = book["Orders"]["F2"] = "a wide title"
    book.save(simple)
    wrong = Result("A-1", Status.INVALID, rows=(4,), issues=(issue("A", 4), issue("G", 1)))

    sheet = load(mark(mark(simple, [wrong], header_row=3), [wrong], header_row=3))["Orders"]

    assert (sheet["E1"].value, sheet["F2"].value) == ("a wide title", "a wide title")
    assert [sheet[f"E{row}"].value for row in (3, 4, 5)] == [STATUS_TITLE, "invalid", None]


def test_columns_do_not_enter_a_table(simple: Path) -> None:
    def add_table(book: Any) -> None:
        table = Table(displayName="Orders_", ref="A1:F4")
        for column, title in (("E", "one"), ("F", "two")):
            book["Orders"][f"{column}1"] = title
        book["Orders"].add_table(table)

    book = load(simple)
    add_table(book)
    book.save(simple)

    assert statuses(mark(simple, ACCEPTED), "G")[0] == STATUS_TITLE


def test_row_that_goes_further_than_the_sheet_says_is_not_overwritten(simple: Path) -> None:
    def lie(found: dict[str, bytes]) -> None:
        xml = found["xl/worksheets/sheet1.xml"]
        cell = b'<c r="E3"><v>7</v></c></row><row r="4"'
        found["xl/worksheets/sheet1.xml"] = xml.replace(b'</row><row r="4"', cell)

    remade(simple, lie)
    report = Report("acme", "orders.xlsx", "run", ACCEPTED)
    view = OrderSheet("Orders", 1, ("A", "B", "C", "D"), TITLES, 3, lambda: ())

    target = simple.with_name("out.xlsx")

    assert not marked_copy.write(ResultContent(report, view), simple, target)


# -- sheets of other programs ------------------------------------------------------------------


def with_sheet(change: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], None]:
    def remake(found: dict[str, bytes]) -> None:
        xml = change(found["xl/worksheets/sheet1.xml"])
        found["xl/worksheets/sheet1.xml"] = xml

    return remake


def prefixed(xml: bytes) -> bytes:
    xml = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", xml)
    return xml.replace(b"xmlns=", b"xmlns:x=")


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
    marked = mark(remade(simple, lambda found: rename(found, _LOOSE, _STRICT)), invalid("B3"))

    assert not any(old in xml for xml in parts(marked).values() for old in _LOOSE)
    assert statuses(remade(marked, lambda found: rename(found, _STRICT, _LOOSE)))[1] == "invalid"


def absolute_targets(found: dict[str, bytes]) -> None:
    name = "xl/_rels/workbook.xml.rels"
    found[name] = found[name].replace(b'Target="worksheets', b'Target="/xl/Worksheets')


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _: None, id="as usual"),
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
    remade(simple, change)

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

    remade(simple, remove_styles)

    sheet = load(mark(simple, invalid("B3")))["Orders"]

    assert sheet["B3"].fill.fgColor.rgb == f"FF{palette.RED}"
    assert sheet["A2"].font.name == "Calibri"


def test_sheet_without_rows_is_marked(simple: Path) -> None:
    empty = with_sheet(lambda xml: re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData/>", xml))
    remade(simple, empty)

    sheet = load(mark(simple, invalid("B7")))["Orders"]

    assert sheet["B7"].fill.fgColor.rgb == f"FF{palette.RED}"
    assert [sheet[f"E{row}"].value for row in (1, 2)] == [STATUS_TITLE, "invalid"]


def test_document_type_is_refused(simple: Path) -> None:
    """Entities could make a gigabyte of a line: such a workbook is written anew."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    change = with_sheet(lambda xml: xml.replace(b"<worksheet", bomb + b"<worksheet", 1))
    remade(simple, change)
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

    assert not [n for n in parts(mark(remade(simple, sign), ACCEPTED)) if "signatures" in n]


def test_order_of_calculation_stays_until_cells_of_ours_go(simple: Path) -> None:
    def add_order(found: dict[str, bytes]) -> None:
        found["xl/calcChain.xml"] = b"<calcChain/>"
        relation = (
            b'<Relationship Id="rId99" Target="calcChain.xml" Type="http://schemas.openxmlformats.'
            b'org/officeDocument/2006/relationships/calcChain"/></Relationships>'
        )
        name = "xl/_rels/workbook.xml.rels"
        found[name] = found[name].replace(b"</Relationships>", relation)

    remade(simple, add_order)

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
