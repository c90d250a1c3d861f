"""Fetch the provider's own lists, such as its channels, and keep them for each account."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from converter import settings
from converter.errors import OutputError
from converter.mapping.block import Title
from converter.mapping.calls import Lookup
from converter.message import N_, Message, t
from converter.messages.system import of_system
from converter.model import NoReply
from converter.provider.client import Client, Sender
from converter.provider.request import Signer
from converter.provider.search import is_true, search
from converter.provider.strict_json import parse
from converter.runs.account import account_of
from converter.runs.known_calls import documented, told_when_used
from converter.runs.patience import timeouts_for
from converter.runs.session import Session
from converter.sending.pacing import PacedSender, Pacer

_CALL = "lookup"

NOT_FETCHED = N_("The list {name} was not fetched: {problem}")
KEPT = N_("What is shown of {name} is what was fetched on {day}.")
UNREADABLE = N_("the answer (HTTP {status}) cannot be read.")
REFUSED = N_("the provider refuses, and does not say why.")
SAYS = N_("the provider says: {said}")
NOT_KEPT = N_("The lists cannot be kept in {file} ({problem}).")


@dataclass(frozen=True)
class ProviderList:
    """One list as it was fetched."""

    name: str
    title: Title
    at: str
    """When it was fetched, ISO 8601."""
    entries: tuple[tuple[str, ...], ...]
    """The code of each entry, and its names."""


@dataclass(frozen=True)
class Lists:
    """What is known of a provider's lists."""

    lists: tuple[ProviderList, ...]
    notes: tuple[Message, ...]
    missing: bool
    """Some list could not be fetched just now."""


def fetch_lists(session: Session) -> Lists:
    """Ask for every list that may be asked for, and keep what came.

    One that does not come is told, and shown as it was kept. Raises OutputError where they cannot
    be kept.
    """
    mapping, values = session.mapping, session.values
    calls = {
        name: call
        for name, call in documented(mapping, values, _CALL).items()
        if isinstance(call, Lookup)
    }
    values.require()
    path = _place(session)
    kept = _read(path)
    notes = told_when_used(mapping, _CALL, next(iter(calls.values())))
    found: list[ProviderList] = []
    missing = False
    signer = Signer(mapping, values, session.options.action)
    with Client(timeouts_for(mapping, values), 1, network=values.network) as client:
        sender = PacedSender(client, Pacer(mapping.request.pace))
        signer.connect(sender, lambda _: None)
        for name, call in calls.items():
            entries = _ask(call, signer, sender)
            if isinstance(entries, str):
                missing = True
                notes.append(t(NOT_FETCHED, name=name, problem=entries))
                if before := _list_of(name, call, kept.get(name)):
                    notes.append(t(KEPT, name=name, day=before.at[:10]))
                    found.append(before)
                continue
            now = datetime.now(UTC).isoformat(timespec="seconds")
            found.append(ProviderList(name, call.title, now, entries))
            kept[name] = {"at": now, "entries": [list(entry) for entry in entries]}
    _write(path, kept)
    return Lists(tuple(found), tuple(notes), missing)


def _ask(call: Lookup, signer: Signer, sender: Sender) -> tuple[tuple[str, ...], ...] | str:
    """The entries of a list, or why there are none."""
    reply = signer.exchange(sender, lambda: signer.call(call))
    if isinstance(reply, NoReply):
        return reply.reason
    answer = parse(reply.body)
    if answer is None or reply.status != 200:
        return t(UNREADABLE, status=reply.status)
    if not is_true(call.call_ok, answer):
        said = str(search(call.message, answer) or "") if call.message else ""
        return t(SAYS, said=said) if said else t(REFUSED)
    rows = search(call.results, answer)
    if not isinstance(rows, list):
        return t(UNREADABLE, status=reply.status)
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        code = _text(search(call.code, row))
        names = dict.fromkeys(_text(search(text, row)) for text in call.names)
        if code:
            found[code] = (code, *filter(None, names))
    return tuple(found.values())


def _text(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


# -- what is kept ----------------------------------------------------------------------------------


def _place(session: Session) -> Path:
    name = account_of(session.mapping, session.values).file_name
    return settings.home() / "lookups" / Path(name).with_suffix(".json").name


def _read(path: Path) -> dict[str, Any]:
    """The lists by name; none where there is no readable file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _list_of(name: str, call: Lookup, kept: Mapping[str, Any] | None) -> ProviderList | None:
    try:
        entries = tuple(tuple(map(str, entry)) for entry in (kept or {})["entries"])
        return ProviderList(name, call.title, str((kept or {})["at"]), entries)
    except (KeyError, TypeError):
        return None


def _write(path: Path, kept: Mapping[str, Any]) -> None:
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    try:
        settings.folder("lookups")
        unfinished.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise OutputError(t(NOT_KEPT, file=path, problem=of_system(error))) from error
