"""Rows of a worksheet with our marks put in, held against a plain model of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.results import worksheet, worksheet_changes
from converter.results.worksheet import Worksheet
from converter.results.worksheet_changes import Changes, OwnColumns
from converter.sheet import letter

Sheet = dict[int, dict[int, tuple[int, str]]]
"""Rows of cells: style and value by column."""

RED = 100
"""What is added to a style by filling it."""


def written(sheet: Sheet, *, x: str = "", spans: bool = False) -> bytes:
    rows = []
    for number, cells in sorted(sheet.items()):
        inner = "".join(
            f'<{x}c r="{letter(c)}{number}"{f""" s="{s}" """.rstrip() if s else ""}'
            + (f"><{x}v>{v}</{x}v></{x}c>" if v else "/>")
            for c, (s, v) in sorted(cells.items())
        )
        hint = ' spans="1:4"' if spans else ""
        row = f'<{x}row r="{number}"{hint}'
        rows.append(f"{row}>{inner}</{x}row>" if inner else f"{row}/>")
    name = f"xmlns:{x[:-1]}" if x else "xmlns"
    body = "\n".join(rows)
    return (
        f'<{x}worksheet {name}="m"><{x}dimension ref="A1:D9"/>'
        f"<{x}sheetData>{body}</{x}sheetData></{x}worksheet>"
    ).encode()


def parsed(xml: bytes) -> Sheet:
    found: Sheet = {}
    for row in ET.fromstring(xml).iter("{m}row"):
        assert int(row.get("r", "0")) > max(found, default=0)
        cells: dict[int, tuple[int, str]] = {}
        for cell in row:
            letters = (cell.get("r") or "").rstrip("0123456789")
            column = worksheet.area(f"{letters}1")[1]
            assert column > max(cells, default=-1)
            cells[column] = int(cell.get("s", "0")), "".join(cell.itertext())
        found[int(row.get("r", "0"))] = cells
    return found


def open_sheet(xml: bytes, size: int = 50) -> Worksheet:
    def chunks() -> Iterator[bytes]:
        return (xml[i : i + size] for i in range(0, len(xml), size))

    return worksheet.read(chunks)


columns = st.integers(0, 8)
rows = st.integers(1, 12)
sheets = st.dictionaries(
    rows,
    st.dictionaries(
        columns, st.tuples(st.integers(0, 3), st.sampled_from(["", "7", "8"])), max_size=6
    ),
    max_size=8,
)


@given(
    sheet=sheets,
    fills=st.dictionaries(rows, st.dictionaries(columns, st.just("r"), min_size=1), max_size=4),
    own=st.lists(columns, min_size=2, max_size=2, unique=True),
    told=st.dictionaries(rows, st.sampled_from(["9", "10"]), max_size=6),
    header_row=st.integers(1, 3),
    unmarked=st.dictionaries(st.integers(1, 3), st.integers(4, 6), max_size=2),
    x=st.sampled_from(["", "x:"]),
    size=st.integers(20, 200),
)
def test_rows_become_what_they_should(
    sheet: Sheet, fills: Any, own: list[int], told: dict[int, str], header_row: int, unmarked: Any,
    x: str, size: int,
) -> None:  # fmt: skip
    status, _ = own
    told = {row: text for row, text in told.items() if row >= header_row}
    fills = {
        row: {column: colour for column, colour in cells.items() if column not in own}
        for row, cells in fills.items()
        if set(cells) - set(own)
    }

    def own_cells(row: int) -> dict[int, bytes]:
        if row not in told:
            return {}
        value = f"<{x}v>{told[row]}</{x}v>"
        return {status: f'<{x}c r="{letter(status)}{row}">{value}</{x}c>'.encode()}

    changes = Changes(
        lambda style, _: style + RED,
        fills=fills,
        unmarked=unmarked,
        columns=OwnColumns(
            own,
            header_row=header_row,
            rows=told,
            cells=own_cells,
        ),
    )

    after = b"".join(
        worksheet_changes.rewritten(open_sheet(written(sheet, x=x, spans=True), size), changes)
    )

    expected: Sheet = {row: dict(cells) for row, cells in sheet.items()}
    for row in {*expected, *told, *fills}:
        cells = expected.setdefault(row, {})
        for column, (style, value) in cells.items():
            cells[column] = unmarked.get(style, style), value
        if row >= header_row:
            for column in own:
                cells.pop(column, None)
        for column in fills.get(row, {}):
            style, value = cells.get(column, (0, ""))
            cells[column] = style + RED, value
        if row in told:
            cells[status] = 0, told[row]
    assert parsed(after) == expected


def test_row_that_does_not_change_passes_byte_for_byte() -> None:
    odd = b'<row  r="2" ht="3"><c   r="A2"/> <c r="B2" t="n"  ><v>1</v></c></row>'
    xml = b'<worksheet xmlns="m"><sheetData>' + odd + b"</sheetData></worksheet>"
    changes = Changes(lambda style, _: style, fills={5: {0: "r"}})

    after = b"".join(worksheet_changes.rewritten(open_sheet(xml), changes))

    assert odd in after


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param('<row r="5" s="3" customFormat="1"/>', "103", id="of the row"),
        pytest.param('<row r="5"/>', "102", id="of the column"),
        pytest.param("", "102", id="of the column, without a row"),
    ],
)
def test_blank_cell_takes_the_style_that_it_shows(row: str, expected: str) -> None:
    cols = '<cols><col min="1" max="9" style="2"/></cols>'
    xml = f'<worksheet xmlns="m">{cols}<sheetData>{row}</sheetData></worksheet>'.encode()
    changes = Changes(lambda style, _: style + RED, fills={5: {0: "r"}})

    after = b"".join(worksheet_changes.rewritten(open_sheet(xml), changes))

    assert f'<c r="A5" s="{expected}"/>'.encode() in after


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param('<row r="3"/><row r="2"/>', id="out of order"),
        pytest.param('<row r="2"/><row r="2"/>', id="twice"),
    ],
)
def test_sheet_that_no_program_writes_is_not_kept(rows: str) -> None:
    xml = f'<worksheet xmlns="m"><sheetData>{rows}</sheetData></worksheet>'.encode()
    changes = Changes(lambda style, _: style, fills={5: {0: "r"}})

    with pytest.raises(ValueError, match="stands below"):
        list(worksheet_changes.rewritten(open_sheet(xml), changes))


def test_places_in_merged_cells_are_those_that_show() -> None:
    areas = [worksheet.area("B2:C4"), worksheet.area("A1:XFD1048576"), worksheet.area("$E$5")]

    assert worksheet.visible_places([(3, 2), (5, 4)], areas[:1]) == {(3, 2): (2, 1)}
    assert worksheet.visible_places([(3, 2)], areas[1:]) == {(3, 2): (1, 0)}
    assert areas[2] == (5, 4, 5, 4)
