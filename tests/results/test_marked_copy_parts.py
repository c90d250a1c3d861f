"""Whatever a workbook is made of, a run changes our marks in it and nothing else."""

from __future__ import annotations

import re
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import PatternFill
from openpyxl.worksheet.table import Table

from converter.model import MESSAGE_TITLE, STATUS_TITLE, Result, Status
from converter.report import Report
from converter.results import marked_copy
from converter.results.content import ResultContent
from converter.results.order_sheet import OrderSheet
from tests.results.marking import (
    ACCEPTED,
    TITLES,
    cells,
    invalid,
    issue,
    load,
    mark,
    statuses,
)
from tests.zip_parts import change_parts, parts

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

    before = parts(change_parts(rich, say_so))[name]

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

    change_parts(simple, lie)
    report = Report("acme", "orders.xlsx", "run", ACCEPTED)
    view = OrderSheet("Orders", 1, ("A", "B", "C", "D"), TITLES, 3, lambda: ())

    target = simple.with_name("out.xlsx")

    assert not marked_copy.write(ResultContent(report, view), simple, target)
