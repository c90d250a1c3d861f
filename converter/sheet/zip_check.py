"""Check a zipped workbook before any reader touches it: names, sizes, checksums, entities."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from xml.parsers import expat

from converter.errors import SheetError
from converter.message import Message, t
from converter.ooxml import markup
from converter.sheet import limits

_BLOCK = 1 << 20
_DOCTYPES = tuple("<!DOCTYPE".encode(codec) for codec in ("utf-8", "utf-16-le", "utf-16-be"))
_OF_SHEETS = ("xl/worksheets/", "xl/drawings/", "xl/media/", "xl/charts/", "xl/embeddings/")
_MARKUP = (".xml", ".rels", ".vml", ".rdf")
REPAIR = t("Open it in Excel, let it repair the file, and save it again.")
SAVE_AGAIN = t("Open it in Excel and save it under a new name as .xlsx.")


class Parts:
    """The parts of a zipped workbook, checked to be safe to unpack."""

    def __init__(self, raw: bytes, path: Path, allowed: limits.Limits) -> None:
        self.path = path
        self._allowed = allowed
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(raw))
        except (zipfile.BadZipFile, ValueError, EOFError, OverflowError, NotImplementedError) as e:
            raise self.damaged() from e
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._kept: dict[str, io.BytesIO] = {}
        self._replaced: dict[str, bytes] = {}
        self._check_directory(len(raw))

    @property
    def names(self) -> list[str]:
        return list(self._infos)

    def size(self, name: str) -> int:
        """Return the unpacked size of a part, 0 if there is none."""
        info = self._infos.get(_plain(name))
        return info.file_size if info else 0

    def read(self, name: str) -> bytes:
        """Return a part by its case-insensitive name; raise LookupError if there is none."""
        if _plain(name) in self._replaced:
            return self._replaced[_plain(name)]
        kept = self._kept.pop(_plain(name), None)
        return (
            b"".join(self._blocks(self._infos[_plain(name)])) if kept is None else kept.getvalue()
        )

    def replace(self, name: str, content: bytes) -> None:
        """Read other content in place of a part."""
        self._replaced[_plain(name)] = content
        self._kept.pop(_plain(name), None)

    def repacked(self, raw: bytes) -> bytes:
        """Return the workbook with replaced parts; `raw` itself if there are none."""
        if not self._replaced:
            return raw
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for name in {**self._infos, **self._replaced}:
                info = self._infos.get(name)
                kept = self._kept.get(name)
                content = self.read(name) if kept is None else kept.getvalue()
                archive.writestr(info.filename if info else name, content)
        return out.getvalue()

    def with_one_sheet(self, name: str, xml: bytes) -> bytes:
        """Return the workbook with this sheet's XML replaced, without other sheets and drawings."""
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
            for one, info in self._infos.items():
                if not one.startswith(_OF_SHEETS) and one != _plain(name):
                    archive.writestr(info.filename, self.read(one))
            archive.writestr(self._infos[_plain(name)].filename, xml)
        return made.getvalue()

    def check(self) -> None:
        """Unpack every part once, block by block, to verify checksums and refuse entities.

        Sheets are kept until they are read, because unpacking a large one twice takes long.
        """
        for name, info in self._infos.items():
            if not name.endswith(_MARKUP):
                for _ in self._blocks(info):
                    pass
                continue
            tail = b""
            is_sheet = name.startswith("xl/worksheets/sheet")
            is_foreign = has_lone_space = False
            for block in self._blocks(info):
                if is_sheet:
                    self._kept.setdefault(name, io.BytesIO()).write(block)
                # The declaration may lie across the end of a block.
                if any(_has_doctype(text) for text in (tail + block[:20], block)):
                    raise SheetError(
                        t(
                            "its part {part} declares a document type, which no spreadsheet "
                            "program writes",
                            part=repr(info.filename),
                        ),
                        where=self.path,
                        remedy=SAVE_AGAIN,
                        code="XML_DTD",
                    )
                is_foreign = is_foreign or (not tail and _is_foreign(block[:200]))
                has_lone_space = has_lone_space or _has_lone_space(name, tail + block)
                tail = block[-20:]
            if is_foreign:
                self._to_utf8(name)
            if has_lone_space:
                self.replace(name, _LONE_SPACE.sub(_PRESERVED, self.read(name)))

    def _to_utf8(self, name: str) -> None:
        """Replace a part in another encoding; the reader knows UTF-8 only."""
        with suppress(expat.ExpatError, ValueError):  # if it is needed, reading it fails
            self.replace(name, b"".join(markup.plain([self.read(name)])))

    def damaged(self, code: str = "DAMAGED_ZIP") -> SheetError:
        return SheetError(
            t("the workbook is damaged and cannot be read"),
            where=self.path,
            remedy=REPAIR,
            code=code,
        )

    def _blocks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        left = info.file_size
        try:
            with self._archive.open(info) as part:
                while block := part.read(_BLOCK):
                    left -= len(block)
                    if left < 0:
                        raise self._too_much(t("a part is larger than its entry says"))
                    yield block
        except RuntimeError as error:  # encrypted, or an unknown compression
            raise self.damaged() from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise self.damaged() from error

    def _check_directory(self, length: int) -> None:
        infos = self._archive.infolist()
        if len(infos) > limits.ENTRIES:
            raise self._too_much(
                t(
                    "it has {count} parts, more than {most}",
                    count=f"{len(infos):,}",
                    most=f"{limits.ENTRIES:,}",
                )
            )
        for info in infos:
            name = _plain(info.filename)
            steps = name.split("/")
            if name.startswith("/") or ":" in steps[0] or ".." in steps or "\0" in name:
                raise self._odd_names(t("a part is called {name}", name=repr(info.filename[:60])))
            if name in self._infos:
                raise self._odd_names(
                    t("two parts are called {name}", name=repr(info.filename[:60]))
                )
            if info.flag_bits & 1:
                raise encrypted(self.path)
            self._infos[name] = info
        self._check_sizes(infos)
        end = 0
        for info in sorted(infos, key=lambda one: one.header_offset):
            if info.header_offset < end or info.header_offset + 30 > length:
                raise self._too_much(t("its parts lie over one another"))
            end = info.header_offset + 30 + len(info.orig_filename) + info.compress_size
            if end > length:
                raise self.damaged()

    def _check_sizes(self, infos: list[zipfile.ZipInfo]) -> None:
        total = sum(info.file_size for info in infos)
        if total > self._allowed.bytes:
            raise self._too_much(
                t(
                    "it has {size} MB when unpacked, more than the {most} MB that are read",
                    size=f"{total >> 20:,}",
                    most=f"{self._allowed.megabytes:,}",
                ),
                t("Split it into smaller workbooks, or raise {name}.", name=limits.MEGABYTES),
            )
        for info in infos:
            dense = info.file_size > limits.RATIO * max(info.compress_size, 1)
            if info.file_size > limits.SMALL and dense:
                raise self._too_much(
                    t(
                        "its part {part} swells more than {most} times when unpacked",
                        part=repr(info.filename[:60]),
                        most=limits.RATIO,
                    )
                )

    def _too_much(self, problem: Message, remedy: Message = SAVE_AGAIN) -> SheetError:
        return SheetError(problem, where=self.path, remedy=remedy, code="ZIP_LIMIT")

    def _odd_names(self, problem: Message) -> SheetError:
        return SheetError(
            t("{problem}, which no spreadsheet program writes", problem=problem),
            where=self.path,
            remedy=SAVE_AGAIN,
            code="ZIP_NAMES",
        )


