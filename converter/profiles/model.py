"""The value that holds all a person said about one layout of a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

DateOrder = Literal["", "day first", "month first"]
"""How dates such as 05/06/2026 are read; empty where nobody said."""


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One column of the sheet, by its title or by its letter."""

    title: str
    nth: int = 1
    """Which of several columns with this title; 0 where there may be one only."""
    letter: str = ""
    """The column's letter, where its title does not tell it: `title` may be blank then."""

    def __str__(self) -> str:
        if self.letter:
            return f"{self.letter} {self.title}".strip()
        return f"{self.title} ({self.nth})" if self.nth > 1 else self.title


@dataclass(frozen=True, slots=True)
class FieldColumns:
    """The columns that one field is read from."""

    alternatives: tuple[tuple[ColumnChoice, ...], ...]
    """Columns that are joined; where they are blank, the next ones are read."""
    numbered: bool = False
    """Whether each alternative is another entry of the field's list, as in SKU1 and SKU2."""

    def titles(self) -> set[str]:
        return {choice.title for joined in self.alternatives for choice in joined if choice.title}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that are no orders: those with one of these words in a column."""

    column: ColumnChoice
    words: tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    """All a person said about one layout of a sheet. Titles are in one line, without outer blanks.

    A field that has several sources takes the first one that is not blank: its cell, the fixed
    value, the product table, the mapping's own default.
    """

    name: str
    provider: str
    account: str = ""
    titles: tuple[str, ...] = ()
    """All titles of the layout, where it is known as a whole: then columns that no field takes are
    not used, and other titles are new."""
    columns: Mapping[str, FieldColumns] = field(default_factory=dict)
    """By the field's path."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """By the field's path: the value of blank cells, as a person types it."""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By the field's path: what the sheet's words mean, as a person types it."""
    ignored: frozenset[str] = frozenset()
    """Titles that are not used."""
    header_row: int = 0
    """The row with the titles; 0 where it is to be found."""
    date_order: DateOrder = ""
    product_table: str = ""
    """The file with declared data by SKU; a relative path starts from the profile's folder."""
    sheets: tuple[str, ...] = ()
    """The sheets of the workbook with orders; all of them where it is empty."""
    leave_out: tuple[LeftOut, ...] = ()

    def mapped_titles(self) -> set[str]:
        """The titles of all columns that a field takes or that name rows to leave out."""
        used = {title for columns in self.columns.values() for title in columns.titles()}
        return used | {one.column.title for one in self.leave_out if one.column.title}


NO_PROFILE = Profile("", "")
