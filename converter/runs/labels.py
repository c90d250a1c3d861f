"""Fetch the labels of accepted orders into a folder, and say so in their results."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from converter import logs, settings
from converter.journal import Journal, OrderRecord, Trust
from converter.mapping.calls import Label
from converter.message import N_, Message, enumerate_some, t
from converter.model import Finding, HttpRequest, NoReply, Reply, Status
from converter.provider.client import Client, Sender
from converter.provider.download import Allowed, download
from converter.provider.request import Signer
from converter.provider.search import is_true, search
from converter.provider.strict_json import parse
from converter.report import Report
from converter.runs import label_files
from converter.runs.account import hold_account, start_run_of_orders
from converter.runs.close import log_end
from converter.runs.known_calls import documented, told_when_used
from converter.runs.label_files import LABEL_FILE
from converter.runs.patience import timeouts_for
from converter.runs.refresh import Fetched, ask_of_sheet, named_orders, rewrite_result
from converter.runs.session import Session
from converter.runs.status_rows import rows_of_records
from converter.sending.pacing import PacedSender, Pacer
from converter.sending.signals import GracefulStop

_LOG = logging.getLogger(__name__)

ACTION = "labels"
"""What the journal calls a run that only fetches labels."""
_CALL = "label"
_DIGEST = "label_sha256"
_FOLDER = "labels"
_MERGED = "labels"

HAVE = N_("{count} labels are in {folder}.")
NONE_YET = N_("The provider has no label for {names} yet. Run this again later.")
FAILED = N_("The label of {name} was not fetched: {problem}")
UNREADABLE = N_("The answer (HTTP {status}) cannot be read.")
REFUSED = N_("The provider refuses, and does not say why.")
SAYS = N_("The provider says: {said}")
NOT_ACCEPTED = N_("Only accepted orders have labels; left out: {names}.")
NOT_ALL = N_("Not all labels were fetched; what stood against it is told above.")
MERGED = N_("{count} labels in one file: {file}.")


@dataclass(frozen=True)
class Labels:
    """Which labels are wanted, and where."""

    folder: Path
    merge: bool = False


@dataclass(frozen=True)
class _Noting:
    """Sends calls, and has those to the provider noted; files are kept, not noted."""

    client: Sender
    note: Callable[[str, HttpRequest, Reply | NoReply], object]
    is_over: Callable[[], bool]

    def send(self, request: HttpRequest) -> Reply | NoReply:
        if self.is_over():
            return NoReply(False, t("Interrupted."))
        reply = self.client.send(request)
        if request.body or request.method != "GET":
            self.note(ACTION, request, reply)
        return reply


def fetch(
    session: Session,
    book: Journal,
    references: Sequence[str],
    wanted: Labels,
    is_over: Callable[[], bool] = lambda: False,
) -> Fetched:
    """Fetch the labels of those of the orders that are accepted and whose file is not there.

    Raises OutputError where the folder cannot be written.
    """
    call = _call_of(session)
    mapping, values = session.mapping, session.values
    signer = Signer(mapping, values, session.options.action)
    records = [book.records([name])[name] for name in references]
    accepted = [one for one in records if one.status in (Status.ACCEPTED, Status.PARTIAL)]
    notes: list[Message] = []
    if left := [one.reference for one in records if one not in accepted]:
        notes.append(t(NOT_ACCEPTED, names=enumerate_some(left)))
    files: dict[str, Path] = {}
    none_yet: list[str] = []
    failed: list[Message] = []
    changed: list[str] = []
    has_asked = False
    with Client(timeouts_for(mapping, values), 1, network=values.network) as client:
        pacer = Pacer(mapping.request.pace, last=book.last_request, note=book.note_request)
        sender = PacedSender(_Noting(client, book.note_call, is_over), pacer)
        signer.connect(sender, book.keep_secret)
        for one in accepted:
            if there := _file_of(one, wanted.folder):
                files[one.reference] = there
                continue
            if is_over():
                failed.append(t(FAILED, name=one.reference, problem=t("Interrupted.")))
                continue
            has_asked = True
            content = _asked(session, call, signer, sender, one.reference)
            if isinstance(content, bytes):
                content = label_files.checked(content)
            if content is None:
                none_yet.append(one.reference)
            elif isinstance(content, str):
                failed.append(t(FAILED, name=one.reference, problem=content))
            else:
                stem = label_files.safe_name(one.reference)
                files[one.reference] = label_files.save(wanted.folder, stem, content)
                changed += book.settle([_news(one, files[one.reference], content)])
    _LOG.info("labels were fetched", extra={"labels": len(changed), "failed": len(failed)})
    used = told_when_used(mapping, _CALL, call) if has_asked else []
    notes = [*used, *notes, *failed]
    if none_yet:
        notes.append(t(NONE_YET, names=enumerate_some(none_yet)))
    if files:
        notes.append(t(HAVE, count=len(files), folder=wanted.folder))
    if files and wanted.merge:
        notes += _merged(wanted.folder, list(files.values()))
    return Fetched(tuple(notes), t(NOT_ALL) if failed or none_yet else "", tuple(changed))


def _call_of(session: Session) -> Label:
    """The mapping's call. Raises UsageError where there is none, SettingsError where it is off."""
    documented(session.mapping, session.values, _CALL)
    call = session.mapping.calls.label
    assert call is not None  # else there is none of its name
    return call


