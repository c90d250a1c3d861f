"""The kinds of rules across fields, one class each, and how they are read from a mapping."""

from __future__ import annotations

import operator
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any, ClassVar

from converter.mapping import expressions, formulas, paths, scopes
from converter.mapping.expressions import Condition, Count, Number, Path, Sum
from converter.mapping.formulas import Formula, Operation, Quoted, Words
from converter.mapping.model import ProviderMapping, Rule, word_for
from converter.mapping.rules import (
    Entries,
    FieldNames,
    FieldRule,
    Names,
    OrderValues,
    Term,
    Violation,
    When,
    in_words,
)
from converter.message import N_, Multilingual, join, pt, t
from converter.messages import translate
from converter.text import quote

if TYPE_CHECKING:
    from converter.mapping.rules import Booleans, Objects


@dataclass(frozen=True, kw_only=True)
class Presence(FieldRule):
    """What several rules have in common: whether fields are filled in."""

    fields: tuple[str, ...]

    @property
    def terms(self) -> tuple[Term, ...]:
        return tuple(map(Path, self.fields))

    def sentence(self, names: Names) -> str:
        fields = reduce(_with_comma, map(names.field, self.fields))
        return translate(t(self._sentence, fields=fields), names.lang)

    _sentence: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class Require(Presence):
    """Every one of the fields is filled in."""

    _sentence = N_("fill in {fields}")

    def kept(self, entries: Entries) -> Booleans:
        return reduce(operator.and_, map(entries.filled, self.fields))

    def broken(self, entries: Entries, at: int, name: FieldNames, /) -> Iterator[Violation]:
        reason = self.when.reason(name) if self.when else ""
        code = "required_when" if reason else "required"
        for path in self.fields:
            if not entries.filled(path)[at]:
                yield Violation(path, code, {"when": reason})


@dataclass(frozen=True, kw_only=True)
class AnyOf(Presence):
    """At least one of the fields is filled in."""

    _sentence = N_("fill in at least one of {fields}")

    def kept(self, entries: Entries) -> Booleans:
        return reduce(operator.or_, map(entries.filled, self.fields))

    def broken(self, _entries: Entries, _at: int, name: FieldNames, /) -> Iterator[Violation]:
        yield Violation(
            self.fields[0], "want_one_of", {"names": join(" / ", map(name, self.fields))}
        )


@dataclass(frozen=True, kw_only=True)
class NotBoth(Presence):
    """At most one of the fields is filled in."""

    _sentence = N_("fill in only one of {fields}")

    def kept(self, entries: Entries) -> Booleans:
        first, *others = (entries.filled(path).astype(int) for path in self.fields)
        kept: Booleans = sum(others, first) <= 1
        return kept

    def broken(self, _entries: Entries, _at: int, name: FieldNames, /) -> Iterator[Violation]:
        names = join(" / ", map(name, self.fields))
        yield Violation(self.fields[0], "want_only_one_of", {"names": names})


@dataclass(frozen=True, kw_only=True)
class Among(FieldRule):
    """Every value of one field is a value of the other in the same order."""

    field: str
    other: str

    @property
    def terms(self) -> tuple[Term, ...]:
        return (Path(self.field), OrderValues(self.other))

    def kept(self, entries: Entries) -> Booleans:
        known = entries.known(Path(self.field))
        values = entries.values(Path(self.field))[known]
        others = entries.values(OrderValues(self.other))[known]
        kept = ~known
        kept[known] = [str(value) in among for value, among in zip(values, others, strict=True)]
        return kept

    def sentence(self, names: Names) -> str:
        one, other = names.field(self.field), names.field(self.other)
        return translate(t("{one} must be one of {other}", one=one, other=other), names.lang)

    def broken(self, entries: Entries, at: int, name: FieldNames, /) -> Iterator[Violation]:
        found = quote(str(entries.values(Path(self.field))[at]))
        yield Violation(self.field, "not_among", {"found": found, "names": name(self.other)})


