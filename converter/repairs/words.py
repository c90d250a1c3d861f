"""Words for yes and no, and for batteries, in fields that know only their own words."""

from __future__ import annotations

from collections.abc import Callable

from converter.layout.rewrite import Doubt
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.repairs.draft import Change, Draft, Question
from converter.text import clean, fold, quote

_YES = frozenset(("是", "y", "yes", "true", "1", "√", "✓", "有", "带"))
_NO = frozenset(("否", "n", "no", "false", "0", "×", "x", "无", "没有", "不带"))
_BATTERY = frozenset(
    (
        *("带电", "含电", "battery", "lithium", "有电池", "内电", "内置电池", "配电", "配套电池"),
        *("pi966", "pi967", "pi969", "pi970", "un3481", "un3091"),
    )
)
_ALONE = frozenset(("纯电", "纯电池", "pi965", "pi968", "un3480", "un3090"))
"""Batteries without a device, which most lines refuse."""
_NO_BATTERY = frozenset(("不带电", "无电", "nobattery", "withoutbattery", "普货"))
_NOT_SAID = frozenset(("特货", "敏感货", "敏感", "special", "未知", "待确认", "unknown"))


def repair_words(draft: Draft, mapping: ProviderMapping) -> None:
    """Take the words of people for those of a field that knows just yes and no."""
    for spec in mapping.fields:
        if spec.type == "choice" and spec.split is None and draft.has(spec.path):
            judge = judge_of(spec)
            if judge is not None:
                draft.apply([spec.path], judge)


def judge_of(spec: FieldSpec) -> Callable[[str], list[Change | Question]] | None:
    """The judge of a field's words; None where the field is not one of yes and no."""
    known = {fold(word): key for key, words in spec.choices.items() for word in (key, *words)}
    yes = {key for word, key in known.items() if word in ("是", "yes", "带电", "含电")}
    no = {key for word, key in known.items() if word in ("否", "no", "不带电", "不含电")}
    if len(yes) != 1 or len(no) != 1 or yes == no or len(spec.choices) != 2:
        return None
    left_out = {fold(word) for word in spec.not_sent}
    is_battery = spec.is_ == "parcel.battery"

    def judge(text: str) -> list[Change | Question]:
        word = fold(clean(text))
        if not word or word in known or word in left_out:
            return []
        facts = {"found": quote(clean(text))}
        if is_battery and word in _NOT_SAID:
            return [Question(spec.path, Doubt("battery_not_said", facts))]
        if is_battery and word in _ALONE:
            return [Change("repaired_battery_alone", spec.path, {spec.path: min(yes)})]
        if word in _YES or (is_battery and word in _BATTERY):
            return [Change("repaired_word", spec.path, {spec.path: min(yes)})]
        if word in _NO or (is_battery and word in _NO_BATTERY):
            return [Change("repaired_word", spec.path, {spec.path: min(no)})]
        return []

    return judge
