"""Files at addresses that a provider gives: from where they are fetched, and from where not."""

from __future__ import annotations

import pytest

from converter.model import HttpRequest, NoReply, Reply
from converter.provider.download import Allowed, download

ACME = Allowed("https://api.acme.com/v1", ("files.acme.com", "*.cdn.acme.com"))


class Web:
    """Answers by address, and remembers what was asked."""

    def __init__(self, **redirects: str) -> None:
        self.redirects = redirects
        self.asked: list[str] = []

    def send(self, request: HttpRequest) -> Reply | NoReply:
        self.asked.append(request.url)
        place = self.redirects.get(request.url.rpartition("/")[2])
        if place:
            return Reply(302, {"location": place}, b"")
        return Reply(200, {}, b"file")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.acme.com/a.pdf",
        "https://API.acme.com/a.pdf",
        "https://files.acme.com/a.pdf?sign=1",
        "https://eu.cdn.acme.com/a.pdf",
    ],
)
def test_files_are_fetched_from_the_hosts_of_the_mapping(url: str) -> None:
    assert download(Web(), url, ACME) == b"file"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("https://evil.com/a", "an address at evil.com, from which", id="host"),
        pytest.param("https://cdn.acme.com.evil.com/a", "cdn.acme.com.evil.com", id="suffix"),
        pytest.param("https://evilfiles.acme.com/a", "evilfiles.acme.com", id="prefix"),
        pytest.param("https://169.254.169.254/meta", "169.254.169.254", id="cloud"),
        pytest.param("http://127.0.0.1:80/a", "an address at 127.0.0.1", id="loopback"),
        pytest.param("https://api.acme.com@evil.com/a", "none: https://evil.com/a", id="user"),
        pytest.param("http://files.acme.com/a", "without https (files.acme.com)", id="plain"),
        pytest.param("file:///etc/passwd", "that is none", id="file"),
        pytest.param("/a.pdf", "that is none", id="relative"),
        pytest.param("https://[::/", "that is none", id="broken"),
    ],
)
def test_other_addresses_are_not_followed(url: str, problem: str) -> None:
    web = Web()
    said = download(web, url, ACME)

    assert isinstance(said, str)
    assert problem in said
    assert web.asked == []


def test_a_redirect_is_followed_to_the_same_hosts_only() -> None:
    inside = Web(a="https://files.acme.com/b")
    outside = Web(a="https://evil.com/b")
    around = Web(a="/a")

    assert download(inside, "https://api.acme.com/a", ACME) == b"file"
    assert "evil.com" in str(download(outside, "https://api.acme.com/a", ACME))
    assert outside.asked == ["https://api.acme.com/a"]
    assert "again and again" in str(download(around, "https://api.acme.com/a", ACME))


def test_plain_http_is_for_mappings_that_say_so_and_for_the_sandbox_itself() -> None:
    plain = Allowed("http://api.acme.com", (), plain_http=True)
    sandbox = Allowed("http://127.0.0.1:8765")

    assert download(Web(), "http://api.acme.com/a", plain) == b"file"
    assert download(Web(), "http://127.0.0.1:8765/a", sandbox) == b"file"
    assert isinstance(download(Web(), "http://127.0.0.1:9999/a", sandbox), str)


def test_of_an_address_that_cannot_be_read_no_secret_is_told() -> None:
    told = download(Web(), "https://ann:s3cret@labels.test:99999999/a.pdf?sign=s3cret", ACME)

    assert isinstance(told, str)
    assert "labels.test" in told
    assert "s3cret" not in told
