"""Texts of requests, parsed into values: `$name`, `Bearer {token}`, `base64(md5(body_text + key))`.

In `headers`, `query`, `body` and `path` a text that is `$name` alone stands for a whole value;
inside a longer text an expression stands in braces. Signatures are expressions of the same kind.
Nothing here is ever evaluated as code: `request_functions` works an expression out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that stands in the mapping itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A setting, or something of the request: `body_text`, `fresh.time`, `first.reference`."""

    name: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts put behind each other."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function, what it is given, and its options such as `except=[sign]`."""

    function: str
    given: tuple[Expression, ...]
    options: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Fields:
    """Every field of a form, the query or a JSON body, written by one pattern and joined."""

    sources: tuple[str, ...]
    pattern: Expression
    separator: str
    left_out: tuple[str, ...] = ()
    sort: bool = True
    blank: bool = True
    """Whether fields with an empty value are written."""


Expression = Literal | Name | Joined | Call | Fields

HASHES = ("md5", "sha1", "sha256", "sha384", "sha512")

_TEXT, _RAW, _LIST = "text", "raw", "list"

FUNCTIONS: dict[str, tuple[int, str]] = {
    **dict.fromkeys(HASHES, (1, _RAW)),
    **{f"hmac_{name}": (2, _RAW) for name in HASHES},
    "hex": (1, _TEXT), "HEX": (1, _TEXT), "base64": (1, _TEXT), "base64url": (1, _TEXT),
    "unbase64": (1, _RAW), "unhex": (1, _RAW), "len": (1, _TEXT), "upper": (1, _TEXT),
    "lower": (1, _TEXT), "url": (1, _TEXT), "json": (1, _TEXT), "sorted_json": (1, _TEXT),
    "uuid": (1, _TEXT),
    "cut": (2, _TEXT), "pad": (2, _TEXT), "count": (1, _TEXT), "sum": (1, _TEXT),
    "join": (2, _TEXT), "fields": (0, _TEXT),
}  # fmt: skip
"""How many things a function is given, and whether it makes text or raw bytes."""

TAKES_RAW = frozenset(
    {*HASHES, *(f"hmac_{name}" for name in HASHES), "hex", "HEX", "base64", "base64url"}
)
"""Functions that take raw bytes beside text, which they read as UTF-8."""

