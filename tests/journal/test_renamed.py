"""Orders that have another name in the sheet now, while their first name is in doubt."""

from __future__ import annotations

from converter.model import Status
from tests.journal.builders import Opened, answer, order, plan


def test_a_new_name_of_a_doubt_is_noticed(opened: Opened) -> None:
    doubtful = order("PO-7", city="Perth", note={"for": ["PO-7"]})
    with opened(class_="D") as journal:
        answer(journal, plan(journal, doubtful).new, Status.UNKNOWN)
    renamed = order("PO-7b", city="Perth", note={"for": ["PO-7b"]})
    with opened(class_="D") as journal:
        made = plan(journal, renamed, order("PO-8", city="Perth"))

    assert made.renamed == (("PO-7b", "PO-7"),)
    assert [one.reference for one in made.new] == ["PO-7b", "PO-8"]


def test_two_orders_of_one_sheet_may_be_the_same(opened: Opened) -> None:
    """The one in doubt is in the sheet still: nobody has renamed it."""
    with opened(class_="D") as journal:
        answer(journal, plan(journal, order("A1", n=1)).new, Status.UNKNOWN)
    with opened(class_="D") as journal:
        assert plan(journal, order("A1", n=1), order("A2", n=1)).renamed == ()


def test_what_reconcile_shows_is_compared_with_the_sheet(opened: Opened) -> None:
    with opened(class_="D") as journal:
        answer(journal, plan(journal, order("A1", city="Perth")).new, Status.UNKNOWN)
    with opened(class_="D") as journal:
        journal.compare([order("A1", city="Sydney"), order("A2")])
        known = journal.records(["A1"])["A1"]

    assert [one.path for one in known.differences] == ["city"]
