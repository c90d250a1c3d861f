"""What people are told of a mapping: the columns to fill in, what belongs there, and its rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from converter import messages
from converter.mapping import expressions, paths
from converter.mapping.model import FieldSpec, ProviderMapping, Rule
from converter.sheet import letter

EXACT = Decimal(10) ** 15
"""Excel rounds longer numbers, so columns that may hold one are text."""


@dataclass(frozen=True)
class Column:
    """A field with its place on the sheet."""

    spec: FieldSpec
    letter: str
    group: int
    """0 for the order, then its lists in the mapping's order."""
    need: str
    """`always`, `group` (once an entry of its list is begun) or `no`."""

    @property
    def header(self) -> str:
        title = self.spec.title
        both = title.zh if title.zh == title.en else f"{title.zh}\n{title.en}"
        return f"*{both}" if self.need == "always" else both

    @property
    def is_text(self) -> bool:
        """Typed figures stay as typed: leading zeros and long numbers survive."""
        spec = self.spec
        if spec.type == "integer":
            return spec.at_most is not None and spec.at_most >= EXACT
        return spec.type not in ("decimal", "datetime")

    @property
    def words(self) -> tuple[str, ...]:
        """What the drop-down of a choice offers: the Chinese word where there is one."""
        offered = [*self.spec.choices.items()]
        shown = [word_for(spellings, sent, chinese=True) for sent, spellings in offered]
        return tuple(dict.fromkeys([*shown, *self.spec.not_sent[:1]]))


def word_for(spellings: Sequence[str], sent: str, *, chinese: bool) -> str:
    fits = [word for word in spellings if _is_chinese(word) == chinese]
    return next(iter([*fits, *spellings]), sent)


def _is_chinese(text: str) -> bool:
    return any("㐀" <= character <= "鿿" for character in text)


def columns_of(mapping: ProviderMapping) -> list[Column]:
    """Every field that people type, in the mapping's order but the reference first."""
    specs = [spec for spec in mapping.fields if spec.join is None]
    specs.sort(key=lambda spec: spec.path != mapping.order.reference)
    lists = list(mapping.order.lists)
    of_files = {path for spec in specs if spec.file for path in spec.file.fills}
    found = []
    for i, spec in enumerate(specs):
        inside = paths.list_of(spec.path)
        # A list that lies in another has its own shade; an undeclared one cannot be loaded.
        group = lists.index(inside) + 1 if inside else 0
        filled_in = spec.default or spec.fallback or spec.default_if_single or spec.copies
        need = "no"
        if spec.required and not (filled_in or spec.path in of_files):
            optional = inside and not mapping.order.lists[inside].required
            need = "group" if optional else "always"
        found.append(Column(spec, letter(i), group, need))
    return found


def both(key: str, **facts: object) -> str:
    """In Chinese and then in English."""
    return f"{messages.say(key, 'zh', **facts)} {messages.say(key, 'en', **facts)}"


def group_name(mapping: ProviderMapping, group: int) -> str:
    if not group:
        return both("template_order")
    return f"{messages.say('template_list', 'zh')} {list(mapping.order.lists)[group - 1]}"


def group_help(mapping: ProviderMapping, group: int) -> str:
    if not group:
        return both("template_order_help")
    key = list(mapping.order.lists.values())[group - 1].key
    if not key:
        return both("template_list_help")
    title = mapping.field(key).title
    return " ".join(
        messages.say("template_key_help", lang, key=title.get(lang)) for lang in ("zh", "en")
    )


def kind(spec: FieldSpec) -> str:
    return both(f"template_type_{spec.type}")


def limits_of(spec: FieldSpec) -> list[str]:
    found = []
    if spec.max is not None and spec.type == "text":
        found.append(both("template_longest", max=spec.max))
    for sign, bound in ((">", spec.above), ("≥", spec.at_least), ("≤", spec.at_most)):
        if bound is not None:
            found.append(f"{sign} {bound:f}")
    if spec.file:
        found.append(both("template_file", types=", ".join(spec.file.types),
                          max=f"{spec.file.max_bytes / 1_000_000:g}"))  # fmt: skip
    elif form := spec.format or spec.warn_format:
        found.append(both(f"template_format_{form}"))
    return found


