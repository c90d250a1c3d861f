"""The repairs of a whole table, in the order in which one may uncover the next."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from converter.layout.table import Table
from converter.mapping.model import FieldSpec, ProviderMapping
from converter.message import N_, join, t
from converter.messages import repair_kind
from converter.model import Repair
from converter.repairs import (
    addresses,
    countries,
    dates,
    kinds,
    numbers,
    one_line,
    receivers,
    states,
    texts,
    words,
)
from converter.repairs.draft import Draft


@dataclass(frozen=True)
class Repaired:
    """A table with its repairs, each of which is listed."""

    table: Table
    repairs: tuple[Repair, ...] = ()
    notes: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    """By the kind of repair, those that are not listed too."""


def repair(
    table: Table,
    mapping: ProviderMapping,
    *,
    adapted: bool = False,
    filled: Collection[str] = (),
) -> Repaired:
    """Repair what is certain, and ask about what is not.

    `adapted` says that the sheet was not made for this provider: it is a known export, or read with
    a profile. Addresses of other sheets are as their writer meant them where nothing is missing.
    `filled` are the fields whose blank cells another file fills.
    """
    draft = Draft(table, mapping, adapted=adapted)
    for spec in _repairable(mapping):
        if draft.has(spec.path):
            is_filled = spec.path in filled
            judge = texts.judge_of(spec, adapted=adapted, is_filled=is_filled)
            draft.apply([spec.path], judge, where=texts.may_need_repair)
    words.repair_words(draft, mapping)
    numbers.repair_numbers(draft, mapping)
    dates.repair_dates(draft, mapping)
    countries.repair_countries(draft, mapping)
    for party in kinds.parties(mapping):
        addresses.repair_addresses(draft, mapping, party)
        one_line.repair_lines(draft, mapping, party)
        receivers.repair_phones(draft, mapping, party)
        receivers.repair_postcodes(draft, mapping, party)
        states.repair_states(draft, mapping, party)
    counts = draft.counts()
    rewritten = replace(table, rewrites=draft.rewrites())
    return Repaired(rewritten, (*draft.repairs(),), (*_notes(counts),), counts)


def in_addresses(mapping: ProviderMapping) -> frozenset[str]:
    """Required fields that may stand in the cell of an address."""
    parties = kinds.parties(mapping)
    in_lines = (path for party in parties for path in one_line.fields_in_lines(party))
    required = {path for path in in_lines if mapping.field(path).required}
    return addresses.fields_in_addresses(mapping, parties) | required


def _repairable(mapping: ProviderMapping) -> Iterator[FieldSpec]:
    """Fields that people type, but no files and no references, by which orders are known again."""
    for spec in mapping.fields:
        known = spec.path == mapping.order.reference or spec.path in mapping.order.group_by
        if spec.has_column and spec.file is None and spec.format != "base64" and not known:
            yield spec


def _notes(counts: dict[str, int]) -> Iterator[str]:
    if counts:
        kinds_of = [
            t("{count} × {kind}", count=count, kind=repair_kind(code))
            for code, count in sorted(counts.items(), key=lambda one: -one[1])
        ]
        yield t(
            N_("Repaired: {kinds}. The sheet Repairs of the result lists each of them."),
            kinds=join(", ", kinds_of),
        )
