"""A sheet of orders taken through kills and faults to its end, checked by the oracle."""

from __future__ import annotations

import itertools
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.postgres import TestServer
from tests.reliability import promises, sheets, tracing
from tests.reliability.hooks import ALL_POINTS
from tests.reliability.oracle import Oracle, Reader
from tests.reliability.provider import start
from tests.reliability.starter import Child, Starter, start_real

CLASSES = {
    "A": ("scexpress",),
    **{class_: (name,) for class_, name in promises.NAMES.items()},
    "D": ("oms", "oms", "pandapon", "apicenter", "platform1688"),
}
ONE_BY_ONE = ("pandapon", "apicenter", "platform1688")
KILLED = -9
PATIENCE = 0.6
"""Seconds until the program gives up a request; a delayed answer takes longer."""
LOADING = 1.5
"""Seconds that the start of a new process takes."""
SPOILT = (2, 6)
"""Exit codes of a run that could not write its result or its journal."""
HANGS = 120.0
MOST_RUNS = 12
SIGNATURE = """
[platform1688.signature]
join = ["$public_key", "$fresh.nonce_str", "$fresh.second_timestamp", "$secret"]
hash = "md5"
encode = "HEX"
"""


@dataclass(frozen=True)
class Scenario:
    """Parameters of one run of the harness."""

    seed: str
    class_: str
    mode: str = "random"
    provider: str = ""
    count: tuple[int, int] = (6, 30)
    words: float = 0.12
    """Share of orders that ask for a fault by their references."""
    levels: tuple[float, ...] = (0.0, 0.1, 0.3, 0.6)
    """Shares of requests that meet with a fault; one is drawn."""
    edits: float = 0.3
    """Probability of editing the sheet between two runs."""
    settle: float = 0.05
    """Probability that orders in doubt have to settle before they are sent again."""
    real: float = 0.1
    """Probability of starting a process as users do."""
    forget: float = 0.2
    """Class B: probability that the provider has forgotten the keys before the last runs."""
    hooks: tuple[str, ...] = ()
    points: tuple[str, ...] = tuple(ALL_POINTS)
    """In mode `points`: where the program may be killed."""
    inject: str = ""
    """For strace: which system call of the first start is affected, and how."""


@dataclass
class Seen:
    """Result of one run of the harness."""

    scenario: Scenario
    folder: Path
    starts: int = 0
    aimed: int = 0
    """Kills that were attempted; a process may end before it is struck."""
    kills: int = 0
    """Kills that struck a live process."""
    orders: int = 0
    created: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


class World:
    """A provider and a preloaded process, shared by all threads of a harness."""

    def __init__(
        self,
        folder: Path,
        starter: Starter | None = None,
        server: TestServer | None = None,
    ) -> None:
        self.folder = folder
        self.server = server
        """Where the journals are, each trial's in a database of its own; else they are files."""
        folder.mkdir(parents=True, exist_ok=True)
        self.provider = start(folder)
        self.starter = starter or Starter()
        self._own = starter is None
        self.reader = Reader(folder)
        self.pace: dict[str, float] = {}
        """Seconds that a run without faults takes, by provider."""
        self._numbers = itertools.count(1)
        self._mark = secrets.token_hex(2)

    def close(self) -> None:
        self.provider.close()
        if self._own:
            self.starter.close()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def next_name(self) -> str:
        return f"K{self._mark}{next(self._numbers):05}"


