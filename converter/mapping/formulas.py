"""Expressions of a mapping, parsed into values: what rules, `when`, `formula` and `text` can say.

    sum(items.qty * items.price) + (freight or 0)
    country != GB and not gift
    round(weight / 1000, 3, half_up)

Nothing here is ever evaluated as code. `checks.evaluate` works an expression out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from converter.mapping.expressions import Number, Path
from converter.mapping.paths import NAMED


@dataclass(frozen=True, slots=True)
class Quoted:
    """A text that stands in the expression itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Truth:
    """`true`, `false`, or `null`: no value at all."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class Words:
    """What stands to the right of `in`."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """The number of an entry in its list, from 1."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the installation gives, by the name of the setting."""

    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    """A sign or word between two expressions; `not` and a minus before one have one alone."""

    sign: str
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function and what it is given."""

    name: str
    given: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """Text with expressions in it: blank ones leave nothing, and if all are, so is the whole."""

    parts: tuple[Expression, ...]


Expression = Number | Path | Quoted | Truth | Words | Line | Setting | Operation | Call | Template


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression with its text; as a term of a rule it is known by that text."""

    tree: Expression
    text: str = field(compare=False)
    lists: tuple[str, ...] = ()
    """The lists that it lives in by itself, once its paths are exact."""

    def __str__(self) -> str:
        return f"formula({self.text})"

    @property
    def paths(self) -> frozenset[str]:
        """The fields and lists that it names."""
        return frozenset(part.path for part in walk(self.tree) if isinstance(part, Path))


OVER_LISTS = frozenset({"sum", "count", "min", "max", "first", "last", "distinct", "all", "join"})
"""Functions that make one value of the entries of a list."""

MAKE_LISTS = frozenset({"distinct", "all", "split", "list"})
"""Functions whose result is a list of plain values."""

FUNCTIONS: dict[str, tuple[str, ...]] = {
    "sum": ("list",), "count": ("list",), "min": ("list",), "max": ("list",), "first": ("list",),
    "last": ("list",), "distinct": ("list",), "all": ("list",), "join": ("list", "text"),
    "list": ("", "..."), "cut": ("", "size"),
    "round": ("", "size", "half_up|half_even|up|down"), "fixed": ("", "size"), "plain": ("",),
    "minor": ("", ""), "money": ("", ""), "if": ("", "", ""), "digits": ("",), "upper": ("",),
    "lower": ("",), "split": ("", "text"), "pad": ("", "size"), "number": ("",),
    "before": ("", "text"), "after": ("", "text"), "replace": ("", "text", "text"),
    "country": ("", "alpha2|alpha3|numeric|name"),
}  # fmt: skip
"""For every function what it is given: a list, a quoted text, a whole number, one of several
words, or any expression; `...` stands for any number of these."""

_TRUTHS = {"true": True, "false": False, "null": None}
_LARGEST_SIZE = 10_000
_NAME = rf"[A-Za-z_][\w-]*(?:\[\]|{NAMED})?"
_PATH = rf"{_NAME}(?:\.{_NAME})*"
_TOKEN = re.compile(
    rf"""\s*(?:(?P<number>\d+(?:\.\d+)?(?![\w.]))|(?P<path>{_PATH})|(?P<text>"[^"]*"|'[^']*')"""
    r"|(?P<sign>!=|<=|>=|[-+*/=<>()\[\],]))"
)
_WORD = re.compile(r"\s*([^\s()\[\],\"'=<>!]+)(?!\s*\()")
_LISTED = re.compile(r"""\s*\[((?:"[^"]*"|'[^']*'|[^\]"'])*)\]""")
_ITEM = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^,"']+?))\s*(?:,|$)""")
_EXACT_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")


def parse(text: str) -> Formula:
    """Read an expression. Raises ValueError that quotes it and says what was expected where."""
    _refuse_long(text)
    try:
        tree = _Parser(text).whole()
    except RecursionError:
        raise _nested(text) from None
    _refuse_deep(tree, text)
    return Formula(tree, text.strip())


