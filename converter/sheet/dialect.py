"""Detect the dialect of a text file: the encoding and delimiter under which most headers are known.

Statistical detectors are wrong too often: small GBK files look like Korean. Only where the headers
are plain ASCII do letter frequencies decide between the two Chinese encodings: decoded with the
wrong one, most characters are rare.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from converter.errors import SheetError
from converter.message import t

TitlePredicate = Callable[[str], bool]
"""Whether the mapping knows a title."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OLD_CODECS = ("gb18030", "big5hkscs", "cp1252")
_WIDE_CODECS = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_COMMON = {
    "gb18030": ("gb2312", ((0xA1, 0xA9), (0xB0, 0xD7))),
    "big5hkscs": ("big5", ((0xA1, 0xA3), (0xA4, 0xC6))),
}
"""Lead bytes of each standard's punctuation and everyday characters."""
_FEW = 6
"""Below twice as many characters, chance may mislead, so all of them must agree."""
_MIN_SHARE = 0.7
"""Share of characters that must be common, or well-formed."""
_MIN_LEAD = 0.2
"""How much larger that share must be than under the other encoding."""
_DELIMITERS = ",;\t|"
_SEP = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)
_HEAD = 1 << 16
_HEAD_ROWS = 30
_BLOCK = 1 << 20
SAVE_AS_UTF8 = t("Save the sheet again as CSV UTF-8.")


@dataclass(frozen=True)
class Dialect:
    encoding: str
    delimiter: str
    header: int
    """Index of the header among the rows."""
    skip: int
    """Lines before the first row: 1 if the file begins with `sep=;`."""
    is_guess: bool = False
    """Whether letter frequencies, not headers, decided the encoding."""


def detect_dialect(path: Path, known: TitlePredicate, encoding: str | None) -> Dialect:
    """Raise SheetError if no dialect is clearly the right one."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if encoding is not None:
        _check_name(path, encoding)
        return _Trial(path, head, encoding, known).dialect
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), None)
    if marked:
        return _Trial(path, head, marked, known).dialect
    zero = _offset_of_zero(path)
    if zero >= 0:
        return _wide(path, head, known, zero)
    wrong = _first_undecodable(path, "utf-8")
    utf_8 = _Trial(path, head, "utf-8", known)
    if wrong is None:
        return utf_8.dialect
    sample = _around(path, wrong[0])
    trials = [_Trial(path, head, codec, known) for codec in _OLD_CODECS]
    trials = [trial for trial in trials if trial.is_possible]
    best = max([trial.score for trial in trials], default=0)
    rivals = [trial for trial in trials if trial.score == best]
    if utf_8.score >= best and _well_formed_share(head + sample) > _MIN_SHARE:
        raise undecodable(path, "utf-8")
    if len(rivals) == 1 and best > utf_8.score:
        return rivals[0].dialect
    chosen = _by_frequency(sample, [trial.dialect.encoding for trial in rivals])
    if chosen is not None:
        return replace(rivals[chosen].dialect, is_guess=True)
    raise _doubtful(path, sample, [trial.dialect.encoding for trial in trials])


def _wide(path: Path, head: bytes, known: TitlePredicate, zero: int) -> Dialect:
    """Detect the dialect of UTF-16 or UTF-32 text without a byte order mark."""
    trials = [_Trial(path, head, codec, known) for codec in _WIDE_CODECS]
    best = max(trials, key=lambda trial: (trial.is_possible, trial.score))
    if best.is_possible and best.score:
        return best.dialect
    raise SheetError(
        t("byte {place} is a null byte, so this is not a text file", place=zero),
        where=path,
        remedy=SAVE_AS_UTF8,
        code="TEXT_BYTES",
    )


def empty(path: Path) -> SheetError:
    return SheetError(
        t("the file is empty"), where=path, remedy=t("Save the sheet again."), code="EMPTY_FILE"
    )


# -- letter frequencies ------------------------------------------------------------------------


def _around(path: Path, offset: int) -> bytes:
    """Return the file from the line in which UTF-8 first fails."""
    start = max(0, offset - _HEAD)
    with path.open("rb") as file:
        file.seek(start)
        found = file.read(2 * _HEAD)
    return found[found.rfind(b"\n", 0, offset - start) + 1 :]


def _well_formed_share(sample: bytes) -> float:
    """Return the share of non-ASCII characters that are well-formed UTF-8."""
    letters = [sign for sign in sample.decode("utf-8", "replace") if ord(sign) > 127]
    return 1 - letters.count("\ufffd") / max(len(letters), 1)


def _by_frequency(sample: bytes, encodings: list[str]) -> int | None:
    """Return the index of the one encoding under which most characters are common."""
    shares = sorted((_common_share(sample, name), place) for place, name in enumerate(encodings))
    (second, _), (first, place) = ((0.0, 0), (0.0, 0), *shares)[-2:]
    few = sum(byte > 127 for byte in sample) < 2 * _FEW
    return place if first > (0.99 if few else _MIN_SHARE) and first - second > _MIN_LEAD else None


def _common_share(sample: bytes, encoding: str) -> float:
    """Return the share of non-ASCII characters that are common under that encoding."""
    if encoding not in _COMMON:
        return 0.0
    standard, ranges = _COMMON[encoding]
    letters = [sign for sign in sample.decode(encoding, "replace") if ord(sign) > 127]
    firsts = [sign.encode(standard, "ignore")[:1] for sign in letters]
    common = [any(low <= ord(first) <= high for low, high in ranges) for first in firsts if first]
    return sum(common) / max(len(letters), 1)


def _doubtful(path: Path, sample: bytes, encodings: list[str]) -> SheetError:
    line = sample.partition(b"\n")[0].rstrip()
    first = next(place for place, byte in enumerate(line) if byte > 127)
    line = line[max(0, first - 20) :]
    shown = [f"{name}: {line.decode(name, 'replace')[:40]!r}" for name in encodings]
    return SheetError(
        t(
            "the text is not UTF-8, and no header tells in which encoding it is ({shown})",
            shown="; ".join(shown),
        ),
        where=path,
        remedy=t("Choose one with --encoding NAME, or save the sheet again as CSV UTF-8."),
        code="TEXT_ENCODING",
    )


# -- bytes -------------------------------------------------------------------------------------


def _check_name(path: Path, encoding: str) -> None:
    try:
        b"a".decode(encoding, "replace")  # also refuses codecs that do not decode to text
    except (LookupError, ValueError) as error:
        raise SheetError(
            t("no encoding is called {name}", name=repr(encoding)),
            where=path,
            remedy=t("Use a name such as utf-8, gb18030, big5 or cp1252 with --encoding."),
            code="TEXT_ENCODING",
        ) from error


def _offset_of_zero(path: Path) -> int:
    offset = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if b"\0" in block:
                return offset + block.index(b"\0")
            offset += len(block)
    return -1


def _first_undecodable(path: Path, encoding: str) -> tuple[int, int] | None:
    """Return (offset, line) of the first byte that cannot be decoded; None if all can."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, line = 0, 1
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                at = error.start - pending
                return max(offset + at, 0), line + block[: max(at, 0)].count(b"\n")
            if not block:
                return None
            offset += len(block)
            line += block.count(b"\n")


