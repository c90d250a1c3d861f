"""The result workbook: real files, written and read back."""

from __future__ import annotations

import re
import stat
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from converter import messages, results
from converter.errors import OutputError
from converter.mapping.block import Title
from converter.model import MESSAGE_TITLE, STATUS_TITLE, Cell, Issue, Result, Status
from converter.report import Report
from converter.results import palette
from converter.results.marks import MOST_NOTES
from converter.results.order_sheet import OrderSheet
from tests.zip_parts import change_part

TITLES = ("客户单号", "国家", "数量", "备注")
ROWS = (
    ("A-1", "US", "2", "fragile"),
    ("A-1", "US", "3", ""),
    ("B-2", "XX", "1", "=1+1"),
)
BLANK = "expected a value, found a blank cell. Fill it in."


def issue(column: str, row: int, title: str, *, warning: bool = False) -> Issue:
    return Issue(Cell("Orders", column, row), "x", title, "required", {}, warning)


def report(*rows: Result, **more: Any) -> Report:
    return Report("acme", "orders.xlsx", "20251201-101522-ab12", rows, **more)


def view(rows: Sequence[Sequence[str]] = ROWS) -> OrderSheet:
    numbered = list(enumerate(rows, 2))
    return OrderSheet("Orders", 1, ("A", "B", "C", "D"), TITLES, len(rows), lambda: numbered)


