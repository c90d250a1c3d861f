"""The fields and rules of a mapping in words, for the people who fill in the sheet."""

from __future__ import annotations

from dataclasses import dataclass

from converter import messages
from converter.mapping import rules
from converter.mapping.model import FieldSpec, ProviderMapping, Rule
from converter.template.columns import TemplateColumn, word_for


def both(key: str, **facts: object) -> str:
    """A message in Chinese and then in English."""
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


def note(column: TemplateColumn) -> str:
    """The note on the header of a column."""
    spec = column.spec
    lines = [f"{spec.title.zh} / {spec.title.en}", both(f"template_need_{column.need}")]
    lines.append(in_short(spec))
    if allowed := allowed_values(spec):
        lines.append(f"{both('template_allowed')}:\n{allowed}")
    if spec.example:
        lines.append(f"{both('template_example')}: {spec.example}")
    return "\n".join([*lines, *hints(spec)])


# -- rules in words ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Names:
    """Names of fields and words as the template shows them."""

    mapping: ProviderMapping
    lang: str

    def field(self, path: str) -> str:
        try:
            return self.mapping.field(path).title.get(self.lang)
        except KeyError:
            return path  # a list

    def word(self, path: str, word: str) -> str:
        spellings = self.mapping.field(path).choices.get(word, ())
        return word_for(spellings, word, chinese=self.lang == "zh")


def rule_text(rule: Rule, mapping: ProviderMapping, lang: str) -> str:
    """A rule across fields as a sentence."""
    return rules.parse(rule, mapping).describe(_Names(mapping, lang))
