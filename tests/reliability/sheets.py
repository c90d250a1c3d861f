"""Order sheets for the harness: the shipped examples repeated under new references."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from tests.reliability import promises
from tests.reliability.starter import ROOT

WORDS = ("REJECT", "DUPLICATE", "TIMEOUT", "DROP", "ERROR500", "BUSY429", "GARBAGE", "OMIT")
"""Words in a reference that make the sandbox misbehave, as the README says."""
SLOW = ("TIMEOUT", "BUSY429")
CHANGED = " II"


@dataclass(frozen=True)
class Made:
    """An order of the harness."""

    reference: str
    word: str
    """The fault its reference asks for; empty for most."""
    example: int
    invalid: bool = False
    version: int = 1
    """Version of its content: 2 once edited."""


def plan(run: str, count: int, words: float, chance: Random) -> list[Made]:
    """Orders, a share of which ask for a fault by their references."""
    made = []
    for number in range(1, count + 1):
        word = chance.choice(WORDS) if chance.random() < words else ""
        if word in SLOW and chance.random() < 0.7:  # each of these costs a second
            word = "DROP"
        middle = f"-{word}" if word else ""
        invalid = words > 0 and chance.random() < 0.04
        made.append(Made(f"{run}{middle}-{number:06}", word, number, invalid))
    return made


def edited(orders: Sequence[Made], share: float, chance: Random) -> list[Made]:
    """The same orders, some of them with another receiver."""
    return [
        replace(order, version=2) if chance.random() < share else replace(order, version=1)
        for order in orders
    ]


def write(path: Path, provider: str, orders: Sequence[Made]) -> None:
    """A sheet with these orders, as .csv or .xlsx."""
    header, examples = _examples(provider)
    name, quantity = header.index("Receiver name"), header.index("Quantity")
    rows = []
    for order in orders:
        for place, example in enumerate(examples[order.example % len(examples)]):
            row = [order.reference, *example[1:]]
            if row[name] and order.version == 2:
                row[name] += CHANGED
            if order.invalid and not place:
                row[quantity] = "two"
            rows.append(row)
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            csv.writer(file).writerows([header, *rows])
        return
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Orders")
    for row in (header, *rows):
        sheet.append(row)
    book.save(path)


@cache
def _examples(provider: str) -> tuple[list[str], list[list[list[str]]]]:
    """The titles, and the rows of each example order."""
    if provider in promises.NAMES.values():
        return promises.HEADER, promises.EXAMPLES
    path = ROOT / "templates" / "data" / f"{provider}.csv"
    with path.open(newline="", encoding="utf-8-sig") as file:
        header, *rows = csv.reader(file)
    groups = itertools.groupby(rows, key=lambda row: row[0])
    return header, [list(group) for _, group in groups]


@cache
def sellers(provider: str, example: int) -> int:
    """How many orders the provider creates for one; PandaPon creates one per seller."""
    header, examples = _examples(provider)
    if provider != "pandapon":
        return 1
    column = header.index("Seller open ID")
    return len({row[column] for row in examples[example % len(examples)]})
