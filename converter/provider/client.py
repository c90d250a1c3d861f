"""Requests over HTTP, and what is known when there is no answer. Only this room knows httpx."""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Protocol

import httpcore
import httpx

from converter.mapping.model import Timeouts
from converter.messages.sentence import Sentence, recognised, t
from converter.model import HttpRequest, NoReply, Reply

_LARGEST = 16 * 1024 * 1024
_POOL_SECONDS = 5.0
_UNPACKED = {"gzip", "deflate", "identity"}
"""Nothing of the kind is asked for; of these it is known how much one piece can become."""
_NOTHING = httpx.ByteStream(b"")
_PIECE = 64 * 1024
"""A body is written in such pieces, so that a slow reader cannot outlast the deadline."""

NOT_REACHED = "no connection to the provider: {problem}"
BAD_CERTIFICATE = "the provider's certificate is refused: {problem}"
BAD_ADDRESS = "the provider's address cannot be used ({problem})"
BAD_REQUEST = "the request cannot be put together ({problem})"
TOO_LATE = "no complete answer within {seconds} seconds"
TOO_SLOW = "no answer for {seconds} seconds"
TOO_LARGE = "the answer is larger than 16 MiB"
BROKEN = "the connection broke before the answer was complete ({problem})"

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_BAD_ADDRESS = (httpx.UnsupportedProtocol, httpx.InvalidURL)


class Sender(Protocol):
    """Anything that sends a request, as `Client` does."""

    def send(self, request: HttpRequest) -> Reply | NoReply: ...


