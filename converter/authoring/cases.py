"""The cases of a mapping: sheets with the requests that they have to make, and what comes of them.

They lie beside the mapping: the cases of `acme.yaml` are the folders in `acme.cases`. A case has
- a sheet, such as `orders.csv`,
- `requests.json`: the requests, as `converter convert` prints them,
- `answers.json`, if anything: what the provider answers to them, in turn,
- `rows.json`: what becomes of each order; without answers, what the checks say of it.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from converter import json_text, sandbox
from converter.authoring.differences import given
from converter.errors import ConverterError, UsageError
from converter.mapping.model import ProviderMapping
from converter.message import N_, Message, t
from converter.orders.batches import batches
from converter.provider.request import Signer
from converter.report import Report
from converter.runs.report import checked_rows
from converter.runs.samples import environment_of
from converter.runs.session import Play, RunOptions, open_session
from converter.runs.submit import Callbacks, Submission
from converter.sandbox.replay import Replay

_NOW = 1_735_689_600.0
"""2025-01-01 00:00 UTC: the time of every request of a case."""

_ADDRESS = "https://api.example.com"
_DATED = ("unknown", "not sent")
"""What has the time in its message at which to run again."""

_ROW = ("reference", "status", "message", "provider_order_no", "tracking_no", "outputs", "rows")


@dataclass(frozen=True, slots=True)
class Case:
    """One case, and what the mapping makes of it today."""

    folder: Path
    requests: list[Any]
    rows: list[Any]
    problems: tuple[str, ...] = ()
    """What is wrong with the case itself, such as an answer that nobody asked for."""

    def differences(self) -> Iterator[str]:
        """How it differs from what its files expect."""
        yield from self.problems
        for name, found, compare in (
            ("requests.json", self.requests, _request_differences),
            ("rows.json", self.rows, _row_differences),
        ):
            if (expected := read_json(self.folder / name)) is not None:
                yield from compare(expected, found)

    def update(self) -> None:
        """Write what the mapping makes today into the files of the case."""
        for name, found in (("requests.json", self.requests), ("rows.json", self.rows)):
            (self.folder / name).write_bytes(json_text.encode(found, indented=True))


def folders_of(mapping: Path) -> list[Path]:
    """The folders of a mapping's cases. Raises UsageError where there is none."""
    beside = mapping.with_suffix(".cases")
    found = sorted(path for path in beside.iterdir() if path.is_dir()) if beside.is_dir() else []
    if not found:
        problem = N_(
            "{file} has no cases. Make a folder {folder}/NAME with an order sheet, then run this "
            "again with --update and read what it wrote."
        )
        raise UsageError(t(problem, file=mapping, folder=beside))
    return found


def run_case(mapping: Path, folder: Path) -> Case:
    """Make the requests of a case and let its answers be given. Nothing leaves this machine."""
    sheet = _sheet_of(folder)
    answers = read_json(folder / "answers.json")
    replay = Replay(answers) if isinstance(answers, list) else None
    options = RunOptions(provider=str(mapping), lang="en")
    with _home():
        try:
            requests, checked = _converted(sheet, options)
            report = _submitted(sheet, options, replay) if replay else checked
        except ConverterError as error:
            return Case(folder, [], [], (error.message,))
    problems = [
        *(t("nothing in answers.json is for {request}", request=one)
          for one in dict.fromkeys(replay.unanswered if replay else ())),
        *(t("answer {number} of answers.json was never asked for", number=place)
          for place in (replay.unused if replay else ())),
    ]  # fmt: skip
    return Case(folder, requests, [_row(one) for one in report.to_dict()["orders"]],
                tuple(problems))  # fmt: skip


