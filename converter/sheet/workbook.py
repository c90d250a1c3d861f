"""Read Excel workbooks (xlsx, xlsm) with python-calamine, and scan their XML for the rest.

Not with openpyxl: it takes five times as long, and its fast mode knows neither merged nor hidden
cells. Nor does it separate a formula without a value from a blank cell.
"""

from __future__ import annotations

import functools
import io
import logging
import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from string import ascii_uppercase
from typing import Any, TypeAlias
from xml.parsers import expat

import python_calamine as calamine

from converter.errors import SheetError
from converter.message import COMMA, N_, Message, join, t
from converter.sheet import far_cells, limits, parallel, xlsx_scan
from converter.sheet.columns import Builder, Columns, Evidence, zero_widths
from converter.sheet.zip_check import REPAIR, Parts, elements

_LOG = logging.getLogger(__name__)

_BLOCK_OF_ROWS = 10_000
_PIECE = 12 << 20
"""Bytes of XML that are read at a time: smaller ones are slower, larger ones take more memory."""
_STRICT = b"http://purl.oclc.org/ooxml/"
_ROOT_RELATIONS = "_rels/.rels"
_TO_WORKBOOK = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
"""What the reader needs to find the workbook, and some programs do not write."""

_Seen: TypeAlias = tuple[Columns | None, Evidence]
"""What the reader returns for a sheet, and what only its XML shows."""


def read(
    raw: bytes,
    parts: Parts,
    path: Path,
    only: str | None,
    allowed: limits.Limits,
    large: int = parallel.LARGE,
) -> list[Columns]:
    """Read the wanted sheets; one whose XML has `large` bytes is read by two processes."""
    try:
        found = _sheet_parts(parts)
        names = choose({name: hidden for name, (_, hidden) in found.items()}, only, path)
        refuse_shared_part([part for part, _ in found.values()], path)
        if _ROOT_RELATIONS not in parts.names:
            parts.replace(_ROOT_RELATIONS, _TO_WORKBOOK)
        raw = parts.repacked(raw)
        whole = functools.cache(lambda: calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw)))
        widths = _zero_widths(parts)
        sheets = []
        for name in names:
            one = _Worksheet(name, found[name][0], parts, widths, path, allowed, large)
            made = one.read(whole)
            if made is not None:
                sheets.append(made)
    except calamine.CalamineError as error:
        if any(name.startswith("xl/macrosheets/") for name in parts.names):
            raise SheetError(
                t("the workbook has sheets of Excel 4 macros, which are not read"),
                where=path,
                remedy=t("Copy the sheet with the orders into a new workbook."),
                code="READER_FAILED",
            ) from error
        raise damaged(path) from error
    except xlsx_scan.CellTwiceError as error:
        raise SheetError(
            t("its cell {cell} has two values", cell=str(error)),
            where=path,
            remedy=REPAIR,
            code="DAMAGED",
        ) from error
    except (expat.ExpatError, LookupError, ValueError, OSError) as error:
        raise damaged(path) from error
    if sheets:
        sheets[0].notes.extend(notes(parts))
    return sheets