_LONE_SPACE = re.compile(rb"<((?:\w+:)?t)>([ \t\r\n]+)</")
_PRESERVED = rb'<\1 xml:space="preserve">\2</'


def _has_lone_space(name: str, text: bytes) -> bool:
    """Whether a run of rich text may be nothing but a space, which the reader would drop."""
    if not (name.endswith("sharedstrings.xml") or (name.startswith("xl/w") and b"<is>" in text)):
        return False
    from converter.sheet.tags import has_space_after_tag  # loads numpy, which `status` needs not

    return (
        has_space_after_tag(text)  # a fifth of the time of a search
        and any(sign in text for sign in _SPACES)
        and _LONE_SPACE.search(text) is not None
    )


_SPACES = (b"t> ", b"t>\n", b"t>\r", b"t>\t")


def _is_foreign(head: bytes) -> bool:
    """Whether XML that begins with `head` is in another encoding than UTF-8."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    return head.startswith(b"<?xml") and not markup.is_utf8(head)


def _has_doctype(text: bytes) -> bool:
    signs = _DOCTYPES if b"\0" in text else _DOCTYPES[:1]
    return any(sign in text for sign in signs)


def _plain(name: str) -> str:
    return name.replace("\\", "/").lower()


def encrypted(path: Path) -> SheetError:
    return SheetError(
        t("the workbook is protected by a password"),
        where=path,
        remedy=t(
            "Open it in Excel, remove the password (File, Info, Protect Workbook) and save it."
        ),
        code="ENCRYPTED",
    )


def elements(xml: bytes, wanted: str) -> list[dict[str, str]]:
    """Return the attributes of every element of that name, whatever its prefix."""
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == wanted:
            found.append(attributes)

    def refuse(*_: object) -> None:
        raise ValueError("document type declarations are not read")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(xml, True)
    return found
