"""Limits on a file's size; each names the setting that raises it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from converter.errors import SettingsError
from converter.message import t

MEGABYTES = "CONVERTER_MAX_MEGABYTES"
ROWS = "CONVERTER_MAX_ROWS"
SECONDS = "CONVERTER_MAX_SECONDS"

COLUMNS = 16_384
"""Columns of an Excel sheet."""
ENTRIES = 2_000
"""Parts of a workbook; ordinary ones have at most a few hundred."""
RATIO = 200
"""Compression ratio above which a part that is not `SMALL` is taken for a zip bomb."""
GRID = 1 << 26
"""Cells of a table, blank ones too; each takes four bytes in this program."""
SMALL = 1 << 20


@dataclass(frozen=True)
class Limits:
    megabytes: int = 512
    """Size of the file, unpacked."""
    rows: int = 1_000_000
    """Rows of one sheet below its header."""
    seconds: int = 600

    @property
    def bytes(self) -> int:
        return self.megabytes << 20

    @property
    def memory(self) -> int:
        """Bytes of memory for the child process, whose reader holds every cell at once."""
        return max(4 << 30, 8 * self.bytes)

    def patience(self, size: int) -> int:
        """Seconds allowed for a file of `size` bytes: a small one that takes long is hostile."""
        return min(self.seconds, 60 + 20 * (size >> 20))


def from_environment(environment: Mapping[str, str] | None = None) -> Limits:
    found = os.environ if environment is None else environment
    wanted = {"megabytes": MEGABYTES, "rows": ROWS, "seconds": SECONDS}
    given = {key: found[name] for key, name in wanted.items() if found.get(name)}
    for key, text in given.items():
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**7):
            raise SettingsError(
                t(
                    "{name}: expected a whole number above 0, found {found}.",
                    name=wanted[key],
                    found=repr(text),
                )
            )
    return Limits(**{key: int(text) for key, text in given.items()})
