"""What the operating system, SQLite and OpenSSL say, as messages."""

from __future__ import annotations

import errno
import ssl

from converter.message import N_, Message, t

_SYSTEM = {
    errno.ENOENT: N_("No such file or directory"),
    errno.EACCES: N_("Permission denied"),
    errno.EPERM: N_("Operation not permitted"),
    errno.EEXIST: N_("File exists"),
    errno.EISDIR: N_("Is a directory"),
    errno.ENOTDIR: N_("Not a directory"),
    errno.ENOSPC: N_("No space left on device"),
    errno.EROFS: N_("Read-only file system"),
    errno.EIO: N_("Input/output error"),
    errno.EBUSY: N_("Device or resource busy"),
    errno.EMFILE: N_("Too many open files"),
    errno.ENAMETOOLONG: N_("File name too long"),
    errno.EADDRINUSE: N_("Address already in use"),
}
if hasattr(errno, "EDQUOT"):  # Windows may not know it
    _SYSTEM[errno.EDQUOT] = N_("Disk quota exceeded")

_DATABASE = {
    N_("attempt to write a readonly database"),
    N_("database disk image is malformed"),
    N_("database is locked"),
    N_("database or disk is full"),
    N_("disk I/O error"),
    N_("file is not a database"),
    N_("unable to open database file"),
}

_NETWORK = {
    N_("[Errno {number}] Connection refused"),
    N_("[Errno {number}] Connection reset by peer"),
    N_("[Errno {number}] Network is unreachable"),
    N_("[Errno {number}] No route to host"),
    N_("[Errno {number}] Name or service not known"),
    N_("[Errno {number}] nodename nor servname provided, or not known"),
    N_("[Errno {number}] getaddrinfo failed"),
    N_("[Errno {number}] No address associated with hostname"),
    N_("[Errno {number}] Temporary failure in name resolution"),
}

_CERTIFICATE = {
    N_("certificate has expired"),
    N_("certificate is not yet valid"),
    N_("self-signed certificate"),
    N_("self-signed certificate in certificate chain"),
    N_("unable to get local issuer certificate"),
}
_OTHER_HOST = (
    N_("Hostname mismatch, certificate is not valid for {host}."),
    N_("IP address mismatch, certificate is not valid for {host}."),
)


def of_system(error: Exception) -> str:
    """What the operating system, or SQLite, has against it."""
    text = getattr(error, "strerror", None) or str(error)
    if template := _SYSTEM.get(getattr(error, "errno", None) or 0):
        return Message(template, {})
    return Message(text, {}) if text in _DATABASE else text


def of_network(error: Exception) -> str:
    """Why no connection could be made, as the system's `[Errno 111] Connection refused`."""
    text = str(error)
    number, _, problem = text.removeprefix("[Errno ").partition("] ")
    template = f"[Errno {{number}}] {problem}"
    return t(template, number=number) if template in _NETWORK else text


def of_certificate(error: ssl.SSLCertVerificationError) -> str:
    """What OpenSSL has against a server's certificate."""
    text = error.verify_message
    for template in _OTHER_HOST:
        before, _, after = template.partition("{host}")
        if text.startswith(before):
            return t(template, host=text.removeprefix(before).removesuffix(after))
    return Message(text, {}) if text in _CERTIFICATE else text
