"""Work off the queue: the engine is Procrastinate, and one job is one command on one sheet.

The engine's lock keeps two commands of one account apart, but it is no fence: a worker that was
stopped and goes on later may run beside its successor. What keeps an order from being sent twice
is the journal, as in every run; and only the latest start of a command may keep its result. So a
job is never a batch or an order, and a retry is the same command once more, as cron would do it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import procrastinate
import psycopg
from procrastinate.jobs import Job
from procrastinate.schema import SchemaManager

from converter.errors import JournalError
from converter.exit_codes import Exit
from converter.message import t
from converter.messages.system import of_system
from converter.sending.signals import GracefulStop
from converter.unattended.command import PROGRAM, Ended, run_command, run_without_sheet
from converter.unattended.queue import Queue, Work

_LOG = logging.getLogger(__name__)

_RUN, _REFRESH_ACCOUNT = "converter.run", "converter.refresh"
_MOST_STARTS = 5
"""How often a command is started whose process, or worker, is killed each time."""
_BUSY_SECONDS = 15
"""After which a command is tried again whose account another run holds."""
_HEARTBEAT, _STALLED = 5.0, 20.0
"""Seconds between two signs of life of a worker, and after which it counts as dead."""
_LOOK_FOR_DEAD = "* * * * * */15"
"""When the jobs of dead workers are looked for: every 15 seconds."""
_REFRESH = "*/10 * * * *"
"""When late numbers are asked for: every ten minutes."""
_DAYS = 30
"""Accounts are refreshed that sheets were submitted to so lately; what ended is kept so long."""
_FORGET = "17 3 * * *"
"""When what is older is removed: once a day."""
_TRIES = 12
"""How often an outcome is written while the database does not answer, five seconds apart."""
_RECONNECT_SECONDS = 5.0

Show = Callable[[Work, int], None]
"""Called with a command that has ended, and its exit code."""


class _Again(Exception):
    """The command is to be run again, in so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class _Retries(procrastinate.BaseRetryStrategy):
    """Only what says so itself is run again."""

    def get_retry_decision(
        self, *, exception: BaseException, job: Job
    ) -> procrastinate.RetryDecision | None:
        if not isinstance(exception, _Again):
            return None
        _LOG.info("again later", extra={"job": job.id, "seconds": exception.seconds})
        return procrastinate.RetryDecision(retry_in={"seconds": exception.seconds})


def enqueue(
    queue: Queue,
    sheet: Path,
    command: str,
    words: Sequence[str],
    *,
    account: str,
    priority: int = 0,
) -> int:
    """Put a command on a sheet into the queue. Returns its number.

    The commands of one `account` run one after the other, those of a higher priority first.
    """
    app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=queue.url))
    with app.open(), queue.connected() as connection:
        number = queue.put(connection, command, words, sheet, account)
        job = app.configure_task(_RUN, lock=account, priority=priority, connection=connection)
        job.defer(number=number)
    return number


def prepare(queue: Queue) -> None:
    """Make the tables of the queue where they are missing. Raises UsageError."""
    queue.prepare(SchemaManager.get_schema())