def workbook(path: Path) -> Path:
    """A customer's workbook with a second sheet of their own."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Orders"
    for row in (TITLES, *ROWS):
        sheet.append(list(row))
    book.create_sheet("Prices").append(["pen", 2])
    book.save(path)
    return path


def read(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def table(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


ONE_OF_EACH = report(
    Result(
        "A-1",
        Status.ACCEPTED,
        "下单成功",
        "159",
        "EV1",
        (2, 3),
        {"short": "S1"},
        attempts=1,
        time="2025-12-01T10:15:22+08:00",
        request_id="f08c",
    ),
    Result("B-2", Status.INVALID, rows=(4,), issues=(issue("B", 4, "国家"),)),
)


each_writer = pytest.mark.parametrize(
    "kept", [pytest.param(True, id="kept"), pytest.param(False, id="anew")]
)


# -- Results -----------------------------------------------------------------------------------


@each_writer
def test_results_has_one_row_per_order(tmp_path: Path, kept: bool) -> None:
    source = workbook(tmp_path / "orders.xlsx") if kept else None
    outputs = [("short", Title(en="Short no.", zh="短单号"))]

    written = results.write(
        ONE_OF_EACH, tmp_path / "out.xlsx", source=source, sheet=view(), outputs=outputs
    )

    book = read(written)
    own = ["Prices"] if kept else []
    assert book.sheetnames == ["Results", "Orders", *own, "Summary"]
    assert table(book["Results"]) == [
        [
            *("Reference", "Status", "Message", "Provider order no.", "Tracking no.", "Rows"),
            *("Attempts", "Time", "Request ID", "Short no."),
        ],
        [
            *("A-1", "accepted", "下单成功", "159", "EV1", "2, 3"),
            *(1, messages.local_time("2025-12-01T10:15:22+08:00"), "f08c", "S1"),
        ],
        ["B-2", "invalid", f"Orders!B4 国家: {BLANK}", None, None, "4", 0, None, None, None],
    ]
    assert book["Results"].freeze_panes == "C2"
    assert book["Results"].auto_filter.ref == "A1:J3"
    assert book["Results"]["A3"].hyperlink.location == "'Orders'!B4"
    assert book["Results"]["A2"].hyperlink is None
    assert book["Results"].sheet_view.tabSelected
    assert not book["Orders"].sheet_view.tabSelected


@each_writer
def test_sandbox_is_said_at_the_top_left_of_every_sheet(tmp_path: Path, kept: bool) -> None:
    """In Results not above the titles: scripts find the columns by row 1."""
    source = workbook(tmp_path / "orders.xlsx") if kept else None

    written = results.write(
        ONE_OF_EACH, tmp_path / "out.xlsx", source=source, sheet=view(), sandbox=True
    )

    sheet, orders, summary = (read(written)[name] for name in ("Results", "Orders", "Summary"))
    assert [cell.value for cell in sheet[1]][1:3] == ["Reference", "Status"]
    assert orders["A1"].comment.text == "converter:\nSANDBOX — nothing real was sent"
    for cell in (sheet["A1"], summary["A1"]):
        assert cell.value == "SANDBOX — nothing real was sent"
        assert cell.fill.fgColor.rgb[-6:] == "FFD966"
    assert sheet.sheet_properties.tabColor.rgb[-6:] == "FFD966"
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref == "A1:J3"


# -- the customer's sheet ----------------------------------------------------------------------


@each_writer
def test_every_row_of_an_order_says_what_became_of_it(tmp_path: Path, kept: bool) -> None:
    source = workbook(tmp_path / "orders.xlsx") if kept else None
    told = report(
        Result("A-1", Status.INVALID, rows=(2, 3), issues=(issue("C", 3, "数量"),)),
        Result("B-2", Status.ACCEPTED, "下单\n成功", "159", "EV1", (4,)),
    )

    written = results.write(told, tmp_path / "out.xlsx", source=source, sheet=view())

    sheet = read(written)["Orders"]
    assert [[cell.value for cell in row] for row in sheet["E1:F4"]] == [
        [STATUS_TITLE, MESSAGE_TITLE],
        ["invalid", "This row is fine; its order has a problem in C3."],
        ["invalid", f"数量: {BLANK}"],
        ["accepted", "下单 | 成功 | order no. 159 | tracking no. EV1"],
    ]


@each_writer
def test_bad_cells_are_filled_and_noted(tmp_path: Path, kept: bool) -> None:
    source = workbook(tmp_path / "orders.xlsx") if kept else None
    wrong, doubtful = issue("B", 4, "国家"), issue("D", 3, "备注", warning=True)
    told = report(
        Result("A-1", Status.ACCEPTED, rows=(2, 3), issues=(doubtful,)),
        Result("B-2", Status.INVALID, rows=(4,), issues=(wrong, wrong)),
        warnings=(doubtful,),
    )

    written = results.write(told, tmp_path / "out.xlsx", source=source, sheet=view())

    sheet = read(written)["Orders"]
    marked = {
        cell.coordinate: (cell.fill.fgColor.rgb[-6:], cell.comment.author, cell.comment.text)
        for row in sheet["A2:D4"]
        for cell in row
        if cell.comment
    }
    assert marked == {
        "B4": (palette.RED, "converter", f"converter:\n国家: {BLANK}"),
        "D3": (palette.AMBER, "converter", f"converter:\n备注: {BLANK}"),
    }


def damage_styles(source: Path) -> None:
    change_part(source, "xl/styles.xml", lambda _: b"<styleSheet")


def damage_types(source: Path) -> None:
    change_part(source, "[Content_Types].xml", lambda _: b"")


def make_another_format(source: Path) -> None:
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office:document-content/>")


def make_an_old_one(source: Path) -> None:
    source.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


@pytest.mark.parametrize(
    "change", [damage_styles, damage_types, make_another_format, make_an_old_one]
)
def test_workbook_that_cannot_be_kept_is_written_anew(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    source = workbook(tmp_path / "orders.xlsx")
    change(source)

    written = results.write(ONE_OF_EACH, tmp_path / "out.xlsx", source=source, sheet=view())

    book = read(written)
    assert table(book["Orders"])[1][:4] == ["A-1", "US", "2", "fragile"]
    assert "The order sheet stands here as plain text. Your own file is unchanged." in {
        cell.value for cell in book["Summary"]["B"]
    }


def test_notes_of_a_large_sheet_are_limited(tmp_path: Path) -> None:
    rows = [(f"A-{i}", "US", "1", "") for i in range(30_000)]
    told = report(
        *(
            Result(f"A-{i}", Status.INVALID, rows=(i + 2,), issues=(issue("B", i + 2, "国家"),))
            for i in range(30_000)
        )
    )

    written = results.write(told, tmp_path / "out.xlsx", source=None, sheet=view(rows))

    with zipfile.ZipFile(written) as archive:
        pages = [archive.read(f"xl/worksheets/sheet{number}.xml") for number in (1, 2)]
        comments = archive.read("xl/comments1.xml").count(b"<comment ")
    assert [page.count(b"<row ") for page in pages] == [30_001, 30_001]
    assert (comments, pages[1].count(b"<hyperlink ")) == (MOST_NOTES, 30_000)


@pytest.mark.parametrize("name", ["orders.xlsx", "orders.xls", "orders.csv"])
def test_workbook_is_kept_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    source = workbook(tmp_path / "orders.xlsx").rename(tmp_path / name)

    written = results.write(ONE_OF_EACH, tmp_path / "out.xlsx", source=source, sheet=view())

    assert "Prices" in read(written).sheetnames


@pytest.mark.parametrize("is_there", [True, False])
def test_file_that_was_changed_meanwhile_is_not_marked(tmp_path: Path, is_there: bool) -> None:
    """Its rows may be other ones by now: what was read is told instead."""
    source = workbook(tmp_path / "orders.xlsx")
    told = replace(ONE_OF_EACH, facts={"sha256": sha256(source.read_bytes()).hexdigest()})
    if is_there:
        change_part(source, "docProps/app.xml", lambda xml: xml + b" ")
    else:
        source.unlink()

    written = results.write(told, tmp_path / "out.xlsx", source=source, sheet=view())

    book = read(written)
    assert book.sheetnames == ["Results", "Orders", "Summary"]
    assert (
        "The file was changed after it had been read. The order sheet stands here as it was "
        "read, as plain text."
    ) in {cell.value for cell in book["Summary"]["B"]}


def test_file_that_was_not_changed_is_marked(tmp_path: Path) -> None:
    source = workbook(tmp_path / "orders.xlsx")
    told = replace(ONE_OF_EACH, facts={"sha256": sha256(source.read_bytes()).hexdigest()})

    written = results.write(told, tmp_path / "out.xlsx", source=source, sheet=view())

    assert "Prices" in read(written).sheetnames


# -- text from outside -------------------------------------------------------------------------


@each_writer
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0", id="formula"),
        pytest.param("+1 555", "+1 555", id="plus"),
        pytest.param("-1", "-1", id="minus"),
        pytest.param("@SUM(A1)", "@SUM(A1)", id="at"),
        pytest.param("#N/A", "#N/A", id="error word"),
        pytest.param("{=1}", "{=1}", id="array formula"),
        pytest.param("https://example.com", "https://example.com", id="address"),
        pytest.param("internal:A1", "internal:A1", id="inner address"),
        pytest.param("007", "007", id="leading zeros"),
        pytest.param("a\0b\x1bc", "a�b�c", id="control characters"),
        pytest.param("a\ud800b\ufffec", "a�b�c", id="no character at all"),
        pytest.param("a\r\nb\rc", "a\nb\nc", id="line ends"),
        pytest.param("x" * 40_000, "x" * 31_994 + " (cut)", id="too long"),
        pytest.param("😀" * 20_000, "😀" * 15_997 + " (cut)", id="too long in Excel's count"),
    ],
)
def test_outside_text_stays_text(tmp_path: Path, text: str, shown: str, kept: bool) -> None:
    source = workbook(tmp_path / "orders.xlsx") if kept else None
    told = report(
        Result("A-1", Status.REJECTED, request_id=text, provider_order_no=text, rows=(2,)),
        facts={"File": text},
    )
    rows = ROWS if kept else [(text, "US", "1", "")]

    written = results.write(told, tmp_path / "out.xlsx", source=source, sheet=view(rows))

    book = read(written)
    cells = [book["Results"]["D2"], book["Results"]["I2"], book["Summary"]["B6"]]
    cells += [] if kept else [book["Orders"]["A2"]]
    assert [cell.value for cell in cells] == [shown] * len(cells)
    for cell in cells:
        assert cell.data_type == "s"
        assert cell.hyperlink is None
        assert cell.quotePrefix == shown.startswith(("=", "+", "-", "@"))


# -- where it is written -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        pytest.param(
            "orders.xlsx",
            "{target}: the result would overwrite the order sheet. "
            "Give another place with --output.",
            id="the input",
        ),
        pytest.param(
            "link.xlsx",
            "{target}: the result would overwrite the order sheet. "
            "Give another place with --output.",
            id="the input by another name",
        ),
        pytest.param(
            "nowhere/out.xlsx",
            "{target}: there is no folder {folder}. Give another place with --output.",
            id="no folder",
        ),
        pytest.param(
            "folder.xlsx",
            "{target}: this is a folder. Give the name of a file in it.",
            id="folder",
        ),
        pytest.param(
            "out.xls",
            "{target}: the result is an Excel workbook. Give a name that ends in .xlsx.",
            id="other kind",
        ),
    ],
)
def test_unusable_target_is_found_before_sending(tmp_path: Path, target: str, problem: str) -> None:
    source = workbook(tmp_path / "orders.xlsx")
    (tmp_path / "link.xlsx").hardlink_to(source)
    (tmp_path / "folder.xlsx").mkdir()
    where = tmp_path / target

    with pytest.raises(OutputError) as caught:
        results.check_writable(where, source)

    assert str(caught.value) == problem.format(target=where, folder=where.parent)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder nobody can write in")
def test_folder_that_cannot_be_written_in_is_found_before_sending() -> None:
    with pytest.raises(OutputError, match=re.escape("nothing can be written in /proc/self (")):
        results.check_writable(Path("/proc/self/out.xlsx"), Path("orders.xlsx"))


def test_usable_target_is_left_as_it_is(tmp_path: Path) -> None:
    source, target = tmp_path / "orders.csv", tmp_path / "out.xlsx"
    target.write_bytes(b"an older result")

    results.check_writable(target, source)

    assert [path.name for path in tmp_path.iterdir()] == ["out.xlsx"]
    assert target.read_bytes() == b"an older result"


def test_result_lies_beside_a_target_that_cannot_be_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    target.mkdir()  # as little replaceable as a workbook that Excel holds open

    written = results.write(ONE_OF_EACH, target, source=None, sheet=view())

    assert written == tmp_path / "out.20251201-101522-ab12.xlsx"
    assert read(written)["Results"]["A2"].value == "A-1"
    assert {path.name for path in tmp_path.iterdir()} == {"out.xlsx", written.name}


def test_failure_leaves_the_old_result_and_no_rubbish(tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    target.write_bytes(b"an older result")

    def torn() -> Any:
        raise OSError(28, "No space left on device")
        yield

    broken = OrderSheet("Orders", 1, ("A",), ("客户单号",), 1, torn)

    with pytest.raises(OutputError) as caught:
        results.write(ONE_OF_EACH, target, source=None, sheet=broken)

    assert str(caught.value) == f"{target}: cannot be written (No space left on device)"
    assert [path.name for path in tmp_path.iterdir()] == ["out.xlsx"]
    assert target.read_bytes() == b"an older result"


def test_result_is_for_its_owner_alone(tmp_path: Path) -> None:
    written = results.write(ONE_OF_EACH, tmp_path / "out.xlsx", source=None, sheet=view())

    assert stat.S_IMODE(written.stat().st_mode) & 0o077 == 0


def test_view_takes_all_rows_but_the_header_of_a_table(tmp_path: Path) -> None:
    from converter import layout, sheet
    from converter.mapping.load import find_mapping, load_mapping
    from converter.mapping.shipped import shipped_folder

    file = tmp_path / "orders.csv"
    data = shipped_folder("templates") / "data" / "oms.csv"
    file.write_bytes(b"\n" + data.read_bytes())
    mapping = load_mapping(find_mapping("oms"))

    found = results.order_sheet_of(layout.find_table(sheet.read(file), mapping, file))

    assert (found.name, found.header_row, found.row_count) == ("orders", 2, 6)
    assert found.titles[:2] == ("Platform order no.", "Warehouse code")
    assert found.letters[:2] == ("A", "B")
    shown: Mapping[int, Sequence[str]] = dict(found.rows())
    assert list(shown) == [1, 3, 4, 5, 6, 7, 8]
    assert shown[4][:3] == ("PO-20251201-0001", "", "")


# -- what the workbook opens on ----------------------------------------------------------------


def test_it_opens_on_what_needs_action(tmp_path: Path) -> None:
    report = Report("scexpress", "orders.xlsx", "", (
        Result("A-1", Status.ACCEPTED, rows=(2,)),
        Result("A-2", Status.UNKNOWN, rows=(3,)),
        Result("A-3", Status.REJECTED, rows=(4,)),
    ))  # fmt: skip

    written = results.write(report, tmp_path / "out.xlsx", source=None, sheet=view(), lang="zh")

    sheet = read(written)["Results"]
    assert [row for row, it in sheet.row_dimensions.items() if it.hidden] == [2]
    (column,) = sheet.auto_filter.filterColumn
    assert (column.colId, sorted(column.filters.filter)) == (
        1,
        sorted(["结果不明 unknown", "被拒绝 rejected"]),
    )


@each_writer
def test_a_clock_before_1980_does_not_lose_the_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    """Zip files know no such time."""
    source = workbook(tmp_path / "orders.xlsx") if kept else None
    monkeypatch.setattr(time, "time", lambda: 86_400.0)

    written = results.write(ONE_OF_EACH, tmp_path / "out.xlsx", source=source, sheet=view())

    assert read(written)["Results"].max_row == len(ONE_OF_EACH.orders) + 1


@each_writer
def test_a_valid_order_with_warnings_has_a_word_of_its_own(tmp_path: Path, kept: bool) -> None:
    source = workbook(tmp_path / "orders.xlsx") if kept else None
    warning = Issue(Cell("Orders", "B", 2), "zip", "邮编", "phone_short",
                    {"found": "'12'", "country": "SA"}, warning=True)  # fmt: skip
    message = messages.issue_line(warning, "zh")
    report = Report("scexpress", "orders.xlsx", "", (
        Result("A-1", Status.VALID, message, rows=(2,), issues=(warning,)),
        Result("A-2", Status.VALID, rows=(3,)),
    ))  # fmt: skip

    written = results.write(report, tmp_path / "out.xlsx", source=source, sheet=view(), lang="zh")

    book = read(written)
    sheet = book["Results"]
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [
        "校验通过，请核对 valid, look", "校验通过 valid"
    ]  # fmt: skip
    assert sheet["C2"].value == "提醒：Orders!B2 邮编：'12' 的位数少于 SA 的电话号码。请核对。"
    assert [row for row, it in sheet.row_dimensions.items() if it.hidden] == [3]
    assert "校验通过，请核对 valid, look" in [cell.value for cell in book["Orders"]["E"]]
    counts = {row[0].value: row[1].value for row in book["Summary"].iter_rows(max_row=6)}
    assert counts["校验通过，请核对 valid, look"] == counts["校验通过 valid"] == 1


def test_a_decision_is_chosen_behind_the_status(tmp_path: Path) -> None:
    report = Report("oms", "orders.xlsx", "", (Result("A-2", Status.UNKNOWN, rows=(3,)),))

    written = results.write(report, tmp_path / "out.xlsx", source=None, sheet=view(), lang="zh")

    sheet = read(written)["Results"]
    assert [cell.value for cell in sheet[1]][:4] == [
        "客户单号\nReference", "处理状态\nStatus", "处理决定 Decision", "查到的单号 Found order no."
    ]  # fmt: skip
    (rule,) = sheet.data_validations.dataValidation
    assert (str(rule.sqref), rule.formula1) == ("C2", '"已创建,未创建,已处理"')


@each_writer
def test_its_pages_are_as_wide_as_paper_and_repeat_the_titles(tmp_path: Path, kept: bool) -> None:
    source = workbook(tmp_path / "orders.xlsx") if kept else None

    written = results.write(ONE_OF_EACH, tmp_path / "out.xlsx", source=source, sheet=view())

    book = read(written)
    for name in ("Results", "Summary") if kept else ("Results", "Summary", "Orders"):
        assert book[name].sheet_properties.pageSetUpPr.fitToPage
        assert book[name].page_setup.fitToHeight == 0
    for name in ("Results",) if kept else ("Results", "Orders"):
        assert book[name].print_title_rows == "$1:$1"
