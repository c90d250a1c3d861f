"""Faults of the forms in which a value is read and sent: JSON types, dates and time zones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from converter.mapping.constants import constant
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.mapping.yaml_events import Loc

_COUNTRY_FORMS = ("alpha2", "alpha3", "numeric", "name")
_FORMS: Mapping[str, tuple[str, ...]] = {
    "text": ("text",), "integer": ("text", "integer", "number"), "decimal": ("text", "number"),
    "choice": ("text", "integer", "number", "boolean"), "country": _COUNTRY_FORMS,
    "currency": ("text",), "datetime": ("text", "integer"),
}  # fmt: skip
"""For every type what `as` may say."""

_SIGN = re.compile(r"%(:z|[A-Za-z%])|%")
_KNOWN = frozenset("YymdjHIMSpfsaAbBGVuzZ%") | {":z"}
_MOMENTS = {"%z", "%:z", "%Z", "%s"}
"""What only a moment has, and no time without a zone."""


def form_faults(mapping: ProviderMapping) -> Iterator[tuple[Loc, str]]:
    """Forms that a value of the field's type does not have, and dates that would be misread."""
    for i, spec in enumerate(mapping.fields):
        at: Loc = ("fields", i)
        yield from _sent_faults(spec, (*at, "as"))
        yield from _reading_faults(spec, (*at, "reads"))
        if spec.type == "datetime":
            yield from _pattern_faults(spec, at)
            yield from _zone_faults(spec, mapping, at)
            yield from _claim_faults(spec, at)


def _sent_faults(spec: FieldSpec, at: Loc) -> Iterator[tuple[Loc, str]]:
    send = spec.send
    if send is None:
        return
    if (spec.type == "country") != (send in _COUNTRY_FORMS):
        forms = ", ".join(_COUNTRY_FORMS)
        yield at, f"{spec.path}: a country, and only a country, goes as one of {forms}"
    elif send not in _FORMS[spec.type]:
        problem = f"{_a(spec.type)} does not go as {send}"
        if send in ("integer", "number"):
            kind = "integer" if send == "integer" else "decimal"
            problem += f": write 'type: {kind}', and only what is {_a(kind)} is sent"
        elif send == "boolean":
            problem += ": write 'type: choice, choices: {true: [...], false: [...]}' with the words"
        yield at, f"{spec.path}: {problem}"
    elif spec.type == "choice" and send in ("integer", "number"):
        kinds = {int} if send == "integer" else {int, Decimal}
        for sent in spec.choices:
            if type(constant(sent)) not in kinds:
                yield (*at[:-1], "choices"), f"{spec.path}: sent as {send}, and {sent!r} is none"
    elif send == "integer" and re.sub(r"%[YmdHMSfs]", "", spec.pattern or ""):
        problem = "sent as integer, so 'pattern' may have digits only, such as %s or %Y%m%d"
        yield at, f"{spec.path}: {problem}"


def _a(kind: str) -> str:
    return f"{'an' if kind == 'integer' else 'a'} {kind}"


def _reading_faults(spec: FieldSpec, at: Loc) -> Iterator[tuple[Loc, str]]:
    """Forms in which no date can be read, and those of which two read one text differently."""
    if spec.reads and spec.type != "datetime":
        yield at, f"{spec.path}: 'reads' goes with 'type: datetime'"
    day = datetime(2001, 2, 3)
    known: list[str] = []
    for form in spec.reads:
        if _read(day.strftime(form), form) != day:
            problem = f"{form!r} is no form of a date: it needs %d, %m and %Y"
            yield at, f"{spec.path}: {problem}"
            continue
        if re.match(r"%Y[-/.]%d[-/.]%m", form):
            problem = f"{form!r} is not read: year, month and day in this order always come first"
            yield at, f"{spec.path}: {problem}"
        for other in known:
            if (found := _read(day.strftime(form), other)) is not None and found != day:
                problem = f"{form!r} and {other!r} read one text as two dates: choose one of them"
                yield at, f"{spec.path}: {problem}"
        known.append(form)


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None


def _pattern_faults(spec: FieldSpec, at: Loc) -> Iterator[tuple[Loc, str]]:
    if not spec.pattern:
        problem = "a datetime needs 'pattern', the form in which it is sent"
        yield (*at, "type"), f"{spec.path}: {problem}"
        return
    at = (*at, "pattern")
    signs = [found[1] for found in _SIGN.finditer(spec.pattern)]
    if not [sign for sign in signs if sign != "%"]:
        problem = f"{spec.pattern!r} has nothing of the date: write it as %Y-%m-%d %H:%M:%S"
        yield at, f"{spec.path}: {problem}"
    for sign in signs:
        if sign not in _KNOWN:
            problem = f"there is no %{sign or ''} in 'pattern': there are {', '.join(_letters())}"
            yield at, f"{spec.path}: {problem}"


def _letters() -> list[str]:
    return [f"%{sign}" for sign in sorted(_KNOWN - {"%"}, key=lambda sign: (sign.lower(), sign))]


def _zone_faults(spec: FieldSpec, mapping: ProviderMapping, at: Loc) -> Iterator[tuple[Loc, str]]:
    pattern = spec.pattern or ""
    needs = next((sign for sign in sorted(_MOMENTS) if sign in pattern), None)
    if not spec.zone and (needs or spec.output_zone):
        problem = f"{needs or 'output_zone'} needs 'zone', the zone of the times in the sheet"
        yield at, f"{spec.path}: {problem}, such as Asia/Shanghai"
    for key in ("zone", "output_zone"):
        name = getattr(spec, key)
        if name and name.startswith("$"):
            if name[1:] not in mapping.settings:
                yield (*at, key), f"{name} is no setting of this mapping"
        elif name and not _is_zone(name):
            yield (*at, key), f"{spec.path}: there is no time zone {name!r}: write UTC or Area/City"


_CLAIM = re.compile(r"%[HSf].*?(?<!%)(Z|[+-]\d\d:?\d\d)$")
"""A zone that a pattern writes as it stands, behind a time."""


def _claim_faults(spec: FieldSpec, at: Loc) -> Iterator[tuple[Loc, str]]:
    """A zone written into the pattern says nothing true of times in another zone."""
    claimed = _CLAIM.search(spec.pattern or "")
    zone = spec.output_zone or spec.zone or ""
    if not claimed or zone.startswith("$"):
        return
    if not zone:
        here = "that of the sheet's times is not known: name it as 'zone'"
    elif not _is_zone(zone) or _has_offset(zone, claimed[1]):
        return
    else:
        here = f"these times are in {zone}: keep that"
    right = "and write 'output_zone: UTC'" if claimed[1] == "Z" else "and write %:z in its place"
    says = f"{claimed[1]!r} in 'pattern' tells a zone of its own"
    yield (*at, "pattern"), f"{spec.path}: {says}, and {here} {right}"


def _has_offset(zone: str, written: str) -> bool:
    wanted = "+0000" if written == "Z" else written.replace(":", "")
    found = {datetime(2001, month, 1, tzinfo=ZoneInfo(zone)).strftime("%z") for month in (1, 7)}
    return found == {wanted}


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the last for Europe, a folder
        return False
    return True