@dataclass(frozen=True, kw_only=True)
class Comparison(FieldRule):
    """What several rules have in common: two terms, compared where both are known.

    A value that is missing or cannot be read has an issue of its own.
    """

    left: expressions.Term | Formula
    right: expressions.Term | Formula

    sign: ClassVar[str]
    code: ClassVar[str]
    of_terms: ClassVar[str]
    """What is wrong between two terms that have a value each."""
    of_number: ClassVar[str]
    """What is wrong with a term beside a number of the rule's own."""

    @abstractmethod
    def compare(self, left: Objects, right: Objects) -> Booleans:
        """Whether the rule holds between values of the two terms."""

    @property
    def terms(self) -> tuple[Term, ...]:
        return (self.left, self.right)

    def kept(self, entries: Entries) -> Booleans:
        both = entries.known(self.left) & entries.known(self.right)
        kept = ~both
        kept[both] = self.compare(entries.values(self.left)[both], entries.values(self.right)[both])
        return kept

    def sentence(self, names: Names) -> str:
        return f"{_term_in_words(self.left, names)} {self.sign} {_term_in_words(self.right, names)}"

    def broken(self, entries: Entries, at: int, name: FieldNames, /) -> Iterator[Violation]:
        here = self.left.path if isinstance(self.left, Path) else ""
        yield Violation(here, self.code, {"problem": self._problem(entries, at, name)})

    def _problem(self, entries: Entries, at: int, name: FieldNames, **facts: str) -> str:
        left, right = (
            _term_with_value(term, entries.values(term)[at], name)
            for term in (self.left, self.right)
        )
        template = self.of_number if isinstance(self.right, Number) else self.of_terms
        return t(template, left=left, right=right, **facts)


@dataclass(frozen=True, kw_only=True)
class Equal(Comparison):
    """The two terms are equal."""

    sign, code = "=", "rule_equal"
    of_terms = N_("{left}, but {right}; the two should be equal.")
    of_number = N_("{left}; it should be {right}.")

    def compare(self, left: Objects, right: Objects) -> Booleans:
        kept: Booleans = left == right
        return kept


@dataclass(frozen=True, kw_only=True)
class AtLeast(Comparison):
    """The first term is not smaller than the second."""

    sign, code = "≥", "rule_at_least"
    of_terms = N_("{left}, but {right}; the first should not be less than the second.")
    of_number = N_("{left}; it should be {right} or more.")

    def compare(self, left: Objects, right: Objects) -> Booleans:
        kept: Booleans = left >= right
        return kept


@dataclass(frozen=True, kw_only=True)
class AtMost(Comparison):
    """The first term is not larger than the second."""

    sign, code = "≤", "rule_at_most"
    of_terms = N_("{left}, but {right}; the first should not be more than the second.")
    of_number = N_("{left}; it should be {right} or less.")

    def compare(self, left: Objects, right: Objects) -> Booleans:
        kept: Booleans = left <= right
        return kept


@dataclass(frozen=True, kw_only=True)
class Near(Comparison):
    """The two terms are at most so many percent of the larger one apart."""

    within: Decimal | None = None

    sign, code = "≈", "rule_near"
    of_terms = N_("{left}, but {right}; the two should be within {within} % of each other.")
    of_number = N_("{left}; it should be within {within} % of {right}.")

    def compare(self, left: Objects, right: Objects) -> Booleans:
        percent = self.within or Decimal(0)
        apart = abs(left - right)
        kept: Booleans = apart <= abs(left) * percent / 100
        kept |= apart <= abs(right) * percent / 100
        return kept

    def sentence(self, names: Names) -> str:
        percent = "" if self.within is None else f" (± {self.within:f} %)"
        return super().sentence(names) + percent

    def _problem(self, entries: Entries, at: int, name: FieldNames, **facts: str) -> str:
        percent = format(self.within or Decimal(0), "f")
        return super()._problem(entries, at, name, within=percent, **facts)


def _with_comma(first: str, second: str) -> str:
    return pt("list of fields", "{first}, {second}", first=first, second=second)


def _term_in_words(term: expressions.Term | Formula, names: Names) -> str:
    match term:
        case Path(path):
            return names.field(path)
        case Number(number):
            return f"{number:f}"
        case Sum(factors):
            fields = " × ".join(map(names.field, factors))
            return translate(t("the sum of {fields}", fields=fields), names.lang)
        case Count(of):
            told = t("the number of lines with {list}", list=names.field(of))
            return translate(told, names.lang)
        case Formula():
            return translate(in_words(term, names.field), names.lang)


def _term_with_value(term: expressions.Term | Formula, value: Any, name: FieldNames) -> str:
    shown = format(value, "f") if isinstance(value, Decimal) else str(value)
    match term:
        case Path(path):
            return t("{field} is {value}", field=name(path), value=shown)
        case Sum(factors):
            fields = join(" × ", map(name, factors))
            return t("the sum of {fields} is {value}", fields=fields, value=shown)
        case Count(of):
            return t("the number of lines with {list} is {value}", list=name(of), value=shown)
        case Formula():
            return t("{field} is {value}", field=in_words(term, name), value=shown)
    return shown