@dataclass(frozen=True)
class _Worksheet:
    """One sheet of the file, about to be read."""

    name: str
    part: str
    parts: Parts
    widths: Mapping[int, int]
    path: Path
    allowed: limits.Limits
    large: int

    def read(self, whole: Callable[[], Any]) -> Columns | None:
        """Return None if there is no cell. `whole` opens the entire workbook if it is needed."""
        xml = self.parts.read(self.part)
        seen = self._by_halves(xml)
        if seen is None:
            survey = xlsx_scan.survey(xml)
            seen = self._seen(whole(), xml, survey) if not survey.stray else self._cut(xml, survey)
        made, evidence = seen
        if made is not None:
            refuse_many_rows(self.name, made.height, self.allowed)
            made.apply(evidence)
        elif xlsx_scan.has_values(xml):
            raise _unread(xml, self.path)
        return made

    def _cut(self, xml: bytes, survey: xlsx_scan.Survey) -> _Seen:
        """Read a sheet with single values far to the right; refuse one with many, or far below."""
        far = far_cells.cut(xml, survey)
        survey_of_rest = xlsx_scan.survey(far.rest) if far else survey
        if far is None or survey_of_rest.stray:
            raise _far_value(self.name, survey_of_rest.stray)
        made, evidence = self._seen(self._book(far.rest), far.rest, survey_of_rest)
        stray_row = int(survey.stray.lstrip(ascii_uppercase))
        if made is None or stray_row > made.first_row + made.height + far_cells.FAR_BELOW:
            raise _far_value(self.name, survey.stray)  # it may be an order
        if far.strays:
            cells = join(COMMA, far.strays[:3])
            made.notes.append(
                t(
                    "The sheet {sheet} has values far outside the table ({cells}). They were not "
                    "used.",
                    sheet=self.name,
                    cells=cells,
                )
            )
        if far.alone:
            more, found = self._seen(self._book(far.alone), far.alone, xlsx_scan.survey(far.alone))
            evidence.extend(found)
            if more is not None:
                evidence.extend(more.as_evidence())
        return made, evidence

    def _book(self, xml: bytes) -> Any:
        raw = self.parts.with_one_sheet(self.part, xml)
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))

    def _by_halves(self, xml: bytes) -> _Seen | None:
        """Read in two processes; None if that is impossible or the sheet is unusual."""
        above, below = parallel.read(xml, self._half, self.large) or (None, None)
        if above is None or below is None:
            return None
        (upper, evidence), (lower, more) = above, below
        if upper is None or lower is None or not upper.ends_before(lower):
            return None
        evidence.extend(more)
        return upper.above(lower), evidence

    def _half(self, xml: bytes) -> _Seen | None:
        survey = xlsx_scan.survey(xml)
        if survey.stray or not survey.is_usual:
            return None
        try:
            made = self._in_pieces(xml)
            return None if made is None else self._with_evidence(made, xml, survey)
        except calamine.CalamineError:  # reported if it occurs in the whole sheet too
            _LOG.debug("half of a sheet cannot be read", exc_info=True)
            return None

    def _in_pieces(self, xml: bytes) -> Columns | None:
        """Read a few rows at a time; None if they are not in order, or there are none.

        All cells at once would take twice the memory of all other stages.
        """
        # each piece is read with all the shared strings
        size = max(_PIECE, 4 * self.parts.size("xl/sharedStrings.xml"))
        found = (
            table(self._book(one), self.name, self.allowed) for one in parallel.pieces(xml, size)
        )
        made = [one for one in found if one is not None]
        if not made or not all(one.ends_before(lower) for one, lower in pairwise(made)):
            return None
        return made[0].above(*made[1:]) if len(made) > 1 else made[0]

    def _seen(self, book: Any, xml: bytes, survey: xlsx_scan.Survey) -> _Seen:
        made = table(book, self.name, self.allowed)
        return (None, Evidence()) if made is None else self._with_evidence(made, xml, survey)

    def _with_evidence(self, made: Columns, xml: bytes, survey: xlsx_scan.Survey) -> _Seen:
        found = xlsx_scan.scan(xml, self.widths, survey)
        errors = sum(kind == "error" for kind, _, _ in found.flaws)
        filled = sum(int((codes >= 0).sum()) for codes in made.codes)
        xlsx_scan.refuse_cell_twice(xml, survey, filled=filled, errors=errors)
        return made, found


def choose(hidden: dict[str, bool], only: str | None, path: Path) -> list[str]:
    """Return the sheets to read: the one named, or all that are visible."""
    visible = [name for name, is_hidden in hidden.items() if not is_hidden]
    if not visible and only is None:
        named = t("Name one with --sheet: {names}.", names=join(COMMA, hidden))
        raise SheetError(
            t(
                N_("the workbook has only hidden sheets")
                if hidden
                else N_("the workbook has no sheets")
            ),
            where=path,
            remedy=named if hidden else t("Save it again."),
            code="NO_SHEET",
        )
    if only is not None and only not in hidden:
        raise SheetError(
            t("there is no sheet {name}", name=repr(only)),
            where=path,
            remedy=t("Its sheets are: {names}.", names=join(COMMA, visible)),
            code="NO_SHEET",
        )
    return visible if only is None else [only]


def table(book: Any, name: str, allowed: limits.Limits) -> Columns | None:
    """Return the cells of one sheet from the first with a value; None if there is none."""
    found = book.get_sheet_by_name(name)
    if found.start is None:
        return None
    first_row, first_column = found.start
    height, width = found.end[0] - first_row + 1, found.end[1] - first_column + 1
    refuse_many_rows(name, height, allowed)
    builder = Builder(width)
    rows = islice(found.iter_rows(), first_row, None)  # iterates from row 1, over the used columns
    while block := list(islice(rows, _BLOCK_OF_ROWS)):
        builder.add(block)
    return builder.columns(name, first_row + 1, first_column)