WHOLE = re.compile(r"\$([A-Za-z_][\w-]*(?:\.[\w-]+)*)")
_STRAY = re.compile(r"\$[A-Za-z_][\w.-]*")
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>\d+)"""
    r"|(?P<name>\$?[A-Za-z_][\w-]*(?:\.[\w-]+)*)|(?P<sign>[+(),=\[\]]))"
)
_LONGEST = 2_000
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


@cache
def parse(text: str) -> Expression:
    """Read an expression. Raises ValueError that quotes it and says what was expected."""
    if len(text) > _LONGEST:
        raise ValueError(f"{text[:20]!r}... is longer than {_LONGEST:,} characters")
    parser = _Parser(text)
    try:
        found = parser.expression()
    except RecursionError:
        raise ValueError(f"{text[:20]!r}... is nested too deep") from None
    if parser.kind:
        raise parser.fault("expected '+' or the end")
    _refuse_raw(found, text)
    return found


@cache
def parse_text(text: str) -> Expression:
    """Read a text of a request: `$name` alone, or text with `{expression}` in it; `{{` is a brace.

    Raises ValueError for a `$name` inside a longer text, and for braces that hold no expression.
    """
    if found := WHOLE.fullmatch(text):
        return Name(found[1])
    made = _template(text)
    for part in made.parts if isinstance(made, Joined) else (made,):
        if isinstance(part, Literal) and (found := _STRAY.search(part.text)):
            inside = text.replace(found[0], "{" + found[0][1:] + "}")
            raise ValueError(
                f"{found[0]} stands inside a longer text, where it would be sent as it is: write "
                f"{inside!r}; a whole text that is sent as it stands is {{$literal: ...}}"
            )
    return made


def _template(text: str) -> Expression:
    parts: list[Expression] = []
    literal, place = "", 0
    while place < len(text):
        if text[place : place + 2] in ("{{", "}}"):
            literal, place = literal + text[place], place + 2
        elif text[place] == "{":
            end = _closing(text, place)
            if literal:
                parts.append(Literal(literal))
            parts.append(_placeholder(text[place + 1 : end], text))
            literal, place = "", end + 1
        elif text[place] == "}":
            raise ValueError(f"a '}}' in {text!r} closes nothing: a brace itself is '}}}}'")
        else:
            literal, place = literal + text[place], place + 1
    if literal or not parts:
        parts.append(Literal(literal))
    return parts[0] if len(parts) == 1 else Joined(tuple(parts))


def _closing(text: str, start: int) -> int:
    """The place of the brace that closes the one at `start`; quoted braces do not count."""
    quote = ""
    for place in range(start + 1, len(text)):
        sign = text[place]
        if quote:
            quote = "" if sign == quote and text[place - 1] != "\\" else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "}":
            return place
        elif sign == "{":
            break
    raise ValueError(
        f"the '{{' in {text[:60]!r} opens no {{name}}: a brace itself is '{{{{', and a whole text "
        "that is sent as it stands is {$literal: ...}"
    )


def _placeholder(text: str, whole: str) -> Expression:
    inside, width = text, ""
    if found := re.fullmatch(r"(.*):0(\d+)", text, re.DOTALL):
        inside, width = found[1], found[2]
    try:
        made = parse(inside)
    except ValueError as error:
        hint = "a whole text that is sent as it stands, braces and all, is {$literal: ...}"
        raise ValueError(f"{error}; {hint}" if len(whole) > len(text) + 2 else error) from None
    return Call("pad", (made, Literal(width))) if width else made


def names_of(found: Expression) -> Iterator[str]:
    """Every name in an expression; of `fields(form, ...)` the sources."""
    match found:
        case Name(name):
            yield name
        case Joined(parts) | Call(given=parts):
            for part in parts:
                yield from names_of(part)
        case Fields(sources):
            yield from sources


def makes_raw(found: Expression) -> bool:
    """Whether the result is raw bytes, which no header or body can hold."""
    if isinstance(found, Joined):
        return all(makes_raw(part) for part in found.parts)
    return isinstance(found, Call) and FUNCTIONS[found.function][1] == _RAW


def _refuse_raw(found: Expression, text: str) -> None:
    """Raise ValueError where raw bytes stand beside text, or where only text will do."""
    match found:
        case Joined(parts):
            if len({makes_raw(part) for part in parts}) > 1:
                raw = next(part for part in parts if makes_raw(part))
                assert isinstance(raw, Call)
                raise ValueError(
                    f"in {text!r} the raw bytes of {raw.function}() stand beside text: write "
                    f"hex({raw.function}(...)), HEX(...) or base64(...)"
                )
            inner = parts
        case Call(function, given):
            if any(map(makes_raw, given)) and function not in TAKES_RAW:
                raise ValueError(f"in {text!r} {function}() takes text, not raw bytes: use hex()")
            inner = given
        case Fields(pattern=pattern):
            inner = (pattern,)
        case _:
            inner = ()
    for part in inner:
        _refuse_raw(part, text)


class _Parser:
    """Reads tokens from left to right; `kind` and `token` are of the next one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.kind = self.token = ""
        self._depth = 0
        self._advance()

    def fault(self, expected: str) -> ValueError:
        found = f", found {self.token!r}" if self.token else ""
        return ValueError(f"cannot read {self.text!r}: {expected}{found}")

    def _advance(self) -> str:
        token = self.token
        if not self.text[self.place :].strip():
            self.kind = self.token = ""
            return token
        found = _TOKEN.match(self.text, self.place)
        if not found or not found.lastgroup:
            self.token = self.text[self.place :].strip()[:20]
            raise self.fault("expected a name, a text in quotes or a function")
        self.place, self.kind, self.token = found.end(), found.lastgroup, found[found.lastgroup]
        return token

    def _expect(self, sign: str) -> None:
        if self.token != sign or self.kind != "sign":
            raise self.fault(f"expected {sign!r}")
        self._advance()

    def expression(self) -> Expression:
        self._depth += 1
        if self._depth > 40:
            raise self.fault("nested too deep")
        parts = [self._operand()]
        while self.kind == "sign" and self.token == "+":
            self._advance()
            parts.append(self._operand())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Joined(tuple(parts))

    def _operand(self) -> Expression:
        kind, token = self.kind, self.token
        if kind == "text":
            self._advance()
            return Literal(_unquoted(token))
        if kind == "number":
            self._advance()
            return Literal(token)
        if kind != "name":
            raise self.fault("expected a name, a text in quotes or a function")
        self._advance()
        if self.kind == "sign" and self.token == "(":
            return self._call(token)
        return Name(token.removeprefix("$"))

    def _call(self, function: str) -> Expression:
        if function not in FUNCTIONS:
            close = get_close_matches(function, FUNCTIONS, n=1, cutoff=0.5)
            hint = f", did you mean {close[0]}()?" if close else "."
            known = ", ".join(FUNCTIONS)
            raise ValueError(f"there is no function {function}(){hint} There are: {known}")
        self._expect("(")
        given: list[Expression] = []
        options: dict[str, tuple[str, ...]] = {}
        while not (self.kind == "sign" and self.token == ")"):
            if given or options:
                self._expect(",")
            if self.kind == "name" and re.match(r"\s*=", self.text[self.place :]):
                name = self._advance()
                self._expect("=")
                options[name] = self._words()
            else:
                given.append(self.expression())
        self._expect(")")
        if function == "fields":
            return self._fields(given, options)
        wanted = FUNCTIONS[function][0]
        if len(given) != wanted or options:
            raise ValueError(
                f"cannot read {self.text!r}: {function}() is given {wanted} "
                f"{'thing' if wanted == 1 else 'things'}, not {len(given) + len(options)}"
            )
        return Call(function, tuple(given))

    def _words(self) -> tuple[str, ...]:
        """One word, or several in square brackets."""
        if not (self.kind == "sign" and self.token == "["):
            return (self._word(),)
        self._advance()
        words = [self._word()]
        while self.token == "," and self.kind == "sign":
            self._advance()
            words.append(self._word())
        self._expect("]")
        return tuple(words)

    def _word(self) -> str:
        if self.kind not in ("name", "text", "number"):
            raise self.fault("expected a word")
        kind = self.kind
        word = self._advance()
        return _unquoted(word) if kind == "text" else word

    def _fields(self, given: list[Expression], options: dict[str, tuple[str, ...]]) -> Fields:
        *sources, pattern, separator = given if len(given) > 2 else [Literal("")] * 3
        names = tuple(part.name for part in sources if isinstance(part, Name))
        is_right = len(names) == len(sources) and {*names} <= {"form", "query", "body"}
        known = {"except": None, "sort": ("yes", "no"), "blank": ("keep", "skip")}
        for option, words in options.items():
            allowed = known.get(option, ())
            if allowed is not None and (len(words) != 1 or words[0] not in allowed):
                raise ValueError(
                    f"cannot read {self.text!r}: fields() takes except=[...], sort=no, blank=skip"
                )
        if not is_right or not (isinstance(pattern, Literal) and isinstance(separator, Literal)):
            raise ValueError(
                f"cannot read {self.text!r}: fields() is given form, query or body, a pattern and "
                'what stands between: fields(form, "{name}={value}", "&", except=[sign])'
            )
        made = _template(pattern.text)
        if unknown := {*names_of(made)} - {"name", "value"}:
            raise ValueError(
                f"the pattern {pattern.text!r} of fields() knows {{name}} and {{value}}, "
                f"not {{{min(unknown)}}}"
            )
        return Fields(
            names,
            made,
            separator.text,
            options.get("except", ()),
            sort=options.get("sort") != ("no",),
            blank=options.get("blank") != ("skip",),
        )


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), token[1:-1])
