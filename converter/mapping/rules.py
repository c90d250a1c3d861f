"""What a rule across fields is; `rule_kinds` has a class for each kind of check.

A rule is evaluated on the columns of `Entries`, describes itself for the template's guide, words
the finding where an entry breaks it, and finds its own faults when the mapping is loaded. Columns
are numpy arrays that come from outside, so that nothing slow is imported to load a mapping.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from converter.mapping import expressions, paths, scopes
from converter.mapping.block import Title
from converter.mapping.expressions import Count, Path, Sum
from converter.mapping.formulas import Formula
from converter.mapping.model import ProviderMapping
from converter.message import N_, Multilingual, join, pt, t
from converter.messages import translate

if TYPE_CHECKING:
    import numpy as np

    Booleans = np.ndarray[Any, np.dtype[np.bool_]]
    Objects = np.ndarray[Any, np.dtype[np.object_]]


@dataclass(frozen=True, slots=True)
class OrderValues:
    """All values that a field has in the order of an entry."""

    path: str

    def __str__(self) -> str:
        return f"values({self.path})"


Term = expressions.Term | OrderValues | Formula


class Entries(Protocol):
    """Columns of the entries of one list, or of the orders: what a rule is evaluated on."""

    def filled(self, path: str) -> Booleans:
        """Where the field has a value, even one that could not be read."""

    def known(self, term: Term) -> Booleans:
        """Where the term has a value that could be read."""

    def values(self, term: Term) -> Objects:
        """The term's value for every entry; None where it is not known."""


class Names(Protocol):
    """Names of fields and of their words in one language, for describing a rule."""

    @property
    def lang(self) -> str: ...

    def field(self, path: str) -> str:
        """The title of a field, or of the field by which a list is known."""

    def word(self, path: str, word: str) -> str:
        """What people write for a word that is sent."""


