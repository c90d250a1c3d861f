"""Secrets kept out of everything that is written down: their live values become `***`."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from urllib.parse import quote, quote_plus

MASK = "***"

_SHORTEST = 4
"""Shorter values stand everywhere by chance: masking them would spoil what is kept."""


class Redaction:
    """Replaces secrets in text and bytes, also where they stand URL-quoted, in JSON or base64."""

    def __init__(self, secrets: Sequence[str]) -> None:
        live = {secret for secret in secrets if len(secret) >= _SHORTEST}
        forms = {form for secret in live for form in _forms(secret)}
        # The longest first: a form may contain another one.
        self._forms = sorted(forms, key=lambda form: (-len(form), form))

    def text(self, value: str) -> str:
        for form in self._forms:
            value = value.replace(form, MASK)
        return value

    def data(self, value: bytes) -> bytes:
        """The same for an answer whose encoding is not known yet."""
        for form in self._forms:
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                value = value.replace(_encoded(form, encoding), _encoded(MASK, encoding))
        return value


def _encoded(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "surrogatepass")


def _forms(secret: str) -> Iterator[str]:
    yield secret
    for quoted in (
        quote(secret, safe="", errors="surrogatepass"),
        quote(secret, errors="surrogatepass"),
        quote_plus(secret, errors="surrogatepass"),
    ):
        yield quoted
        yield _lower_escapes(quoted)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    data = secret.encode("utf-8", "surrogatepass")
    for shift in range(3):
        # In the base64 of `user:secret` the secret starts at any of three places of a group; only
        # the characters that depend on nothing but the secret can be looked for.
        start, end = -(-shift * 4 // 3), (shift + len(data)) * 4 // 3
        whole = base64.b64encode(bytes(shift) + data).decode("ascii")[start:end]
        if len(whole) >= _SHORTEST:
            yield whole
            yield whole.replace("+", "-").replace("/", "_")


def _lower_escapes(quoted: str) -> str:
    """`%2B` and `%2b` are the same."""
    head, *escapes = quoted.split("%")
    return "%".join([head, *(escape[:2].lower() + escape[2:] for escape in escapes)])