def _converted(sheet: Path, options: RunOptions) -> tuple[list[Any], Report]:
    """The requests of a sheet, with a fixed clock and without chance, and what the checks say."""
    with open_session([sheet], options, play=_play()) as session:
        prepared = session.prepare_one()
        signer = Signer(session.mapping, session.values, masked=True, now=lambda: _NOW,
                        random=lambda length: "0" * length)  # fmt: skip
        requests = []
        for batch in batches(prepared.valid(), session.mapping):
            request = signer.request(batch)
            line = {
                "method": request.method,
                "url": request.url,
                "headers": {name: str(value) for name, value in request.headers.items()},
                "body": _body(request.body),
                "orders": [order.reference for order in batch],
            }
            requests.append(line)
        rows = tuple(checked_rows(prepared))
        return requests, Report(session.mapping.provider, sheet.name, "", rows)


def _submitted(sheet: Path, options: RunOptions, replay: Replay) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        options = replace(options, output=Path(folder) / "result.xlsx")
        with open_session([sheet], options, play=_play(replay)) as session:
            (report,) = Submission(session, Callbacks()).send()
            return report


def _play(replay: Replay | None = None) -> Play:
    """Gives settings for a case, which lead to its answers where there are any."""

    @contextmanager
    def play(mapping: ProviderMapping) -> Iterator[Mapping[str, str]]:
        base = mapping.settings["base_url"]
        settings = environment_of(mapping)
        if replay is None:
            yield {**settings, base.env: base.default or _ADDRESS}
            return
        with sandbox.serve(replay=replay) as running:
            yield {**settings, base.env: running.url}

    return play


@contextmanager
def _home() -> Iterator[None]:
    """A home of its own, so that no journal knows the orders of a case."""
    before = os.environ.get("CONVERTER_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CONVERTER_HOME"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["CONVERTER_HOME"]
            else:
                os.environ["CONVERTER_HOME"] = before


def _sheet_of(folder: Path) -> Path:
    sheets = [path for path in sorted(folder.iterdir()) if path.suffix in _SHEETS]
    if len(sheets) != 1:
        problem = N_("{folder} needs one order sheet, such as orders.csv; it has {count}.")
        raise UsageError(t(problem, folder=folder, count=len(sheets)))
    return sheets[0]


_SHEETS = (".csv", ".tsv", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def read_json(path: Path) -> Any:
    """A file of a case with its numbers exactly as they stand; None where there is none."""
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except ValueError as error:
        raise UsageError(t("{file} is not JSON: {problem}.", file=path, problem=error)) from None


def _body(raw: bytes) -> Any:
    try:
        return json.loads(raw, parse_float=Decimal)
    except ValueError:
        return raw.decode("utf-8", "replace")


def _row(order: Mapping[str, Any]) -> dict[str, Any]:
    issues = [f"{one['cell']} {one['field']}: {one['message']}" for one in order["issues"]]
    left_out = ("message",) if order["status"] in _DATED else ()
    return {**{name: order[name] for name in _ROW if name not in left_out}, "issues": issues}


def _request_differences(expected: Sequence[Any], found: Sequence[Any]) -> Iterator[Message]:
    if len(expected) != len(found):
        wrong = N_("expected {expected} requests, found {found}")
        yield t(wrong, expected=len(expected), found=len(found))
    for number, (one, other) in enumerate(zip(expected, found, strict=False), 1):
        headers = {**one.get("headers", {})}
        shown = {name: other["headers"].get(name) for name in headers}
        for said in given({**one, "headers": headers}, {**other, "headers": shown}):
            yield t("request {number}, {difference}", number=number, difference=said)


def _row_differences(expected: Sequence[Any], found: Sequence[Any]) -> Iterator[Message]:
    by_reference = {row["reference"]: row for row in found}
    for row in expected:
        reference = row.get("reference", "")
        if reference not in by_reference:
            yield t("there is no order {reference}", reference=reference)
            continue
        for said in given(row, by_reference.pop(reference)):
            yield t("order {reference}, {difference}", reference=reference, difference=said)
    for reference in by_reference:
        yield t("order {reference} was not expected", reference=reference)
