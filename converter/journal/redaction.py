"""Replaces the values of secrets by `***` in everything that is stored or shown."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit, urlunsplit

from converter.message import Message

MASK = "***"

_SHORTEST = 4
"""Shorter values occur by chance; masking them would corrupt unrelated text."""

_NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos", " ": "nbsp"}
_LETTERS = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}


class Redaction:
    """Masks secrets in text and bytes: plain, URL-quoted, in JSON, in HTML and in base64.

    Every character may be escaped in any way its encoding allows.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets: tuple[str, ...] = ()
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Mask these too from now on, such as a token that was fetched."""
        self._secrets += secrets
        # Longest first: one secret may contain another.
        live = sorted({s for s in self._secrets if len(s) >= _SHORTEST}, key=lambda s: (-len(s), s))
        self._texts = [re.compile(_spelled(secret)) for secret in live]
        self._bytes = [re.compile(_spelled(secret).encode("utf-8", _LONE)) for secret in live]
        inside = {form for secret in live for form in _in_base64(secret)}
        self._base64 = sorted(inside, key=lambda form: (-len(form), form))

    def clean(self, text: str) -> str:
        """The text without secrets and without lone surrogates, which no file takes."""
        if isinstance(text, Message):
            message = text.with_facts(self._cleaned)
            if message == self._cleaned(message):
                return message  # else a secret stands across a fact and the words beside it
        return self._cleaned(text)

    def _cleaned(self, text: str) -> str:
        return self.text(text).encode("utf-8", "replace").decode()

    def text(self, value: str) -> str:
        for pattern in self._texts:
            value = pattern.sub(MASK, value)
        for form in self._base64:
            value = value.replace(form, MASK)
        return value

    def data(self, value: bytes) -> bytes:
        """Like `text`, for bytes of unknown encoding."""
        for pattern in self._bytes:
            value = pattern.sub(MASK.encode(), value)
        for form in self._base64:
            value = value.replace(form.encode(), MASK.encode())
        if b"\0" in value:
            for encoding in ("utf-16-le", "utf-16-be"):
                even = len(value) - len(value) % 2
                text = self.text(value[:even].decode(encoding, _LONE))
                value = text.encode(encoding, _LONE) + value[even:]
        return value


_LONE = "surrogatepass"


def _spelled(secret: str) -> str:
    return "".join(_ways(character) for character in secret)


def _ways(character: str) -> str:
    """A pattern for every escape of one character.

    PHP's JSON has `\\/`, others `\\u002F`; text quoted twice has doubled backslashes.
    """
    plain = re.escape(character)
    slashes = r"\\\\{0,7}"  # bounded: a long run of backslashes would make the search quadratic
    if character == "\\":
        plain = slashes
    units = character.encode("utf-16-be", _LONE)
    unicode = f"{slashes}u".join(_hex(units[i : i + 2].hex()) for i in range(0, len(units), 2))
    quoted = "".join(
        f"%(?:25){{0,3}}{_hex(f'{byte:02x}')}" for byte in character.encode("utf-8", _LONE)
    )
    named = [f"#0*{ord(character)};", f"#[xX]0*{_hex(f'{ord(character):x}')};"]
    if name := _NAMED.get(character):
        named.append(f"{name};")
    entity = f"&(?:amp;){{0,3}}(?:{'|'.join(named)})"
    escapes = [f"u{unicode}", re.escape(_LETTERS.get(character, character)), quoted, entity]
    # Each alternative begins with a literal, which lets the search skip ahead.
    ways = [plain, f"{slashes}(?:{'|'.join(escapes)})", quoted, entity]
    if character == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join(ways)})"


def _hex(digits: str) -> str:
    return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in digits)


def _in_base64(secret: str) -> Iterator[str]:
    """Forms a secret takes inside the base64 of a longer text, such as a header or a body."""
    as_json = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    for text in {secret, *as_json}:
        yield from _at_any_place(text.encode("utf-8", _LONE))


def _at_any_place(data: bytes) -> Iterator[str]:
    for shift in range(3):
        # In the base64 of `user:secret` the secret may start at any of three offsets in a group;
        # only characters that depend on the secret alone can be searched for.
        start, end = -(-shift * 4 // 3), (shift + len(data)) * 4 // 3
        whole = base64.b64encode(bytes(shift) + data).decode("ascii")[start:end]
        if len(whole) >= _SHORTEST:
            yield whole
            yield whole.replace("+", "-").replace("/", "_")


def without_values(url: str) -> str:
    """The URL without user information and without the values of its query."""
    parts = urlsplit(url)
    names = [part.partition("=")[0] for part in parts.query.split("&") if part]
    query = "&".join(f"{name}={MASK}" for name in names)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))
