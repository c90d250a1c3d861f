"""The blocks of a mapping file on calls about orders that were accepted, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from converter.mapping.block import Block, Text, Title
from converter.mapping.request import Call
from converter.mapping.response import Query
from converter.mapping.yaml_events import Loc

CALLS = "calls"
"""The setting that switches calls on which the provider itself does not document."""


class Documented(Block):
    """What every call has that stands under `calls`: who documents it, and where."""

    evidence: Literal["own", "sibling", "client"]
    """Who documents it: the provider itself, another installation of the same product, or only
    somebody's client. All but `own` are off until the setting `calls` names them."""
    document: Text
    """The page, or the code, that it was written from."""


class Refresh(Documented, Query):
    """A query about accepted orders: late numbers, and a state that moves.

    It is written as `query` is. What an order lacks there proves nothing, so `absent` may be left
    out, and no order ever stops being accepted by it.
    """

    needs: tuple[Text, ...] = ("tracking_no",)
    """Outputs that an order waits for: one that has them all is not asked about again."""
    ended: tuple[Text, ...] = ()
    """Values of the output `state` after which nothing more comes."""


class Cancel(Documented, Call):
    """Cancels one order that was accepted, with one request for each number that the provider gave
    it. `{number}` is that number, `{reference}` ours; without `{number}`, the order is cancelled
    as a whole. Expressions are on the answer, whatever its HTTP status."""

    number: Text = "provider_order_no"
    """The output that `{number}` stands for, of `response` or of `refresh`."""
    cancelled: Text
    """The order is cancelled now. It counts with HTTP 2xx only."""
    refused: Text | None = None
    """The order was not cancelled. An answer that is neither leaves `cancellation unknown`."""
    message: str = "message"
    """What the provider says."""
    cancelled_states: tuple[Text, ...] = ()
    """Values of the output `state` of `refresh` that mean: cancelled."""
    late_states: tuple[Text, ...] = ()
    """Values of the output `state` of `refresh` in which it is too late to ask."""
    gone: bool = False
    """An order that is cancelled is not found by `refresh` any more."""
    frees_references: bool = False
    """A cancelled order may be sent anew under the same reference: the document says so."""


class Label(Documented, Call):
    """Fetches the label of one accepted order: `$reference`, or `$references`, a list of it alone.

    The answer has the file itself as Base64, or its address. What a file is, its bytes tell: PDF,
    PNG or ZPL.
    """

    call_ok: Text
    """The answer can be used."""
    url: Text | None = None
    """Expression on the answer: the file's address. Nothing there means: no label yet."""
    content: Text | None = None
    """Expression on the answer: the file itself as Base64."""
    message: str | None = None
    """Expression on the answer: what the provider says."""
    hosts: tuple[Text, ...] = ()
    """Hosts beside that of `base_url` from which files are fetched, such as `files.acme.com`, or
    `*.acme.com` for all below it. Always by https, unless the mapping says `plain_http`."""


class Lookup(Documented, Call):
    """Fetches one of the provider's own lists, such as its channels: codes and their names."""

    title: Title
    """What it is a list of."""
    call_ok: Text
    """Expression on the answer: it can be used."""
    results: str = "@"
    """Expression on the answer: the list of entries; by default the whole answer."""
    code: Text
    """Expression on an entry: what is written into a sheet."""
    names: tuple[Text, ...] = ()
    """Expressions on an entry: what it is called."""
    message: str | None = None
    """Expression on the answer: what the provider says."""


class Calls(Block):
    """Calls about orders that were accepted. None of them creates an order."""

    refresh: Refresh | None = None
    """Fetches late numbers and states: `converter refresh`."""
    cancel: Cancel | None = None
    """Cancels accepted orders: `converter cancel`."""
    label: Label | None = None
    """Fetches labels: `converter labels`."""

    lookup: dict[str, Lookup] = Field(default={})
    """Fetch the provider's own lists, by name: `converter lookups`."""

    def named(self) -> Iterator[tuple[str, Loc, Documented]]:
        """The calls that there are: the name that switches one on, its place, and the call."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Documented):
                yield name, ("calls", name), value
            elif isinstance(value, dict):
                for key, call in value.items():
                    yield name, ("calls", name, key), call
