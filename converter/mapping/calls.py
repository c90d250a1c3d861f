"""The blocks of a mapping file on calls about orders that were accepted."""

from __future__ import annotations

from typing import Literal

from converter.mapping.block import Block, Text
from converter.mapping.response import Query


class Refresh(Query):
    """A query about accepted orders: late numbers, and a state that moves.

    It is written as `query` is. What an order lacks there proves nothing, so `absent` may be left
    out, and no order ever stops being accepted by it.
    """

    evidence: Literal["own", "sibling", "client"]
    """Who documents it: the provider itself, another installation of the same product, or only
    somebody's client. All but `own` are off until the setting `calls` names them."""
    document: Text
    """The page, or the code, that it was written from."""
    needs: tuple[Text, ...] = ("tracking_no",)
    """Outputs that an order waits for: one that has them all is not asked about again."""
    ended: tuple[Text, ...] = ()
    """Values of the output `state` after which nothing more comes."""


class Calls(Block):
    """Calls about orders that were accepted. None of them creates an order."""

    refresh: Refresh | None = None
    """Fetches late numbers and states: `converter refresh`."""
