"""Text files into sheets: encodings, quotation marks, rows of any length."""

from __future__ import annotations

from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from converter.sheet import read
from tests.sheet.reading import only, refusal, rows


@pytest.mark.parametrize(
    "encoding",
    [
        pytest.param("utf-8", id="UTF-8"),
        pytest.param("utf-8-sig", id="UTF-8 with a byte order mark"),
        pytest.param("gbk", id="GBK"),
        pytest.param("gb18030", id="GB18030"),
        pytest.param("utf-16", id="UTF-16, as Excel's Unicode text"),
    ],
)
def test_chinese_text_is_read_in_the_usual_encodings(sheets: Any, encoding: str) -> None:
    path = sheets.csv("客户单号 | 数量\nA1 | 二", encoding=encoding)

    (found,) = read(path, known={"客户单号", "数量"}.__contains__)

    assert rows(found) == {1: ["客户单号", "数量"], 2: ["A1", "二"]}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param("a.csv", "a,b\n1,2\n", {1: ["a", "b"], 2: ["1", "2"]}, id="comma"),
        pytest.param("a.csv", "a;b\n1;2,5\n", {1: ["a", "b"], 2: ["1", "2,5"]}, id="semicolon"),
        pytest.param("a.csv", "a\tb\n1\t2\n", {1: ["a", "b"], 2: ["1", "2"]}, id="tab"),
        pytest.param("a.tsv", "a,b\tc\n1\t2\n", {1: ["a,b", "c"], 2: ["1", "2"]}, id="tsv is tabs"),
        pytest.param("a.txt", "a\tb\n1\t2\n", {1: ["a", "b"], 2: ["1", "2"]}, id="txt"),
        pytest.param("a.CSV", "a,b\n1,2\n", {1: ["a", "b"], 2: ["1", "2"]}, id="capitals"),
        pytest.param("a.csv", "a\n1\n", {1: ["a"], 2: ["1"]}, id="one column"),
        pytest.param("a.csv", "a,b\r1,2\r", {1: ["a", "b"], 2: ["1", "2"]}, id="old Mac lines"),
        pytest.param("a.csv", "a,b\r\n1,2", {1: ["a", "b"], 2: ["1", "2"]}, id="no last line end"),
        pytest.param(
            "a.csv", "\n\na,b\n\n1,2\n", {3: ["a", "b"], 5: ["1", "2"]}, id="blank lines count"
        ),
        pytest.param(
            "a.csv",
            'a,b\n"x\ny","say ""hi"""\n1,2\n',
            {1: ["a", "b"], 2: ["x\ny", 'say "hi"'], 3: ["1", "2"]},
            id="line breaks in quotes are one row",
        ),
        pytest.param(
            "a.csv", "a,b,c\n1\n2,3\n", {1: ["a", "b", "c"], 2: ["1", "", ""], 3: ["2", "3", ""]},
            id="short rows end in blanks",
        ),
        pytest.param(
            "a.csv",
            'a,b\n="00123","=""007"""\n',
            {1: ["a", "b"], 2: ["00123", "007"]},
            id="text in Excel's disguise",
        ),
        pytest.param(
            "a.csv",
            "a,b,c,d\n007,02108,123456789012345678,1E5\n",
            {1: ["a", "b", "c", "d"], 2: ["007", "02108", "123456789012345678", "1E5"]},
            id="codes stay text",
        ),
        pytest.param(
            "a.csv", "a,b\n1,2,,\n", {1: ["a", "b"], 2: ["1", "2"]}, id="separators at the end"
        ),
    ],
)  # fmt: skip
def test_csv_rows(sheets: Any, name: str, text: str, expected: dict[int, list[str]]) -> None:
    found = only(sheets.path(name, text.encode()))

    assert rows(found) == expected
    assert found.flaws == {}


def test_a_csv_file_is_a_sheet_of_its_own_name(sheets: Any) -> None:
    found = only(sheets.csv("a | b", name="March orders.csv"))

    assert (found.name, found.letters) == ("March orders", ("A", "B"))


def test_a_row_with_more_cells_than_the_header_is_noted_and_never_shifted(sheets: Any) -> None:
    """A value of such a row may contain a separator, so none of its cells can be trusted."""
    path = sheets.path("a.csv", b"a,b\n1,2\nx,Main Street 5, London\n3,4\n")

    found = only(path)

    assert rows(found) == {1: ["a", "b"], 2: ["1", "2"], 3: ["x", "Main Street 5"], 4: ["3", "4"]}
    assert found.flaws == {0: {"ragged": {3}}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            'a,b\n1,2\n3,"4\n5,6\n7,8\n',
            "a.csv: the row that begins in line 3 cannot be read as comma-separated text "
            "(unexpected end of data). Look for a quotation mark that is not closed. [TEXT_QUOTES]",
            id="never closed",
        ),
        pytest.param(
            'a,b\n"x\ny",2\n3,"4\n5,6\n7,"8"\n',
            "a.csv: the row that begins in line 4 cannot be read as comma-separated text "
            "(',' expected after '\"'). "
            "Look for a quotation mark that is not closed. [TEXT_QUOTES]",
            id="closed by another cell's",
        ),
    ],
)
def test_an_open_quotation_mark_is_named_where_it_opened(
    sheets: Any, text: str, expected: str
) -> None:
    assert refusal(sheets.path("a.csv", text.encode())) == expected


WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    lambda text: text == text.strip() and not text.startswith(('="', "\ufeff"))
)


@given(table=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5))
def test_every_text_survives_a_csv_file(sheets: Any, table: list[tuple[str, str]]) -> None:
    found = only(sheets.csv([("a", "b"), *table]))

    assert [tuple(texts) for texts in rows(found).values()] == [("a", "b"), *table]


@given(table=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5))
def test_every_text_survives_a_workbook(sheets: Any, table: list[tuple[str, str]]) -> None:
    path = sheets.folder() / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        made = book.add_worksheet()
        for row, texts in enumerate([("a", "b"), *table]):
            for column, text in enumerate(texts):
                made.write_string(row, column, text)

    assert [tuple(texts) for texts in rows(only(path)).values()] == [("a", "b"), *table]