_LONGEST = 2_000
_DEEPEST = 60


def _refuse_long(text: str) -> None:
    if len(text) > _LONGEST:
        raise ValueError(f"{text[:20]!r}... is longer than {_LONGEST:,} characters")


def _refuse_deep(tree: Expression, text: str) -> None:
    """Raise ValueError for an expression so deep that working it out could fail."""
    level: list[Expression] = [tree]
    for _ in range(_DEEPEST):
        level = [part for each in level for part in _parts(each)]
        if not level:
            return
    raise _nested(text)


def _parts(tree: Expression) -> tuple[Expression, ...]:
    match tree:
        case Operation(_, parts) | Template(parts) | Call(_, parts):
            return parts
    return ()


def _nested(text: str) -> ValueError:
    return ValueError(f"{text[:20]!r}... is nested more than {_DEEPEST} deep: use several fields")


def parse_template(text: str) -> Formula:
    """Read text with `{expression}` in it; `{line:03}` pads with zeros, `{{` is a brace itself."""
    _refuse_long(text)
    parts: list[Expression] = []
    literal = ""
    rest = text
    while rest:
        if rest.startswith(("{{", "}}")):
            literal, rest = literal + rest[0], rest[2:]
        elif rest[0] == "{":
            inside, closed, rest = rest[1:].partition("}")
            if not closed or not inside.strip():
                raise ValueError(f"cannot read the text {text!r}: write {{path}}, or {{{{ for {{")
            parts += [Quoted(literal)] if literal else []
            literal = ""
            parts.append(_placeholder(inside))
        elif rest[0] == "}":
            raise ValueError(f"cannot read the text {text!r}: write }}}} for a }} of its own")
        else:
            literal, rest = literal + rest[0], rest[1:]
    parts += [Quoted(literal)] if literal else []
    return Formula(Template(tuple(parts)), text)


def _placeholder(inside: str) -> Expression:
    if padded := re.fullmatch(r"(.+):0?(\d{1,3})", inside):
        return Call("pad", (_Parser(padded[1]).whole(), Number(Decimal(padded[2]))))
    return _Parser(inside).whole()


def walk(tree: Expression) -> Iterator[Expression]:
    """Yield an expression and everything nested in it."""
    yield tree
    match tree:
        case Operation(_, parts) | Template(parts) | Call(_, parts):
            for part in parts:
                yield from walk(part)


def with_paths(tree: Expression, other: Callable[[str], Expression]) -> Expression:
    """The expression with something else for each of its paths."""
    match tree:
        case Path(path):
            return other(path)
        case Operation(sign, parts):
            return Operation(sign, tuple(with_paths(part, other) for part in parts))
        case Template(parts):
            return Template(tuple(with_paths(part, other) for part in parts))
        case Call(name, given):
            return Call(name, tuple(with_paths(part, other) for part in given))
    return tree