class Trial:
    """One sheet, from its first run to its end."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self.world = world
        self.scenario = scenario
        self.chance = Random(scenario.seed)
        chance = self.chance
        self.name = world.next_name()
        self.provider = scenario.provider or chance.choice(CLASSES[scenario.class_])
        self.folder = world.folder / self.name
        self.folder.mkdir()
        self.home = self.folder / "home"
        self.database = world.server.new_database() if world.server else ""
        (self.folder / "converter.toml").write_text(SIGNATURE)
        count = chance.randint(*scenario.count)
        if self.provider in ONE_BY_ONE:
            count = max(scenario.count[0], count // 2)  # each is a request of its own
        self.per_request = chance.choice((1, 3, 20, 20)) if count < 12 else 20
        if scenario.mode != "random":  # several requests, so that the second and third exist
            self.per_request = -(-count // 3)
        made = sheets.plan(self.name, count, scenario.words, chance)
        self.sheet = self.folder / f"orders{chance.choice(('.csv', '.csv', '.xlsx'))}"
        self.level = chance.choice(scenario.levels)
        self.settle = 2.0 if chance.random() < scenario.settle else 0.0
        self.is_real = chance.random() < scenario.real
        self.seen = Seen(scenario, self.folder, orders=len(made))
        self.oracle = Oracle(
            provider=self.provider,
            class_=scenario.class_,
            reader=world.reader,
            orders=made,
            settle=self.settle,
            violations=self.seen.violations,
        )
        sheets.write(self.sheet, self.provider, made)
        self.named = self.provider
        if self.provider in promises.NAMES.values():
            self.named = promises.write_mapping(self.provider, self.folder)
        self.forgets = (
            scenario.class_ == "B" and Random(f"{scenario.seed}/forget").random() < scenario.forget
        )
        self.ahead = 0.0
        """Seconds by which the program's clock is ahead."""
        self.statuses: dict[str, str] = {}

    # -- starting ----------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        return {
            **self.world.provider.environment,
            "HOME": str(self.folder),
            "CONVERTER_HOME": str(self.home),
            "CONVERTER_JOURNAL": self.database,
            "CONVERTER_SETTLE_SECONDS": str(self.settle),
            "CONVERTER_TIMEOUT_SECONDS": str(PATIENCE),
        }

    @property
    def result(self) -> Path:
        return self.folder / "result.xlsx"

    @property
    def journals(self) -> Sequence[Path | str]:
        """Files, or the database that has all of them."""
        if self.database:
            return [self.database]
        return sorted((self.home / "journal").glob("*.sqlite3"))

    def arguments(self, per_request: int | None = None) -> list[str]:
        options = ["--json", "--lang", "en", "--yes", "-o", str(self.result)]
        batch = ["--orders-per-request", str(per_request or self.per_request)]
        return ["submit", self.sheet.name, "-p", self.named, *batch, *options]

    def start(
        self,
        *hooks: str,
        real: bool = False,
        hold: bool = False,
        per_request: int | None = None,
    ) -> Child:
        self.seen.starts += 1
        arguments = self.arguments(per_request)
        if self.ahead:
            hooks = (*hooks, f"later {self.ahead}")
        if real:
            return start_real(self.folder, "run", arguments, self.environment)
        return self.world.starter.start(
            self.folder,
            "run",
            arguments,
            self.environment,
            hooks=(*self.scenario.hooks, *hooks),
            hold=hold,
        )

    def ended(self, child: Child, *, spoilt: bool = False) -> bool:
        """Wait for the end and check it; False where the child was killed.

        Where its disk was `spoilt`, it may also say that it cannot go on.
        """
        if child.wait(HANGS) is None:
            self.oracle.blame("I11", "a run hangs")
            child.kill()
            child.wait()
        if child.code == KILLED:
            self.seen.kills += 1
            return False
        if spoilt and child.code in SPOILT and "Traceback" not in child.err:
            return False
        assert child.code is not None
        self.statuses = self.oracle.report(
            child.code, child.out, child.err, self.journals, self.result
        )
        return True

    # -- the trial ---------------------------------------------------------------------------------

    def run(self) -> Seen:
        self.world.provider.plan(self.name, level=self.level, seed=self.scenario.seed)
        times = 1 if self.scenario.inject else self.chance.randint(1, 3)
        for _ in range(times):
            if self.seen.violations:
                break
            self.disturbed()
            if self.chance.random() < self.scenario.edits:
                self.edit()
            if self.chance.random() < 0.05:
                self.look()
        self.world.provider.plan(self.name, level=0.0, seed="")
        self.to_the_end()
        return self.seen

    def disturbed(self) -> None:
        """Start the program once and probably kill it."""
        self.seen.aimed += 1
        if self.scenario.mode == "points":
            self.ended(self.start(self.chance.choice(self.scenario.points)))
            return
        if self.scenario.inject:
            name = self.scenario.inject.partition(":")[0]
            child = self.start(hold=True)
            options = (
                "-o",
                "/dev/null",
                "-e",
                f"trace={name}",
                "-e",
                f"inject={self.scenario.inject}",
            )
            tracing.traced(child, self.world.starter.go, *options)
            self.ended(child, spoilt=True)  # the process that reads the sheet may be struck, too
            return
        usual = self.world.pace.get(self.provider, 0.6) + (LOADING if self.is_real else 0.0)
        child = self.start(real=self.is_real)
        if child.wait(self.chance.uniform(0, 1.1) * usual) is None:
            child.kill()
        self.ended(child)

    def edit(self) -> None:
        self.oracle.orders = sheets.edited(self.oracle.orders, 0.5, self.chance)
        sheets.write(self.sheet, self.provider, self.oracle.orders)

    def look(self) -> None:
        """Check that `status` reads what a killed run left, and changes nothing."""
        child = self.world.starter.start(
            self.folder, "status", ["status", "--json"], self.environment
        )
        if child.wait(HANGS) != 0:
            self.oracle.blame("status", f"`converter status` ended with {child.code}: {child.err}")

    def to_the_end(self) -> None:
        """Run until nothing is left to do, and once more to check that nothing is done."""
        before: Mapping[str, str] = {}
        if self.forgets:
            self._quiet()
            self.world.provider.forget_keys(self.name)
            self.ahead += promises.KEY_SECONDS
            self.oracle.keys_are_old = True
        for number in range(MOST_RUNS):
            self._quiet()
            if self.scenario.class_ == "C":
                self.ahead += promises.APART_SECONDS + 1
            if self.seen.violations:
                break
            if number and self.settle and "unknown" in before.values():
                time.sleep(self.settle)
            # Where one order spoils its request for all others, one by one gets them through.
            alone = 1 if number > 1 and "unknown" in before.values() else None
            started = time.monotonic()
            self.ended(self.start(per_request=alone))
            took = time.monotonic() - started
            if not number:
                self.world.pace[self.provider] = took
            if self.statuses == before and not self.is_left():
                break
            before = self.statuses
        self.world.provider.quiet(self.name)
        if not self.seen.violations:
            self.oracle.finish(self.statuses)
        names = [made.reference for made in self.oracle.orders]
        self.seen.statuses.update(self.statuses.get(name, "no row") for name in names)
        self.seen.created = self.world.reader.forget(self.name)
        if not self.seen.violations:
            shutil.rmtree(self.folder)

    def _quiet(self) -> None:
        """Wait until nothing of this sheet is on its way to the provider."""
        if self.scenario.class_ in ("B", "C"):
            time.sleep(0.1)  # what a killed process sent may not have been read yet
        self.world.provider.quiet(self.name)

    def is_left(self) -> bool:
        """Whether another run may still settle something."""
        left = {
            made.word
            for made in self.oracle.orders
            if self.statuses.get(made.reference) in ("not sent", "unknown")
            and (self.statuses[made.reference] == "not sent" or self.is_settled_by_run(made))
        }
        return bool(left - {"REJECT", "ERROR500", "DUPLICATE"})

    def is_settled_by_run(self, made: sheets.Made) -> bool:
        """Whether a later run, and no person, settles what is unknown about an order."""
        return self.scenario.class_ != "D" and not self.oracle.is_left_to_person(
            made, self.statuses
        )


def play(world: World, scenarios: Sequence[Scenario], *, jobs: int) -> list[Seen]:
    """Run the scenarios, some at a time; results are in their order."""
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda scenario: Trial(world, scenario).run(), scenarios))