class Client:
    """One pool of connections for a whole run; safe to use from several threads.

    Nothing here repeats a request: whether that is safe is known only where the journal is.
    """

    def __init__(
        self,
        timeouts: Timeouts,
        in_flight: int,
        *,
        transport: httpx.BaseTransport | None = None,
        keep_alive: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for name in ("httpx", "httpcore"):  # at INFO they log whole addresses, signatures included
            logging.getLogger(name).setLevel(logging.WARNING)
        self._timeouts = timeouts
        self._deadline = Deadline(clock)
        self._http = httpx.Client(
            transport=transport or _Transport(self._deadline, in_flight, keep_alive),
            headers={"Accept-Encoding": "identity", "User-Agent": "order-converter"},
            timeout=httpx.Timeout(
                connect=timeouts.connect,
                write=timeouts.write,
                read=timeouts.read,
                pool=_POOL_SECONDS,
            ),
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def send(self, request: HttpRequest) -> Reply | NoReply:
        """The answer, or why there is none and whether the request may have arrived all the same.

        Never raises: an error that nobody foresaw may have come after the request was sent.
        """
        try:
            made = self._http.build_request(
                request.method,
                request.url,
                headers=dict(request.headers),
                content=request.body,
            )
        except _BAD_ADDRESS as error:
            return NoReply(False, t(BAD_ADDRESS, problem=_name(error)), stop=True)
        except Exception as error:
            return NoReply(False, t(BAD_REQUEST, problem=_name(error)), stop=True)
        came = _Came()
        try:
            return self._send(made, came)
        except _BAD_ADDRESS as error:
            return NoReply(False, t(BAD_ADDRESS, problem=_name(error)), stop=True)
        except _NEVER_SENT as error:
            return _not_reached(error)
        except httpx.TimeoutException as error:
            return came.broken_off(self._too_slow(error))
        except Exception as error:  # httpx.RequestError, and whatever else may come
            return came.broken_off(t(BROKEN, problem=_name(error)))

    def _send(self, made: httpx.Request, came: _Came) -> Reply | NoReply:
        started = self._deadline.start(self._timeouts.total)
        response = self._http.send(made, stream=True)
        try:
            came.status = response.status_code
            for piece in _pieces(response):
                came.body += piece
                if len(came.body) > _LARGEST:
                    return came.broken_off(t(TOO_LARGE))
                if self._deadline.has_passed():
                    return came.broken_off(t(TOO_LATE, seconds=f"{self._timeouts.total:g}"))
        finally:
            response.close()
            # httpx ties an answer and its stream in a knot; what was sent must not wait in memory
            # until the collector finds it.
            response.stream = _NOTHING
        headers = {name.lower(): value for name, value in response.headers.items()}
        seconds = self._deadline.now() - started
        return Reply(response.status_code, headers, bytes(came.body), seconds)

    def _too_slow(self, error: httpx.TimeoutException) -> Sentence:
        if self._deadline.has_passed():
            return t(TOO_LATE, seconds=f"{self._timeouts.total:g}")
        reading = isinstance(error, httpx.ReadTimeout)
        seconds = self._timeouts.read if reading else self._timeouts.write
        return t(TOO_SLOW, seconds=f"{seconds:g}")


@dataclass
class _Came:
    """What has come of an answer so far."""

    status: int | None = None
    body: bytearray = field(default_factory=bytearray)

    def broken_off(self, reason: str) -> NoReply:
        return NoReply(True, reason, status=self.status, body=bytes(self.body))


def _pieces(response: httpx.Response) -> Iterator[bytes]:
    """The answer, unpacked where it is packed once. What is packed twice is left as it is, for one
    piece of that could fill the memory; it is no JSON then, so its orders become unknown."""
    packings = response.headers.get_list("content-encoding", split_commas=True)
    once = len(packings) < 2 and {name.strip().lower() for name in packings} <= _UNPACKED
    return response.iter_bytes() if once else response.iter_raw()


def _not_reached(error: Exception) -> NoReply:
    """Only errors of connecting come here, and their text is the system's: it holds no secret."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            problem = recognised(cause.verify_message) or t("it cannot be verified")
            return NoReply(False, t(BAD_CERTIFICATE, problem=problem), stop=True)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return NoReply(False, t(NOT_REACHED, problem=t("timed out")))
    return NoReply(False, t(NOT_REACHED, problem=recognised(str(error)) or _name(error)))


def _name(error: Exception) -> str:
    """The kind of error and no more: its text may quote a header or a body."""
    return type(error).__name__


# -- the deadline of a whole attempt ---------------------------------------------------------------


class Deadline(threading.local):
    """When the request of this thread must be over, however slowly bytes trickle.

    httpx has no such limit: its time-outs begin anew with every piece that comes.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.now = clock
        self._end = float("inf")

    def start(self, seconds: float) -> float:
        started = self.now()
        self._end = started + seconds
        return started

    def has_passed(self) -> bool:
        return self.now() >= self._end

    def cut(self, timeout: float | None, error: type[Exception]) -> float | None:
        """The time-out, shortened to what is left. Raises `error` where nothing is left."""
        left = self._end - self.now()
        if left <= 0:
            raise error("the deadline of the request has passed")
        if left == float("inf"):
            return timeout
        return left if timeout is None else min(timeout, left)


class _Transport(httpx.HTTPTransport):
    """httpx's own transport over connections that keep to the deadline."""

    def __init__(self, deadline: Deadline, in_flight: int, keep_alive: bool) -> None:
        # Not calling super().__init__: all that it does is to make a pool that has no such limit.
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=in_flight,
            max_keepalive_connections=in_flight if keep_alive else 0,
            keepalive_expiry=5.0,
            retries=0,
            network_backend=_Backend(deadline),
        )


class _Backend(httpcore.NetworkBackend):
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
        left = self._deadline.cut(timeout, httpcore.ConnectTimeout)
        stream = self._inner.connect_tcp(host, port, left, local_address, socket_options)
        return TimedStream(stream, self._deadline)


class TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends with the deadline of the thread that takes it."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.cut(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            left = self._deadline.cut(timeout, httpcore.WriteTimeout)
            self._inner.write(buffer[start : start + _PIECE], left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.cut(timeout, httpcore.ConnectTimeout)
        stream = self._inner.start_tls(ssl_context, server_hostname, left)
        return TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