class _Parser:
    """Reads one expression from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def whole(self) -> Expression:
        found = self._either()
        if self.text[self.at :].strip():
            raise self._fault("an operator such as + = and or")
        return found

    def _fault(self, expected: str) -> ValueError:
        rest = self.text[self.at :].strip()
        found = f"found {rest[:30]!r}" if rest else "but it ends"
        return ValueError(f"cannot read {self.text.strip()!r}: expected {expected}, {found}")

    def _peek(self) -> tuple[str, str]:
        found = _TOKEN.match(self.text, self.at)
        return (found.lastgroup or "", found[found.lastgroup or 0]) if found else ("", "")

    def _take(self) -> str:
        found = _TOKEN.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        return found[found.lastgroup or 0]

    def _expect(self, sign: str) -> None:
        if self._peek() != ("sign", sign):
            raise self._fault(repr(sign))
        self._take()

    # -- from the weakest operator to the strongest --------------------------------------------

    def _either(self) -> Expression:
        return self._chain(self._both, ("path", "or"))

    def _both(self) -> Expression:
        return self._chain(self._negation, ("path", "and"))

    def _chain(self, part: Callable[[], Expression], *between: tuple[str, str]) -> Expression:
        found = part()
        while self._peek() in between:
            sign = self._take()
            found = Operation(sign, (found, part()))
        return found

    def _negation(self) -> Expression:
        if self._peek() == ("path", "not"):
            self._take()
            return Operation("not", (self._negation(),))
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum()
        kind, sign = self._peek()
        if (kind, sign) == ("path", "in"):
            self._take()
            return Operation("in", (left, self._listed()))
        if kind == "sign" and sign in ("=", "!="):
            self._take()
            return Operation(sign, (left, self._word()))
        if kind == "sign" and sign in ("<", "<=", ">", ">="):
            self._take()
            return Operation(sign, (left, self._sum()))
        return left

    def _word(self) -> Expression:
        """To the right of `=`: a bare word is that word and no path, unless in brackets."""
        found = _WORD.match(self.text, self.at)
        if found and not _EXACT_NUMBER.fullmatch(found[1]):
            self.at = found.end()
            return Quoted(found[1])
        return self._sum()

    def _listed(self) -> Words:
        found = _LISTED.match(self.text, self.at)
        words = [a or b or c for a, b, c in _ITEM.findall(found[1])] if found else []
        if not found or not all(words) or not words or found[1].rstrip().endswith(","):
            raise self._fault("a list such as [A, B]")
        self.at = found.end()
        return Words(tuple(words))

    def _sum(self) -> Expression:
        return self._chain(self._product, ("sign", "+"), ("sign", "-"))

    def _product(self) -> Expression:
        return self._chain(self._signed, ("sign", "*"), ("sign", "/"))

    def _signed(self) -> Expression:
        if self._peek() != ("sign", "-"):
            return self._single()
        self._take()
        found = self._signed()
        return Number(-found.value) if isinstance(found, Number) else Operation("-", (found,))

    def _single(self) -> Expression:
        kind, token = self._peek()
        if kind == "number":
            return Number(Decimal(self._take()))
        if kind == "text":
            return Quoted(self._take()[1:-1])
        if (kind, token) == ("sign", "("):
            self._take()
            found = self._either()
            self._expect(")")
            return found
        if kind == "path" and token in _TRUTHS:
            self._take()
            return Truth(_TRUTHS[token])
        if kind == "path" and token not in ("and", "or", "not", "in"):
            self._take()
            return self._call(token) if self._peek() == ("sign", "(") else Path(token)
        raise self._fault("a path, a number, a text in quotes or a function")

    def _call(self, name: str) -> Expression:
        if name not in FUNCTIONS:
            raise ValueError(
                f"cannot read {self.text.strip()!r}: there is no function {name!r}; there are "
                + ", ".join(FUNCTIONS)
            )
        self._expect("(")
        given: list[Expression] = []
        kinds = FUNCTIONS[name]
        while len(given) < len(kinds):
            if kinds[len(given)] == "...":
                kinds = (*kinds[:-1], "", "...") if self._peek() == ("sign", ",") else kinds[:-1]
                continue
            if given:
                self._expect(",")
            given.append(self._given(kinds[len(given)]))
        self._expect(")")
        return Call(name, tuple(given))

    def _given(self, kind: str) -> Expression:
        start = self.at
        token = self._peek()
        found: Expression = self._either()
        if "|" in kind:
            if token[0] != "path" or found != Path(token[1]) or token[1] not in kind.split("|"):
                self.at = start
                raise self._fault(kind.replace("|", ", "))
            return Quoted(token[1])
        if kind == "text" and not isinstance(found, Quoted):
            self.at = start
            raise self._fault('a text in quotes, such as ", "')
        if kind == "size" and not (
            isinstance(found, Number)
            and found.value == found.value.to_integral_value()
            and 0 <= found.value <= _LARGEST_SIZE
        ):
            self.at = start
            raise self._fault(f"a whole number from 0 to {_LARGEST_SIZE}")
        return found
