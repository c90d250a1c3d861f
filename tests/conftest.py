"""Sheets and mappings for the tests: files that are really written, and really read."""

from __future__ import annotations

import csv
import io
import itertools
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from hypothesis import settings
from openpyxl.utils import coordinate_to_tuple

from converter import layout, messages, sheet
from converter.checks import cells
from converter.cli import commands
from converter.layout.table import Table
from converter.layout.titles import Titles
from converter.mapping.load import parse_mapping
from converter.mapping.model import ProviderMapping
from converter.message import t
from converter.messages import translate
from converter.orders import by_order, grouping, rules
from tests import postgres
from tests.zip_parts import change_parts

# Every example is a file that is written and read: how long that takes is the disk's affair.
settings.register_profile("files", deadline=None, max_examples=50)
settings.load_profile("files")

AXE = os.environ.get("AXE_CORE", "")
"""The script `axe.min.js` of the npm package axe-core, where accessibility is to be tested."""
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

Row = Sequence[Any]

MAPPING = """
provider: tiny
title: {{en: Tiny, zh: 小}}
source: made up for the tests
settings:
  base_url: {{env: TINY_BASE_URL, default: "https://tiny.example"}}
request: {{path: /orders, body: $order}}
order:
  reference: {reference}
  lists: {lists}
  split: {split}
fields: {fields}
rules: {rules}
ask: {ask}
ignored: {ignored}
response: {{call_ok: ok, match: {{single: true}}, accepted: ok}}
"""

FIELDS = """
  - path: order.ref
    title: {zh: 客户单号, en: Reference}
    aliases: [订单号, Order No]
    required: true
  - {path: order.second, title: {zh: 第二单号, en: Second ref.}}
  - {path: order.to.name, title: {zh: 收件人, en: Receiver}, required: true}
  - {path: order.to.phone, title: {zh: 电话, en: Phone}}
  - {path: order.pieces, title: {zh: 总件数, en: Pieces}, aliases: [件数], type: integer}
  - {path: "boxes[].no", title: {zh: 箱号, en: Box}, default_if_single: "1"}
  - path: boxes[].count
    title: {zh: 每箱件数, en: Count}
    aliases: [件数]
    type: integer
    required: true
  - {path: "boxes[].weight", title: {zh: 重量(KG), en: Weight (kg)}, type: decimal, above: 0}
  - {path: "items[].sku", title: {zh: 商品编码, en: Article}, required: true}
  - path: items[].qty
    title: {zh: 数量, en: Quantity}
    aliases: [Qty]
    type: integer
    at_least: 1
    required: true
  - path: items[].box
    title: {zh: 物品箱号, en: Packed in}
    copies: boxes[].no
    only_of: boxes[].no
"""

LISTS = '{boxes: {key: "boxes[].no"}, items: {required: true}}'


@pytest.fixture(scope="session")
def mapping_with() -> Callable[..., ProviderMapping]:
    """Builds a mapping out of blocks of YAML; those that are not given are the tiny mapping's."""

    def build(
        *,
        fields: str = FIELDS,
        more_fields: str = "",
        reference: str = "order.ref",
        lists: str = LISTS,
        split: str = "",
        rules: str = "[]",
        ask: str = "{}",
        ignored: str = "[]",
    ) -> ProviderMapping:
        text = MAPPING.format(
            fields=fields + more_fields,
            reference=reference,
            lists=lists,
            split=split,
            rules=rules,
            ask=ask,
            ignored=ignored,
        )
        return parse_mapping(text, "tiny.yaml")

    return build


@pytest.fixture(scope="session")
def tiny(mapping_with: Callable[..., ProviderMapping]) -> ProviderMapping:
    """Orders with a receiver, boxes that have numbers, and items that lie in boxes."""
    return mapping_with()


MISSING = {
    marker: header
    for marker, found, header in (
        ("browser", BROWSER, "no Chromium is installed: the tests of the page in a browser"),
        ("axe", AXE, "AXE_CORE names no axe.min.js of axe-core: the tests of accessibility"),
        ("postgresql", postgres.PROGRAMS, "no PostgreSQL is installed: the tests of its journal"),
    )
    if not found
}
"""What the tests with a marker need and this machine lacks."""


