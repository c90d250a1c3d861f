"""Read the text of a documentation page, a JSON sample or a cURL command."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from converter.authoring.read_table import rows_of
from converter.authoring.seen import Seen

_NUMBERED = re.compile(r"^[ \t]*\d+\.[ \t](?=\s*[\[\]{}\"])", re.M)
"""Line numbers that a page shows beside its samples."""

_CALL = re.compile(
    r"\b(POST|PUT|PATCH)\b[ \t]*\n?[ \t]*[:：]?[ \t]*((?:https?:/)?/[^\s'\"，,)）]+)"
)
_URL = re.compile(r"https?://[^\s'\"，,)）]+/[^\s'\"，,)）]+")
_METHOD = re.compile(r"(?:请求方式|请求方法|method)\s*[:：]?\s*(POST|PUT|PATCH)", re.I)
_ANSWER_KEYS = {
    "code", "msg", "message", "success", "data", "result", "errors", "requestid", "request_id",
    "status", "error", "timestamp",
}  # fmt: skip


def read_page(text: str) -> Seen:
    """What a page says of the first call that creates something."""
    plain = _NUMBERED.sub("", text)
    samples = list(_samples(plain))
    bodies = [one for one in samples if not _is_answer(one)]
    answers = [one for one in samples if _is_answer(one)]
    curl = _curl(plain)
    body = curl.body if curl.body is not None else _largest(bodies)
    method, address = _address(plain)
    parts = urlsplit(address if "://" in address else f"//x{address}")
    return Seen(
        method=curl.method or method,
        path=_path(parts.path) or curl.path,
        host=f"{parts.scheme}://{parts.netloc}" if parts.scheme else curl.host,
        headers=curl.headers,
        query=curl.query,
        is_form=curl.is_form,
        body=body,
        answer=_largest(answers),
        fields=tuple(rows_of(plain, body)),
    )


def _path(path: str) -> str:
    return re.sub(r"/:(\w+)", r"/{\1}", path).rstrip(".。;；")


def _address(text: str) -> tuple[str, str]:
    if found := _CALL.search(text):
        return found[1], found[2]
    method = found[1].upper() if (found := _METHOD.search(text)) else ""
    return method, found[0] if (found := _URL.search(text)) else ""


def _is_answer(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(_ANSWER_KEYS & {key.lower() for key in value}) >= 2
        and (not any(key.lower() in ("order", "orders", "items", "flow") for key in value))
    )


def _largest(values: list[Any]) -> Any:
    """The first of the samples that say most."""
    return max(values, key=lambda value: len(json.dumps(value)) > 40, default=None)


def _samples(text: str) -> Iterator[Any]:
    """Every JSON object and list of objects in a text, in its order."""
    place = 0
    while found := re.search(r"[{\[]", text[place:]):
        place += found.start()
        end = _closing(text, place)
        value = parsed(text[place:end]) if end else None
        if _is_sample(value):
            yield value
        else:
            place += 1
            continue
        place = end


def _is_sample(value: Any) -> bool:
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, dict) and bool(first)


def _closing(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`; 0 where none does."""
    depth, quoted, place = 0, False, start
    for place in range(start, min(len(text), start + 200_000)):
        character = text[place]
        if quoted:
            quoted = character != '"' or text[place - 1] == "\\"
        elif character == '"':
            quoted = True
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if not depth:
                return place + 1
    return 0


def parsed(text: str) -> Any:
    """JSON as pages show it, with commas too many and comments; None for what is none."""
    text = re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*', lambda found: found[1] or "", text)
    text = re.sub(r",(\s*[}\]])", r"\1", text)
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _curl(text: str) -> Seen:
    """What a cURL command in a text says."""
    found = re.search(r"\bcurl\b", text)
    if not found:
        return Seen()
    try:
        words = shlex.split(_command(text[found.start() :]))
    except ValueError:
        return Seen()
    method = address = data = ""
    headers: list[tuple[str, str]] = []
    is_form = False
    rest = iter(words[1:])
    for word in rest:
        if word in ("-X", "--request"):
            method = next(rest, "")
        elif word in ("-H", "--header"):
            name, _, value = next(rest, "").partition(":")
            headers.append((name.strip(" ;"), value.strip()))
        elif word in ("-u", "--user"):
            headers.append(("Authorization", "Basic"))
            next(rest, "")
        elif word.startswith("--data") or word == "-d":
            piece = next(rest, "")
            data = f"{data}&{piece}" if data else piece
            is_form = is_form or word == "--data-urlencode"
        elif not word.startswith("-") and not address:
            address = word
    parts = urlsplit(address)
    body = parsed(data) if data else None
    if body is None and "=" in data:
        body, is_form = dict(parse_qsl(data, keep_blank_values=True)), True
    return Seen(
        method=method.upper() or ("POST" if data else ""),
        path=_path(parts.path),
        host=f"{parts.scheme}://{parts.netloc}" if parts.scheme else "",
        headers=tuple((name, value) for name, value in headers if name.lower() not in _USUAL),
        query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
        is_form=is_form,
        body=body,
    )


_USUAL = {"content-type", "accept", "user-agent", "content-length", "host"}


def _command(text: str) -> str:
    """The words of a command up to the first line end that is neither quoted nor escaped."""
    quote = ""
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "\n" and text[:place].rstrip(" \t\r")[-1:] != "\\":
            return text[:place].replace("\\\n", " ")
    return text.replace("\\\n", " ")
