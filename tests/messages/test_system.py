"""What the system, SQLite and OpenSSL say, in a person's language."""

from __future__ import annotations

import errno
import os
import sqlite3
import ssl

import pytest

from converter.messages import translate
from converter.messages.system import of_certificate, of_network, of_system


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        pytest.param(
            OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
            "No space left on device",
            "磁盘已满",
            id="known",
        ),
        pytest.param(OSError(errno.ELOOP, "Odd"), "Odd", "Odd", id="rarely met"),
        pytest.param(OSError("no number"), "no number", "no number", id="without a number"),
        pytest.param(
            sqlite3.OperationalError("database is locked"),
            "database is locked",
            "数据库正被占用",
            id="SQLite",
        ),
        pytest.param(sqlite3.DatabaseError("odd"), "odd", "odd", id="SQLite, rarely met"),
    ],
)
def test_the_systems_own_words(error: Exception, english: str, chinese: str) -> None:
    told = of_system(error)

    assert (told, translate(told, "zh")) == (english, chinese)


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("[Errno 111] Connection refused", "连接被拒绝（111）"),
        ("[Errno -2] Name or service not known", "找不到该网址（-2）"),
        ("[Errno 5] {odd}", "[Errno 5] {odd}"),
        ("all at once", "all at once"),
        ("", ""),
    ],
)
def test_why_no_connection_was_made(text: str, chinese: str) -> None:
    told = of_network(OSError(text))

    assert (told, translate(told, "zh")) == (text, chinese)


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("certificate has expired", "证书已过期"),
        (
            "Hostname mismatch, certificate is not valid for 'localhost'.",
            "证书与网址 'localhost' 不符",
        ),
        (
            "IP address mismatch, certificate is not valid for '127.0.0.1'.",
            "证书与地址 '127.0.0.1' 不符",
        ),
        ("odd", "odd"),
    ],
)
def test_what_is_wrong_with_a_certificate(text: str, chinese: str) -> None:
    error = ssl.SSLCertVerificationError()
    error.verify_message = text

    told = of_certificate(error)

    assert (told, translate(told, "zh")) == (text, chinese)
