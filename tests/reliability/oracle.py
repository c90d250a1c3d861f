"""Invariants checked after every run: report, workbook and journal against the provider's book.

Nothing here is taken from the program: book and log are the provider's own, and the journal is
read as the database that it is.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from python_calamine import CalamineWorkbook

from tests.reliability.provider import CLEAN, DOUBT, REFUSED
from tests.reliability.sheets import Made, sellers

STATE_OF = {
    "accepted": "ACCEPTED",
    "partial": "ACCEPTED",
    "rejected": "REFUSED",
    "duplicate": "DUPLICATE",
    "invalid": "INVALID",
    "not sent": "PLANNED",
    "unknown": "UNKNOWN",
}
NEVER = ("REJECT", "DUPLICATE", "ERROR500")
"""Words in references of orders that the provider never creates."""
BEFORE = "SBX-BEFORE-"
"""Prefix of the numbers of orders that the sandbox has without an entry in the book."""
MOST_TOLD = 5
UNTRUSTED = 6
"""Exit code of a run whose journal cannot be trusted."""


@contextmanager
def opened(where: Path | str) -> Iterator[Any]:
    """A connection that reads a journal: that in a file, or the one of a database."""
    if isinstance(where, Path):
        with closing(sqlite3.connect(f"{where.as_uri()}?mode=ro", uri=True)) as file:
            yield file
    else:
        with psycopg.connect(where, autocommit=True) as connection:
            found = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'converter-%'"
            [[name]] = connection.execute(found).fetchall()
            connection.execute("SELECT set_config('search_path', %s, false)", (f'"{name}"',))
            yield connection


@dataclass
class Arrival:
    """A request that reached the provider, reduced to one order."""

    number: int
    time: float
    fate: str
    sha: str
    request: str = ""
    """Digest of the whole request."""
    told: str = DOUBT
    absent: int = 0
    """How often the sender was told since that the order is not there."""
    is_forgotten: bool = False
    """Whether the provider has forgotten its idempotency key since."""


@dataclass
class Reader:
    """The provider's book and log, read incrementally; thread-safe."""

    folder: Path
    orders: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    arrivals: dict[str, list[Arrival]] = field(default_factory=lambda: defaultdict(list))
    _read: dict[str, int] = field(default_factory=dict)
    carried: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """The references of each request."""
    _requests: dict[int, dict[str, Arrival]] = field(default_factory=dict)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> None:
        with self._mutex:
            self._look()

    def forget(self, run: str) -> int:
        """Forget a finished run; returns the number of orders it created."""
        with self._mutex:
            for reference in [name for name in self.arrivals if name.startswith(run)]:
                del self.arrivals[reference]
            names = [name for name in self.orders if name.startswith(run)]
            return sum(len(self.orders.pop(name)) for name in names)

    def _look(self) -> None:
        for entry in self._lines("book.jsonl"):
            self.orders[entry["reference"]].append(entry)
        for line in self._lines("log.jsonl"):
            if "arrived" in line:
                number, time, fate = line["arrived"], line["time"], line["fate"]
                carried = {
                    reference: Arrival(number, time, fate, sha, line["request"])
                    for reference, sha in line["orders"].items()
                }
                self._requests[number] = carried
                self.carried[number] = tuple(carried)
                for reference, arrival in carried.items():
                    self.arrivals[reference].append(arrival)
            elif "absent" in line:
                for reference in line["absent"]:
                    for arrival in self.arrivals[reference]:
                        arrival.absent += 1
            elif "forgot" in line:
                for reference, arrivals in self.arrivals.items():
                    for arrival in arrivals if reference.startswith(line["forgot"]) else ():
                        arrival.is_forgotten = True
            else:
                for reference, arrival in self._requests.pop(line["told"]).items():
                    arrival.told = line["what"]
                    if line["what"] == DOUBT and line["only"] and reference not in line["only"]:
                        arrival.told = CLEAN

    def _lines(self, name: str) -> Iterator[Any]:
        path = self.folder / name
        if not path.exists():
            return
        with path.open("rb") as file:
            file.seek(self._read.get(name, 0))
            whole = file.read()
        whole = whole[: whole.rfind(b"\n") + 1]
        self._read[name] = self._read.get(name, 0) + len(whole)
        yield from map(json.loads, whole.splitlines())