def _asked(
    session: Session, call: Label, signer: Signer, sender: Sender, reference: str
) -> bytes | str | None:
    """The label of an order, why it was not fetched, or None where the provider has none yet."""
    names = {"reference": reference, "references": [reference]}
    reply = signer.exchange(sender, lambda: signer.call(call, names))
    if isinstance(reply, NoReply):
        return reply.reason
    answer = parse(reply.body)
    if answer is None or reply.status != 200:
        return t(UNREADABLE, status=reply.status)
    if not is_true(call.call_ok, answer):
        said = str(search(call.message, answer) or "") if call.message else ""
        return t(SAYS, said=said) if said else t(REFUSED)
    found = search(call.url or call.content or "", answer)
    if not found:
        return None
    if not isinstance(found, str):
        return t(UNREADABLE, status=reply.status)
    if call.content:
        return label_files.from_base64(found)
    mapping = session.mapping
    base = session.values.values["base_url"]
    return download(sender, found, Allowed(base, call.hosts, mapping.request.plain_http))


def _file_of(one: OrderRecord, folder: Path) -> Path | None:
    """The label in the folder as it was fetched; None where it is gone or somebody changed it."""
    path = Path(one.outputs.get(LABEL_FILE, ""))
    try:
        if path.parent != folder or not path.is_file():
            return None
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
    return path if digest == one.outputs.get(_DIGEST) else None


def _news(one: OrderRecord, path: Path, content: bytes) -> Finding:
    found = {LABEL_FILE: str(path), _DIGEST: hashlib.sha256(content).hexdigest()}
    changed = {name: text for name, text in found.items() if one.outputs.get(name) != text}
    return Finding(one.reference, True, "query", outputs=changed, note=one.message)


def _merged(folder: Path, files: Sequence[Path]) -> list[Message]:
    content, told = label_files.merge(files)
    if content:
        place = label_files.save(folder, _MERGED, content)
        told.append(t(MERGED, count=len(files) - len(told), file=place))
    return told


# -- the command -----------------------------------------------------------------------------------


def default_folder(sheet: Path | None) -> Path:
    """Beside the sheet, or else here."""
    return (sheet.parent if sheet else Path()) / _FOLDER


def labels_of_sheet(session: Session, wanted: Labels, *, trust: Trust = lambda _: False) -> Report:
    """Fetch the labels of a sheet's orders, and write its results with links to them."""
    _call_of(session)
    return ask_of_sheet(
        session,
        ACTION,
        lambda book, names, stop: fetch(session, book, names, wanted, lambda: stop.is_requested),
        trust,
    )


def labels_of_orders(
    session: Session, named: Sequence[str], wanted: Labels, *, trust: Trust = lambda _: False
) -> Report:
    """Fetch the labels of orders, or of the orders of runs, and link them in their results.

    Raises UsageError where the account's journal does not know one of them.
    """
    _call_of(session)
    session.values.require()
    home = settings.home()
    with (
        hold_account(session.mapping, session.values, home, trust=trust) as account,
        GracefulStop() as stop,
    ):
        names = named_orders(home, account.name, named)
        book = start_run_of_orders(account, session.mapping, session.values, ACTION)
        with logs.bound(run=book.run, account=account.name):
            _LOG.info("run started", extra={"action": ACTION})
            done = fetch(session, book, names, wanted, lambda: stop.is_requested)
            rows = rows_of_records([book.records([name])[name] for name in names], book.resend)
            written = book.results_of(done.changed)
            report = Report(
                session.mapping.provider, "", book.run, tuple(rows), notes=done.notes,
                stopped=done.stopped, interrupted=stop.is_requested, lang=session.options.lang,
            )  # fmt: skip
            book.finish(
                result_path="", result_sha256="", counts=report.counts, stopped=report.stopped
            )
            log_end(report)
            told = [rewrite_result(session, account, one) for one in written]
            return replace(report, notes=(*report.notes, *told))
