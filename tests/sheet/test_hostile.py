"""Hostile files: each is refused with its code, or read for what it really contains."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from converter.errors import SettingsError, SheetError
from converter.sheet import limits, read, sha256, subprocess_reader
from tests.zip_parts import change_parts

SHEET = "xl/worksheets/sheet1.xml"
ROWS = '<row r="1"><c r="A1"><v>1</v></c></row>'


def code(path: Path) -> str:
    with pytest.raises(SheetError) as error:
        read(path)
    assert str(error.value).endswith(f"[{error.value.code}]")
    return error.value.code


def code_if_refused(path: Path) -> str | None:
    try:
        read(path, known={"單號", "數量"}.__contains__)
    except SheetError as error:
        return error.code
    return None


def with_part(name: str, content: bytes) -> Callable[[dict[str, bytes]], object]:
    return lambda parts: parts.update({name: content})


# -- the zip file ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        pytest.param("xl/media/bomb.bin", bytes(4 << 20), "ZIP_LIMIT", id="swells a thousandfold"),
        pytest.param("../../evil.xml", b"<a/>", "ZIP_NAMES", id="leads out"),
        pytest.param("/etc/passwd", b"<a/>", "ZIP_NAMES", id="absolute"),
        pytest.param("C:\\evil.xml", b"<a/>", "ZIP_NAMES", id="absolute on Windows"),
        pytest.param("XL/Workbook.xml", b"<a/>", "ZIP_NAMES", id="the same but for its letters"),
        pytest.param(
            "xl/theme.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "XML_DTD", id="entity"
        ),
        pytest.param(
            "xl/theme.xml",
            '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'.encode("utf-16"),
            "XML_DTD",
            id="entity in wide letters",
        ),
        pytest.param(
            "xl/theme.xml",
            b"<a>" + b" " * ((1 << 20) - 8) + b'<!DOCTYPE a [<!ENTITY b "c">]></a>',
            "XML_DTD",
            id="where two blocks meet",
        ),
    ],
)
def test_a_hostile_part_is_refused(sheets: Any, name: str, content: bytes, expected: str) -> None:
    if name.endswith("theme.xml") and len(content) > 1 << 20:
        content += random.Random(1).randbytes(20_000)  # not packed too tightly

    assert code(change_parts(sheets.xml(ROWS), with_part(name, content))) == expected


def test_a_name_that_stands_twice_is_refused(sheets: Any) -> None:
    path = sheets.xml(ROWS)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(SHEET, "<worksheet/>")

    assert code(path) == "ZIP_NAMES"


def test_ten_thousand_parts_are_refused(sheets: Any) -> None:
    parts = {f"xl/media/{number}.png": b"" for number in range(2_000)}

    assert code(change_parts(sheets.xml(ROWS), lambda all_: all_.update(parts))) == "ZIP_LIMIT"


def test_parts_that_lie_over_one_another_are_refused(sheets: Any) -> None:
    """Two entries of the directory that point at the same bytes."""
    packed = zlib.compress(b"x")[2:-4]
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, zlib.crc32(b"x"), len(packed), 1,
                        5, 0)  # fmt: skip
    body = local + b"a.xml" + packed
    entries = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, zlib.crc32(b"x"), len(packed), 1,
                    5, 0, 0, 0, 0, 0, 0) + name
        for name in (b"a.xml", b"b.xml")
    )  # fmt: skip
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(entries), len(body), 0)

    assert code(sheets.path("orders.xlsx", body + entries + end)) == "ZIP_LIMIT"


def test_a_wrong_sum_is_refused(sheets: Any) -> None:
    path = sheets.xml(ROWS)
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"PK\1\2") + 16
    raw[at] ^= 0xFF

    assert code(sheets.path("orders.xlsx", bytes(raw))) == "DAMAGED_ZIP"


def test_a_zip_in_a_zip_is_not_opened(sheets: Any) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("bomb.bin", bytes(100))

    found = read(change_parts(sheets.xml(ROWS), with_part("xl/media/in.zip", inner.getvalue())))

    assert [sheet.texts(1) for sheet in found] == [["1"]]


# -- limits ------------------------------------------------------------------------------------


def test_a_file_beyond_a_limit_is_refused_with_the_setting_that_raises_it(
    sheets: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler = random.Random(1).randbytes(1 << 20)
    path = change_parts(sheets.xml(ROWS), lambda parts: parts.update({"xl/a.bin": filler + filler}))
    monkeypatch.setenv("CONVERTER_MAX_MEGABYTES", "1")

    with pytest.raises(SheetError) as error:
        read(path)

    assert str(error.value) == (
        "orders.xlsx: it has 2 MB when unpacked, more than the 1 MB that are read. "
        "Split it into smaller workbooks, or raise CONVERTER_MAX_MEGABYTES. [ZIP_LIMIT]"
    )


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        pytest.param("orders.csv", "單號,數量\n".encode(), "SIZE_LIMIT", id="text"),
        pytest.param("orders.xlsx", b"PK\3\4", "READER_FAILED", id="workbook"),
    ],
)
def test_a_file_larger_than_memory_is_refused(
    home: Path, run: Any, name: str, head: bytes, expected: str
) -> None:
    with (home / name).open("wb") as file:
        file.write(head)
        file.truncate(1 << 40)

    done = run("check", name, "-p", "oms", "--lang", "en")

    assert (done.exit_code, f"[{expected}]" in done.stderr) == (2, True), done.output


def test_what_cannot_be_read_to_its_end_has_a_code(tmp_path: Path) -> None:
    with pytest.raises(SheetError) as error:
        sha256(tmp_path)

    assert error.value.code == "CANNOT_OPEN"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda sheets: sheets.xlsx([["a"], [1], [2], [3]]), id="workbook"),
        pytest.param(
            lambda sheets: sheets.csv([["a"], [1], [2], [3]], name="Orders.csv"), id="csv"
        ),
    ],
)
def test_too_many_rows_are_refused_with_the_setting_that_allows_them(
    sheets: Any, monkeypatch: pytest.MonkeyPatch, make: Callable[[Any], Path]
) -> None:
    monkeypatch.setenv("CONVERTER_MAX_ROWS", "2")

    with pytest.raises(SheetError) as error:
        read(make(sheets))

    assert str(error.value) == (
        "sheet 'Orders': it has more than 2 rows. "
        "Split the sheet, or raise CONVERTER_MAX_ROWS. [ROW_LIMIT]"
    )


@pytest.mark.parametrize("text", ["much", "-1", "0", "1e3", "１０"])
def test_a_limit_is_a_whole_number(text: str) -> None:
    with pytest.raises(SettingsError) as error:
        limits.from_environment({"CONVERTER_MAX_ROWS": text})

    assert str(error.value) == (
        f"CONVERTER_MAX_ROWS: expected a whole number above 0, found {text!r}."
    )


def test_limits_without_settings() -> None:
    found = limits.from_environment({"CONVERTER_MAX_ROWS": "", "PATH": "/bin"})

    assert (found.megabytes, found.rows, found.seconds) == (512, 1_000_000, 600)


# -- XML ---------------------------------------------------------------------------------------


def strict(parts: dict[str, bytes]) -> None:
    """As Excel saves a 'Strict Open XML Spreadsheet'."""
    for name, content in parts.items():
        for old, new in (
            (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
             b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
            (b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
             b"http://purl.oclc.org/ooxml/officeDocument/relationships"),
        ):  # fmt: skip
            content = content.replace(old, new)
        parts[name] = content


def wide(parts: dict[str, bytes]) -> None:
    parts[SHEET] = parts[SHEET].replace(b'"UTF-8"', b'"UTF-16"').decode().encode("utf-16")


def test_strict_workbooks_are_read(sheets: Any) -> None:
    (found,) = read(change_parts(sheets.xml(ROWS), strict))

    assert found.texts(1) == ["1"]


def test_a_workbook_in_wide_letters_is_read(sheets: Any) -> None:
    def all_wide(parts: dict[str, bytes]) -> None:
        for name, content in parts.items():
            parts[name] = content.replace(b'"UTF-8"', b'"UTF-16"').decode().encode("utf-16")

    for change in (wide, all_wide):
        (found,) = read(change_parts(sheets.xml('<row r="1"><c r="A1" t="e"><v>#N/A</v></c>'
                                           '<c r="B1"><v>1</v></c></row>'), change))  # fmt: skip

        assert found.texts(1) == ["", "1"]
        assert found.flaws == {0: {"error": {1}}}


@pytest.mark.parametrize(
    ("gone", "moved"),
    [
        pytest.param("[Content_Types].xml", "", id="no content types"),
        pytest.param("_rels/.rels", "", id="no relationships"),
        pytest.param("", "xl/sheet1.xml", id="the sheet beside the workbook"),
    ],
)
def test_a_minimal_package_is_read(sheets: Any, gone: str, moved: str) -> None:
    def change(parts: dict[str, bytes]) -> None:
        parts.pop(gone, None)
        if moved:
            parts[moved] = parts.pop(SHEET)
            relations = "xl/_rels/workbook.xml.rels"
            parts[relations] = parts[relations].replace(b"worksheets/", b"")

    (found,) = read(change_parts(sheets.xml(ROWS), change))

    assert found.texts(1) == ["1"]


def test_a_part_that_is_many_sheets_is_refused_at_once(sheets: Any) -> None:
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    documents = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    names = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r1"/>' for n in range(1, 5001))
    workbook = f'<workbook {main} xmlns:r="{documents}"><sheets>{names}</sheets></workbook>'

    assert code(sheets.xml(ROWS, workbook=workbook)) == "DAMAGED"


@pytest.mark.parametrize(
    ("xml", "expected", "flaws"),
    [
        pytest.param(
            '<row><c><v>7</v></c><c t="e"><v>#N/A</v></c></row>'
            '<row><c/><c t="inlineStr"><is><t>x</t></is></c></row>',
            [["7", ""], ["", "x"]],
            {1: {"error": {1}}},
            id="no addresses",
        ),
        pytest.param(
            "<row r='1'><c r='A1' t='e'><v>#N/A</v></c><c r='B1'><v>1</v></c></row>",
            [["", "1"]],
            {0: {"error": {1}}},
            id="single quotes",
        ),
        pytest.param(
            '<row r="1"><c t="e" r="A1"><v>#N/A</v></c><c s="0" r="B1"><f>1+1</f></c>'
            '<c r="C1"><v>1</v></c></row>',
            [["", "", "1"]],
            {0: {"error": {1}}, 1: {"no_value": {1}}},
            id="addresses elsewhere",
        ),
        pytest.param(
            '<row r="1"><c r="A1" t="str"><v><![CDATA[a<b_x000D_]]></v></c>'
            '<c r="B1"><v><![CDATA[5]]></v></c><c r="C1"><v>1</v></c></row>',
            [["a<b\r", "5", "1"]],
            {},
            id="text that is not to be parsed",
        ),
        pytest.param(
            '<row r="1"><!-- <c r="A1" t="e"> --><c r="A1"><v>1</v></c></row>',
            [["1"]],
            {},
            id="an error in a comment is none",
        ),
        pytest.param(
            '<row r="1"><c r="A1" t="inlineStr"><is><r><t xml:space="preserve">a </t></r>'
            "<r><t>b</t></r></is></c></row>",
            [["a b"]],
            {},
            id="letters of several looks",
        ),
        pytest.param(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>a_x000D_b_x005F_x000D_</t></is></c></row>',
            [["a\rb_x000D_"]],
            {},
            id="escapes are resolved once",
        ),
        pytest.param(
            '<row r="1"><c r="A1"><v>1.59E+12</v></c><c r="B1" t="b"><v>1</v></c></row>',
            [["1590000000000", "TRUE"]],
            {},
            id="an exponent is a number like any other",
        ),
        pytest.param(
            '<row r="2"><c r="B2"><v>2</v></c><c r="A2"><v>1</v></c></row>'
            '<row r="1"><c r="A1"><v>0</v></c></row>',
            [["0", ""], ["1", "2"]],
            {},
            id="out of order",
        ),
        pytest.param(
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><f>1+1</f></c></row>'
            '<row r="3"><c r="A3" t="str"><f>B3</f></c><c r="C3" t="e"><v>#N/A</v></c></row>',
            [["1", "", ""], ["", "", ""], ["", "", ""]],
            {0: {"no_value": {2, 3}}, 2: {"error": {3}}},
            id="damaged cells right of the values and below them",
        ),
        pytest.param(
            '<row r="2"><c r="A2" t="e"><v>#N/A</v></c></row><row r="3">'
            '<c r="B3"><v>1</v></c></row>',
            [["", ""], ["", "1"]],
            {0: {"error": {2}}},
            id="damaged cells left of the values and above them",
        ),
        pytest.param(
            '<row r="1"><c r="A1" t="str"><f>B1</f></c><c r="B1" t="str"><f>""</f><v></v></c>'
            '<c r="C1"><v>1</v></c></row>',
            [["", "", "1"]],
            {0: {"no_value": {1}}},
            id="a formula's text that is missing, and one that is empty",
        ),
        pytest.param(
            '<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t> </t></r><r>'
            "<t>b</t></r></is></c></row>",
            [["a b"]],
            {},
            id="a space alone between letters of several looks",
        ),
    ],
)
def test_odd_xml_is_read_for_what_it_says(
    sheets: Any, xml: str, expected: list[list[str]], flaws: Any
) -> None:
    (found,) = read(sheets.xml(xml))

    assert [found.texts(row) for row in found.frame.index] == expected
    assert found.flaws == flaws


def test_counts_of_strings_are_not_believed(sheets: Any) -> None:
    def lie(parts: dict[str, bytes]) -> None:
        parts["xl/sharedStrings.xml"] = (
            b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            b'count="4000000000" uniqueCount="0"><si><t>x</t></si><si><r><t>y</t></r>'
            b'<rPh sb="0" eb="1"><t>why</t></rPh></si></sst>'
        )
        relations = "xl/_rels/workbook.xml.rels"
        parts[relations] = parts[relations].replace(
            b"</Relationships>",
            b'<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            b'relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        )

    cells = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'

    (found,) = read(change_parts(sheets.xml(cells), lie))

    assert found.texts(1) == ["x", "y"]


def test_days_count_from_where_the_workbook_says(sheets: Any) -> None:
    def epoch(parts: dict[str, bytes]) -> None:
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
            b"<sheets>", b'<workbookPr date1904="1"/><sheets>'
        )
        parts["xl/styles.xml"] = (
            b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b'<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
        )
        relations = "xl/_rels/workbook.xml.rels"
        parts[relations] = parts[relations].replace(
            b"</Relationships>",
            b'<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            b'relationships/styles" Target="styles.xml"/></Relationships>',
        )

    cells = '<row r="1"><c r="A1" s="1"><v>44530</v></c></row>'

    (found,) = read(change_parts(sheets.xml(cells), epoch))

    assert found.texts(1) == ["2025-12-01"]


def test_every_name_may_have_a_prefix(sheets: Any) -> None:
    def prefix(parts: dict[str, bytes]) -> None:
        parts[SHEET] = (
            parts[SHEET]
            .replace(b"</", b"\0").replace(b"<", b"<x:").replace(b"\0", b"</x:")
            .replace(b"<x:?", b"<?").replace(b"xmlns=", b"xmlns:x=")
        )  # fmt: skip

    xml = '<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1"><f>1+1</f></c><c r="C1"><v>1</v></c>'

    (found,) = read(change_parts(sheets.xml(xml + "</row>"), prefix))

    assert found.texts(1) == ["", "", "1"]
    assert found.flaws == {0: {"error": {1}}, 1: {"no_value": {1}}}


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        pytest.param('<row r="1"><c r="A1" t="zzz"><v>1</v></c></row>', "DAMAGED", id="no kind"),
        pytest.param('<row r="1"><c r="A1" t="s"><v>9</v></c></row>', "DAMAGED", id="no string"),
        pytest.param('<row r="4294967296"><c r="A4294967296"><v>1</v></c></row>', "STRAY_CELL",
                     id="no row that could be"),
        pytest.param('<row r="1"><c r="A0"><v>1</v></c></row>', "DAMAGED", id="row 0"),
        pytest.param('<row r="1"><c r="A1"><v>1</v>', "DAMAGED", id="cut off"),
        pytest.param('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>', "DAMAGED", id="string -1"),
        pytest.param('<row r="1"><c r="A1" t="s"><v>abc</v></c></row>', "DAMAGED", id="string abc"),
        pytest.param('<row><c t="s"><v> 1</v></c></row>', "DAMAGED", id="string 1 behind a blank"),
        pytest.param('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>', "DAMAGED",
                     id="a cell given twice"),
        pytest.param('<row r="1"><c r="A1"><v>1</v></c></row>'
                     '<row r="1"><c r="A1" t="inlineStr"><is><t>2</t></is></c></row>', "DAMAGED",
                     id="a row given twice"),
        pytest.param('<row r="1"><c r="A1"><v>1</v></c><c><v>2</v></c>'
                     '<c r="A1"><v>2</v></c></row>', "DAMAGED", id="twice, without addresses"),
    ],
)  # fmt: skip
def test_cells_that_cannot_be_are_refused(sheets: Any, xml: str, expected: str) -> None:
    assert code(sheets.xml(xml)) == expected


@pytest.mark.parametrize(
    ("part", "note"),
    [
        pytest.param(
            "xl/vbaProject.bin", "The workbook has macros. They were not run.", id="macros"
        ),
        pytest.param(
            "xl/externalLinks/externalLink1.xml",
            "The workbook takes values from other workbooks. They were not opened: the values are "
            "those of the last time it was saved in Excel.",
            id="other workbooks",
        ),
    ],
)
def test_what_is_never_run_or_followed_is_said(sheets: Any, part: str, note: str) -> None:
    (found,) = read(change_parts(sheets.xml(ROWS), with_part(part, b"<a/>")))

    assert found.notes == (note,)


def test_sheets_of_old_macros_are_refused(sheets: Any) -> None:
    def macro(parts: dict[str, bytes]) -> None:
        parts["xl/macrosheets/sheet1.xml"] = parts.pop(SHEET)
        relations = "xl/_rels/workbook.xml.rels"
        parts[relations] = parts[relations].replace(b"worksheets/", b"macrosheets/")

    assert code(change_parts(sheets.xml(ROWS), macro)) in ("READER_FAILED", "NO_SHEET")


# -- the child process ------------------------------------------------------------------------


def test_a_reader_that_cannot_be_started_is_said(
    sheets: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = sheets.xml(ROWS)
    monkeypatch.setattr("sys.executable", str(tmp_path / "no-python"))

    with pytest.raises(SheetError) as error:
        read(file)

    assert error.value.code == "READER_FAILED"
    assert "cannot be started: No such file or directory" in str(error.value)


def test_a_reader_that_takes_too_long_is_given_up(sheets: Any) -> None:
    pick = random.Random(1)
    row = "<row>" + "<c><v>{}</v></c>" * 40 + "</row>"
    path = sheets.xml("".join(
        row.format(*(pick.randint(0, 10**9) for _ in range(40))) for _ in range(40_000)
    ))  # fmt: skip

    with (
        contextlib.closing(
            subprocess_reader.Reader(path, None, limits.Limits(seconds=1))
        ) as reader,
        pytest.raises(SheetError) as error,
    ):
        reader.columns()

    assert error.value.code == "READER_FAILED"
    assert "reading it took more than 1 seconds" in str(error.value)


def test_a_small_file_that_takes_long_is_not_waited_for_long() -> None:
    assert limits.Limits().patience(10_000) == 60
    assert limits.Limits().patience(17 << 20) == 400
    assert limits.Limits(seconds=30).patience(17 << 20) == 30


def test_the_reader_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCEXPRESS_TOKEN", "secret")

    assert "secret" not in " ".join(subprocess_reader.environment().values())


def test_a_module_beside_the_sheet_is_not_run(sheets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sheets.xml(ROWS)
    path.with_name("numpy.py").write_text("raise SystemExit('run')")
    monkeypatch.chdir(path.parent)

    (found,) = read(Path(path.name))

    assert found.texts(1) == ["1"]


# -- random damage -----------------------------------------------------------------------------


def spoilt(raw: bytes, pick: random.Random) -> bytes:
    """Some bytes changed, cut out or doubled."""
    changed_ = bytearray(raw)
    for _ in range(pick.randint(1, 8)):
        at = pick.randrange(len(changed_))
        kind = pick.randrange(4)
        if kind == 0:
            changed_[at] = pick.randrange(256)
        elif kind == 1:
            del changed_[at : at + pick.randint(1, 50)]
        elif kind == 2:
            changed_[at:at] = changed_[at : at + pick.randint(1, 50)]
        else:
            changed_[at : at + 4] = pick.randbytes(4)
        if len(changed_) < 10:
            break
    return bytes(changed_)


def spoilt_inside(path: Path, pick: random.Random) -> bytes:
    """The parts of a zip file spoilt, and packed again without a fault."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        victim = pick.choice(old.namelist())
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, spoilt(content, pick) if name == victim and content else content)
    return out.getvalue()


@pytest.mark.parametrize("seed", range(40))
def test_a_spoilt_file_is_read_or_refused_with_a_code(sheets: Any, seed: int) -> None:
    """To try more seeds, raise the range and run `pytest -k spoilt_file`."""
    pick = random.Random(seed)
    path = sheets.xlsx(
        [["客户单号", "数量", "日期"], ["A1", 1, "=1+1"], ["A2", 2.5, "#N/A"], ["A3", True, "x"]]
    )
    text = '單號,數量\nA1,1\n"A,2",2\n'.encode(pick.choice(["utf-8", "gbk", "utf-16", "big5"]))
    for name, raw in (
        ("orders.xlsx", spoilt(path.read_bytes(), pick)),
        ("orders.xlsx", spoilt_inside(path, pick)),
        ("orders.csv", spoilt(text, pick)),
    ):
        assert code_if_refused(sheets.path(name, raw)) != ""
