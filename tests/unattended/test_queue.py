"""The queue on a real server: what is given, taken, finished and taken over."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from converter.errors import JournalError, UsageError
from converter.sending.signals import GracefulStop
from converter.unattended.command import Ended
from converter.unattended.queue import SCHEMA, Queue, Work
from converter.unattended.worker import Worker, enqueue, prepare

pytestmark = pytest.mark.postgresql

Run = Callable[[str], list[tuple[str, int]]]

RECORDS = """
import os, pathlib, sys, time
sheet = pathlib.Path(sys.argv[-1])
result = next(word[2:] for word in sys.argv if word.startswith("-o"))
"""


@pytest.fixture
def queue(database: str) -> Iterator[Queue]:
    found = Queue(database)
    prepare(found)
    yield found
    with psycopg.connect(database) as connection:
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


@pytest.fixture
def give(queue: Queue, tmp_path: Path) -> Callable[..., int]:
    def put(name: str = "orders.csv", account: str = "acme", priority: int = 0) -> int:
        sheet = tmp_path / name
        sheet.write_text("a,b\n")
        return enqueue(queue, sheet, "submit", ["-p", "acme"], account=account, priority=priority)

    return put


@pytest.fixture
def work(queue: Queue) -> Run:
    """Works off the queue with these lines instead of the program; returns names and codes."""

    def run(lines: str) -> list[tuple[str, int]]:
        ended: list[tuple[str, int]] = []
        program = [sys.executable, "-c", RECORDS + lines]
        with GracefulStop() as stop:
            worker = Worker(
                queue, stop, lambda work, code: ended.append((work.name, code)), program=program
            )
            worker.run(at_a_time=2, once=True)
        return ended

    return run


def the(queue: Queue, number: int) -> Work:
    found = queue.find(number)
    assert found is not None
    return found


def test_a_sheet_comes_back_with_its_result(
    queue: Queue, give: Callable[..., int], work: Run
) -> None:
    number = give("订单.csv")

    ended = work("""
pathlib.Path(result).write_bytes(sheet.read_bytes() * 2)
print('{"sheet": "%s"}' % sheet)
print("sent", *sys.argv[1:4], file=sys.stderr)
""")

    assert ended == [("订单.csv", 0)]
    found = the(queue, number)
    assert (found.state, found.exit_code, found.starts) == ("done", 0, 1)
    assert found.result_name == "订单.result.xlsx"
    assert queue.result(number) == b"a,b\na,b\n"
    assert queue.texts(number) == ('{"sheet": "./订单.csv"}\n', "sent submit -p acme\n")


def test_what_fails_is_kept_too(queue: Queue, give: Callable[..., int], work: Run) -> None:
    number = give()

    assert work("sys.exit('a NUL \\0 and half a pair \\ud83d')") == [("orders.csv", 1)]
    assert the(queue, number).state == "failed"
    assert queue.texts(number)[1] == "a NUL  and half a pair \\ud83d\n"


def test_commands_of_one_account_never_run_side_by_side(
    give: Callable[..., int], work: Run, tmp_path: Path
) -> None:
    for name in ("a1", "a2", "b1"):
        give(f"{name}.csv", account=name[0])
    log = tmp_path / "log"

    ended = work(f"""
with open({str(log)!r}, "a") as file:
    print(sheet.stem, "begins", file=file)
time.sleep(0.5)
with open({str(log)!r}, "a") as file:
    print(sheet.stem, "ends", file=file)
