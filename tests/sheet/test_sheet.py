"""Files into sheets: text stays text, rows keep Excel's numbers, and flaws are recorded."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from converter.sheet import Merged, letter, position, read
from tests.sheet.reading import THREE, cell, hide, only, rows
from tests.zip_parts import change_part

# -- workbooks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("007", "007", id="code with leading zeros"),
        pytest.param("02108", "02108", id="postcode"),
        pytest.param("123456789012345678", "123456789012345678", id="reference of 18 digits"),
        pytest.param("+86 138-0000-0000", "+86 138-0000-0000", id="phone"),
        pytest.param("0546102083", "0546102083", id="phone that begins with 0"),
        pytest.param("1E5", "1E5", id="looks like an exponent"),
        pytest.param("2025-12-01", "2025-12-01", id="looks like a date"),
        pytest.param("TRUE", "TRUE", id="looks like a truth value"),
        pytest.param(" two  blanks ", " two  blanks ", id="blanks are kept"),
        pytest.param("line\nbreak", "line\nbreak", id="line break"),
        pytest.param("手机壳 🎁", "手机壳 🎁", id="any script"),
        pytest.param("a<b>&\"c'", "a<b>&\"c'", id="signs of XML"),
        pytest.param(7, "7", id="whole number"),
        pytest.param(123.0, "123", id="whole number as a fraction"),
        pytest.param(15.55, "15.55", id="fraction"),
        pytest.param(0.1 + 0.2, "0.3", id="binary noise is not shown"),
        pytest.param(0.00001, "0.00001", id="small fraction has no exponent"),
        pytest.param(-3.5, "-3.5", id="negative"),
        pytest.param(999999999999999, "999999999999999", id="fifteen digits"),
        pytest.param(True, "TRUE", id="true is not 1"),
        pytest.param(False, "FALSE", id="false is not 0"),
        pytest.param(datetime(2025, 12, 1, 10, 20), "2025-12-01 10:20:00", id="moment"),
        pytest.param(date(2025, 12, 1), "2025-12-01", id="day"),
        pytest.param(time(3, 4), "03:04:00", id="time of day"),
    ],
)
def test_a_cell_is_the_text_that_a_person_sees(sheets: Any, value: object, expected: str) -> None:
    path = sheets.xlsx([["title", "other"], [value, "x"]])

    assert rows(only(path)) == {1: ["title", "other"], 2: [expected, "x"]}


def test_numbers_truth_values_and_texts_of_one_column_stay_apart(sheets: Any) -> None:
    """True, 1 and 1.0 are the same dictionary key."""
    path = sheets.xlsx([["a"], [1], [True], [1.0], ["1"], ["TRUE"], [0], [False]])

    assert [texts for (texts,) in rows(only(path)).values()] == [
        *("a", "1", "TRUE", "1", "1", "TRUE", "0", "FALSE")
    ]


@pytest.mark.parametrize(
    ("value", "flaws"),
    [
        pytest.param(999999999999999, {}, id="15 digits are exact"),
        pytest.param(1000000000000000, {"rounded": {3}}, id="16 digits may be rounded"),
        pytest.param(123456789012345678, {"rounded": {3}}, id="18 digits are rounded"),
        pytest.param(-1e22, {"rounded": {3}}, id="exponent"),
        pytest.param("123456789012345678", {}, id="18 digits as text"),
        pytest.param(datetime(2025, 12, 1, 10, 20), {"date": {3}}, id="moment"),
        pytest.param(date(2025, 12, 1), {"date": {3}}, id="day"),
        pytest.param(time(3, 4), {"date": {3}}, id="time"),
        pytest.param(timedelta(hours=30), {"date": {3}}, id="duration"),
        pytest.param("=1+1", {"no_value": {3}}, id="formula that was never calculated"),
        pytest.param("#N/A", {"error": {3}}, id="error"),
    ],
)
def test_what_a_cell_has_lost_is_noted(
    sheets: Any, value: object, flaws: dict[str, set[int]]
) -> None:
    path = sheets.xlsx([["a", "b"], ["x", "y"], ["z", value]])

    assert only(path).flaws == ({1: flaws} if flaws else {})


@pytest.mark.parametrize(
    ("xml", "flaws"),
    [
        pytest.param('<c r="A2" t="e"><v>#REF!</v></c>', {0: {"error": {2}}}, id="error"),
        pytest.param('<c t="e" s="1" r="A2"><v>#N/A</v></c>', {0: {"error": {2}}}, id="order"),
        pytest.param(
            '<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', {0: {"error": {2}}}, id="its formula"
        ),
        pytest.param('<c r="A2"><f>1+1</f></c>', {0: {"no_value": {2}}}, id="no value"),
        pytest.param('<c r="A2"><f>1+1</f><v/></c>', {0: {"no_value": {2}}}, id="empty value"),
        pytest.param('<c r="A2"><f>1+1</f><v></v></c>', {0: {"no_value": {2}}}, id="two tags"),
        pytest.param('<c r="A2"><f si="0" t="shared"/></c>', {0: {"no_value": {2}}}, id="shared"),
        pytest.param('<c r="A2"><f>1+1</f><v>2</v></c>', {}, id="a calculated formula is fine"),
        pytest.param('<c r="A2" t="str"><f>A1</f><v></v></c>', {}, id="a formula may give no text"),
        pytest.param('<c r="A2" s="3"/>', {}, id="a coloured blank cell"),
        pytest.param('<c r="A2"><v>1e999</v></c>', {0: {"rounded": {2}}}, id="beyond all numbers"),
        pytest.param('<c r="A2" t="inlineStr"><is><t>#N/A</t></is></c>', {}, id="typed #N/A"),
    ],
)
def test_what_the_reader_does_not_show_is_noted(
    sheets: Any, xml: str, flaws: dict[int, dict[str, set[int]]]
) -> None:
    assert only(sheets.xml(cell(xml))).flaws == flaws


def test_error_cells_are_noted_in_a_table_that_begins_elsewhere(sheets: Any) -> None:
    path = sheets.xlsx([["a", "b"], ["x", "#N/A"], ["y", "z"]], at="C4")

    assert only(path).flaws == {1: {"error": {5}}}


def test_formulas_count_as_their_last_value(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        made = book.add_worksheet()
        made.write_row(0, 0, ["a", "b"])
        made.write_formula(1, 0, "=1+1", value=2)
        made.write_formula(1, 1, '="x"&"y"', value="xy")

    found = only(path)

    assert rows(found) == {1: ["a", "b"], 2: ["2", "xy"]}
    assert found.flaws == {}


@pytest.mark.parametrize(
    ("at", "letters", "first"),
    [
        pytest.param("A1", ("A", "B"), 1, id="in the corner"),
        pytest.param("B3", ("B", "C"), 3, id="with a margin"),
        pytest.param("Z20", ("Z", "AA"), 20, id="across two letters"),
    ],
)
def test_rows_and_columns_keep_the_names_that_excel_gives_them(
    sheets: Any, at: str, letters: tuple[str, ...], first: int
) -> None:
    path = sheets.xlsx([["a", "b"], [], ["1", None]], at=at)

    found = only(path)

    assert found.letters == letters
    assert rows(found) == {first: ["a", "b"], first + 2: ["1", ""]}


def test_blank_cells_are_blank_however_they_come_about(sheets: Any) -> None:
    path = sheets.xlsx([["a", "b", "c"], [None, "", "  \n"], ["x", None, None]])

    found = only(path)

    assert found.frame.isna().to_numpy().tolist() == [
        [False, False, False],
        [True, True, True],
        [False, True, True],
    ]


def test_a_wrong_dimension_hides_nothing(sheets: Any) -> None:
    body = cell('<c r="A2"><v>5</v></c>')
    path = sheets.xml(body)
    wrong = b'<dimension ref="A1:A1"/><sheetData>'
    change_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<sheetData>", wrong))

    assert rows(only(path)) == {1: ["a", ""], 2: ["5", "1"]}


@pytest.mark.parametrize(
    ("change", "wanted", "expected"),
    [
        pytest.param(None, None, ["One", "Two"], id="every sheet with a cell"),
        pytest.param(hide("One"), None, ["Two"], id="hidden ones are passed over"),
        pytest.param(hide("One", state="veryHidden"), None, ["Two"], id="very hidden ones too"),
        pytest.param(None, "Two", ["Two"], id="the one that is named"),
        pytest.param(hide("Two"), "Two", ["Two"], id="even a hidden one, if it is named"),
        pytest.param(None, "Empty", [], id="an empty one has no table"),
    ],
)
def test_which_sheets_of_a_workbook_are_read(
    sheets: Any, change: Any, wanted: str | None, expected: list[str]
) -> None:
    path = sheets.xlsx(THREE, change=change)

    assert [found.name for found in read(path, only=wanted)] == expected


def test_charts_are_no_sheets(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        chart: Any = book.add_chart({"type": "line"})
        book.add_worksheet("Orders").write_row(0, 0, ["a", 1])
        chart.add_series({"values": "=Orders!$B$1:$B$1"})
        book.add_chartsheet("Picture").set_chart(chart)

    assert [found.name for found in read(path)] == ["Orders"]


def test_macros_are_let_lie(sheets: Any) -> None:
    path = sheets.xlsx([["a"], ["b"]], name="orders.xlsm")

    assert rows(only(path)) == {1: ["a"], 2: ["b"]}


# -- columns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (16383, "XFD")],
)
def test_columns_are_called_as_in_excel(number: int, name: str) -> None:
    assert letter(number) == name
    assert position(name) == number


@given(st.integers(0, 100_000))
def test_the_name_of_a_column_leads_back_to_it(number: int) -> None:
    assert position(letter(number)) == number


# -- what Excel merges and hides ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        pytest.param(["B3:B5"], [Merged(3, 0, 5, 0)], id="down"),
        pytest.param(["C3:D3"], [Merged(3, 1, 3, 2)], id="across"),
        pytest.param(["B3:C4"], [Merged(3, 0, 4, 1)], id="both"),
        pytest.param(["B3:B90"], [Merged(3, 0, 5, 0)], id="as far as the table goes"),
        pytest.param(["D3:H3", "C4:H4"], [Merged(4, 1, 4, 2)], id="to outside the table"),
        pytest.param(["F9:G9"], [], id="outside"),
        pytest.param(
            ["B3:B4", "C3:C4"], [Merged(3, 0, 4, 0), Merged(3, 1, 4, 1)], id="several"
        ),
    ],
)  # fmt: skip
def test_merged_cells_are_told(sheets: Any, ranges: list[str], expected: list[Merged]) -> None:
    def merge(book: openpyxl.Workbook) -> None:
        for one in ranges:
            book["Orders"].merge_cells(one)

    table = [["a", "b", "c"], ["1", "2", "3"], ["", "", "4"], ["", "", "5"]]
    path = sheets.xlsx(table, at="B2", change=merge)

    assert list(only(path).merged) == expected


def test_hidden_rows_and_columns_are_told(sheets: Any) -> None:
    def hide_some(book: openpyxl.Workbook) -> None:
        made = book["Orders"]
        made.row_dimensions[4].hidden = True
        made.row_dimensions[99].hidden = True
        made.column_dimensions["C"].hidden = True
        made.column_dimensions["A"].hidden = True

    path = sheets.xlsx([["a", "b"], ["1", "2"], ["3", "4"]], at="B2", change=hide_some)

    found = only(path)
    assert found.hidden_rows == {4}
    assert found.hidden_columns == {1}


def test_nothing_is_hidden_or_merged_in_a_plain_sheet(sheets: Any) -> None:
    found = only(sheets.xlsx([["a"], ["b"]]))

    assert (found.merged, found.hidden_rows, found.hidden_columns) == ((), frozenset(), frozenset())
