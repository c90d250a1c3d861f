"""Exports that are known by their titles: those of shops, marketplaces, ERPs and forwarders.

Each is a file in `mappings/sources/`: facts about the titles of an export and what stands below
them, in the names of the vocabulary and for no provider in particular.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from converter.mapping import yaml_events
from converter.mapping.shipped import shipped_folder
from converter.message import Multilingual
from converter.text import clean

_HINT = re.compile(r"\((必填项?|选填项?|required|optional|双击[^)]*)\)", re.IGNORECASE)

MOST_NUMBERED = 20
"""Columns that are numbered go up to this number."""

LEAST_SHARE = 0.5
"""Of a sheet's titles this share belongs to the source, or the sheet is something else."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """What a field is read from: one title or several, and what is made of their texts."""

    titles: tuple[str, ...]
    way: str = "first"
    """`first` that is filled, or `join`; `numbered` titles have `{n}` for the item's number."""
    by: tuple[str, ...] = (" ",)
    """For `join`: what stands between the texts, the last one wherever there are more."""
    pieces: str = ""
    """The title with the number of pieces by which a total is divided."""
    alone: bool = False
    """Whether it counts only for orders of one item, as their total does."""
    of_order: bool = False
    """Whether the first row of an order says it for all rows."""
    beside: str = ""
    """A title that has to be filled too."""
    sign: bool = False
    """Whether it is the currency of the amount in the column."""
    pattern: str = ""
    """The part of the text that counts is this expression's group."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of every sheet of a source."""

    text: Multilingual
    unless: tuple[str, ...] = ()
    """Titles of columns that people add, with which it is not true."""


@dataclass(frozen=True, slots=True)
class LeftOutRows:
    """Rows that are no orders to send: those with one of the words in a column."""

    title: str
    words: tuple[str, ...]
    """Empty where any text counts."""
    except_: tuple[str, ...] = ()
    """Words that do not count, where any other text does."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Items that stand in cells: one in each of some numbered columns, or all in one cell."""

    title: str
    """With `{n}` where each item has a column."""
    entries: str
    """Where one item of a cell begins; empty for one item in each column."""
    fields: Mapping[str, str]
    """By field: the expression whose group is the value."""
    total: str = ""
    """The expression of the total of an item, for its price."""


@dataclass(frozen=True, slots=True)
class KnownSource:
    """One kind of export."""

    name: str
    title: Multilingual
    proof: tuple[str, ...]
    columns: Mapping[str, SourceColumn]
    unused: tuple[str, ...]
    """Titles that are known and deliberately not read, such as the payer's address."""
    others: tuple[str, ...] = ()
    """Titles of the source that a mapping may know by itself, as in the sheets of forwarders."""
    dates: str = ""
    """`month first` or `day first`."""
    comma: bool = False
    """Whether numbers have a decimal comma."""
    signs: Mapping[str, str] = field(default_factory=dict)
    """The currency of a sign on this platform."""
    blank: tuple[str, ...] = ()
    """Texts that mean an empty cell."""
    left_out: tuple[LeftOutRows, ...] = ()
    asked: tuple[LeftOutRows, ...] = ()
    """Rows that are orders, but which somebody should look at before they are sent."""
    descriptions: bool = False
    """Whether rows below the titles describe them."""
    piece_rows: bool = False
    """Whether each row is one piece, so that equal rows are counted."""
    packed: Packed | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    """What a person should know about every file of this kind."""

    def known_titles(self) -> frozenset[str]:
        """The titles in the form of `key`; one for each number of numbered ones."""
        return self.closed_titles() | frozenset(map(key, self.others))

    def closed_titles(self) -> frozenset[str]:
        """The titles of which the source alone says what they are."""
        return frozenset(map(key, self._titles()))

    def _titles(self) -> list[str]:
        given = [*self.proof, *self.unused]
        given += [title for column in self.columns.values() for title in column.titles]
        given += [one.title for one in (*self.left_out, *self.asked)]
        if self.packed:
            given.append(self.packed.title)
        return [
            title.replace("{n}", str(number)) if "{n}" in title else title
            for title in given
            for number in (range(1, MOST_NUMBERED + 1) if "{n}" in title else (0,))
        ]