def pytest_report_header() -> list[str]:
    return [f"{header} are LEFT OUT" for header in MISSING.values()]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a program that is not there."""
    left_out = [item for item in items if any(map(item.get_closest_marker, MISSING))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.TestServer]:
    """A PostgreSQL server of this test run."""
    with postgres.running() as server:
        yield server


@pytest.fixture
def database(postgresql: postgres.TestServer) -> Iterator[str]:
    """The address of a database without journals."""
    yield postgresql.address
    postgresql.drop_journals()


class Sheets:
    """Writes order sheets, each in a folder of its own, and reads them as the program does."""

    def __init__(self, folder: Path) -> None:
        self._root = folder
        self._numbers = itertools.count()

    def folder(self) -> Path:
        """A fresh one, so that files may have the names that messages show."""
        made = self._root / str(next(self._numbers))
        made.mkdir()
        return made

    # -- files ---------------------------------------------------------------------------------

    def path(self, name: str, content: bytes) -> Path:
        found = self.folder() / name
        found.write_bytes(content)
        return found

    def csv(
        self,
        table: str | Iterable[Row],
        *,
        name: str = "Orders.csv",
        encoding: str = "utf-8",
        delimiter: str = ",",
    ) -> Path:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter).writerows(_rows(table))
        return self.path(name, text.getvalue().encode(encoding))

    def xlsx(
        self,
        sheets: str | Iterable[Row] | Mapping[str, Iterable[Row]],
        *,
        name: str = "orders.xlsx",
        at: str = "A1",
        change: Callable[[openpyxl.Workbook], object] | None = None,
    ) -> Path:
        """A workbook of openpyxl's making; `at` is the cell in which each sheet's data begins."""
        book = openpyxl.Workbook()
        del book["Sheet"]
        first_row, first_column = coordinate_to_tuple(at)
        for title, rows in (sheets if isinstance(sheets, Mapping) else {"Orders": sheets}).items():
            made = book.create_sheet(title)
            for row, values in enumerate(_rows(rows), first_row):
                for column, value in enumerate(values, first_column):
                    made.cell(row, column).value = value
        if change:
            change(book)
        found = self.folder() / name
        book.save(found)
        return found

    def xml(self, rows: str, *, workbook: str = "", name: str = "orders.xlsx") -> Path:
        """A workbook made by hand, for what no library writes: the rows are sheet XML."""
        main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        documents = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        package = "http://schemas.openxmlformats.org/package/2006"
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{documents}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{documents}/worksheet" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
            "xl/workbook.xml": workbook
            or f'<workbook {main} xmlns:r="{documents}"><sheets>'
            '<sheet name="Orders" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{rows}</sheetData>"
            "</worksheet>",
        }
        found = self.folder() / name
        with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, text in parts.items():
                archive.writestr(part, '<?xml version="1.0" encoding="UTF-8"?>' + text)
        return found

    # -- rooms ---------------------------------------------------------------------------------

    def table(self, table: str | Iterable[Row] | Path, mapping: ProviderMapping) -> Table:
        path = table if isinstance(table, Path) else self.csv(table)
        return layout.find_table(sheet.read(path, known=Titles(mapping).is_known), mapping, path)

    def cells(self, table: str | Iterable[Row] | Path, mapping: ProviderMapping) -> cells.Cells:
        return cells.check(self.table(table, mapping), mapping, {})

    def orders(
        self, table: str | Iterable[Row] | Path, mapping: ProviderMapping
    ) -> grouping.Orders:
        return grouping.group(self.cells(table, mapping), mapping)

    def issues(
        self, table: str | Iterable[Row] | Path, mapping: ProviderMapping, *, lang: str = "en"
    ) -> list[str]:
        """Every sentence that the checks have to say, warnings marked as such."""
        mark = {True: translate(t(messages.WARNING), lang), False: ""}
        return [
            mark[issue.warning] + messages.issue(issue, lang)
            for issue in by_order.in_order(rules.check(self.orders(table, mapping)))
        ]


def _rows(table: str | Iterable[Row]) -> list[Row]:
    """Rows as they are, or out of a drawing: a line for each row, bars between its cells."""
    if not isinstance(table, str):
        return list(table)
    return [[cell.strip() for cell in line.split("|")] for line in table.strip("\n").splitlines()]


@pytest.fixture(scope="session")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Sheets:
    """Writes and reads order sheets; one for the whole session, as hypothesis wants it."""
    return Sheets(tmp_path_factory.mktemp("sheets"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with nothing configured."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONVERTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "CONVERTER_SETTLE_SECONDS", "OMS_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def run(home: Path) -> Callable[..., Result]:
    """The program as a person calls it, in that folder."""
    return lambda *words: CliRunner().invoke(commands.cli, list(words), prog_name="converter")


# -- pictures ----------------------------------------------------------------------------------

_WPS = (
    '<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" '
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">{}</etc:cellImages>'
)
_WPS_PICTURE = (
    '<etc:cellImage><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="{}" descr=""/><xdr:cNvPicPr/>'
    '</xdr:nvPicPr><xdr:blipFill><a:blip r:embed="rId{}"/><a:stretch><a:fillRect/></a:stretch>'
    "</xdr:blipFill><xdr:spPr/></xdr:pic></etc:cellImage>"
)
_RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class PictureBooks:
    """Makes workbooks with pictures in them as Excel, WPS and other programs do."""

    jpg = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(20)
    pdf = b"%PDF-1.4\n%%EOF\n"

    @staticmethod
    def png(color: tuple[int, int, int], size: int = 8) -> bytes:
        def chunk(kind: bytes, data: bytes) -> bytes:
            check = struct.pack(">I", zlib.crc32(kind + data))
            return struct.pack(">I", len(data)) + kind + data + check

        head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
        body = zlib.compress(b"".join(b"\0" + bytes(color) * size for _ in range(size)))
        return (
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
        )

    def laid(
        self,
        path: Path,
        rows: Sequence[Sequence[object]] = (),
        pictures: Mapping[str, bytes] = MappingProxyType({}),
        *,
        in_cells: bool = False,
        at: Mapping[str, object] = MappingProxyType({}),
    ) -> Path:
        """A sheet `Orders` with pictures laid on cells, or put into them as Excel does."""
        made = xlsxwriter.Workbook(path)
        sheet = made.add_worksheet("Orders")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        for cell, content in pictures.items():
            options = {"image_data": io.BytesIO(content), **at}
            (sheet.embed_image if in_cells else sheet.insert_image)(cell, "a.png", options)
        made.close()
        return path

    def wps(
        self,
        path: Path,
        rows: Sequence[Sequence[object]],
        pictures: Mapping[str, bytes],
        cells: Mapping[str, str],
        *,
        value: str | None = None,
    ) -> Path:
        """A sheet with WPS's pictures in cells: `pictures` by their ID, and each cell's ID.

        `value` is what stands in the cells as the formula's result: WPS writes the formula itself,
        Excel, once it has saved the file, `#NAME?`.
        """
        made = xlsxwriter.Workbook(path)
        sheet = made.add_worksheet("Orders")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        for cell, name in cells.items():
            shown = f'=DISPIMG("{name}",1)' if value is None else value
            sheet.write_formula(cell, f'=_xlfn.DISPIMG("{name}",1)', None, shown)
        made.close()
        names = list(pictures)
        inner = "".join(_WPS_PICTURE.format(name, at) for at, name in enumerate(names, 1))
        relations = "".join(
            f'<Relationship Id="rId{at}" Type="{_OFFICE}/image" Target="media/image{at}.png"/>'
            for at in range(1, len(names) + 1)
        )
        self.change(
            path,
            {
                "xl/cellimages.xml": _WPS.format(inner).encode(),
                "xl/_rels/cellimages.xml.rels": f"{_RELATIONS}{relations}</Relationships>".encode(),
                **{f"xl/media/image{at}.png": pictures[n] for at, n in enumerate(names, 1)},
            },
            {
                "xl/_rels/workbook.xml.rels": (
                    b"</Relationships>",
                    b'<Relationship Id="rId99" Type="http://www.wps.cn/officeDocument/2020/'
                    b'cellImage" Target="cellimages.xml"/></Relationships>',
                )
            },
        )
        return path

    @staticmethod
    def change(
        path: Path,
        added: Mapping[str, bytes],
        replaced: Mapping[str, tuple[bytes, bytes]] = MappingProxyType({}),
    ) -> None:
        """Add parts to a workbook, and change a text in others."""

        def change(parts: dict[str, bytes]) -> None:
            for name, (before, after) in replaced.items():
                assert before in parts[name]
                parts[name] = parts[name].replace(before, after)
            parts.update(added)

        change_parts(path, change)


@pytest.fixture(scope="session")
def picture_books() -> PictureBooks:
    return PictureBooks()
