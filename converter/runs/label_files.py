"""Label files on disk: what they are, what they are called, and never over somebody's edits."""

from __future__ import annotations

import binascii
import hashlib
import io
import os
import re
import unicodedata
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path

from converter.errors import OutputError
from converter.message import N_, Message, t
from converter.messages.system import of_system

LABEL_FILE = "label_file"
"""The output of an order that is the path of its label file."""

NO_BASE64 = N_("What the provider gives as a label is not Base64.")
NO_LABEL_FILE = N_(
    "What the provider gives as a label is no PDF, PNG or ZPL: it begins with {start}."
)
NOT_WRITTEN = N_("{file}: cannot be written ({problem})")
NOT_MERGED = N_("{file} cannot be merged: {problem}.")
ONLY_PDF = N_("only PDF files can be")
BROKEN_PDF = N_("its pages cannot be read")

_RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10)),
}
_LONGEST = 80


def ending_of(content: bytes) -> str:
    """`pdf`, `png` or `zpl`, as the bytes tell; empty for anything else."""
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    text = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    is_zpl = text[:1] in (b"^", b"~") or text.startswith(b"CT~~")
    return "zpl" if is_zpl and b"^XA" in text and b"^XZ" in text else ""


def from_base64(text: str) -> bytes | Message:
    """The bytes of a label that stands in an answer, with or without `data:...;base64,`."""
    plain = re.sub(r"\A\s*data:[^,]*;base64,", "", text)
    try:
        return b64decode("".join(plain.split()), validate=True)
    except (binascii.Error, ValueError):
        return t(NO_BASE64)


def checked(content: bytes) -> bytes | Message:
    """The content where it is a label file."""
    if ending_of(content):
        return content
    start = content[:24].decode("utf-8", "replace")
    return t(NO_LABEL_FILE, start=repr(start) if content else t("nothing"))


def safe_name(reference: str) -> str:
    """A file's name that every system takes, told apart from those of other references."""
    text = unicodedata.normalize("NFC", reference)
    name = re.sub(r"[^\w.-]+", "_", text).strip("._ ")[:_LONGEST]
    if name and name == reference and name.casefold().partition(".")[0] not in _RESERVED:
        return name
    digest = hashlib.sha256(reference.encode()).hexdigest()[:8]
    return f"{name or 'label'}-{digest}"


def save(folder: Path, stem: str, content: bytes) -> Path:
    """Write a file, under the next free name where another one lies there. Raises OutputError.

    One with the same content is left as it is. The number stands in parentheses, which no safe
    name has: `A-2.pdf` is the label of an order A-2, and of no other.
    """
    ending, number = ending_of(content), 1
    unfinished = folder / f".{stem}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{stem}.{ending}"
        while path.exists():
            if path.is_file() and path.read_bytes() == content:
                return path
            number += 1
            path = folder / f"{stem} ({number}).{ending}"
        try:
            unfinished.write_bytes(content)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(t(NOT_WRITTEN, file=folder, problem=of_system(error))) from error
    return path


def merge(files: Sequence[Path]) -> tuple[bytes, list[Message]]:
    """One PDF of those files that are PDFs, in their order, and which could not be taken."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.errors import DependencyError, PyPdfError

    writer, told = PdfWriter(), list[Message]()
    for path in files:
        if path.suffix != ".pdf":
            told.append(t(NOT_MERGED, file=path.name, problem=t(ONLY_PDF)))
            continue
        before = len(writer.pages)
        try:
            reader = PdfReader(io.BytesIO(path.read_bytes()))
            for page in reader.pages:
                writer.add_page(page)
        except (PyPdfError, DependencyError, OSError, ValueError, LookupError, TypeError,
                RecursionError, AttributeError, NotImplementedError):  # fmt: skip
            while len(writer.pages) > before:
                writer.remove_page(len(writer.pages) - 1)
            told.append(t(NOT_MERGED, file=path.name, problem=t(BROKEN_PDF)))
    if not writer.pages:
        return b"", told
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue(), told