# -- from the mapping file ---------------------------------------------------------------------

_CHECKS = ("require", "any_of", "not_both", "equal", "at_least", "at_most", "near", "in")
_PRESENCE: Mapping[str, type[Presence]] = {"require": Require, "any_of": AnyOf, "not_both": NotBoth}
_COMPARISONS: Mapping[str, type[Comparison]] = {
    "equal": Equal, "at_least": AtLeast, "at_most": AtMost, "near": Near
}  # fmt: skip


def rules_of(mapping: ProviderMapping) -> list[FieldRule]:
    """Every rule of a mapping that was loaded, in its order."""
    return [parse(rule, mapping) for rule in mapping.rules]


def parse(rule: Rule, mapping: ProviderMapping) -> FieldRule:
    """Read one rule. Raises ValueError where it has not one check, or a term is no term."""
    given = {key: getattr(rule, "in_" if key == "in" else key) for key in _CHECKS}
    given = {key: value for key, value in given.items() if value}
    if len(given) != 1:
        raise ValueError(f"a rule has one check: {', '.join(_CHECKS)}")
    ((key, value),) = given.items()
    exact = _ExactPaths(mapping)
    facts: dict[str, Any] = {
        "text": f"{key} [{', '.join(value)}]" + (f" when {rule.when}" if rule.when else ""),
        "when": exact.condition(rule.when) if rule.when else None,
        "warn": rule.warn,
        "because": rule.because,
    }
    if key in _PRESENCE:
        return _PRESENCE[key](fields=tuple(map(exact.path, value)), **facts)
    if key == "in":
        field, other = map(exact.path, value)
        return Among(field=field, other=other, **facts)
    left, right = (exact.term(text) for text in value)
    if key == "near":
        return Near(left=left, right=right, within=rule.within, **facts)
    return _COMPARISONS[key](left=left, right=right, **facts)


_JOINED = re.compile(r"\b(and|or|not)\b|[()<>]")
"""What makes a condition more than one comparison with a word, which may be of several words."""


class _ExactPaths:
    """Rules may leave the list marks out: `items.sku` is `items[].sku` where there is one.

    A path that no field has stays as it is, for `FieldRule.faults` to name.
    """

    def __init__(self, mapping: ProviderMapping) -> None:
        known = [spec.path for spec in mapping.fields]
        self._exact = {**{paths.plain(path): path for path in reversed(known)},
                       **{path: path for path in known}}  # fmt: skip
        self._lists = mapping.order.lists
        self._mapping = mapping

    def path(self, path: str) -> str:
        return self._exact.get(path, path)

    def term(self, text: str) -> expressions.Term | Formula:
        try:
            term = expressions.parse_term(text)
        except ValueError:
            return scopes.resolved(formulas.parse(text), self._mapping)
        match term:
            case Path(path):
                return Path(self.path(path))
            case Sum(factors):
                return Sum(tuple(map(self.path, factors)))
        return term

    def condition(self, text: str) -> When:
        """One comparison with words as `When` has it, which can name the words' titles."""
        try:
            formula = formulas.parse(text)
        except ValueError:
            if _JOINED.search(text):
                raise
            return self._when(expressions.parse_condition(text))
        match formula.tree:
            case Path(path):
                return self._when(Condition(path))
            case Operation("=" | "!=" as sign, (Path(path), Quoted(word))):
                return self._when(Condition(path, (word,), sign == "!="))
            case Operation("=" | "!=" as sign, (Path(path), Number(number))):
                return self._when(Condition(path, (format(number, "f"),), sign == "!="))
            case Operation("in", (Path(path), Words(words))):
                return self._when(Condition(path, words))
        return When(scopes.resolved(formula, self._mapping))

    def _when(self, condition: Condition) -> When:
        path = condition.path
        term = Count(path) if path in self._lists else Path(self.path(path))
        return When(term, condition.words, condition.negated, self._spoken(term, condition.words))

    def _spoken(self, term: Path | Count, words: Sequence[str]) -> str:
        """What people write for the words that are sent."""
        specs = (spec for spec in self._mapping.fields if spec.path == str(term))
        choices = next((spec.choices for spec in specs), {})
        en, zh = (
            " / ".join(word_for(choices.get(word, ()), word, lang) for word in words)
            for lang in ("en", "zh")
        )
        return Multilingual(en, zh=zh)