def in_short(spec: FieldSpec) -> str:
    """`text; up to 20 characters`"""
    return "; ".join([kind(spec), *limits_of(spec)])


def allowed_values(spec: FieldSpec) -> str:
    if spec.type in ("country", "currency"):
        return both(f"template_any_{spec.type}")
    shown = [
        f"{sent} = {' / '.join(spellings[:3])}" if spellings else sent
        for sent, spellings in spec.choices.items()
    ]
    if spec.not_sent:
        shown.append(f"{spec.not_sent[0]}: {both('template_not_sent')}")
    return "\n".join(shown)


def hints(spec: FieldSpec) -> list[str]:
    found = [spec.help.zh, spec.help.en] if spec.help else []
    if spec.default is not None:
        found.append(both("template_default", value=spec.default))
    if spec.fallback:
        found.append(both("template_fallback"))
    if spec.default_if_single or spec.only_of:
        found.append(both("template_single"))
    if not spec.sent:
        found.append(both("template_only_steers"))
    return found


def note(column: Column) -> str:
    """What the header of a column says when somebody points at it."""
    spec = column.spec
    lines = [f"{spec.title.zh} / {spec.title.en}", both(f"template_need_{column.need}")]
    lines.append(in_short(spec))
    if allowed := allowed_values(spec):
        lines.append(f"{both('template_allowed')}:\n{allowed}")
    if spec.example:
        lines.append(f"{both('template_example')}: {spec.example}")
    return "\n".join([*lines, *hints(spec)])


# -- rules in words ----------------------------------------------------------------------------


def rule_text(rule: Rule, mapping: ProviderMapping, lang: str) -> str:
    """A rule across fields as a sentence."""

    def name(path: str) -> str:
        try:
            return mapping.field(path).title.get(lang)
        except KeyError:
            return path  # a list

    def names(of: Iterable[str]) -> str:
        return ("、" if lang == "zh" else ", ").join(map(name, of))

    def term(text: str) -> str:
        match expressions.parse_term(text):
            case expressions.Path(path):
                return name(path)
            case expressions.Number(number):
                return f"{number:f}"
            case expressions.Sum(factors):
                return f"Σ ({' × '.join(map(name, factors))})"
            case expressions.Count(of):
                return messages.say("template_rule_count", lang, list=of)

    condition, parts = "", []
    if rule.when:
        when = expressions.parse_condition(rule.when)
        sign = "≠" if when.negated else "="
        words = " / ".join(_spoken(mapping, when.path, word, lang) for word in when.words)
        shown = f"{name(when.path)} {sign} {words}" if words else name(when.path)
        key = "template_rule_when" if words else "template_rule_given"
        condition = messages.say(key, lang, when=shown)
    for key in ("require", "any_of", "not_both"):
        if fields := getattr(rule, key):
            parts.append(messages.say(f"template_rule_{key}", lang, fields=names(fields)))
    for key, sign in (("equal", "="), ("at_least", "≥"), ("at_most", "≤"), ("near", "≈")):
        if pair := getattr(rule, key):
            parts.append(f"{term(pair[0])} {sign} {term(pair[1])}")
    if rule.within is not None:
        parts[-1] += f" (± {rule.within:f} %)"
    if rule.in_:
        one, other = map(name, rule.in_)
        parts.append(messages.say("template_rule_in", lang, one=one, other=other))
    if rule.because:
        parts.append(rule.because.get(lang).rstrip(".。"))
    text = ("；" if lang == "zh" else "; ").join(parts)
    warn = messages.say("template_rule_warn", lang) if rule.warn else ""
    return f"{condition}{text}{warn}"


def _spoken(mapping: ProviderMapping, path: str, word: str, lang: str) -> str:
    spec = mapping.field(path)
    return word_for(spec.choices.get(word, ()), word, chinese=lang == "zh")
