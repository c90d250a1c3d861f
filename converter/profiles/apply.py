"""A mapping changed by a profile: fixed values as defaults, and the forms of dates."""

from __future__ import annotations

from converter.mapping.model import FieldSpec, ProviderMapping
from converter.profiles.model import DateOrder, Profile
from converter.profiles.sums import expression, is_sum

_ORDERS = {"day first": ("%d", "%m"), "month first": ("%m", "%d")}
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")


def date_forms(order: DateOrder) -> tuple[str, ...]:
    """Dates with a number for the month, in the order that the sheet has."""
    if not order:
        return ()
    first, second = _ORDERS[order]
    return tuple(
        f"{first}{mark}{second}{mark}{year}{time}"
        for year in ("%Y", "%y")
        for mark in "/-."
        for time in _TIMES
    )


def with_profile(mapping: ProviderMapping, profile: Profile) -> ProviderMapping:
    """The mapping with the profile's fixed values as defaults: a typed cell wins over both."""
    forms = date_forms(profile.date_order)
    if not profile.fixed and not forms:
        return mapping

    def changed(spec: FieldSpec) -> FieldSpec:
        update: dict[str, object] = {}
        if spec.path in profile.fixed and spec.has_column:
            value = profile.fixed[spec.path]
            if is_sum(value):
                update["formula"] = expression(value)
            else:
                update["default"] = value
        if forms and spec.type == "datetime":
            update["reads"] = (*forms, *spec.reads)
        return spec.model_copy(update=update) if update else spec

    return mapping.model_copy(update={"fields": tuple(map(changed, mapping.fields))})
