"""Remove isolated cells far to the right of a sheet: the reader would fill every cell between.

A title in column BA above 900,000 rows, or a forgotten value in XFD1, makes a grid of blank cells
that exhausts memory. The few such cells are read as a sheet of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from converter.sheet import limits
from converter.sheet.model import position
from converter.sheet.xlsx_scan import Survey

_FAR_CELL = rb'(?s)<~c r="([B-Z][A-Z]|[A-Z]{3})([1-9]\d*)"[^>]*?(?:/>|>.*?</~c>)'
"""Cells right of column AZ."""
FAR_BELOW = 50_000
"""Rows below the table from which on a value is no part of it."""
_MOST = 1_000
"""Values right of column AZ that are still taken for single ones."""


@dataclass(frozen=True)
class FarCells:
    rest: bytes
    """The XML of the sheet without these cells."""
    alone: bytes
    """The XML of a sheet of those cells that belong to the table; empty if there are none."""
    strays: tuple[str, ...]
    """Addresses of the others, which are not read."""


def cut(xml: bytes, known: Survey) -> FarCells | None:
    """Return None if the sheet cannot be cut, or has many cells there."""
    if not known.is_usual:
        return None
    name = re.escape(known.prefix)
    rows: dict[int, list[bytes]] = {}
    strays: list[str] = []
    filled = 0
    for cell in re.finditer(_FAR_CELL.replace(b"~", name), xml):
        if not re.search(b"<%s(?:v|is|f)\\b" % name, cell[0]):
            continue
        filled += 1
        if filled > _MOST:
            return None
        if len(cell[1]) < 3:
            rows.setdefault(int(cell[2]), []).append(cell[0])
        else:
            strays.append((cell[1] + cell[2]).decode())
    data = re.search(rb"<%ssheetData\b[^>/]*>" % name, xml)
    if not data or (rows and (max(rows) - min(rows) + 1) * position("ZZ") > limits.GRID):
        return None
    alone = b""
    if rows:
        alone = (
            xml[: data.end()]
            + b"".join(
                b'<%srow r="%d">%s</%srow>' % (known.prefix, row, b"".join(cells), known.prefix)
                for row, cells in sorted(rows.items())
            )
            + b"</%ssheetData></%sworksheet>" % (known.prefix, known.prefix)
        )
    rest = re.sub(_FAR_CELL.replace(b"~", name), b"", xml)
    return FarCells(rest, alone, tuple(strays))