class FieldNames(Protocol):
    """Names fields in a finding."""

    def __call__(self, path: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one entry: an issue that has no cell yet."""

    path: str
    """The field whose cell is at fault; empty for a sum or count, which stands in no cell."""
    code: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class When:
    """The entries that a rule applies to."""

    term: Path | Count | Formula
    """A field, the number of entries of a list (any at all are enough), or any condition."""
    words: tuple[str, ...] = ()
    negated: bool = False
    spoken: str = ""
    """The words as people write them, by language."""

    def holds(self, entries: Entries) -> Booleans:
        if isinstance(self.term, Count):
            present: Booleans = entries.values(self.term) > 0
            return present
        if isinstance(self.term, Formula):
            holds: Booleans = entries.values(self.term) == True  # noqa: E712
            return holds
        if not self.words:
            return entries.filled(self.term.path)
        found = entries.known(self.term).copy()
        words = set(self.words)
        values = entries.values(self.term)[found]
        found[found] = [(str(value) in words) != self.negated for value in values]
        return found

    def describe(self, names: Names) -> str:
        if isinstance(self.term, Formula):
            return translate(t("if {when}: ", when=in_words(self.term, names.field)), names.lang)
        sign = "≠" if self.negated else "="
        path = self.term.list if isinstance(self.term, Count) else self.term.path
        words = " / ".join(names.word(path, word) for word in self.words)
        shown = f"{names.field(path)} {sign} {words}" if words else names.field(path)
        given = t("if {when} is given: ", when=shown)
        return translate(t("if {when}: ", when=shown) if words else given, names.lang)

    def reason(self, name: FieldNames) -> str:
        """Reason to name in a violation; empty where the condition is that a list has entries."""
        if isinstance(self.term, Count):
            return ""
        if isinstance(self.term, Formula):
            return in_words(self.term, name)
        title = name(self.term.path)
        if not self.words:
            return t("{title} is filled in", title=title)
        template = N_("{title} is not {words}") if self.negated else N_("{title} is {words}")
        return t(template, title=title, words=self.spoken or " / ".join(self.words))

    def faults(self, mapping: ProviderMapping) -> Iterator[str]:
        """A condition on a choice names what is sent; with any other word it never holds."""
        if isinstance(self.term, Count):
            if self.words:
                yield f"{self.term.list!r} is a list: a condition can only ask whether it is there"
            return
        if isinstance(self.term, Formula):
            return
        spec = next((spec for spec in mapping.fields if spec.path == self.term.path), None)
        known = {paths.plain(other.path) for other in mapping.fields}
        for word in self.words:
            if spec:
                yield from scopes.never(spec, word, known)


@dataclass(frozen=True, kw_only=True)
class FieldRule(ABC):
    """A rule across fields. Paths of fields that exist are exact: `items[].sku`."""

    text: str
    """The rule in the mapping's own language."""
    when: When | None = None
    warn: bool = False
    because: Title | None = None

    # -- what each kind says -------------------------------------------------------------------

    @property
    @abstractmethod
    def terms(self) -> tuple[Term, ...]:
        """Everything the check reads, without the condition."""

    @abstractmethod
    def kept(self, entries: Entries) -> Booleans:
        """For every entry whether it passes, the condition left aside."""

    @abstractmethod
    def sentence(self, names: Names) -> str:
        """The check in words."""

    @abstractmethod
    def broken(self, entries: Entries, at: int, name: FieldNames, /) -> Iterator[Violation]:
        """What is wrong with the entry at this position, which breaks the rule."""

    # -- what all have in common ---------------------------------------------------------------

    def holds(self, entries: Entries) -> Booleans:
        """For every entry whether the rule holds there."""
        kept = self.kept(entries)
        return kept if self.when is None else kept | ~self.when.holds(entries)

    def findings(self, entries: Entries, at: int, name: FieldNames) -> Iterator[Violation]:
        """The findings of an entry that breaks the rule, with the mapping's own reason."""
        because = self.because
        texts = because.texts.items() if because else ()
        # Sentences are set apart by a blank, those in Chinese are not.
        apart = {lang: text if lang == "zh" else f" {text}" for lang, text in texts}
        reason = Multilingual(**apart) if because else ""
        for found in self.broken(entries, at, name):
            yield replace(found, facts={**found.facts, "because": reason})

    def describe(self, names: Names) -> str:
        """The whole rule as a sentence."""
        text = self.sentence(names)
        if self.because:
            reason = self.because.get(names.lang).rstrip(".。")
            text = translate(t("{rule}; {reason}", rule=text, reason=reason), names.lang)
        condition = self.when.describe(names) if self.when else ""
        warn = translate(t(" (only a warning)"), names.lang) if self.warn else ""
        return f"{condition}{text}{warn}"

    @property
    def reads(self) -> tuple[Term, ...]:
        """Everything the rule reads, each once."""
        condition = (self.when.term,) if self.when else ()
        return tuple(dict.fromkeys((*condition, *self.terms)))

    def reads_field(self, path: str) -> bool:
        """Whether the rule reads this field, in whatever term."""
        for term in self.reads:
            found = term.paths if isinstance(term, Formula) else _paths_of(term)
            if path in found:
                return True
        return False

    @property
    def scope(self) -> str:
        """The list whose entries the rule is about; empty for the order as a whole."""
        lists = {paths.list_of(term.path) for term in self.reads if isinstance(term, Path)}
        for term in self.reads:
            if isinstance(term, Formula):
                lists |= {each for each in term.lists if each}
        return max(lists, key=len, default="")

    def faults(self, mapping: ProviderMapping) -> Iterator[str]:
        """Why the rule can never be evaluated, or never holds."""
        if self.when:
            yield from self.when.faults(mapping)
        known = {spec.path for spec in mapping.fields}
        for term in self.reads:
            for path in _paths_of(term):
                if path in mapping.order.lists:
                    yield f"{path!r} is a list: a rule needs one of its fields"
                elif path not in known:
                    yield paths.no_field(path, {*known, *map(paths.plain, known)})
            if isinstance(term, Count) and term.list not in mapping.order.lists:
                yield f"there is no list {term.list!r}"
            if isinstance(term, Sum) and len({paths.list_of(path) for path in term.factors}) > 1:
                yield f"the factors of {term} must be fields of one list"
            if isinstance(term, Formula):
                yield from scopes.faults(term, self.scope, mapping)
        for term in self.reads:
            own = paths.list_of(term.path) if isinstance(term, Path) else ""
            if own and own != self.scope and not self.scope.startswith(f"{own}[]."):
                yield (
                    f"a rule speaks of {self.scope!r} and {own!r} at once, but neither list lies "
                    "in the other"
                )


_IN_FORMULA = re.compile(r"""("[^"]*"|'[^']*')|([A-Za-z_][\w.\-\[\]]*)""")


def in_words(formula: Formula, name: FieldNames) -> str:
    """The text of a formula with the titles of its fields instead of their paths."""
    exact = {paths.plain(path): path for path in formula.paths}
    signs = {"and": pt("condition", "and"), "or": pt("condition", "or")}
    found: list[str] = []
    at = 0
    for part in _IN_FORMULA.finditer(formula.text):
        word = part[2] or ""
        path = exact.get(paths.plain(word))
        told = signs.get(word) if path is None else name(path)
        if told is not None:
            found += [formula.text[at : part.start()], told]
            at = part.end()
    return join("", [*found, formula.text[at:]])


def _paths_of(term: Term) -> Sequence[str]:
    match term:
        case Path(path) | OrderValues(path):
            return (path,)
        case Sum(factors):
            return factors
    return ()
