"""Everything that happened to one order."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from converter.errors import UsageError
from converter.journal import Story
from converter.messages import translate
from converter.runs.story import Rebuilder, attempt_lines, attempt_title, read_stories
from converter.web.render import language, render


def story(request: Request) -> Response:
    """The order of that reference, at each provider that knows it."""
    asked, lang = request.query_params, language(request)
    reference = asked.get("reference", "").strip()
    facts: dict[str, Any] = {"reference": reference, "stories": [], "problem": ""}
    try:
        if reference:
            found, rebuilder = read_stories([reference], provider=asked.get("provider") or None)
            facts["stories"] = [(one, _attempts(one, rebuilder, lang)) for one in found]
    except UsageError as error:
        facts["problem"] = error.message
    return render(request, "story.html", facts)


def _attempts(one: Story, rebuilder: Rebuilder, lang: str) -> list[dict[str, Any]]:
    told = []
    for attempt in one.attempts:
        _, *lines = attempt_lines(one, attempt.exchange, rebuilder, lang)
        told.append(
            {
                "title": translate(attempt_title(attempt.exchange), lang),
                "status": attempt.status if attempt.verdict else "",
                "message": attempt.message,
                "number": attempt.provider_order_no,
                "text": dedent("\n".join(lines)),
            }
        )
    return told
