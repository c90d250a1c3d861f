"""Sends requests with httpx, and says what is known where no reply comes."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Protocol

import httpx

from converter.mapping.request import Timeouts
from converter.message import N_, Message, t
from converter.messages.system import of_certificate, of_network
from converter.model import HttpRequest, NoReply, Reply
from converter.provider.transport import Deadline, PoolTransport, SentTrace
from converter.settings.network import Network

_LOG = logging.getLogger(__name__)

_MAX_BODY_BYTES = 16 * 1024 * 1024
_POOL_SECONDS = 5.0
_ENCODINGS = {"gzip", "deflate", "identity"}
"""Not asked for, but decoded: of these it is known how large one piece can become."""
_EMPTY = httpx.ByteStream(b"")

NOT_REACHED = N_("no connection to the provider: {problem}")
BAD_CERTIFICATE = N_("the provider's certificate is refused: {problem}")
BAD_ADDRESS = N_("the provider's address cannot be used ({problem})")
BAD_REQUEST = N_("the request cannot be put together ({problem})")
TOO_LATE = N_("no complete answer within {seconds} seconds")
TOO_SLOW = N_("no answer for {seconds} seconds")
TOO_LARGE = N_("the answer is larger than 16 MiB")
LOST = N_("the connection was lost before the answer was complete")
BROKEN = N_("the connection broke before the answer was complete ({problem})")

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_LOST = (httpx.NetworkError, httpx.RemoteProtocolError)
"""What happens to connections; anything else is named, for whoever has to find out."""
_BAD_ADDRESS = (httpx.UnsupportedProtocol, httpx.InvalidURL)


class Sender(Protocol):
    """Anything that sends a request, as `Client` does."""

    def send(self, request: HttpRequest) -> Reply | NoReply: ...


class Client:
    """Sends requests over one pool of connections; thread-safe.

    Never repeats a request: only the caller, who has the journal, knows whether that is safe.
    """

    def __init__(
        self,
        timeouts: Timeouts,
        in_flight: int,
        *,
        transport: httpx.BaseTransport | None = None,
        keep_alive: bool = True,
        network: Network = Network(),  # noqa: B008 - frozen
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for name in ("httpx", "httpcore"):  # at INFO they log whole URLs, signatures included
            logging.getLogger(name).setLevel(logging.WARNING)
        self._timeouts = timeouts
        self._deadline = Deadline(clock)
        self._http = httpx.Client(
            transport=transport
            or PoolTransport(self._deadline, in_flight, keep_alive=keep_alive, network=network),
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
        """The reply, or why there is none and whether the request may have arrived nonetheless.

        Never raises: an unforeseen error may come after the request was sent.
        """
        trace = SentTrace()
        try:
            made = self._http.build_request(
                request.method,
                request.url,
                headers=dict(request.headers),
                content=request.body,
                extensions={"trace": trace},
            )
        except _BAD_ADDRESS as error:
            return NoReply(False, t(BAD_ADDRESS, problem=_type_name(error)), stop=True)
        except Exception as error:
            _LOG.error("request cannot be built", extra={"error": _type_name(error)})
            return NoReply(False, t(BAD_REQUEST, problem=_type_name(error)), stop=True)
        partial = PartialReply()
        try:
            return self._send(made, partial)
        except _BAD_ADDRESS as error:
            return NoReply(False, t(BAD_ADDRESS, problem=_type_name(error)), stop=True)
        except _NEVER_SENT as error:
            _LOG.debug("no connection", extra={"error": _type_name(error)})
            if trace.has_begun:
                return partial.broken_off(t(BROKEN, problem=_type_name(error)))
            return _not_reached(error)
        except httpx.TimeoutException as error:
            return partial.broken_off(self._too_slow(error))
        except Exception as error:  # httpx.RequestError, and whatever else may come
            _LOG.debug("connection broke", extra={"error": _type_name(error)})
            if isinstance(error, _LOST):
                return partial.broken_off(t(LOST))
            return partial.broken_off(t(BROKEN, problem=_type_name(error)))

    def _send(self, made: httpx.Request, partial: PartialReply) -> Reply | NoReply:
        started = self._deadline.start(self._timeouts.total)
        response = self._http.send(made, stream=True)
        try:
            partial.status = response.status_code
            for chunk in _chunks(response):
                partial.body += chunk
                if len(partial.body) > _MAX_BODY_BYTES:
                    return partial.broken_off(t(TOO_LARGE))
                if self._deadline.has_passed():
                    return partial.broken_off(t(TOO_LATE, seconds=f"{self._timeouts.total:g}"))
        finally:
            response.close()
            # httpx makes a reference cycle of a response and its stream, which would keep the
            # request in memory until the next garbage collection.
            response.stream = _EMPTY
        headers = {name.lower(): value for name, value in response.headers.items()}
        seconds = self._deadline.now() - started
        return Reply(response.status_code, headers, bytes(partial.body), seconds)

    def _too_slow(self, error: httpx.TimeoutException) -> Message:
        if self._deadline.has_passed():
            return t(TOO_LATE, seconds=f"{self._timeouts.total:g}")
        reading = isinstance(error, httpx.ReadTimeout)
        seconds = self._timeouts.read if reading else self._timeouts.write
        return t(TOO_SLOW, seconds=f"{seconds:g}")


@dataclass
class PartialReply:
    """What has been received of a reply so far."""

    status: int | None = None
    body: bytearray = field(default_factory=bytearray)

    def broken_off(self, reason: str) -> NoReply:
        return NoReply(True, reason, status=self.status, body=bytes(self.body))


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    """The body, decompressed where it is compressed once.

    One compressed twice is left as it is, because a single chunk of it could fill the memory; it
    is not JSON then, so its orders become unknown.
    """
    encodings = response.headers.get_list("content-encoding", split_commas=True)
    once = len(encodings) < 2 and {name.strip().lower() for name in encodings} <= _ENCODINGS
    return response.iter_bytes() if once else response.iter_raw()


def _not_reached(error: Exception) -> NoReply:
    """For errors of connecting only: their text is the system's and contains no secret."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            problem = of_certificate(cause) or t("it cannot be verified")
            return NoReply(False, t(BAD_CERTIFICATE, problem=problem), stop=True)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return NoReply(False, t(NOT_REACHED, problem=t("timed out")))
    return NoReply(False, t(NOT_REACHED, problem=of_network(error) or _type_name(error)))


def _type_name(error: Exception) -> str:
    """The type of an error; its text may quote a header or a body."""
    return type(error).__name__
