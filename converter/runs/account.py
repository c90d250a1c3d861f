"""Lock an account, and start a run in its journal."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from pathlib import Path

from converter import journal, settings
from converter.journal import Account, Journal, JournalFile, ResendRule, RunStart, Trust
from converter.mapping.model import ProviderMapping
from converter.message import N_, t
from converter.runs.prepare import Prepared
from converter.settings import Settings
from converter.version import __version__

SANDBOX_SETTLES = 5.0
"""Seconds: the sandbox creates at once or never, so a doubt about it need not wait long."""


ABSENT_APART = 60.0
"""Seconds between the two times at which the provider lacks an order that does not exist there."""

SIMILAR = N_(
    "{own} and {other} differ only in how they are written, yet each has a journal of its own. If "
    "they are one account, what was sent as {other} is not known here and would be sent twice: "
    "then write the settings as before. The other journal is {path}."
)
OTHER_CASE = N_(
    "{own} differs from {other} only in capitals or blanks. If they are one account, what was sent "
    "before is not known here and would be sent twice. Nothing was sent. Write it as before; if "
    "they are two accounts, run again with --journal-is-right. The other journal is {path}."
)


def hold_account(
    mapping: ProviderMapping, values: Settings, home: Path, *, trust: Trust = lambda _: False
) -> AbstractContextManager[JournalFile]:
    """Lock the account that the settings identify, for this process alone.

    Raises AccountBusy at once if another run holds it, JournalError if its journal cannot be
    trusted; `trust` is asked first where a person may know better.
    """
    return journal.open_file(home, account_of(mapping, values), trust=trust)


def account_of(mapping: ProviderMapping, values: Settings) -> Account:
    """The account that the settings identify."""
    names = {
        name: values.values.get(name, "")
        for name, setting in mapping.settings.items()
        if setting.account and name != "base_url"
    }
    return Account(mapping.provider, values.values["base_url"], names, values.sandbox)


def warn_of_similar(account: Account, file: JournalFile, home: Path, trust: Trust) -> list[str]:
    """What should be known of other accounts of this home that may be the same one.

    Raises JournalError at the first use of an account whose code differs from another one's only
    in capitals, unless a person knows that these are two.
    """
    found: list[str] = []
    for other in journal.similar_accounts(home, account):
        facts = {"own": account.description, "other": other.name, "path": other.path}
        if other.differs_in_case and file.is_new:
            journal.require_trust(t(OTHER_CASE, **facts), trust)
        else:
            found.append(t(SIMILAR, **facts))
    return found


def resend_rule(mapping: ProviderMapping, values: Settings) -> ResendRule:
    """What is done with orders in doubt at the provider, or at its stand-in in the sandbox."""
    settles = SANDBOX_SETTLES if values.sandbox else mapping.duplicates.settle_seconds
    seconds = settings.number("CONVERTER_SETTLE_SECONDS", settles)
    promise = mapping.duplicates
    hours = promise.key_hours
    return ResendRule(
        promise.class_,
        seconds,
        key_seconds=hours * 3600.0 if isinstance(hours, int) else None,
        asks=mapping.query is not None and mapping.query.consistent,
        apart_seconds=min(ABSENT_APART, seconds),
        frees_references=mapping.calls.cancel is not None and mapping.calls.cancel.frees_references,
    )


def start_run_of_orders(
    account: JournalFile, mapping: ProviderMapping, values: Settings, action: str
) -> Journal:
    """Start a run on orders that the journal knows, without a sheet."""
    start = RunStart(mapping.provider, action, "", "", _digest(mapping), __version__)
    return Journal.start(
        account, start, resend=resend_rule(mapping, values), secrets=values.secrets
    )


def _digest(mapping: ProviderMapping) -> str:
    return hashlib.sha256(mapping.model_dump_json().encode()).hexdigest()


def start_run(account: JournalFile, prepared: Prepared, values: Settings, action: str) -> Journal:
    """Start a run on a sheet, in an account that is locked."""
    mapping = prepared.mapping
    start = RunStart(
        provider=mapping.provider,
        action=action,
        sheet=prepared.name,
        sheet_sha256=prepared.sha256,
        mapping_sha256=_digest(mapping),
        version=__version__,
        profile=prepared.profile.name,
        profile_sha256=prepared.profile_sha256,
    )
    return Journal.start(
        account,
        start,
        resend=resend_rule(mapping, values),
        secrets=values.secrets,
    )
