"""A server in front of PostgreSQL for the tests, which loses what they want lost."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_COMMIT = b"COMMIT\0"


class Proxy:
    """Passes everything on, until it is told otherwise."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.cut_before_commit = 0
        """The number of the COMMIT that does not reach the server any more, from 1."""
        self.cut_after_commit = 0
        """The number of the COMMIT whose answer does not reach the client any more."""
        self.is_down = False
        """Whether new connections are refused."""
        self.goes_down = False
        """Whether it is down from the cut on."""
        self.other_backend = False
        """Whether it tells a number of its own as the backend's, as connection pools do."""
        self.was_cut = False
        self._commits = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        port = self._listener.getsockname()[1]
        return f"postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=disable&gssencmode=disable"

    def count_from_here(self) -> None:
        self._commits = 0

    def close(self) -> None:
        self._listener.close()
        self._cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.is_down:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._target / ".s.PGSQL.5432"))
                self._open += [client, server]
                threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
                threading.Thread(target=self._to_client, args=(server, client), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if data.endswith(_COMMIT):
                    self._commits += 1
                    if self._commits == self.cut_before_commit:
                        return self._cut()
                server.sendall(data)
        server.close()
        return None

    def _to_client(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if self._commits and self._commits == self.cut_after_commit and b"COMMIT\0" in data:
                    self.cut_after_commit = 0
                    return self._cut()
                client.sendall(_with_other_backend(data) if self.other_backend else data)
        client.close()
        return None

    def _cut(self) -> None:
        self.was_cut = True
        self.is_down = self.is_down or self.goes_down
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()


def _with_other_backend(data: bytes) -> bytes:
    """The start-up answer with another number in BackendKeyData, whose length is always 12."""
    head, mark, tail = data.partition(b"K" + struct.pack("!i", 12))
    return head + mark + struct.pack("!i", 7) + tail[4:] if mark else data


@contextmanager
def proxy_of(folder: Path) -> Iterator[Proxy]:
    proxy = Proxy(folder)
    try:
        yield proxy
    finally:
        proxy.close()
