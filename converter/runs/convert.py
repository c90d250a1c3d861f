"""The requests that sheets would make, with every secret masked; nothing is sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from converter.orders.payload import batches
from converter.provider.request import Signer
from converter.report import Report
from converter.runs.prepare import Prepared
from converter.runs.report import checked_rows, make_report
from converter.runs.session import Session


@dataclass(frozen=True)
class Conversion:
    """One sheet and the requests that it would make."""

    prepared: Prepared
    signer: Signer

    def requests(self) -> Iterator[dict[str, Any]]:
        """The exact requests, one at a time; invalid orders are left out."""
        for batch in batches(self.prepared.valid(), self.prepared.mapping):
            request = self.signer.request(batch)
            yield {
                "method": request.method,
                "url": request.url,
                "headers": dict(request.headers),
                "body": orjson.Fragment(request.body),
                "orders": [order.reference for order in batch],
            }

    def report(self) -> Report:
        """Which orders were left out, and why."""
        return make_report(self.prepared, "", checked_rows(self.prepared))


def convert_sheets(session: Session) -> Iterator[Conversion]:
    """The conversion of each sheet, if all of them can be used."""
    waiting = deque(session.prepare_all())
    signer = Signer(session.mapping, session.values, session.options.action, masked=True)
    while waiting:
        yield Conversion(waiting.popleft(), signer)
