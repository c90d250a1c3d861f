"""Whether somebody saved a result workbook since this program wrote it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter import results
from converter.mapping.load import find_mapping, load_mapping
from converter.model import Result, Status
from converter.report import Report
from converter.results.order_sheet import OrderSheet
from converter.sheet_template.workbook import write_template
from tests.zip_parts import change_part

TITLES = ("客户单号", "国家")
ROWS = [(2, ("A-1", "US"))]
REPORT = Report("acme", "orders.xlsx", "run", (Result("A-1", Status.ACCEPTED, rows=(2,)),))
SHEET = OrderSheet("Orders", 1, ("A", "B"), TITLES, 1, lambda: ROWS)


each_writer = pytest.mark.parametrize(
    "kept", [pytest.param(True, id="kept"), pytest.param(False, id="anew")]
)


def workbook(path: Path) -> Path:
    """A customer's workbook."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Orders"
    for row in (TITLES, *(texts for _, texts in ROWS)):
        sheet.append(row)
    book.save(path)
    return path


def save_with_openpyxl(path: Path) -> None:
    openpyxl.load_workbook(path).save(path)


@each_writer
def test_result_is_untouched_until_somebody_saves_it(tmp_path: Path, kept: bool) -> None:
    source = workbook(tmp_path / "orders.xlsx") if kept else None

    written = results.write(REPORT, tmp_path / "out.xlsx", source=source, sheet=SHEET)

    assert results.is_untouched(written)
    properties = openpyxl.load_workbook(written).properties
    creator = "openpyxl" if kept else "converter"
    assert (properties.creator, properties.lastModifiedBy) == (creator, "converter")


def by_excel(path: Path) -> None:
    before, after = b"<cp:lastModifiedBy>converter<", b"<cp:lastModifiedBy>Wang<"
    change_part(path, "docProps/core.xml", lambda xml: xml.replace(before, after))
    change_part(path, "docProps/app.xml", lambda xml: xml.replace(b"converter", b"Microsoft Excel"))


def by_excel_of_a_user_called_converter(path: Path) -> None:
    change_part(path, "docProps/app.xml", lambda xml: xml.replace(b"converter", b"Microsoft Excel"))


def by_libreoffice_without_a_user(path: Path) -> None:
    """Seen of LibreOffice 7.4: it leaves who saved the workbook last."""
    application = b"LibreOffice/7.4.7.2$Linux_X86_64 LibreOffice_project/40$Build-2"
    change_part(path, "docProps/app.xml", lambda xml: xml.replace(b"converter", application))


def by_a_service_without_properties(path: Path) -> None:
    change_part(path, "docProps/core.xml", lambda _: b"")


@each_writer
@pytest.mark.parametrize(
    "save",
    [
        by_excel,
        by_excel_of_a_user_called_converter,
        by_libreoffice_without_a_user,
        by_a_service_without_properties,
        save_with_openpyxl,
    ],
)
def test_result_that_was_saved_again_is_touched(
    tmp_path: Path, save: Callable[[Path], None], kept: bool
) -> None:
    source = workbook(tmp_path / "orders.xlsx") if kept else None
    written = results.write(REPORT, tmp_path / "out.xlsx", source=source, sheet=SHEET)

    save(written)

    assert not results.is_untouched(written)


def test_what_is_no_result_is_not_untouched(tmp_path: Path) -> None:
    blank = tmp_path / "blank.xlsx"
    write_template(load_mapping(find_mapping("oms")), blank)

    assert not results.is_untouched(blank)
    assert not results.is_untouched(workbook(tmp_path / "orders.xlsx"))
    assert not results.is_untouched(tmp_path)
    assert not results.is_untouched(tmp_path / "nowhere.xlsx")


@pytest.fixture(scope="module")
def a_result(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("result") / "out.xlsx"
    return results.write(REPORT, target, source=None, sheet=SHEET).read_bytes()


@given(data=st.data())
def test_damaged_files_are_not_untouched(
    a_result: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever the bytes, it says yes or no; a file that was cut is never ours."""
    where = data.draw(st.integers(0, len(a_result) - 1))
    path = tmp_path_factory.getbasetemp() / "damaged.xlsx"

    path.write_bytes(a_result[:where])
    assert not results.is_untouched(path)
    path.write_bytes(a_result[:where] + data.draw(st.binary(max_size=60)) + a_result[where + 1 :])
    assert results.is_untouched(path) in (True, False)