""")

    lines = log.read_text().splitlines()
    assert sorted(ended) == [("a1.csv", 0), ("a2.csv", 0), ("b1.csv", 0)]
    assert lines.index("a1 ends") < lines.index("a2 begins")
    assert lines.index("b1 begins") < lines.index("a1 ends")


def test_the_higher_priority_goes_first(give: Callable[..., int], work: Run) -> None:
    for name, priority in (("late", 0), ("early", 5)):
        give(f"{name}.csv", priority=priority)

    assert work("") == [("early.csv", 0), ("late.csv", 0)]


def test_a_busy_account_is_tried_again_later(
    queue: Queue, give: Callable[..., int], work: Run
) -> None:
    number = give()

    for starts in range(1, 8):
        with queue.connected() as connection:
            connection.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
        assert work("sys.exit(5)") == []
        assert (the(queue, number).state, the(queue, number).starts) == ("waiting", starts)
    assert not queue.withdraw(number)  # some of it may have been sent
    with queue.connected() as connection:
        connection.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    assert work("") == [("orders.csv", 0)]


def test_a_command_whose_process_is_killed_each_time_is_given_up(
    queue: Queue, give: Callable[..., int], work: Run
) -> None:
    number = give()

    assert work("os.kill(os.getpid(), 9)") == [("orders.csv", 70)]
    assert the(queue, number).state == "failed"
    assert queue.texts(number)[1] == "The command was started 5 times and never ended.\n"


def test_the_work_of_a_dead_worker_is_taken_over(
    queue: Queue, give: Callable[..., int], work: Run
) -> None:
    number = give()
    queue.start(number, "gone:1")
    with queue.connected() as connection:
        (dead,) = connection.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() - interval '1 minute') RETURNING id"
        ).fetchone() or (None,)
        connection.execute("UPDATE procrastinate_jobs SET status='doing', worker_id=%s", [dead])

    assert work("") == [("orders.csv", 0)]
    assert the(queue, number).starts == 2


def test_only_the_latest_start_keeps_its_result(queue: Queue, give: Callable[..., int]) -> None:
    number = give()
    first, second = queue.start(number, "stopped:1"), queue.start(number, "next:2")
    assert first is not None
    assert second is not None

    assert not queue.finish(first, Ended(0, "old", ""), None)
    assert queue.finish(second, Ended(1, "new", ""), None)
    assert not queue.finish(first, Ended(0, "old", ""), None)
    assert (the(queue, number).exit_code, queue.texts(number)[0]) == (1, "new")


def test_what_ended_long_ago_is_removed(queue: Queue, give: Callable[..., int], work: Run) -> None:
    old, new = give("old.csv"), give("new.csv")
    work("print('{}'); pathlib.Path(result).write_bytes(b'x')")
    with queue.connected() as connection:
        connection.execute(
            "UPDATE work SET ended = now() - interval '31 days' WHERE id = %s", [old]
        )

    queue.forget(30)

    assert (queue.sheet(old), queue.result(old), queue.texts(old)) == (b"", b"", ("", ""))
    assert (queue.sheet(new), queue.result(new)) == (b"a,b\n", b"x")


def test_a_password_is_never_told() -> None:
    with pytest.raises(UsageError) as told:
        Queue("postgresql://u:sec%zzret@h/db")
    assert "zzret" not in str(told.value)
    assert told.value.__cause__ is None


def test_what_has_not_begun_can_be_withdrawn(
    queue: Queue, give: Callable[..., int], work: Run
) -> None:
    number = give()

    assert queue.withdraw(number)
    assert not queue.withdraw(number)
    assert work("") == []
    assert the(queue, number).state == "withdrawn"


def test_what_runs_cannot_be_withdrawn(queue: Queue, give: Callable[..., int]) -> None:
    number = give()
    queue.start(number, "here:1")

    assert not queue.withdraw(number)


def test_accounts_are_refreshed_with_the_options_of_their_last_sheet(
    queue: Queue, give: Callable[..., int], work: Run
) -> None:
    give()
    assert queue.submitted(30) == []
    work("")

    assert queue.submitted(30) == [("acme", ["-p", "acme"])]


@pytest.mark.parametrize("change", ["number = number + 1", "engine = 'another'"])
def test_programs_of_two_versions_do_not_share_a_queue(queue: Queue, change: str) -> None:
    with queue.connected() as connection:
        connection.execute(f"UPDATE version SET {change}")

    with pytest.raises(UsageError, match=r"made by another version of this program"):
        prepare(queue)


def test_a_sheet_that_is_too_large_is_refused(queue: Queue, tmp_path: Path) -> None:
    sheet = tmp_path / "huge.csv"
    with sheet.open("wb") as file:
        file.truncate(101 * 1024 * 1024)

    with pytest.raises(UsageError, match=r"has 101 MB; the queue takes sheets of up to 100 MB"):
        enqueue(queue, sheet, "submit", [], account="acme")
    assert queue.all(10) == []


def test_a_server_that_does_not_answer_is_told() -> None:

    with pytest.raises(JournalError, match=r"The queue cannot be reached: connection failed"):
        prepare(Queue("postgresql://nobody@127.0.0.1:1/none"))
