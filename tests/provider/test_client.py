from __future__ import annotations

import gc
import gzip
import socket
import ssl
import threading
import tracemalloc
import weakref
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import httpcore
import httpx
import pytest

from converter.mapping.request import Timeouts
from converter.model import HttpRequest, NoReply, Reply
from converter.provider.client import Client

Handler = Callable[[httpx.Request], httpx.Response]


class FakeClock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def request(url: str = "http://provider.test/create", **headers: str) -> HttpRequest:
    return HttpRequest("POST", url, headers or {"Content-Type": "application/json"}, b'{"a":1}')


def client(handler: Handler, **options: object) -> Client:
    return Client(Timeouts(), 1, transport=httpx.MockTransport(handler), **options)  # type: ignore[arg-type]


def raising(error: Exception) -> Handler:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    return handler


@contextmanager
def server(serve: Callable[[socket.socket], None], connections: int = 1) -> Iterator[str]:
    """A loopback server that hands each connection to `serve`."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def run() -> None:
            for _ in range(connections):
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with closing(connection):
                    serve(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        listening.close()
        thread.join(5)


# -- answers ---------------------------------------------------------------------------------------


def test_a_reply_is_handed_on_as_it_came() -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(503, headers={"Retry-After": "7"}, content=b"<html>busy")

    with client(handler) as sender:
        reply = sender.send(request())

    assert isinstance(reply, Reply)
    assert (reply.status, reply.body) == (503, b"<html>busy")
    assert reply.headers["retry-after"] == "7"


def test_the_request_goes_out_as_it_was_made() -> None:
    seen: list[httpx.Request] = []

    def handler(got: httpx.Request) -> httpx.Response:
        seen.append(got)
        return httpx.Response(200)

    with client(handler) as sender:
        sender.send(request("http://provider.test/create?sign=abc%2F1", X_Token="t"))

    assert str(seen[0].url) == "http://provider.test/create?sign=abc%2F1"
    assert seen[0].content == b'{"a":1}'
    assert seen[0].headers["X_Token"] == "t"
    assert seen[0].headers["Accept-Encoding"] == "identity"
    assert seen[0].headers["Content-Length"] == "7"


def test_redirects_are_not_followed_and_cookies_not_kept() -> None:
    seen: list[httpx.Request] = []

    def handler(got: httpx.Request) -> httpx.Response:
        seen.append(got)
        headers = {"Location": "http://elsewhere.test/", "Set-Cookie": "session=1"}
        return httpx.Response(302, headers=headers)

    with client(handler) as sender:
        replies = [sender.send(request()), sender.send(request())]

    assert [reply.status for reply in replies if isinstance(reply, Reply)] == [302, 302]
    assert ["cookie" in got.headers for got in seen] == [False, False]


def test_an_answer_compressed_against_our_wish_is_read() -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        body = gzip.compress(b'{"code":0}')
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=body)

    with client(handler) as sender:
        reply = sender.send(request())

    assert isinstance(reply, Reply)
    assert reply.body == b'{"code":0}'


def zeros(packed: int) -> bytes:
    """Two gibibytes of zeros under that many layers of gzip."""
    squeeze = zlib.compressobj(wbits=31)
    whole = squeeze.compress(bytes(1024 * 1024)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    again = squeeze.compress(bytes(1024 * 1024)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    whole += again * 2047
    for _ in range(packed - 1):
        whole = gzip.compress(whole)
    return whole


@pytest.mark.parametrize(
    ("packed", "header"),
    [
        pytest.param(1, "gzip", id="once"),
        pytest.param(2, "gzip, gzip", id="twice"),
        pytest.param(3, "gzip, gzip, gzip", id="three times"),
    ],
)
def test_an_answer_that_unpacks_to_gigabytes_does_not_fill_the_memory(
    packed: int, header: str
) -> None:
    body = zeros(packed)
    pieces = [body[at : at + 65536] for at in range(0, len(body), 65536)]  # as the network has it

    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": header}, content=iter(pieces))

    with client(handler) as sender:
        tracemalloc.start()
        reply = sender.send(request())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert most < 256 * 1024 * 1024
    if packed == 1:
        assert isinstance(reply, NoReply)
        assert reply.reason == "the answer is larger than 16 MiB"
    else:
        assert isinstance(reply, Reply)
        assert reply.body == body  # as it came: no JSON, so its orders are unknown


# -- no answer -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(
            httpx.ConnectError("[Errno 111] Connection refused"),
            NoReply(False, "no connection to the provider: [Errno 111] Connection refused"),
            id="refused or no such host",
        ),
        pytest.param(
            httpx.ConnectTimeout("timed out"),
            NoReply(False, "no connection to the provider: timed out"),
            id="connecting takes too long",
        ),
        pytest.param(
            httpx.PoolTimeout(""),
            NoReply(False, "no connection to the provider: timed out"),
            id="no connection free",
        ),
        pytest.param(
            httpx.UnsupportedProtocol("ftp"),
            NoReply(False, "the provider's address cannot be used (UnsupportedProtocol)", True),
            id="odd scheme",
        ),
        pytest.param(
            httpx.ReadTimeout("token=s3cret"),
            NoReply(True, "no answer for 60 seconds"),
            id="no answer",
        ),
        pytest.param(
            httpx.WriteTimeout(""),
            NoReply(True, "no answer for 30 seconds"),
            id="cannot be written",
        ),
        pytest.param(
            httpx.RemoteProtocolError("token=s3cret"),
            NoReply(True, "the connection was lost before the answer was complete"),
            id="server went away",
        ),
        pytest.param(
            httpx.LocalProtocolError("Illegal header value b's3cret'"),
            NoReply(
                True, "the connection broke before the answer was complete (LocalProtocolError)"
            ),
            id="our own mistake",
        ),
        *(
            pytest.param(
                kind("s3cret"),
                NoReply(True, "the connection was lost before the answer was complete"),
                id=kind.__name__,
            )
            for kind in (httpx.ReadError, httpx.WriteError, httpx.CloseError)
        ),
        *(
            pytest.param(
                kind("s3cret"),
                NoReply(
                    True, f"the connection broke before the answer was complete ({kind.__name__})"
                ),
                id=kind.__name__,
            )
            for kind in (
                httpx.ProxyError,
                httpx.DecodingError,
                httpx.TooManyRedirects,
                RuntimeError,
                RecursionError,
                MemoryError,
            )
        ),
    ],
)
def test_no_reply_says_whether_the_request_may_have_arrived(
    error: Exception, expected: NoReply
) -> None:
    with client(raising(error)) as sender:
        assert sender.send(request()) == expected


def test_no_error_after_sending_has_begun_proves_that_nothing_arrived() -> None:
    def handler(made: httpx.Request) -> httpx.Response:
        made.extensions["trace"]("http11.send_request_headers.started", {})
        raise httpx.ConnectError("refused")

    with client(handler) as sender:
        reply = sender.send(request())

    assert reply == NoReply(
        True, "the connection broke before the answer was complete (ConnectError)"
    )


def test_a_refused_certificate_stops_the_run() -> None:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_message = "self-signed certificate"
    outer = httpcore.ConnectError("certificate verify failed")
    outer.__cause__ = cause
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = outer

    with client(raising(error)) as sender:
        reply = sender.send(request())

    expected = "the provider's certificate is refused: self-signed certificate"
    assert reply == NoReply(False, expected, stop=True)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(
            request("http://[::1"),
            NoReply(False, "the provider's address cannot be used (InvalidURL)", True),
            id="address",
        ),
        pytest.param(
            request(Authorization="令牌"),
            NoReply(False, "the request cannot be put together (UnicodeEncodeError)", True),
            id="header",
        ),
    ],
)
def test_what_cannot_be_put_together_was_not_sent(made: HttpRequest, expected: NoReply) -> None:
    with client(lambda _: httpx.Response(200)) as sender:
        assert sender.send(made) == expected


def test_an_answer_above_16_mib_is_given_up() -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=(bytes(1024 * 1024) for _ in range(17)))

    with client(handler) as sender:
        reply = sender.send(request())

    assert isinstance(reply, NoReply)
    assert (reply.sent, reply.reason) == (True, "the answer is larger than 16 MiB")
    assert (reply.status, len(reply.body)) == (200, 17 * 1024 * 1024)


def test_an_answer_that_trickles_ends_at_the_deadline() -> None:
    clock = FakeClock()

    def trickle() -> Iterator[bytes]:
        while True:
            clock.time += 50  # each piece comes within the read time-out
            yield b" "

    with client(lambda _: httpx.Response(200, content=trickle()), clock=clock) as sender:
        reply = sender.send(request())

    reason = "no complete answer within 120 seconds"
    assert reply == NoReply(True, reason, status=200, body=b"   ")


# -- real sockets ----------------------------------------------------------------------------------


def test_a_closed_port_is_not_reached() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"

    with Client(Timeouts(), 1) as sender:
        reply = sender.send(request(url))

    assert isinstance(reply, NoReply)
    assert (reply.sent, reply.stop) == (False, False)


def test_a_server_that_hangs_up_may_have_taken_the_order() -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.recv(65536)

    with server(hang_up) as url, Client(Timeouts(), 1) as sender:
        reply = sender.send(request(url))

    assert isinstance(reply, NoReply)
    assert reply.sent


def test_a_proxy_of_the_environment_never_sees_an_order(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")  # nobody listens there

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with server(answer) as url, Client(Timeouts(), 1) as sender:
        reply = sender.send(request(url))

    assert isinstance(reply, Reply)


def test_what_came_before_the_connection_broke_is_kept() -> None:
    """Half a reply may contain the order number, which a person needs to look the order up."""

    def cut(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{"no": "SC1",')

    with server(cut) as url, Client(Timeouts(), 1) as sender:
        reply = sender.send(request(url))

    assert isinstance(reply, NoReply)
    assert (reply.sent, reply.status, reply.body) == (True, 201, b'{"no": "SC1",')


def test_trickling_headers_end_at_the_deadline() -> None:
    """httpx alone would read these headers forever: its time-out restarts with each byte."""

    def trickle(connection: socket.socket) -> None:
        connection.settimeout(0.02)
        gone = False
        while not gone:
            try:
                gone = not connection.recv(65536)
            except TimeoutError:
                connection.sendall(b"H")
            except OSError:
                gone = True

    with server(trickle) as url, Client(Timeouts(total=0.2), 1) as sender:
        reply = sender.send(request(url))

    assert isinstance(reply, NoReply)
    assert reply.sent


@pytest.mark.parametrize(
    ("keep_alive", "connections"),
    [pytest.param(True, 1, id="kept"), pytest.param(False, 2, id="a new one each time")],
)
def test_connections_are_used_again_only_if_asked(keep_alive: bool, connections: int) -> None:
    served: list[int] = []

    def answer(connection: socket.socket) -> None:
        mine = len(served)
        while got := connection.recv(65536):
            if got.endswith(b'{"a":1}'):
                served.append(mine)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with (
        server(answer, connections) as url,
        Client(Timeouts(), 1, keep_alive=keep_alive) as sender,
    ):
        replies = [sender.send(request(url)), sender.send(request(url))]

        assert [reply.body for reply in replies if isinstance(reply, Reply)] == [b"ok", b"ok"]
        assert len(set(served)) == connections


# -- memory ----------------------------------------------------------------------------------------


def test_what_was_sent_is_let_go_at_once() -> None:
    """Not only at the next garbage collection: that is rare, and bodies are large."""
    made: list[weakref.ref[httpx.Request]] = []

    def handler(asked: httpx.Request) -> httpx.Response:
        made.append(weakref.ref(asked))
        return httpx.Response(200, content=b"ok")

    gc.disable()
    try:
        with client(handler) as sending:
            assert isinstance(sending.send(request()), Reply)
        left = [asked() for asked in made]
    finally:
        gc.enable()

    assert left == [None]
