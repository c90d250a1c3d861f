"""HTML from templates, in the reader's language. What sheets and providers say is always text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from converter import messages
from converter.message import Message
from converter.messages import text_in, translate
from converter.model import Status

_FOLDER = Path(__file__).parent
STATIC = _FOLDER / "static"

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_OWN_NAMES = {"en": "English", "zh": "中文"}


def language(request: Request) -> str:
    """What the reader chose, else the browser's language, else English."""
    known = messages.languages()
    chosen = request.cookies.get(language_cookie(request), "")
    if chosen in known:
        return chosen
    for part in request.headers.get("accept-language", "").split(","):
        wanted = part.partition(";")[0].strip().partition("-")[0].lower()
        if wanted in known:
            return wanted
    return "en"


def language_cookie(request: Request) -> str:
    return f"converter-language-{request.url.port}"


def status_word(status: str, lang: str) -> str:
    """A status in one language alone."""
    return messages.status(Status(status), lang)


def render(
    request: Request, template: str, facts: Mapping[str, Any], *, status_code: int = 200
) -> HTMLResponse:
    """A page made from a template."""
    lang = language(request)

    def say(text: str, **given: object) -> str:
        return translate(Message(text, {name: str(fact) for name, fact in given.items()}), lang)

    text = _ENVIRONMENT.get_template(template).render(
        t=say,
        lang=lang,
        others=[(one, _OWN_NAMES.get(one, one)) for one in messages.languages() if one != lang],
        languages=[(one, _OWN_NAMES.get(one, one)) for one in messages.languages()],
        here=request.url.path,
        status_word=lambda status: status_word(status, lang),
        local_time=messages.local_time,
        moment=messages.moment,
        text_in=lambda texts: text_in(texts, lang),
        translate=lambda text: translate(text, lang),
        **facts,
    )
    return HTMLResponse(text, status_code)
