"""The fields and rules of a mapping in words, for the people who fill in the sheet."""

from __future__ import annotations

from dataclasses import dataclass

from converter.mapping import rule_kinds
from converter.mapping.model import FieldSpec, ProviderMapping, Rule, word_for
from converter.message import N_, t
from converter.messages import translate
from converter.sheet_template.columns import TemplateColumn

_TYPES = {
    "text": t("text"),
    "integer": t("whole number"),
    "decimal": t("number"),
    "choice": t("choice"),
    "country": t("country"),
    "currency": t("currency"),
    "datetime": t("date and time"),
}
_FORMATS = {
    "digits": t("digits only"),
    "phone": t("phone number"),
    "latin": t("in English"),
    "email": t("email address"),
    "url": t("http(s) address"),
    "hex32": t("32 hex digits"),
    "base64": t("Base64"),
}
_ANY = {
    "country": t("two-letter code such as US, or the name"),
    "currency": t("three-letter code such as USD, or the name"),
}
_NEEDS = {
    "always": t("Required"),
    "group": t("Required once another cell of its group is filled"),
    "no": t("Optional"),
}
SHORT_NEEDS = {
    "always": t("required"),
    "group": t("with its group"),
    "no": t("optional"),
}


def both(message: str) -> str:
    """A message in Chinese and then in English."""
    return f"{translate(message, 'zh')} {message}"


def group_name(mapping: ProviderMapping, group: int) -> str:
    if not group:
        return both(t("Order"))
    return f"{translate(t('List'), 'zh')} {list(mapping.order.lists)[group - 1]}"


def group_help(mapping: ProviderMapping, group: int) -> str:
    if not group:
        return both(t("Once per order: on its first row, or the same on every row."))
    key = list(mapping.order.lists.values())[group - 1].key
    if not key:
        return both(t("One entry per row."))
    title = mapping.field(key).title
    return " ".join(
        translate(
            t("Rows with the same {key} are one entry; fill it in once.", key=title.get(lang)), lang
        )
        for lang in ("zh", "en")
    )


def kind(spec: FieldSpec) -> str:
    return both(_TYPES[spec.type])


def limits_of(spec: FieldSpec) -> list[str]:
    found = []
    if spec.max is not None and spec.type == "text":
        found.append(both(t("up to {max} characters", max=spec.max)))
    for sign, bound in ((">", spec.above), ("≥", spec.at_least), ("≤", spec.at_most)):
        if bound is not None:
            found.append(f"{sign} {bound:f}")
    if spec.file:
        template = N_(
            "a picture in the cell, or the name of a file beside this sheet "
            "({types}; up to {max} MB)"
        )
        largest = f"{spec.file.max_bytes / 1_000_000:g}"
        found.append(both(t(template, types=", ".join(spec.file.types), max=largest)))
    elif form := spec.format or spec.warn_format:
        found.append(both(_FORMATS[form]))
    if spec.postcode_of:
        found.append(both(t("in the form of its country")))
    if spec.phone_of:
        found.append(both(t("of a length that its country has")))
    return found


def in_short(spec: FieldSpec) -> str:
    """`text; up to 20 characters`"""
    return "; ".join([kind(spec), *limits_of(spec)])


def short_note(spec: FieldSpec, lang: str) -> list[str]:
    """What a field takes, in one language: allowed values, limits and what the mapping adds."""
    found = [translate(_TYPES[spec.type], lang)] if spec.type not in ("text", "choice") else []
    if spec.choices:
        words = [word_for(spellings, sent, lang) for sent, spellings in spec.choices.items()]
        found.append(" / ".join(words[:12]))
    if spec.max is not None and spec.type == "text":
        found.append(translate(t("up to {max} characters", max=spec.max), lang))
    if form := spec.format or spec.warn_format:
        found.append(translate(_FORMATS[form], lang))
    if spec.help:
        found.append(spec.help.get(lang))
    if spec.default is not None:
        found.append(translate(t("Blank means {value}.", value=spec.default), lang))
    return found


def allowed_values(spec: FieldSpec) -> str:
    if spec.type in ("country", "currency"):
        return both(_ANY[spec.type])
    shown = [
        f"{sent} = {' / '.join(spellings[:3])}" if spellings else sent
        for sent, spellings in spec.choices.items()
    ]
    if spec.not_sent:
        shown.append(f"{spec.not_sent[0]}: {both(t('not sent'))}")
    return "\n".join(shown)


def hints(spec: FieldSpec) -> list[str]:
    found = [spec.help.zh, spec.help.en] if spec.help else []
    if spec.default is not None:
        found.append(both(t("Blank means {value}.", value=spec.default)))
    if spec.fallback:
        found.append(both(t("If blank, it is made of other columns.")))
    if spec.default_if_single or spec.only_of:
        found.append(both(t("May be blank where there is only one.")))
    if not spec.sent:
        found.append(both(t("Not sent as a field of its own.")))
    return found


def note(column: TemplateColumn) -> str:
    """The note on the header of a column."""
    spec = column.spec
    lines = [f"{spec.title.zh} / {spec.title.en}", both(_NEEDS[column.need])]
    lines.append(in_short(spec))
    if allowed := allowed_values(spec):
        lines.append(f"{both(t('Allowed'))}:\n{allowed}")
    if spec.example:
        lines.append(f"{both(t('Example'))}: {spec.example}")
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
            return self.mapping.field_of_list(path).title.get(self.lang)

    def word(self, path: str, word: str) -> str:
        spellings = self.mapping.field(path).choices.get(word, ())
        return word_for(spellings, word, self.lang)


def rule_text(rule: Rule, mapping: ProviderMapping, lang: str) -> str:
    """A rule across fields as a sentence."""
    return rule_kinds.parse(rule, mapping).describe(_Names(mapping, lang))
