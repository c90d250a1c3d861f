"""A provider that gives a list of answers in turn, whatever it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass
class Replay:
    """Answers in their order, of which each is given once, and the last one as often as asked.

    An answer has `body` (JSON, or text as it is), and may have `http`, `headers`, and the `method`
    and `path` of the only requests that it is for.
    """

    answers: Sequence[Mapping[str, Any]]
    unanswered: list[str] = field(default_factory=list)
    """Method and path of requests that no answer was for."""
    _given: set[int] = field(default_factory=set)

    @property
    def unused(self) -> list[int]:
        """Which answers were never asked for, counted from 1."""
        return [place for place in range(1, len(self.answers) + 1) if place - 1 not in self._given]

    def answer(self, method: str, path: str) -> Response:
        """The next answer for a request."""
        fitting = [
            place
            for place, one in enumerate(self.answers)
            if one.get("method", method) == method and one.get("path", path) == path
        ]
        if not fitting:
            self.unanswered.append(f"{method} {path}")
            return PlainTextResponse("no answer is left", 404)
        place = next((place for place in fitting if place not in self._given), fitting[-1])
        self._given.add(place)
        one = self.answers[place]
        status, headers = one.get("http", 200), one.get("headers")
        if isinstance(one.get("body"), str):
            return PlainTextResponse(one["body"], status, headers)
        return JSONResponse(one.get("body"), status, headers)

    def application(self) -> Starlette:
        """The answers behind every address."""

        async def endpoint(request: Request) -> Response:
            return self.answer(request.method, request.url.path)

        return Starlette(routes=[Route("/{path:path}", endpoint, methods=list(METHODS))])