@dataclass(kw_only=True)
class Oracle:
    """Checks one sheet through all of its runs."""

    provider: str
    class_: str
    reader: Reader
    orders: Sequence[Made]
    settle: float = 0.0
    alone: bool = True
    """False while other runs may be sending, when a report may be outdated once it is read."""
    keys_are_old: bool = False
    """Whether the program's clock went past the time for which the provider knows keys."""
    violations: list[str] = field(default_factory=list)
    accepted: dict[str, str] = field(default_factory=dict)
    """Numbers of orders once shown as accepted, which must stay so."""

    def blame(self, rule: str, what: str) -> None:
        if len(self.violations) < MOST_TOLD:
            self.violations.append(f"{rule}: {what}")

    # -- one run that came to its end --------------------------------------------------------------

    def report(
        self, code: int, out: bytes, err: str, journals: Iterable[Path | str], asked: Path
    ) -> dict[str, str]:
        """Compare a report with the book; returns the statuses by reference.

        `asked` is where the run was told to write its result.
        """
        if "Traceback" in err:
            self.blame("crash", err[-2000:])
        try:
            document = json.loads(out)
        except ValueError:
            self.blame("exit", f"no report; exit {code}; {err[-500:]}")
            return {}
        rows = document.get("orders")
        if rows is None:
            self.blame("exit", f"{code} {document.get('error')}")
            return {}
        self.reader.look()
        self._created_once()
        self._one_row_each(rows)
        self._exit_code(code, document, elsewhere=Path(document["result"]) != asked)
        by_reference = {made.reference: made for made in self.orders}
        leaves = {}
        for row in rows:
            made = by_reference.get(row["reference"])
            if made is None:
                continue
            for leaf in row.get("parts") or [row]:
                leaves[leaf["reference"]] = leaf
                self._row(made, leaf)
            self._for_ever(row)
        self._workbook(Path(document["result"]), rows)
        if self.alone:
            self._journal(journals, leaves)
        return {row["reference"]: row["status"] for row in rows}

    def refusal(self, code: int | None, out: bytes, sent: int) -> None:
        """Check a run that must not trust its journal: it says so before it sends anything.

        `sent` is the number of requests for these orders that had arrived before it.
        """
        self.reader.look()
        if code != UNTRUSTED:
            self.blame("I1", f"a journal that cannot be trusted ended with {code}")
        elif "--journal-is-right" not in str(json.loads(out).get("error")):
            self.blame("exit", f"{code} without a word about the journal")
        if (now := self.arrived()) != sent:
            self.blame("I1", f"{now - sent} orders were sent by a journal that cannot be trusted")
        self._created_once()

    def arrived(self) -> int:
        """How often orders of this sheet have reached the provider."""
        self.reader.look()
        names = [name for made in self.orders for name in self._names(made)]
        return sum(len(self.reader.arrivals.get(name, ())) for name in names)

    def _created_once(self) -> None:
        for made in self.orders:
            for reference in self._names(made):
                found = Counter(map(_seller, self.reader.orders.get(reference, ())))
                for times in found.values():
                    if times > 1:
                        self.blame("I1", f"{reference} was created {times} times")

    def _names(self, made: Made) -> Iterator[str]:
        """The order's reference, and those its parts may have."""
        yield made.reference
        if self.provider == "platform1688":
            yield from (f"{made.reference}-{part}" for part in range(1, 4))

    def _one_row_each(self, rows: Sequence[Any]) -> None:
        found = [row["reference"] for row in rows]
        if found != [made.reference for made in self.orders]:
            self.blame("I2", f"{len(self.orders)} orders, but the rows are {found}")

    def _exit_code(self, code: int, document: Any, *, elsewhere: bool) -> None:
        statuses = {row["status"] for row in document["orders"]}
        expected = 0
        if document["stopped"]:
            expected = 7
        elif elsewhere:
            expected = 4
        elif statuses & {"unknown", "not sent"}:
            expected = 3
        elif statuses - {"accepted"}:
            expected = 1
        if not code == document["exit_code"] == expected:
            self.blame("exit", f"{code} and {document['exit_code']}, expected {expected}")

    def _row(self, made: Made, row: Any) -> None:
        reference, status = row["reference"], row["status"]
        created = self.reader.orders.get(reference, [])
        arrivals = self.reader.arrivals.get(reference, [])
        in_doubt = any(self._leaves_doubt(made, arrival) for arrival in arrivals)
        if status == "accepted":
            # The sandbox says of this word that it has the order, though its book has not. After
            # a doubt the program must believe it: it asked, or it sent the order once more.
            told = row["attempts"] > 1 or row["provider_order_no"].startswith(BEFORE)
            existed = made.word == "DUPLICATE" and self.class_ == "A" and told
            if len(created) < sellers(self.provider, made.example) and not existed:
                self.blame("I8", f"{reference} is accepted, but not in the book")
        elif status == "unknown":
            if not row["attempts"] and not arrivals:
                self.blame("I3", f"{reference} is unknown, but was never sent")
        elif not self.alone:
            return
        elif status in ("not sent", "rejected", "duplicate", "invalid"):
            if created:
                self.blame("I8", f"{reference} is {status}, but in the book")
            if in_doubt:
                self.blame("I3", f"{reference} is {status} after a doubt")
        else:
            self.blame("status", f"{reference} is {status}")
        refused = any(arrival.told == REFUSED for arrival in arrivals)
        if status == "rejected" and made.word not in ("REJECT", "DUPLICATE") and not refused:
            self.blame("I3", f"{reference} is rejected, but nobody refused it")
        if status == "duplicate" and made.word != "DUPLICATE":
            self.blame("I3", f"{reference} is a duplicate, but was not there before")
        if (status == "invalid") != made.invalid:
            self.blame("status", f"{reference} is {status}")
        numbers = {entry["number"] for entry in created}
        for number in filter(None, row["provider_order_no"].split("; ")):
            if number == f"{BEFORE}{reference}" and made.word == "DUPLICATE":
                continue
            if number not in numbers and (self.provider, number) != ("oms", reference):
                self.blame("I8", f"{reference} has the number {number} of another order")

    def _leaves_doubt(self, made: Made, arrival: Arrival) -> bool:
        """Whether nothing but a yes may follow from a request without a clear answer."""
        if self.class_ == "C" and arrival.absent >= 2:
            return False
        if self.class_ == "B" and made.word in ("REJECT", "DUPLICATE"):
            return False  # made again, it is answered as it was at first
        return arrival.told == DOUBT

    def is_left_to_person(self, made: Made, statuses: Mapping[str, str]) -> bool:
        """Whether what is unknown about an order of class B cannot be settled by its request: the
        key is forgotten, other orders of the request have their answer, or it always fails."""
        arrivals = self.reader.arrivals.get(made.reference, ())
        if self.class_ != "B":
            return False
        if not arrivals:  # nobody but the provider knows that the request never left
            return self.keys_are_old
        beside = {name for one in arrivals for name in self.reader.carried[one.number]}
        told = {statuses.get(name) for name in beside}
        always = made.word == "OMIT" or any("ERROR500" in name for name in beside)
        return always or told != {"unknown"} or any(one.is_forgotten for one in arrivals)

    def _for_ever(self, row: Any) -> None:
        reference, number = row["reference"], row["provider_order_no"]
        before = self.accepted.get(reference) if self.alone else None
        if before is not None and (row["status"], number) != ("accepted", before):
            self.blame("I6", f"{reference} was accepted as {before!r}, now {row['status']}")
        if row["status"] == "accepted":
            self.accepted[reference] = number

    def _workbook(self, path: Path, rows: Sequence[Any]) -> None:
        with closing(CalamineWorkbook.from_path(path)) as book:
            sheet = book.get_sheet_by_name("Results").to_python(skip_empty_area=False)
        shown = [(row[0], row[1]) for row in sheet[1:]]
        if shown != [(row["reference"], row["status"]) for row in rows]:
            self.blame("I2", f"{path.name} has other rows than the report")

    # -- the journal -------------------------------------------------------------------------------

    def _journal(self, journals: Iterable[Path | str], leaves: Mapping[str, Any]) -> None:
        states: dict[str, str] = {}
        attempts: Counter[str] = Counter()
        for where in journals:
            with opened(where) as journal:
                if isinstance(where, Path) and journal.execute("PRAGMA quick_check").fetchall() != [
                    ("ok",)
                ]:
                    self.blame("journal", f"{where.name} is damaged")
                states |= dict(journal.execute("SELECT reference, state FROM part"))
                attempts += Counter(
                    dict(
                        journal.execute(
                            "SELECT reference, COUNT(*) FROM answer"
                            " JOIN part ON part.id = answer.part GROUP BY part.id"
                        )
                    )
                )
                if journal.execute("SELECT 1 FROM attempt WHERE state = 'OPEN'").fetchone():
                    self.blame("journal", "an attempt is still open though the run has ended")
        for reference, leaf in leaves.items():
            if states.get(reference) != STATE_OF[leaf["status"]]:
                state = states.get(reference)
                self.blame("I5", f"{reference} is {leaf['status']}, in the journal {state}")
            arrived = len(self.reader.arrivals.get(reference, ()))
            if arrived > attempts[reference]:
                told = f"{arrived} times, {attempts[reference]} times by the journal"
                self.blame("I4", f"{reference} was sent {told}")

    # -- the end -----------------------------------------------------------------------------------

    def finish(self, statuses: Mapping[str, str]) -> None:
        """Invariants once the sheet is finished and the provider idle."""
        self.reader.look()
        self._created_once()
        for made in self.orders:
            status = statuses.get(made.reference)
            if status == "not sent":
                self.blame("I11", f"{made.reference} is not sent after all runs")
            should = self.class_ != "D" and not made.invalid and made.word not in NEVER
            should = should and not self.is_left_to_person(made, statuses)
            last = self.reader.arrivals.get(made.reference, [])[-1:]
            if status == "rejected" and any(one.told == REFUSED for one in last):
                should = False  # it was refused alone, and is not sent again unchanged
            if should and status != "accepted":
                self.blame("I11", f"{made.reference} is {status} after all runs")
            for reference in self._names(made):
                self._arrivals(made, reference)

    def _arrivals(self, made: Made, reference: str) -> None:
        """Check that after a doubt only the same payload was sent, and not too early."""
        if made.word in ("REJECT", "DUPLICATE"):
            return  # refused each time, and so sent each time
        held: Arrival | None = None
        for arrival in self.reader.arrivals.get(reference, []):
            if held is not None:
                gap = arrival.time - held.time
                if self.class_ == "D":
                    self.blame("I1", f"{reference} was sent again after '{held.fate}'")
                is_lacking = self.class_ == "C" and held.absent - arrival.absent >= 2
                if arrival.sha != held.sha and not is_lacking:
                    self.blame("I7", f"{reference} was sent again with another payload")
                if self.class_ == "B" and arrival.request != held.request:
                    self.blame("I7", f"{reference} was sent again in another request")
                if self.class_ == "B" and held.is_forgotten and not arrival.is_forgotten:
                    self.blame("I1", f"{reference} was sent again though its key was forgotten")
                if self.class_ == "C" and not is_lacking:
                    self.blame("I1", f"{reference} was sent again though it may be there")
                if self.class_ != "B" and gap < self.settle / 2:
                    self.blame("settle", f"{reference} was sent again after {gap:.2f} seconds")
            if arrival.told in (DOUBT, CLEAN):
                held = arrival


def _seller(entry: Any) -> str:
    goods = entry["request"].get("cargoParamList") if entry["provider"] == "pandapon" else None
    return goods[0]["sellerOpenId"] if goods else ""
