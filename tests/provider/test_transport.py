from __future__ import annotations

import httpcore
import httpx
import pytest

from converter.provider.transport import Deadline, PoolTransport, SentTrace, TimedStream


class FakeClock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


class FakeStream(httpcore.NetworkStream):
    """Remembers the time-outs that it was given; every step takes 40 seconds."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.timeouts: list[float | None] = []

    def read(self, _max_bytes: int, timeout: float | None = None) -> bytes:
        self.timeouts.append(timeout)
        self.clock.time += 40
        return b"x"

    def write(self, _buffer: bytes, timeout: float | None = None) -> None:
        self.read(0, timeout)


def test_each_step_gets_no_more_time_than_is_left() -> None:
    clock = FakeClock()
    deadline = Deadline(clock)
    inner = FakeStream(clock)
    stream = TimedStream(inner, deadline)

    deadline.start(100)
    stream.write(b"head", 30)
    stream.read(10, 60)
    stream.read(10, 60)

    assert inner.timeouts == [30, 60, 20]
    with pytest.raises(httpcore.ReadTimeout):
        stream.read(10, 60)
    with pytest.raises(httpcore.WriteTimeout):
        stream.write(b"x", 60)


def test_a_large_body_is_written_in_pieces_under_the_deadline() -> None:
    clock = FakeClock()
    deadline = Deadline(clock)
    inner = FakeStream(clock)

    deadline.start(100)
    with pytest.raises(httpcore.WriteTimeout):
        TimedStream(inner, deadline).write(bytes(1024 * 1024), 30)

    assert inner.timeouts == [30, 30, 20]


def test_without_a_deadline_time_outs_are_left_alone() -> None:
    assert Deadline().limit(30, httpcore.ReadTimeout) == 30
    assert Deadline().limit(None, httpcore.ReadTimeout) is None


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param("connection.connect_tcp.started", False, id="connecting"),
        pytest.param("connection.start_tls.failed", False, id="TLS"),
        pytest.param("http11.send_request_headers.started", True, id="headers"),
        pytest.param("http11.send_request_body.started", True, id="body"),
        pytest.param("http11.receive_response_headers.started", False, id="reply"),
    ],
)
def test_sending_begins_with_the_first_header(event: str, expected: bool) -> None:
    trace = SentTrace()

    trace(event, {})

    assert trace.has_begun is expected


@pytest.mark.parametrize(
    ("url", "error"),
    [
        pytest.param("ftp://provider.test/", httpx.UnsupportedProtocol, id="odd scheme"),
        pytest.param("http://127.0.0.1:1/", httpx.ConnectError, id="closed port"),
    ],
)
def test_errors_are_those_of_httpx(url: str, error: type[Exception]) -> None:
    with PoolTransport(Deadline(), 1, keep_alive=False) as transport, pytest.raises(error):
        transport.handle_request(httpx.Request("POST", url, content=b"{}"))


def test_a_request_that_outlasts_its_deadline_before_connecting_was_not_sent() -> None:
    clock = FakeClock()
    deadline = Deadline(clock)
    deadline.start(1)
    clock.time += 1

    with (
        PoolTransport(deadline, 1, keep_alive=False) as transport,
        pytest.raises(httpx.ConnectTimeout),
    ):
        transport.handle_request(httpx.Request("POST", "http://127.0.0.1:1/", content=b"{}"))