class Worker:
    """Runs the commands of a queue until it is stopped; `program` is what runs them."""

    def __init__(
        self,
        queue: Queue,
        stop: GracefulStop,
        show: Show,
        *,
        refreshes: bool = True,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._queue = queue
        self._stop = stop
        self._show = show
        self._refreshes = refreshes
        self._program = program
        self._ended = 0
        """Commands that were run since the engine was last started."""
        self.name = f"{socket.gethostname()}:{os.getpid()}"

    def run(self, *, at_a_time: int, once: bool) -> None:
        """Work, on several accounts at a time; with `once`, until nothing is left.

        Where the database does not answer, go on when it does.
        """
        asyncio.run(self._work(at_a_time, once=once))

    async def _work(self, at_a_time: int, *, once: bool) -> None:
        while not self._stop.is_requested:
            try:
                await self._work_connected(at_a_time, once=once)
            except (procrastinate.exceptions.ConnectorException, psycopg.Error, JournalError):
                _LOG.warning("the database of the queue does not answer", exc_info=True)
                if once:
                    raise
                await self._pause(_RECONNECT_SECONDS)
            else:
                if once:
                    return

    async def _work_connected(self, at_a_time: int, *, once: bool) -> None:
        app = self._app()
        async with app.open_async():
            await _take_over(app)
            while not self._stop.is_requested:
                self._ended = 0
                await self._run_worker(app, at_a_time, once=once)
                if not self._ended:  # nothing was left, or it waits for a time to come
                    return

    async def _run_worker(self, app: procrastinate.App, at_a_time: int, *, once: bool) -> None:
        work = asyncio.create_task(
            app.run_worker_async(
                name=self.name,
                concurrency=at_a_time,
                wait=not once,
                install_signal_handlers=False,
                update_heartbeat_interval=_HEARTBEAT,
                stalled_worker_timeout=_STALLED,
                fetch_job_polling_interval=1.0,
                delete_jobs="successful",
            )
        )
        while not work.done():
            await asyncio.wait([work], timeout=0.2)
            if self._stop.is_requested:
                work.cancel()  # it ends when the commands that run have ended
                break
        try:
            await work
        except asyncio.CancelledError:
            if not self._stop.is_requested:
                raise

    def _app(self) -> procrastinate.App:
        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                conninfo=self._queue.url, min_size=1, max_size=4
            )
        )
        app.task(name=_RUN, retry=_Retries())(self._run)
        refresh = app.task(name=_REFRESH_ACCOUNT)(self._refresh)

        @app.periodic(cron=_LOOK_FOR_DEAD)
        @app.task(name="converter.take_over")
        async def take_over(timestamp: int) -> None:
            _LOG.debug("looking for dead workers", extra={"looked": timestamp})
            await _take_over(app)

        async def refresh_all(timestamp: int) -> None:
            """Ask for late numbers of each account, behind what runs there."""
            for account, words in await asyncio.to_thread(self._queue.submitted, _DAYS):
                job = refresh.configure(lock=account, queueing_lock=f"refresh {account}")
                with contextlib.suppress(procrastinate.exceptions.AlreadyEnqueued):
                    await job.defer_async(words=[*words])
            _LOG.debug("late numbers are asked for", extra={"looked": timestamp})

        async def forget(timestamp: int) -> None:
            await asyncio.to_thread(self._queue.forget, _DAYS)
            _LOG.debug("what is old was removed", extra={"looked": timestamp})

        app.periodic(cron=_FORGET)(app.task(name="converter.forget")(forget))
        every_account = app.task(name="converter.refresh_all")(refresh_all)
        if self._refreshes:
            app.periodic(cron=_REFRESH)(every_account)
        return app

    def _run(self, number: int) -> None:
        """Run one command; called in a thread of its own."""
        self._ended += 1
        try:
            work = self._queue.start(number, self.name)
            if work is not None:  # else withdrawn, or ended by another worker
                self._run_started(work)
        except JournalError as error:
            _LOG.warning("the database of the queue does not answer", exc_info=True)
            raise _Again(int(_RECONNECT_SECONDS)) from error

    def _run_started(self, work: Work) -> None:
        if work.lost > _MOST_STARTS:
            told = t("The command was started {count} times and never ended.", count=_MOST_STARTS)
            self._finish(work, Ended(int(Exit.FAULT), "", f"{told}\n"), None)
            return
        try:
            self._run_command(work)
        except OSError as error:
            _LOG.exception("the command could not be run", extra={"work": work.id})
            told = t("The command could not be run: {problem}.", problem=of_system(error))
            self._finish(work, Ended(int(Exit.FAULT), "", f"{told}\n"), None)

    def _run_command(self, work: Work) -> None:
        with tempfile.TemporaryDirectory(prefix="converter-") as folder:
            sheet = Path(folder) / (Path(work.name).name or "sheet")
            sheet.write_bytes(self._queue.sheet(work.id))
            command = [*self._program, work.command, *work.words]
            ended = run_command(command, sheet, is_stopping=lambda: self._stop.is_requested)
            code = ended.exit_code
            is_busy = code == Exit.ACCOUNT_BUSY
            if code < 0 or is_busy or (code == Exit.INTERRUPTED and self._stop.is_requested):
                was_killed = code < 0 and not self._stop.is_requested
                self._queue.wait_again(work, was_killed=was_killed)
                raise _Again(_BUSY_SECONDS if is_busy else 0)
            made = [path for path in sheet.parent.iterdir() if path != sheet]
            self._finish(work, ended.moved(sheet.parent, Path()), made[0] if made else None)

    def _refresh(self, words: Sequence[str]) -> None:
        """Ask for late numbers of one account; an account that cannot be asked is no fault."""
        with tempfile.TemporaryDirectory(prefix="converter-") as folder:
            command = [*self._program, "refresh", *words]
            ended = run_without_sheet(
                command, Path(folder), is_stopping=lambda: self._stop.is_requested
            )
        if ended.exit_code:
            _LOG.warning("late numbers were not asked for: %s", ended.messages.strip())
        else:
            _LOG.info("late numbers asked for")

    def _finish(self, work: Work, ended: Ended, result: Path | None) -> None:
        """Keep what became of a command, and wait for the database where it does not answer."""
        for left in reversed(range(_TRIES)):
            try:
                is_kept = self._queue.finish(work, ended, result)
                break
            except JournalError:
                if not left or self._stop.is_requested:
                    raise
                time.sleep(_RECONNECT_SECONDS)
        if is_kept:
            self._show(work, ended.exit_code)
        else:
            _LOG.warning("another worker took the command over", extra={"work": work.id})

    async def _pause(self, seconds: float) -> None:
        for _ in range(int(seconds / 0.2)):
            if not self._stop.is_requested:
                await asyncio.sleep(0.2)


async def _take_over(app: procrastinate.App) -> None:
    """Give the jobs of dead workers to those that live."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED):
        facts = {"job": job.id, "task": job.task_name}
        _LOG.warning("job of a dead worker", extra=facts)
        await app.job_manager.retry_job(job)
