from __future__ import annotations

from converter.journal.fold import State
from converter.journal.planning import Entry, decide
from converter.model import Order


def order(reference: str, parent: str = "") -> Order:
    return Order(reference, parent or reference, {"ref": reference}, ())


def test_what_is_sent_follows_the_sheet_even_if_parts_lie_apart() -> None:
    orders = [order("P-1", "P"), order("A"), order("P-2", "P"), order("B")]

    made = decide(orders, [], [], sent_payload=lambda _: None, may_resend=lambda _: False)

    assert [draft.order for draft in made.drafts] == orders


def test_a_division_is_the_same_in_any_order() -> None:
    def division(*orders: Order) -> set[str]:
        made = decide(orders, [], [], sent_payload=lambda _: None, may_resend=lambda _: False)
        return {draft.division for draft in made.drafts}

    one, two = order("P-1", "P"), order("P-2", "P")
    assert division(one, two) == division(two, one)
    assert division(one) != division(one, two)
    assert division(order("A"), order("B")) == {""}


def test_only_parts_that_may_exist_are_looked_into() -> None:
    """Comparing payloads takes time, and most orders of a sheet are new."""
    looked: list[Entry] = []

    made = decide(
        [order(f"A{n}") for n in range(10)],
        [("B1", (2,), ("bad",))],
        [],
        sent_payload=lambda entry: looked.append(entry),
        may_resend=lambda _: False,
    )

    assert len(made.drafts) == 10
    assert made.invalid == {"B1": ("B1", (2,), ("bad",))}
    assert looked == []


def test_orders_tried_least_are_sent_again_first() -> None:
    """One that always fails holds back no other."""
    attempts = {"A": 3, "B": 1, "C": 2, "D": 1}
    orders = [order(name) for name in attempts]
    entries = [
        Entry(number, one.reference, one.reference, one.reference, one.reference, State.UNKNOWN,
              "", (), one.digest, True, 0.0, attempts[one.reference])
        for number, one in enumerate(orders)
    ]  # fmt: skip

    made = decide(orders, [], entries, sent_payload=lambda _: None, may_resend=lambda _: True)

    assert [entry.reference for entry, _ in made.again] == ["B", "D", "C", "A"]
