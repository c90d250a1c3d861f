"""Rows of a sheet as `grid` wrote them."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from converter.message import from_json
from converter.web.store import read_json


@dataclass(frozen=True)
class GridSheet:
    """One sheet of the file."""

    folder: Path
    number: int
    name: str
    letters: tuple[str, ...]
    header: int
    count: int

    @cached_property
    def _places(self) -> tuple[Sequence[int], Sequence[int]]:
        found = array("Q")
        found.frombytes((self.folder / f"{self.number}.index").read_bytes())
        return found[::2], found[1::2]

    @property
    def numbers(self) -> Sequence[int]:
        """The rows that are not blank, as Excel numbers them."""
        return self._places[0]

    def rows(self, numbers: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
        """Those of the rows that there are, with their texts."""
        known, places = self._places
        with (self.folder / f"{self.number}.jsonl").open("rb") as file:
            for number in numbers:
                at = bisect_left(known, number)
                if at < len(known) and known[at] == number:
                    file.seek(places[at])
                    yield number, json.loads(file.readline())

    def titles(self) -> list[str]:
        for _, texts in self.rows([self.header]):
            return texts
        return ["" for _ in self.letters]


@dataclass(frozen=True)
class Grid:
    """The file as it was read."""

    sheets: tuple[GridSheet, ...] = ()
    provider: str = ""
    """Whose titles the file has; empty where it has nobody's."""
    error: str = ""
    """Why the file cannot be read."""
    refused: str = ""
    """Why corrections could not be put into it."""


_LEAST_SHARE = 0.3


def read_grid(folder: Path) -> Grid | None:
    """What the job in this folder has read; None where it did not come to an end."""
    document = read_json(folder / "grid.json")
    if not document:
        return None
    if "error" in document:
        return Grid(error=from_json(document["error"]))
    sheets = tuple(
        GridSheet(
            folder, number, one["name"], tuple(one["letters"]), int(one["header"]), one["rows"]
        )
        for number, one in enumerate(document["sheets"])
    )
    best = [name for name, share in document["providers"] if share >= _LEAST_SHARE]
    return Grid(sheets, best[0] if best else "", refused=from_json(document["refused"]))
