"""The blank order sheet of a provider, as a workbook.

openpyxl writes it, and can read it back. What depends on the clock is fixed afterwards, so that
the same mapping makes the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.xml.functions import tostring

from converter.errors import OutputError
from converter.mapping.model import ProviderMapping
from converter.message import N_, t
from converter.messages.system import of_system
from converter.model import CHOICES_SHEET, EXAMPLE_SHEET, GUIDE_SHEET
from converter.ooxml import markup
from converter.results.properties import AUTHOR
from converter.sheet_template import examples
from converter.sheet_template.choices_sheet import Choices
from converter.sheet_template.columns import columns_of
from converter.sheet_template.examples import Row
from converter.sheet_template.guide_sheet import write_guide
from converter.sheet_template.orders_sheet import add_limits, add_notes, write_orders

ORDERS_SHEET = "Orders"

_CREATED = datetime(2025, 1, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)

_CORE = "docProps/core.xml"
_ORDERS_PARTS = ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml")
_NO_WARNINGS = (
    b'<ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/></ignoredErrors>'
)
"""Keeps Excel from marking every code such as 007; openpyxl cannot write this element."""
_BEFORE_NO_WARNINGS = ("sheetData", "autoFilter", "dataValidations", "pageMargins")


def write_template(mapping: ProviderMapping, target: Path, *, rows: Sequence[Row] = ()) -> None:
    """Write the order sheet of a provider: blank, or filled with `rows`.

    Raises OutputError where the file cannot be written.
    """
    try:
        target.write_bytes(_to_bytes(_workbook(mapping, rows)))
    except OSError as error:
        raise _unwritable(target, error) from error


def write_new_template(mapping: ProviderMapping, target: Path, *, rows: Sequence[Row] = ()) -> None:
    """Like `write_template`, but raises OutputError rather than replace a changed sheet."""
    fresh = _to_bytes(_workbook(mapping, rows))
    try:
        if target.exists() and target.read_bytes() != fresh:
            problem = N_("{file} is there already. Name another file with -o.")
            raise OutputError(t(problem, file=target))
        target.write_bytes(fresh)
    except OSError as error:
        raise _unwritable(target, error) from error


def _unwritable(target: Path, error: OSError) -> OutputError:
    problem = N_("{file}: cannot be written ({problem})")
    return OutputError(t(problem, file=target, problem=of_system(error)))


def _workbook(mapping: ProviderMapping, rows: Sequence[Row]) -> Workbook:
    columns = columns_of(mapping)
    choices = Choices(columns)
    book = Workbook()
    book.properties.title = f"{mapping.title.zh} / {mapping.title.en}"
    book.properties.creator = book.properties.lastModifiedBy = AUTHOR
    book.properties.created = _CREATED
    book.remove(book.worksheets[0])
    form = book.create_sheet(ORDERS_SHEET)
    form.sheet_view.tabSelected = True
    write_orders(form, columns, rows, is_form=True)
    add_notes(form, columns)
    add_limits(form, columns, choices)
    example = book.create_sheet(EXAMPLE_SHEET)
    write_orders(example, columns, examples.made(mapping), is_form=False)
    write_guide(book.create_sheet(GUIDE_SHEET), mapping, columns)
    choices.write(book.create_sheet(CHOICES_SHEET))
    return book


def _to_bytes(book: Workbook) -> bytes:
    """The file, with the same time in it whenever it is written."""
    saved, fixed = io.BytesIO(), io.BytesIO()
    book.save(saved)
    book.properties.modified = _CREATED  # set to now by save
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(fixed, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            if part == _CORE:
                content = tostring(book.properties.to_tree())
            elif part in _ORDERS_PARTS:
                root = markup.parse(content)
                edit = markup.inserted(content, root, _NO_WARNINGS, _BEFORE_NO_WARNINGS)
                content = markup.splice(content, [edit])
            info = zipfile.ZipInfo(part, _ZIP_DATE)
            target.writestr(info, content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
