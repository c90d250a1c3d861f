"""The PostgreSQL server that holds the journals, and how it is reached.

`CONVERTER_JOURNAL` names it. What libpq reads by itself, such as PGPASSFILE and a service file,
counts too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import psycopg
from psycopg import conninfo

from converter.errors import JournalError, SettingsError
from converter.journal import postgres, schema
from converter.journal.database import Connection
from converter.message import N_, t

if TYPE_CHECKING:
    from converter.journal.account import Account

PREFIX = "converter-"
"""The schemas of journals begin with it; the name of the journal follows."""
_MOST_BYTES = 63 - len(PREFIX)

UNREACHED = N_(
    "The journals on {server} cannot be reached: {problem}. Nothing was sent. Run again once the "
    "server answers."
)
UNREADABLE = N_(
    "The journal {path} cannot be read: {problem}. Nothing was changed. Try again later."
)
NEWER = N_(
    "The journal {path} was made by a newer version of this program. Nothing was sent. "
    "Install that version here too."
)
POOLED = N_(
    "{server} is a connection pool, such as PgBouncer. Behind it two machines could hold one "
    "account at a time, and send its orders twice. Nothing was sent. Name PostgreSQL itself in "
    "CONVERTER_JOURNAL."
)
UNSAFE = N_(
    "{server} has {setting} = {value}. With it a power cut can take what was sent out of the "
    "journal, and orders would be sent twice. Nothing was sent. Set {setting} = {wanted} there."
)
OTHER_TEXTS = N_(
    "{server} has {setting} = {value}, so it cannot keep every text of an order. Nothing was sent. "
    "Name a database there with {setting} = {wanted}."
)
NOT_AN_ADDRESS = N_(
    "CONVERTER_JOURNAL cannot be read as the address of a PostgreSQL server. Write it like "
    "postgresql://USER@HOST/DATABASE."
)

_DEFAULTS = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "application_name": "converter",
}
"""A dead network is noticed within half a minute, unless the address says otherwise."""

T = TypeVar("T")


@dataclass(frozen=True)
class Server:
    """A database with the journals of accounts, each in a schema of its own."""

    address: str = field(repr=False)
    """As libpq takes it; may hold a password."""

    def __post_init__(self) -> None:
        try:
            conninfo.conninfo_to_dict(self.address)
        except psycopg.Error:
            # Without its cause, which can quote the password.
            raise SettingsError(t(NOT_AN_ADDRESS)) from None

    def __str__(self) -> str:
        """The address without user and password."""
        known = conninfo.conninfo_to_dict(self.address)
        if known.get("service"):
            return f"postgresql://?service={known['service']}"
        host = str(known.get("host") or "")
        if host.startswith("/"):  # the folder of a socket
            return f"postgresql:///{known.get('dbname') or ''}?host={host}"
        port = f":{known['port']}" if known.get("port") else ""
        return f"postgresql://{host}{port}/{known.get('dbname') or ''}"

    def connect(self, name: str = "") -> postgres.PostgresConnection:
        """A session in the schema of that journal. Raises JournalError where there is none."""
        given = conninfo.conninfo_to_dict(self.address)
        defaults = {key: value for key, value in _DEFAULTS.items() if key not in given}
        try:
            found = postgres.connect(
                self.address,
                schema_of(name) if name else "",
                {**defaults, "client_encoding": "UTF8"},
            )
        except psycopg.Error as error:
            problem = self.without_password(postgres.told(error))
            raise JournalError(t(UNREACHED, server=str(self), problem=problem)) from None
        return found

    def without_password(self, text: str) -> str:
        password = str(conninfo.conninfo_to_dict(self.address).get("password") or "")
        return text.replace(password, "***") if password else text

    def require_safety(self, connection: postgres.PostgresConnection) -> None:
        """Raise JournalError where the server would break what the journal promises."""
        raw = connection.raw
        with postgres.translated_errors():
            (backend,) = raw.execute("SELECT pg_backend_pid()").fetchone() or (0,)
            if backend != raw.info.backend_pid:
                raise JournalError(t(POOLED, server=str(self)))
            raw.execute(
                "SELECT set_config('synchronous_commit', 'on', false)"
                " WHERE current_setting('synchronous_commit') IN ('off', 'local')"
            )
            wanted = {"fsync": "on", "full_page_writes": "on", "server_encoding": "UTF8"}
            for setting, right in wanted.items():
                (value,) = raw.execute("SELECT current_setting($1)", [setting]).fetchone() or ("",)
                if value != right:
                    facts = {"setting": setting, "value": value, "wanted": right}
                    sentence = OTHER_TEXTS if setting == "server_encoding" else UNSAFE
                    raise JournalError(t(sentence, server=str(self), **facts))

    def places(self) -> list[ServerPlace]:
        """The journals of all accounts."""
        with closing(self.connect()) as connection, _readable(self):
            found = connection.raw.execute(
                "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, $1)"
                " AND to_regclass(quote_ident(nspname) || '.account') IS NOT NULL ORDER BY 1",
                [PREFIX],
            ).fetchall()
        return [ServerPlace(self, str(name).removeprefix(PREFIX)) for (name,) in found]

    def place_of(self, account: Account) -> ServerPlace:
        return ServerPlace(self, name_of(account))

    def place_named(self, name: str) -> ServerPlace:
        return ServerPlace(self, name)


def schema_of(name: str) -> str:
    return PREFIX + name


def name_of(account: Account) -> str:
    """The name of the account's journal, as short as PostgreSQL wants names."""
    name = account.file_name.removesuffix(".sqlite3")
    provider, _, mark = name.rpartition("-")
    while len(f"{provider}-{mark}".encode()) > _MOST_BYTES:
        provider = provider[:-1]
    return f"{provider}-{mark}"


@dataclass(frozen=True)
class ServerPlace:
    """A journal in a schema of a server."""

    server: Server
    name: str

    def __str__(self) -> str:
        return f"{self.server} {self.name}"

    def exists(self) -> bool:
        with closing(self.server.connect()) as connection, _readable(self):
            return has_tables(connection, self.name)

    def account_key(self) -> str:
        keys = self.read(lambda found: [found.execute("SELECT key FROM account").fetchone()])
        return str(keys[0][0]) if keys and keys[0] else ""

    def read(self, read: Callable[[Connection], list[T]]) -> list[T]:
        with closing(self.server.connect(self.name)) as connection, _readable(self):
            connection.execute("SET default_transaction_isolation = 'repeatable read'")
            connection.execute("BEGIN READ ONLY")
            if not has_tables(connection, self.name):
                return []
            (version,) = connection.execute("SELECT version FROM holder").fetchone()
            if version > schema.VERSION:
                raise JournalError(t(NEWER, path=str(self)))
            if version < schema.VERSION:
                raise JournalError(
                    t(
                        UNREADABLE,
                        path=str(self),
                        problem=t("no run of this version has renewed it yet"),
                    )
                )
            return read(connection)


def has_tables(connection: postgres.PostgresConnection, name: str) -> bool:
    place = f"{postgres.quoted(schema_of(name))}.holder"
    with postgres.translated_errors():
        found = connection.raw.execute("SELECT to_regclass($1) IS NOT NULL", [place]).fetchone()
    return bool(found and found[0])


class _readable:
    """Tells errors of the database as those of a journal that cannot be read."""

    def __init__(self, path: object) -> None:
        self._path = path

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, psycopg.Error):
            problem = postgres.told(error)
        elif isinstance(error, sqlite3.Error):
            problem = str(error)
        else:
            return
        raise JournalError(t(UNREADABLE, path=str(self._path), problem=problem)) from error