def key(title: str) -> str:
    """A title as it is compared: without blanks, stars, marks and hints; with its units."""
    text = clean(unicodedata.normalize("NFKC", title)).lstrip("'").rstrip("*")
    return "".join(_HINT.sub("", text).split()).lstrip("*").rstrip("*")


@cache
def known_sources() -> tuple[KnownSource, ...]:
    """Every shipped source."""
    files = sorted((shipped_folder("mappings") / "sources").glob("*.yaml"))
    return tuple(read(file) for file in files)


@cache
def all_titles() -> frozenset[str]:
    """The titles of all sources, in the form of `key`."""
    return frozenset().union(*(_known(source.name) for source in known_sources()))


@cache
def _known(name: str) -> frozenset[str]:
    return next(source for source in known_sources() if source.name == name).known_titles()


def recognized(titles: Sequence[str]) -> KnownSource | None:
    """The source whose titles these are: all that prove it are there, and most are its own."""
    there = {key(title) for title in titles if title.strip()}
    best: tuple[int, KnownSource] | None = None
    for source in known_sources():
        if not all(key(title) in there for title in source.proof):
            continue
        own = len(there & _known(source.name))
        if own >= LEAST_SHARE * len(there) and (best is None or own > best[0]):
            best = own, source
    return best[1] if best else None


def read(path: Path) -> KnownSource:
    """The source in a file."""
    content, _ = yaml_events.read(yaml_events.text_of(path), str(path))
    return KnownSource(
        name=path.stem,
        title=_sentence(content["title"]),
        proof=tuple(content["proof"]),
        columns={name: _column(given) for name, given in content.get("columns", {}).items()},
        unused=tuple(content.get("unused", ())),
        others=tuple(content.get("others", ())),
        dates=content.get("dates", ""),
        comma=content.get("decimal") == ",",
        signs=content.get("signs", {}),
        blank=tuple(content.get("blank", ())),
        left_out=tuple(map(_rows, content.get("left_out", ()))),
        asked=tuple(map(_rows, content.get("asked", ()))),
        descriptions=content.get("descriptions") == "true",
        piece_rows=content.get("piece_rows") == "true",
        packed=Packed(**content["packed"]) if "packed" in content else None,
        fixed=content.get("fixed", {}),
        remarks=tuple(map(_remark, content.get("remarks", ()))),
    )


def _sentence(given: Mapping[str, str]) -> Multilingual:
    return Multilingual(given["en"], zh=given["zh"])


def _remark(given: Mapping[str, Any]) -> Remark:
    return Remark(_sentence(given), tuple(given.get("unless", ())))


def _rows(given: Mapping[str, Any]) -> LeftOutRows:
    return LeftOutRows(
        given["title"], tuple(given.get("words", ())), tuple(given.get("except", ()))
    )


def _column(given: str | Sequence[str] | Mapping[str, Any]) -> SourceColumn:
    if isinstance(given, str):
        way = "numbered" if "{n}" in given else "first"
        return SourceColumn((given,), way)
    if not isinstance(given, Mapping):
        return SourceColumn(tuple(given))
    rest = dict(given)
    joined = rest.pop("join", None)
    titles = joined or rest.pop("of")
    by = rest.pop("by", " ")
    return SourceColumn(
        (titles,) if isinstance(titles, str) else tuple(titles),
        "join" if joined else "numbered" if "{n}" in str(titles) else "first",
        (by,) if isinstance(by, str) else tuple(by),
        pieces=rest.get("pieces", ""),
        alone=rest.get("alone") == "true",
        of_order=rest.get("of_order") == "true",
        beside=rest.get("beside", ""),
        sign=rest.get("sign") == "true",
        pattern=rest.get("pattern", ""),
    )
