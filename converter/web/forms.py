"""What every page needs: the server's state, the sheet of an address, and what was filled in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from converter.web.jobs import Jobs
from converter.web.store import Store, UploadedSheet

_MOST_BYTES = 1 << 20
_MOST_FIELDS = 5000


@dataclass(frozen=True)
class PageState:
    """What the server works with."""

    home: Path
    store: Store
    jobs: Jobs
    most_bytes: int
    """Size that an uploaded file may have."""


def state(request: Request) -> PageState:
    found: PageState = request.app.state.page
    return found


def sheet_of(request: Request) -> UploadedSheet:
    """The sheet that the address names. Raises 404 where there is none."""
    found = state(request).store.find(request.path_params["sheet"])
    if found is None:
        raise HTTPException(404)
    return found


async def filled_in(request: Request) -> dict[str, str]:
    """The fields of a form."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise HTTPException(413)
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise HTTPException(400) from None
    return dict(pairs)
