"""Notes in a customer's workbook: theirs stay, ours join them."""

from __future__ import annotations

import re
from pathlib import Path

from converter.model import Cell, Issue, Result, Status
from tests.results.marking import (
    invalid,
    issue,
    load,
    mark,
)
from tests.zip_parts import change_parts, parts


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

    change_parts(rich, make_thread)

    sheet = load(mark(rich, invalid("A2")))["Orders"]

    assert sheet["A2"].comment.text == "ask Li"
    assert sheet["A2"].fill.fgColor.rgb == "FFF8CBC5"


def test_notes_of_a_sheet_that_had_none_get_their_place(rich: Path) -> None:
    """Before the table, where Excel wants the drawing of the notes."""
    change_parts(rich, lambda found: _without_notes(found, 4))

    marked = mark(rich, invalid("Items!B3"))

    xml = parts(marked)["xl/worksheets/sheet4.xml"]
    assert re.search(rb'<pageMargins [^>]*/><legacyDrawing [^>]*r:id="rId\d+"/><tableParts', xml)
    assert load(marked)["Items"]["B3"].comment.author == "converter"


def test_notes_join_the_shapes_that_a_sheet_has_for_something_else(rich: Path) -> None:
    def remove_comments(found: dict[str, bytes]) -> None:
        name = "xl/worksheets/_rels/sheet2.xml.rels"
        found[name] = re.sub(rb"<Relationship [^>]*/comments\"[^>]*/>", b"", found[name])

    change_parts(rich, remove_comments)

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

    mark(change_parts(simple, name_each), invalid("B3"))  # which looks for parts without a type


def _without_notes(found: dict[str, bytes], number: int) -> None:
    sheet, relations = (
        f"xl/worksheets/sheet{number}.xml",
        f"xl/worksheets/_rels/sheet{number}.xml.rels",
    )
    found[sheet] = re.sub(rb"<legacyDrawing [^>]*/>", b"", found[sheet])
    kinds = rb"<Relationship [^>]*/(?:comments|vmlDrawing)\"[^>]*/>"
    found[relations] = re.sub(kinds, b"", found[relations])
