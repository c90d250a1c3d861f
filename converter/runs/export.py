"""Everything that the journal holds of one run, written as files."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import asdict
from pathlib import Path

import orjson

from converter import journal, settings
from converter.errors import OutputError, UsageError
from converter.message import N_, t
from converter.messages import translate
from converter.messages.system import of_system
from converter.runs.story import Rebuilder, curl, exchange_document, story_document

_LOG = logging.getLogger(__name__)

_UNSAFE = re.compile(r"[^\w.-]+")
_MOST_OF_A_NAME = 80


def export_run(
    run: str, folder: Path, *, lang: str, mappings: Path | None = None
) -> tuple[int, int]:
    """Write a run into a new or empty folder; returns how many orders and attempts it has.

    `run.json` is the run, `orders/` has the story of each order, `attempts/` what was sent and
    came back. Raises UsageError where there is no such run, OutputError where it cannot be
    written.
    """
    home = settings.home()
    found = next((one for one in journal.runs(home) if one.run == run), None)
    if found is None:
        problem = N_("There is no run {run}. `converter status` lists the runs.")
        raise UsageError(t(problem, run=repr(run)))
    try:
        _make_folder(folder)
        return _write_all(run, found, folder, Rebuilder(home, None, mappings), lang)
    except OSError as error:
        problem = N_("{file} cannot be written: {problem}.")
        raise OutputError(t(problem, file=folder, problem=of_system(error))) from error


def _make_folder(folder: Path) -> None:
    """Create the folder, private to this user. Raises UsageError where something is in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        problem = N_("{folder} is not empty. Give a folder that is new or empty.")
        raise UsageError(t(problem, folder=folder))
    for name in ("orders", "attempts"):
        (folder / name).mkdir(mode=0o700)


def _write_all(
    run: str, found: journal.PastRun, folder: Path, rebuilder: Rebuilder, lang: str
) -> tuple[int, int]:
    home = settings.home()
    taken: set[str] = set()
    written: dict[str, str] = {}
    attempts: set[int] = set()
    for story in journal.stories_of_run(home, run):
        name = _file_name(story.reference, taken)
        written[story.reference] = f"orders/{name}.json"
        _write(folder / written[story.reference], story_document(story, None, lang))
        for attempt in story.attempts:
            exchange = attempt.exchange
            if exchange.number in attempts:
                continue
            attempts.add(exchange.number)
            place = folder / "attempts" / f"{exchange.number}"
            _write(place.with_suffix(".json"), exchange_document(story, exchange, rebuilder, lang))
            if exchange.reply:
                _write_bytes(place.with_suffix(".reply"), exchange.reply)
            request = None
            if not exchange.is_answer_of_job:
                request, _ = rebuilder.request(story, exchange)
            if request is not None:
                _write_bytes(place.with_suffix(".body"), request.body)
                _write_bytes(place.with_suffix(".curl"), f"{curl(request)}\n".encode())
    stopped = translate(found.stopped, lang)
    _write(folder / "run.json", {**asdict(found), "stopped": stopped, "orders": written})
    _LOG.info("run exported", extra={"run": run, "orders": len(written)})
    return len(written), len(attempts)


def _file_name(reference: str, taken: set[str]) -> str:
    """A name for any system, told apart from those taken, whatever their capitals."""
    plain = _UNSAFE.sub("_", reference).strip("._")[:_MOST_OF_A_NAME] or "order"
    name, number = plain, 1
    while name.lower() in taken:
        number += 1
        name = f"{plain}-{number}"
    taken.add(name.lower())
    return name


def _write(path: Path, document: object) -> None:
    _write_bytes(path, orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def _write_bytes(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
