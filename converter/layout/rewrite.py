"""What a repair makes of a field's cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a cell is no value until somebody has settled it; `messages` has the sentence."""

    code: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rewrite:
    """The texts of a field in place of those that stand in its cells."""

    codes: np.ndarray[Any, np.dtype[np.int64]]
    """For every line of the table; -1 where it is blank."""
    texts: list[str]
    factors: list[Decimal]
    """For every text, what converts its number into the field's unit."""
    title: str = ""
    """What the field is called where it has no column."""
    source: str = ""
    """The field from whose cell the texts come where it has none of its own."""
    doubts: Mapping[int, Doubt] = field(default_factory=dict)
    """By line: cells that are asked about."""
