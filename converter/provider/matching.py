"""Finds which entries of an answer belong to which order of the request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from converter.mapping.model import ProviderMapping
from converter.mapping.response import Match
from converter.message import t
from converter.model import Order, Outcome, Status
from converter.provider import error_lists
from converter.provider.search import search, search_list

Entry = tuple[Any, Status | None]
"""An entry of the reply and, if it is in a list of successes or failures, its verdict."""

Read = Callable[[Order, Any, Status | None], Outcome]
"""What an entry says about an order."""


def entries_of(mapping: ProviderMapping, answer: Any) -> list[Entry]:
    """Every entry of the answer, those of a list of successes or failures with its verdict."""
    lists = mapping.response.lists
    if lists is not None:
        pairs = ((lists.accepted, Status.ACCEPTED), (lists.rejected, Status.REJECTED))
        return [(entry, verdict) for path, verdict in pairs for entry in search_list(path, answer)]
    found = search(mapping.response.results, answer)
    entries = found if isinstance(found, list) else [found]
    return [(entry, None) for entry in entries if entry is not None]


def matched(
    mapping: ProviderMapping,
    orders: Sequence[Order],
    entries: list[Entry],
    answer: Any,
    read: Read,
) -> tuple[dict[int, list[Entry]], list[str]]:
    """Entries for each order, by its index in the request, and notes on the others."""
    match = mapping.response.match
    found: dict[int, list[Entry]] = {}
    notes: list[str] = []
    if match.single and len(orders) == 1 and len(entries) == 1:
        named = search(match.reference, entries[0][0]) if match.reference else None
        if named in (None, "") or str(named) == orders[0].reference or match.all:
            return {0: entries}, notes
    if match.position:
        if len(entries) != len(orders):
            uneven = t("The answer has another number of entries than the request had orders.")
            return {}, [uneven]
        return {i: [entry] for i, entry in enumerate(entries)}, notes
    if match.index:
        return _by_index(match, match.index, len(orders), entries, mapping.request.body)
    places = {order.reference.strip(): i for i, order in enumerate(orders)}
    nameless: list[Entry] = []
    for entry, verdict in entries:
        named = search(match.reference, entry) if match.reference else None
        if named in (None, ""):
            nameless.append((entry, verdict))
        elif (place := places.get(str(named).strip())) is not None:
            found.setdefault(place, []).append((entry, verdict))
        else:
            notes.append(t("The answer speaks of an order that this request did not hold."))
    left = [i for i in range(len(orders)) if i not in found]
    if match.remaining and len(nameless) == len(left) and not notes:
        if len(left) == 1 or _all_refused_alike(orders[0], nameless, read):
            found.update({place: [entry] for place, entry in zip(left, nameless, strict=True)})
    elif match.all and not found and _all_accepted(mapping, len(orders), entries, answer):
        # Entries cannot be assigned to orders, but every order was accepted.
        return {i: [({}, Status.ACCEPTED)] for i in range(len(orders))}, []
    return found, notes


def _by_index(
    match: Match, index: str, sent: int, entries: list[Entry], body: Any
) -> tuple[dict[int, list[Entry]], list[str]]:
    """Entries by the position that they name; those without one belong to the orders left over."""
    found: dict[int, list[Entry]] = {}
    nameless: list[Entry] = []
    for entry, verdict in entries:
        named = search(index, entry) if isinstance(entry, dict) else None
        place = error_lists.position(named, body, match.counts_from)
        if place is None:
            nameless.append((entry, verdict))
        elif 0 <= place < sent:
            found.setdefault(place, []).append((entry, verdict))
        else:
            return {}, [t("The answer speaks of an order that this request did not hold.")]
    left = [place for place in range(sent) if place not in found]
    is_refused = any(verdict is Status.REJECTED for _, verdict in nameless)
    if is_refused or (nameless and not (match.rest and len(nameless) == len(left))):
        return {}, [t("The answer has another number of entries than the request had orders.")]
    if nameless:
        found.update({place: [one] for place, one in zip(left, nameless, strict=True)})
    return found, []


def _all_refused_alike(order: Order, nameless: list[Entry], read: Read) -> bool:
    """Whether it does not matter which entry belongs to which order.

    So it is where all say duplicate, or all refuse with the same message.
    """
    told = [read(order, entry, verdict) for entry, verdict in nameless]
    said = {(one.status, "" if one.status is Status.DUPLICATE else one.message) for one in told}
    return len(said) == 1 and told[0].status in (Status.DUPLICATE, Status.REJECTED)


def _all_accepted(mapping: ProviderMapping, sent: int, entries: list[Entry], answer: Any) -> bool:
    counts = mapping.response.match.all
    assert counts is not None
    numbers = [search(counts.total, answer), search(counts.accepted, answer)]
    numbers.append(len(entries))  # counts that disagree with the lists prove nothing
    rejected = search(counts.rejected, answer) if counts.rejected else 0
    none_failed = all(verdict is not Status.REJECTED for _, verdict in entries)
    agree = all(type(number) is int and number == sent for number in numbers)  # True is no count
    return agree and (rejected is None or _is_zero(rejected)) and none_failed


def _is_zero(value: Any) -> bool:
    return type(value) is int and value == 0
