"""The requests that sheets would make, with every secret masked; nothing is sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from converter.model import Order
from converter.orders.batches import batches
from converter.provider.rendering import FORM
from converter.provider.request import Signer
from converter.report import Report
from converter.runs.known import KnownBefore, known_before
from converter.runs.prepare import Prepared
from converter.runs.report import checked_rows
from converter.runs.session import Session


@dataclass(frozen=True, slots=True)
class ConvertedRequest:
    """One request as it would be made; secrets are `***`, unset settings stand in braces."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    """The bytes that would be sent: JSON text, or a form."""
    orders: tuple[Order, ...] = field(repr=False)

    @property
    def references(self) -> list[str]:
        """The orders that travel in this request."""
        return [order.reference for order in self.orders]

    def _shown_body(self) -> Any:
        """JSON with every number as it would be sent, the fields of a form, or nothing."""
        kinds = [text for name, text in self.headers.items() if name.lower() == "content-type"]
        if kinds and kinds[0].startswith(FORM):
            return dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        return orjson.Fragment(self.body) if self.body else None

    def to_json(self) -> bytes:
        """The line that `converter convert` prints."""
        return orjson.dumps(
            {
                "method": self.method,
                "url": self.url,
                "headers": dict(self.headers),
                "body": self._shown_body(),
                "orders": self.references,
            }
        )


class Conversion:
    """One sheet and the requests that it would make."""

    def __init__(self, prepared: Prepared, signer: Signer, known: KnownBefore) -> None:
        self._prepared = prepared
        self._signer = signer
        self._known = known

    def requests(self) -> Iterator[ConvertedRequest]:
        """The exact requests, built one at a time.

        Invalid orders are left out, and those that would not be sent again.
        """
        held = self._known.held
        orders = (one for one in self._prepared.valid() if one.reference not in held)
        for batch in batches(orders, self._prepared.mapping):
            request = self._signer.request(batch)
            yield ConvertedRequest(
                request.method, request.url, request.headers, request.body, tuple(batch)
            )

    @property
    def report(self) -> Report:
        """Which orders are valid, and why the others were left out."""
        return self._known.report(self._prepared).translated()

    def to_dict(self) -> dict[str, Any]:
        """The document that `converter convert --json` prints."""
        requests = [orjson.Fragment(request.to_json()) for request in self.requests()]
        return {**self.report.to_dict(), "requests": requests}


def convert_sheets(session: Session, *, everything: bool = False) -> Iterator[Conversion]:
    """The conversion of each sheet, if all of them can be used.

    With `everything`, every valid order is converted, whatever became of it before.
    """
    waiting = deque(session.prepare_all())
    signer = Signer(session.mapping, session.values, session.options.action, masked=True)
    while waiting:
        prepared = waiting.popleft()
        known = (
            KnownBefore(checked_rows(prepared)) if everything else known_before(prepared, session)
        )
        yield Conversion(prepared, signer, known)
