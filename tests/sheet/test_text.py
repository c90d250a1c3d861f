"""Text files: encoding and delimiter are those under which most headers are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from converter.errors import SheetError
from converter.sheet import Sheet, read

KNOWN = {"客户单号", "客戶單號", "收件人", "数量", "Reference", "Receiver", "Größe", "A1 number"}

SIMPLE = "客户单号,收件人,数量\nA1,张三,2\nA2,李四,1\n"
TRADITIONAL = "客戶單號,收件人\nA1,張三\nA2,陳大文\n"


def found(path: Path, **options: Any) -> Sheet:
    (sheet,) = read(path, known=KNOWN.__contains__, **options)
    return sheet


def rows(sheet: Sheet) -> list[list[str]]:
    return [sheet.texts(row) for row in sheet.frame.index]


def table(text: str, delimiter: str = ",") -> list[list[str]]:
    return [line.split(delimiter) for line in text.splitlines()]


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(SheetError) as error:
        found(path, **options)
    return str(error.value)


# -- codecs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param(SIMPLE, "utf-8", id="UTF-8"),
        pytest.param(SIMPLE, "utf-8-sig", id="UTF-8 with a mark"),
        pytest.param(SIMPLE, "utf-16", id="UTF-16 with a mark"),
        pytest.param(SIMPLE, "utf-16-le", id="UTF-16 without a mark"),
        pytest.param(SIMPLE, "utf-16-be", id="UTF-16 the other way without a mark"),
        pytest.param(SIMPLE, "utf-32", id="UTF-32"),
        pytest.param(SIMPLE, "utf-32-le", id="UTF-32 without a mark"),
        pytest.param(SIMPLE, "utf-32-be", id="UTF-32 the other way without a mark"),
        pytest.param(SIMPLE, "gbk", id="GBK"),
        pytest.param(SIMPLE.replace("张三", "𠮷㐂"), "gb18030", id="GB18030 beyond GBK"),
        pytest.param(TRADITIONAL, "big5", id="Big5"),
        pytest.param(TRADITIONAL, "gbk", id="traditional letters in GBK"),
        pytest.param("Größe,Receiver\n1,Jürgen\n", "cp1252", id="Western"),
        pytest.param("客户单号\n", "gbk", id="a header alone"),
        pytest.param(SIMPLE + "A3,王五,1\n" * 20_000, "gbk", id="longer than what is tried"),
    ],
)
def test_the_codec_is_the_one_under_which_headers_are_known(
    sheets: Any, text: str, encoding: str
) -> None:
    assert rows(found(sheets.path("a.csv", text.encode(encoding)))) == table(text)


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        pytest.param("Reference,Receiver\nA1,广东省张三\nA2,李四\n", "gbk", "gb18030", id="GBK"),
        pytest.param("Reference\n香港陳大文\n李國\n", "big5", "big5hkscs", id="Big5"),
        pytest.param("Reference\n张三\n", "gbk", "gb18030", id="few letters"),
        pytest.param("Reference\n透明手机壳喆\n", "gbk", "gb18030", id="six, one of them rare"),
        pytest.param("Reference\n座座座座座座\n", "gbk", "gb18030",
                     id="the last of the usual letters"),
        pytest.param(
            "Reference,Receiver\nA1,广东省深圳市福田区华强北路，王喆\n" * 20, "gbk", "gb18030",
            id="a rare letter among usual ones",
        ),
        pytest.param("Reference\n" + "A1\n" * 50_000 + "透明手机保护壳\n", "gbk", "gb18030",
                     id="letters far below"),
    ],
)  # fmt: skip
def test_the_letters_decide_where_headers_say_nothing(
    sheets: Any, text: str, encoding: str, expected: str
) -> None:
    made = found(sheets.path("a.csv", text.encode(encoding)))

    assert rows(made) == table(text)
    assert made.notes == (
        f"The text is not UTF-8; by its letters it was read as {expected}. If they look wrong, "
        "choose another with --encoding.",
    )


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        pytest.param("A1,Jürgen", "cp1252",
                     "gb18030: 'A1,J黵gen'; big5hkscs: 'A1,J僡gen'; cp1252: 'A1,Jürgen'",
                     id="Western letters"),
        pytest.param("A1,阿弗", "gbk",
                     "gb18030: 'A1,阿弗'; big5hkscs: 'A1,陝艇'; cp1252: 'A1,°¢¸¥'",
                     id="letters that are usual in both"),
        pytest.param("A1,透明手机喆", "gbk",
                     "gb18030: 'A1,透明手机喆'; cp1252: 'A1,Í¸Ã÷ÊÖ»ú†´'",
                     id="five letters, one of them rare"),
        pytest.param("A1,亓芈孛啬嘏仄", "gbk",
                     "gb18030: 'A1,亓芈孛啬嘏仄'; "
                     "big5hkscs: 'A1,媮娷媄媊媗媃'; cp1252: 'A1,ØÁØÂØÃØÄØÅØÆ'",
                     id="only rare letters"),
        pytest.param("A1,Łódź", "cp1250", "cp1252: 'A1,£ódŸ'", id="Polish"),
        pytest.param("A1,Пётр", "cp1251",
                     "gb18030: 'A1,细蝠'; big5hkscs: 'A1,牉襝'; cp1252: 'A1,Ï¸òð'",
                     id="Russian"),
    ],
)  # fmt: skip
def test_a_text_that_nothing_explains_is_refused_with_a_preview(
    sheets: Any, text: str, encoding: str, shown: str
) -> None:
    path = sheets.path("a.csv", f"Reference,Receiver\n{text}\n".encode(encoding))

    assert refusal(path) == (
        "a.csv: the text is not UTF-8, and no header tells in which encoding it is "
        f"({shown}). Choose one with --encoding NAME, or save the sheet again as CSV UTF-8. "
        "[TEXT_ENCODING]"
    )


def test_the_preview_shows_the_line_below_a_blank_one(sheets: Any) -> None:
    path = sheets.path("a.csv", "\nA1,Jürgen\n".encode("cp1252"))

    assert "(gb18030: 'A1,J黵gen'; big5hkscs: 'A1,J僡gen'; cp1252: 'A1,Jürgen')" in refusal(path)


@pytest.mark.parametrize("encoding", ["gbk", "GB18030", "gb2312"])
def test_the_codec_that_a_person_names_is_used(sheets: Any, encoding: str) -> None:
    text = "Reference,Receiver\nA1,张三\n"

    assert rows(found(sheets.path("a.csv", text.encode("gbk")), encoding=encoding)) == table(text)


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "hex", ""])
def test_a_codec_that_is_none_is_refused(sheets: Any, encoding: str) -> None:
    assert refusal(sheets.path("a.csv", b"a,b\n"), encoding=encoding) == (
        f"a.csv: no encoding is called {encoding!r}. Use a name such as utf-8, gb18030, big5 or "
        "cp1252 with --encoding. [TEXT_ENCODING]"
    )


@pytest.mark.parametrize(
    ("raw", "encoding", "expected"),
    [
        pytest.param(
            "客户单号,收件人\nA1,张三\n".encode() + b"A2,\xff\n",
            None,
            "byte 36, in line 3, is not text in the encoding utf-8",
            id="one wrong byte in UTF-8",
        ),
        pytest.param(
            "客户单号\n".encode() * 100_000 + b"\xff\n",
            None,
            "byte 1300000, in line 100001, is not text in the encoding utf-8",
            id="far below",
        ),
        pytest.param(
            "客户单号\n".encode("utf-16") + b"\xff",
            None,
            "byte 12, in line 2, is not text in the encoding utf-16",
            id="half a character",
        ),
        pytest.param(
            "A1,ü\n".encode("cp1252"),
            "utf-8",
            "byte 3, in line 1, is not text in the encoding utf-8",
            id="not what the person says",
        ),
        pytest.param(b"a,b\n1,\x00\n", None, "byte 6 is a null byte, so this is not a text file",
                     id="null byte"),
    ],
)  # fmt: skip
def test_wrong_bytes_are_refused_with_their_place(
    sheets: Any, raw: bytes, encoding: str | None, expected: str
) -> None:
    assert refusal(sheets.path("a.csv", raw), encoding=encoding) == (
        f"a.csv: {expected}. Save the sheet again as CSV UTF-8. [TEXT_BYTES]"
    )


# -- delimiters and headers --------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.xls", "a"])
def test_the_delimiter_is_the_one_under_which_headers_are_known(
    sheets: Any, delimiter: str, name: str
) -> None:
    text = "Reference,Receiver\nA1,Main Street 5\n".replace(",", delimiter)

    assert rows(found(sheets.path(name, text.encode()))) == table(text, delimiter)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("sep=;\nReference;x,y,z\nA1;1\n", [["Reference", "x,y,z"], ["A1", "1"]],
                     id="said in a line of its own"),
        pytest.param('"sep=#"\r\nReference#x\r\nA1#1\r\n', [["Reference", "x"], ["A1", "1"]],
                     id="any sign"),
        pytest.param("SEP=\t\nReference\tx\n", [["Reference", "x"]], id="tab"),
        pytest.param("Reference;a,b,c,d,e;Receiver\nA1;1;2\n",
                     [["Reference", "a,b,c,d,e", "Receiver"], ["A1", "1", "2"]],
                     id="known headers count more than signs"),
        pytest.param('"x\ny";b\n1;2\n', [["x\ny", "b"], ["1", "2"]], id="no header is known"),
    ],
)  # fmt: skip
def test_delimiters(sheets: Any, text: str, expected: list[list[str]]) -> None:
    assert rows(found(sheets.path("a.csv", text.encode()))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Orders of May\n\nReference,Receiver\nA1,x\n",
                     [["Orders of May", ""], ["", ""], ["Reference", "Receiver"], ["A1", "x"]],
                     id="title"),
        pytest.param("Shop,Tom,Date,5 May\nReference,Receiver\nA1,x\n",
                     [["Shop", "Tom", "Date", "5 May"], ["Reference", "Receiver", "", ""],
                      ["A1", "x", "", ""]],
                     id="wider block above"),
        pytest.param("Shop;Tom\nReference;Receiver;Size\nA1;x;L\n",
                     [["Shop", "Tom", ""], ["Reference", "Receiver", "Size"], ["A1", "x", "L"]],
                     id="another delimiter"),
    ],
)  # fmt: skip
def test_a_header_may_come_after_other_rows(
    sheets: Any, text: str, expected: list[list[str]]
) -> None:
    made = found(sheets.path("a.csv", text.encode()))

    assert rows(made) == expected
    assert made.flaws == {}


@pytest.mark.parametrize("blank", ["", ",,"], ids=["no cell", "blank cells"])
@pytest.mark.parametrize("count", [29, 31, 500, 100_000])
def test_any_number_of_blank_rows_may_come_first(sheets: Any, blank: str, count: int) -> None:
    text = f"{blank}\n" * count + "Reference,Receiver\nA1,x\n"

    made = found(sheets.path("a.csv", text.encode()))

    assert made.texts(count + 1)[:2] == ["Reference", "Receiver"]
    assert made.texts(count + 2)[:2] == ["A1", "x"]
    assert made.flaws == {}


def test_blank_rows_alone_are_empty(sheets: Any) -> None:
    assert "the file is empty" in refusal(sheets.path("a.csv", b",,\n" * 50_000))


def test_a_row_wider_than_the_header_is_ragged_even_below_a_title(sheets: Any) -> None:
    made = found(sheets.path("a.csv", b"Orders of May\nReference,Receiver\nA1,Main Street 5,UK\n"))

    assert made.flaws == {0: {"ragged": {3}}}


# -- limits ------------------------------------------------------------------------------------


def test_a_text_that_is_far_too_long_is_refused(sheets: Any) -> None:
    path = sheets.path("a.csv", b"Reference,Receiver\nA1,x\nA2," + b"y" * 200_000 + b"\n")

    assert refusal(path) == (
        "a.csv: the row that begins in line 3 cannot be read as comma-separated text (field larger "
        "than field limit (131072)). Look for a quotation mark that is not closed, or a text that "
        "is far too long. [CELL_LIMIT]"
    )


def test_a_hundred_thousand_columns_are_refused(sheets: Any) -> None:
    path = sheets.path("a.csv", b"Reference" + b",x" * 100_000 + b"\n")

    assert refusal(path) == (
        "a.csv: its header has 100,001 columns, more than the 16,384 of Excel. Look whether the "
        "separator between the columns is right. [COLUMN_LIMIT]"
    )


def test_a_file_beyond_the_limit_is_refused(sheets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVERTER_MAX_MEGABYTES", "1")

    assert refusal(sheets.path("a.csv", b"Reference\n" + b"A1\n" * 400_000)) == (
        "a.csv: it has 1 MB, more than the 1 MB that are read. "
        "Split the file, or raise CONVERTER_MAX_MEGABYTES. [SIZE_LIMIT]"
    )


def test_a_header_alone_is_a_sheet(sheets: Any) -> None:
    assert rows(found(sheets.path("a.csv", b"Reference,Receiver\n"))) == [["Reference", "Receiver"]]


def test_lock_files_are_refused(sheets: Any) -> None:
    assert refusal(sheets.path("~$orders.csv", b"x")) == (
        "~$orders.csv: this is the lock file of a workbook that is open in Excel. "
        "Give the workbook itself: its name is the same without '~$'. [NOT_A_FILE]"
    )


# -- rows whose cells may have shifted ---------------------------------------------------------

CLEAN = [
    "Reference,Receiver,City,Post,Remark",
    "A1,Ann,Leeds,LS1,",
    "A2,Bob,York,YO1,call first",
    "A3,Eve,Hull,HU1,",
    "A4,Dan,Bath,BA1,",
]
FULL = [line + "x" if line.endswith(",") else line for line in CLEAN]
TRIMMED = [line.rstrip(",") for line in CLEAN]


def ragged(sheets: Any, lines: list[str]) -> set[int]:
    flaws = found(sheets.path("a.csv", "\n".join(lines).encode())).flaws
    return flaws.get(0, {}).get("ragged", set())


@pytest.mark.parametrize("lines", [CLEAN, FULL], ids=["with blanks", "without blanks"])
@pytest.mark.parametrize("row", range(2, 6))
@pytest.mark.parametrize("separator", range(4))
@pytest.mark.parametrize("instead", ["", ",,"], ids=["too few", "too many"])
def test_a_row_with_a_separator_too_few_or_too_many_is_ragged(
    sheets: Any, lines: list[str], row: int, separator: int, instead: str
) -> None:
    cells = lines[row - 1].split(",")
    before, after = ",".join(cells[: separator + 1]), ",".join(cells[separator + 1 :])
    broken = [*lines[: row - 1], before + instead + after, *lines[row:]]

    assert ragged(sheets, broken) == {row}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(CLEAN, set(), id="every separator"),
        pytest.param(TRIMMED, set(), id="blank cells at the end are left out in every row"),
        pytest.param(["Reference,Receiver,Remark", "A1,x", "A2,y"], set(), id="left out in all"),
        pytest.param([*CLEAN, "", ",,,,"], set(), id="blank rows"),
        pytest.param([*FULL, "A5,Kim,Ely"], {6}, id="two cells too few"),
        pytest.param([line + "," for line in FULL[1:]], {1, 2, 3} - {1, 2, 3}, id="no known title"),
        pytest.param([FULL[0], *(line + "," for line in FULL[1:])], set(), id="a separator behind"),
        pytest.param([FULL[0], *(line + "," for line in FULL[1:4]), "A4,Dan Bath,BA1,x,"], {5},
                     id="too few among rows with a separator behind"),
        pytest.param(
            [CLEAN[0], *("A1,Ann,Leeds,LS1," for _ in range(14)), "A2,Bob,York,YO1,call first",
             *("A3,Eve,Hull,HU1" for _ in range(16)), "A4,Dan,Bath,BA1"],
            set(), id="blocks of 16 rows as Excel writes them",
        ),
        pytest.param(
            [CLEAN[0], *("A1,Ann,Leeds,LS1," for _ in range(14)), "A2,Bob,York,YO1,call first",
             *("A3,Eve,Hull,HU1" for _ in range(15)), "A4,Dan Bath,BA1"],
            {32}, id="a row too short within such a block",
        ),
        pytest.param(["客户单号,A1,收件人,Ann,Größe,x", "Reference,Receiver", "A1,Al"], set(),
                     id="labels above the header"),
        pytest.param(["客户单号,A1,收件人,Ann,Größe,x", "Reference,Receiver", "A1,A,l"], {3},
                     id="a separator too many below labels"),
        pytest.param(["Orders,of,May,2026", "Reference,Receiver", "A1,Main Street 5,UK"], {3},
                     id="a wider row above the header"),
    ],
)  # fmt: skip
def test_blank_cells_may_be_left_out_at_the_end_of_rows(
    sheets: Any, lines: list[str], expected: set[int]
) -> None:
    assert ragged(sheets, lines) == expected


@pytest.mark.parametrize(
    ("lines", "is_told"),
    [
        pytest.param([FULL[0], *(line.replace(",", " ", 1) for line in FULL[1:])], True,
                     id="an inner separator is lacking in every row"),
        pytest.param(["Reference,Receiver,Remark", "A1,x", "A2,y"], True, id="left out in all"),
        pytest.param(["Reference,Receiver,Remark", "A1,x"], False, id="a single row"),
        pytest.param(CLEAN, False, id="every separator"),
        pytest.param(TRIMMED, False, id="left out in some"),
    ],
)  # fmt: skip
def test_it_is_said_where_every_row_is_short(sheets: Any, lines: list[str], is_told: bool) -> None:
    made = found(sheets.path("a.csv", "\n".join(lines).encode()))

    assert any("values stand in the wrong columns" in note for note in made.notes) == is_told
    assert made.flaws.get(0, {}).get("ragged", set()) == set()