def refuse_many_rows(name: str, count: int, allowed: limits.Limits) -> None:
    if count - 1 > allowed.rows:  # without the header
        raise SheetError(
            t("it has more than {most} rows", most=f"{allowed.rows:,}"),
            where=t("sheet {name}", name=repr(name)),
            remedy=t("Split the sheet, or raise {name}.", name=limits.ROWS),
            code="ROW_LIMIT",
        )


def damaged(path: Path) -> SheetError:
    return SheetError(
        t("the workbook is damaged and cannot be read"), where=path, remedy=REPAIR, code="DAMAGED"
    )


def _unread(xml: bytes, path: Path) -> SheetError:
    strict = _STRICT in xml[:4096]
    return SheetError(
        t(
            N_("this is a Strict Open XML workbook whose cells cannot be read")
            if strict
            else N_("the workbook is written in a way that is not known: its cells cannot be read")
        ),
        where=path,
        remedy=t("Open it in Excel and save it as 'Excel Workbook (*.xlsx)'."),
        code="STRICT_OOXML" if strict else "READER_FAILED",
    )


def _far_value(name: str, far: str) -> SheetError:
    return SheetError(
        t("there is a value in {cell}, far outside any table", cell=far),
        where=t("sheet {name}", name=repr(name)),
        remedy=t("Delete it (Ctrl+End in Excel leads there) and save the workbook."),
        code="STRAY_CELL",
    )


def _sheet_parts(parts: Parts) -> dict[str, tuple[str, bool]]:
    """Map each sheet name, in order, to its part of the zip file and whether it is hidden."""
    book = _workbook_part(parts)
    folder, file = posixpath.split(book)
    targets = {
        one.get("Id", ""): resolved(one.get("Target", ""), folder)
        for one in elements(
            parts.read(posixpath.join(folder, "_rels", f"{file}.rels")), "Relationship"
        )
        if one.get("Type", "/worksheet").endswith("/worksheet")
    }
    found: dict[str, tuple[str, bool]] = {}
    for attributes in elements(parts.read(book), "sheet"):
        relation = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
        part = targets.get(relation, "")
        if part and "macrosheets/" not in part:
            found[attributes["name"]] = (part, attributes.get("state", "visible") != "visible")
    return found


def _workbook_part(parts: Parts) -> str:
    if _ROOT_RELATIONS in parts.names:
        for one in elements(parts.read(_ROOT_RELATIONS), "Relationship"):
            if one.get("Type", "").endswith("/officeDocument"):
                return resolved(one.get("Target", ""), "")
    return "xl/workbook.xml"


def resolved(target: str, folder: str = "xl") -> str:
    """Resolve a relationship target of a part in that folder to a part name."""
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def refuse_shared_part(used: Collection[str], path: Path) -> None:
    """A part that is many sheets would be read as often: hours and gigabytes for a small file."""
    if len(set(used)) < len(used):
        raise SheetError(
            t("several of its sheets are the same part, which no spreadsheet program writes"),
            where=path,
            remedy=REPAIR,
            code="DAMAGED",
        )


def _zero_widths(parts: Parts) -> dict[int, int]:
    """Map each cell style that shows leading zeros to its number of digits."""
    if "xl/styles.xml" not in parts.names:
        return {}
    styles = parts.read("xl/styles.xml")
    formats = {
        attributes.get("numFmtId", ""): attributes.get("formatCode", "")
        for attributes in elements(styles, "numFmt")
    }
    widths = zero_widths(formats)
    if not widths:
        return {}
    ids = re.findall(
        rb"<(?:\w+:)?xf\b[^>]*?\bnumFmtId=[\"'](\d+)[\"']",
        b"".join(re.findall(rb"(?s)<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", styles)),
    )
    return {
        style: widths[name.decode()] for style, name in enumerate(ids) if name.decode() in widths
    }


def notes(parts: Parts) -> Iterator[Message]:
    """Yield notes on what is never run or followed: macros and links."""
    if any(name.endswith(("vbaproject.bin", "xl/macrosheets/sheet1.xml")) for name in parts.names):
        yield t("The workbook has macros. They were not run.")
    if any(name.startswith("xl/externallinks/") for name in parts.names):
        yield t(
            "The workbook takes values from other workbooks. They were not opened: the values are "
            "those of the last time it was saved in Excel."
        )
