"""HTTP connections with an overall deadline, as a transport for httpx.

Built on httpcore, which httpx itself uses: httpx has no time limit for a whole request, and its own
transport takes no network backend that could keep one.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpcore
import httpx

from converter.settings.network import Network

_WRITE_BYTES = 64 * 1024
"""A body is written in pieces of this size, so that a slow reader cannot outlast the deadline."""

_KEEP_ALIVE_SECONDS = 5.0

_ERRORS: Mapping[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.NetworkError: httpx.NetworkError,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ProtocolError: httpx.ProtocolError,
    httpcore.ProxyError: httpx.ProxyError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.TimeoutException: httpx.TimeoutException,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
    httpcore.WriteError: httpx.WriteError,
    httpcore.WriteTimeout: httpx.WriteTimeout,
}


class Deadline(threading.local):
    """When the current request of this thread must be finished, however slowly bytes trickle.

    The time-outs of httpx start anew with every piece that comes.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.now = clock
        self._end = float("inf")

    def start(self, seconds: float) -> float:
        """Set the deadline; returns the present time."""
        started = self.now()
        self._end = started + seconds
        return started

    def has_passed(self) -> bool:
        return self.now() >= self._end

    def limit(self, timeout: float | None, error: type[Exception]) -> float | None:
        """Shorten a time-out to the time that is left. Raises `error` where none is left."""
        left = self._end - self.now()
        if left <= 0:
            raise error("the deadline of the request has passed")
        if left == float("inf"):
            return timeout
        return left if timeout is None else min(timeout, left)


class SentTrace:
    """Trace extension of a request that notes whether sending it has begun."""

    def __init__(self) -> None:
        self.has_begun = False

    def __call__(self, event: str, _: Mapping[str, Any]) -> None:
        # Such as `http11.send_request_headers.started`.
        if event.partition(".")[2].startswith("send_request_"):
            self.has_begun = True


class PoolTransport(httpx.BaseTransport):
    """A pool of connections to the provider that keep to the deadline."""

    def __init__(
        self,
        deadline: Deadline,
        in_flight: int,
        *,
        keep_alive: bool,
        network: Network = Network(),  # noqa: B008 - frozen
    ) -> None:
        certificates = httpx.create_ssl_context(trust_env=False)
        if network.ca_file:
            certificates.load_verify_locations(cafile=network.ca_file)
        pool: Callable[..., httpcore.ConnectionPool] = httpcore.ConnectionPool
        if network.proxy:
            pool = partial(httpcore.HTTPProxy, network.proxy)
        self._connections = pool(
            ssl_context=certificates,
            max_connections=in_flight,
            max_keepalive_connections=in_flight if keep_alive else 0,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            retries=0,
            network_backend=_TimedBackend(deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        with _as_httpx_errors():
            response = self._connections.handle_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(
                        scheme=url.raw_scheme,
                        host=url.raw_host,
                        port=url.port,
                        target=url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_ResponseStream(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._connections.close()


class _ResponseStream(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx_errors():
            yield from self._response.iter_stream()

    def close(self) -> None:
        with _as_httpx_errors():
            self._response.close()


@contextmanager
def _as_httpx_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        for kind in type(error).__mro__:
            if kind in _ERRORS:
                raise _ERRORS[kind](str(error)) from error
        raise


class _TimedBackend(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.limit(timeout, httpcore.ConnectTimeout)
        stream = self._inner.connect_tcp(host, port, left, local_address, socket_options)
        return TimedStream(stream, self._deadline)


class TimedStream(httpcore.NetworkStream):
    """A connection whose every operation ends at the deadline of the thread that runs it."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.limit(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _WRITE_BYTES):
            left = self._deadline.limit(timeout, httpcore.WriteTimeout)
            self._inner.write(buffer[start : start + _WRITE_BYTES], left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.limit(timeout, httpcore.ConnectTimeout)
        stream = self._inner.start_tls(ssl_context, server_hostname, left)
        return TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