def undecodable(path: Path, encoding: str) -> SheetError:
    offset, line = _first_undecodable(path, encoding) or (0, 1)
    return SheetError(
        t(
            "byte {place}, in line {line}, is not text in the encoding {name}",
            place=offset,
            line=line,
            name=encoding,
        ),
        where=path,
        remedy=SAVE_AS_UTF8,
        code="TEXT_BYTES",
    )


# -- delimiter and header ----------------------------------------------------------------------


class _Trial:
    """The head of the file decoded with one encoding, and the best delimiter for it."""

    def __init__(self, path: Path, head: bytes, encoding: str, known: TitlePredicate) -> None:
        whole = len(head) < _HEAD  # otherwise its last character may be cut off
        try:
            text = codecs.getincrementaldecoder(encoding)("strict").decode(head, whole)
            self.is_possible = True
        except UnicodeDecodeError:
            text = codecs.getincrementaldecoder(encoding)("replace").decode(head, whole)
            self.is_possible = False
        text = text.removeprefix("\ufeff")
        found = _SEP.match(text)
        rows = text[len(found[0]) :] if found else text
        choice = found[1] if found else _DELIMITERS
        if path.suffix.lower() == ".tsv" and "\t" in rows:
            choice = "\t"
        headers = {delimiter: _header(rows, delimiter, known) for delimiter in choice}
        delimiter = max(headers, key=lambda one: (headers[one].score, headers[one].width))
        self.score = headers[delimiter].score
        self.dialect = Dialect(encoding, delimiter, headers[delimiter].row, 1 if found else 0)


@dataclass
class _Header:
    row: int = 0
    width: int = 0
    score: int = 0
    """Number of known titles."""
    has_values: bool = False
    """Whether at least half of its cells are no known titles, as in a row of labels and values."""


def _header(text: str, delimiter: str, known: TitlePredicate) -> _Header:
    """Find the row with most known titles, or else the first that is not blank.

    Where that may be a row of labels above the table, a row below of nothing but titles is it.
    """
    best, examined = _Header(), 0
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    with suppress(csv.Error):  # reported when the rows are read
        for number, row in enumerate(rows):
            filled = {cell for cell in row if cell.strip()}
            if not filled:
                if not examined:
                    best.width = max(best.width, len(row))
                continue
            score = sum(map(known, filled))
            if not examined or score > best.score:
                best = _Header(number, len(row), score, 2 * score <= len(filled))
            elif best.has_values and score == len(filled) > 1:
                best = replace(best, row=number, has_values=False)
            examined += 1
            if examined == _HEAD_ROWS:
                break
    return best
