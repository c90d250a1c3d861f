"""The notes of a worksheet: the customer's keep their size and author, ours are replaced.

A note is a text in one part (comments) and a shape in another (VML), which is not always
well-formed XML. So shapes are only found, added and removed whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count

from converter.ooxml import markup
from converter.ooxml.markup import Edit, Element
from converter.results.cell_text import writable
from converter.results.marks import SIGNATURE
from converter.results.properties import AUTHOR
from converter.results.text_size import note_size
from converter.results.worksheet import Place, area
from converter.sheet import letter

_THREAD = "tc="
"""How the author of a note begins that stands for a threaded comment; it may not be changed."""

_BLOCK = 1024
"""Shapes are numbered in blocks of this size, and no two sheets share a block."""


class Notes:
    """The notes of one worksheet."""

    def __init__(self, comments: bytes | None, shapes: bytes | None, *, main: str) -> None:
        self._x = ""
        self._xml = comments or _NO_COMMENTS.format(main=main).encode()
        self._root = markup.parse(self._xml)
        self._x = self._root.prefix
        self._shapes = shapes or _NO_SHAPES
        authors = self._root.first("authors")
        self._authors = [author.text for author in authors.children] if authors else []
        self._author_count = len(self._authors)
        self._edits: dict[Place, Edit] = {}
        self._removed: set[Place] = set()
        self._new: dict[Place, str] = {}
        self._existing = dict(self._read())
        self.had_ours = any(SIGNATURE in _text(comment) for comment in self._existing.values())
        self._remove_ours()

    @property
    def _font(self) -> bytes:
        x = self._x
        look = (
            f'<{x}sz val="9"/><{x}color indexed="81"/><{x}rFont val="Tahoma"/><{x}family val="2"/>'
        )
        return f"<{x}rPr>{look}</{x}rPr>".encode()

    def _read(self) -> Iterator[tuple[Place, Element]]:
        for comment in self._root.within("comment"):
            row, column, *_ = area(comment.get("ref"))
            yield (row, column), comment

    @property
    def is_changed(self) -> bool:
        return bool(self._edits or self._new)

    def _remove_ours(self) -> None:
        for place, comment in self._existing.items():
            theirs, ours, _ = _text(comment).partition(SIGNATURE)
            theirs = theirs.rstrip("\n")
            if ours and theirs:
                self._edits[place] = self._rewritten(comment, len(theirs), "")
            elif ours:
                self._edits[place] = comment.start, comment.end, b""
                self._removed.add(place)

    def add(self, place: Place, text: str) -> None:
        """Add a note of ours, below the customer's own where the cell has one."""
        comment = self._existing.get(place)
        if comment is None or place in self._removed:
            self._new[place] = text
        elif not self._author(comment).startswith(_THREAD):
            theirs = _text(comment).partition(SIGNATURE)[0].rstrip("\n")
            self._edits[place] = self._rewritten(comment, len(theirs), f"\n\n{text}")

    def _author(self, comment: Element) -> str:
        number = int(comment.get("authorId") or 0)
        return self._authors[number] if number < len(self._authors) else ""

    def _rewritten(self, comment: Element, length: int, added: str) -> Edit:
        """The first `length` characters of a note in their own fonts, followed by `added`."""
        x, text = self._x, next(comment.within("text"))
        runs, left = b"", length
        for child in text.children:
            if child.name not in ("t", "r") or left <= 0:
                continue
            t = child if child.name == "t" else child.first("t")
            if t is None:
                continue
            kept = t.text[:left]
            left -= len(kept)
            written = markup.text_element(f"{x}t", kept).encode()
            before = b"" if t is child else self._xml[child.inner : t.start]
            runs += b"<%br>%b%b</%br>" % (x.encode(), before, written, x.encode())
        if added:
            written = markup.text_element(f"{x}t", writable(added)).encode()
            runs += b"<%br>%b%b</%br>" % (x.encode(), self._font, written, x.encode())
        return text.start, text.end, b"<%btext>%b</%btext>" % (x.encode(), runs, x.encode())

    # -- writing -------------------------------------------------------------------------------

    def comments(self) -> bytes:
        x, edits = self._x, list(self._edits.values())
        if self._new:
            if AUTHOR not in self._authors:
                self._authors.append(AUTHOR)
            number = self._authors.index(AUTHOR)
            new = "".join(
                f'<{x}comment ref="{letter(column)}{row}" authorId="{number}"><{x}text><{x}r>'
                f"{self._font.decode()}{markup.text_element(f'{x}t', writable(text))}"
                f"</{x}r></{x}text></{x}comment>"
                for (row, column), text in sorted(self._new.items())
            )
            edits.append(self._appended("commentList", new))
        if len(self._authors) > self._author_count:
            edits.append(self._appended("authors", f"<{x}author>{AUTHOR}</{x}author>"))
        return markup.splice(self._xml, edits)

    def _appended(self, name: str, new: str) -> Edit:
        element = self._root.first(name)
        if element is not None:
            return markup.appended(self._xml, element, new.encode())
        whole = f"<{self._x}{name}>{new}</{self._x}{name}>".encode()
        return markup.inserted(self._xml, self._root, whole, ("authors",))

    def shapes(self, block: int, widths: Mapping[int, int], row_height: int) -> bytes:
        """The VML of the shapes, ours numbered from a block that no other sheet uses.

        `widths` are the widths of columns in pixels, with the default under -1.
        """
        xml = self._shapes
        removed = [m for m in _SHAPE.finditer(xml) if _place(m[0]) in self._removed]
        blocks = {block for shape in removed for block in _numbered(shape[0])}
        xml = markup.splice(xml, [(m.start(), m.end(), b"") for m in removed])
        xml = _with_blocks(xml, (), blocks - set(_numbered(xml)))
        if not self._new:
            return xml
        numbers = count(block * _BLOCK + 1)
        new = "".join(
            _shape(next(numbers), place, text, _anchor(place, text, widths, row_height))
            for place, text in sorted(self._new.items())
        )
        kind = "" if b'id="_x0000_t202"' in xml else _KIND
        xml = _with_blocks(xml, range(block, block + self.blocks), ())
        at = xml.rindex(b"</")
        return _with_prefixes(xml[:at] + (kind + new).encode() + xml[at:])

    @property
    def blocks(self) -> int:
        """Number of blocks that our shapes take."""
        return len(self._new) // _BLOCK + 1


def _text(comment: Element) -> str:
    """The text of a note, without phonetic hints."""
    texts = []
    for text in comment.all("text"):
        for child in text.children:
            t = child if child.name == "t" else child.first("t") if child.name == "r" else None
            texts.append(t.text if t is not None else "")
    return "".join(texts)


# -- shapes ------------------------------------------------------------------------------------

_SHAPE = re.compile(rb"<v:shape\b.*?</v:shape>", re.DOTALL)
_ROW = re.compile(rb"<x:Row>\s*(\d+)")
_COLUMN = re.compile(rb"<x:Column>\s*(\d+)")
_IDS = re.compile(rb"""(<o:idmap\b[^>]*?\bdata=["'])([^"']*)""")


def _place(shape: bytes) -> Place | None:
    row, column = _ROW.search(shape), _COLUMN.search(shape)
    return (int(row[1]) + 1, int(column[1])) if row and column else None


def _numbered(shapes: bytes) -> list[int]:
    """The blocks that the numbers of these shapes lie in."""
    return [int(number) // _BLOCK for number in re.findall(rb'"_x0000_s(\d+)"', shapes)]


def _with_blocks(xml: bytes, more: Iterable[int], less: Iterable[int]) -> bytes:
    """The shapes with blocks added to and removed from the list that declares them."""
    ids = _IDS.search(xml)
    if ids is None:
        return xml
    gone = [b"%d" % block for block in less]
    kept = [block for block in ids[2].split(b",") if block and block.strip() not in gone]
    joined = b",".join([*kept, *(b"%d" % block for block in more)])
    return xml[: ids.start(2)] + joined + xml[ids.end(2) :]


def last_block(shapes: bytes) -> int:
    """The highest block of numbers that these shapes use."""
    named = (ids[2].replace(b",", b" ").split() for ids in _IDS.finditer(shapes))
    blocks = [int(block) for found in named for block in found if block.isdigit()]
    return max((*blocks, *_numbered(shapes)), default=0)


def _anchor(place: Place, text: str, widths: Mapping[int, int], row_height: int) -> Sequence[int]:
    """Columns, rows and offsets between which the shape lies, right of its cell."""
    width, height = note_size(text)
    row, column = place
    left, x = column + 1, width + 15
    right = left
    while right < 16_383 and x > (covered := widths.get(right, widths[-1])):
        right, x = right + 1, x - covered
    top = max(row - 2, 0)
    rows, y = divmod(height + 10, row_height)
    return min(left, 16_383), 15, top, 10, right, x, min(top + rows, 1_048_575), y


def _with_prefixes(xml: bytes) -> bytes:
    """The shapes with our prefixes declared: some programs call them ns0, ns1 and ns2."""
    end = xml.index(b">", xml.index(b"<xml"))
    for declared in re.findall(rb' xmlns:\w="[^"]+"', _NO_SHAPES):
        if declared.split(b"=")[0] not in xml[:end]:
            xml = xml[:end] + declared + xml[end:]
    return xml


def _shape(number: int, place: Place, text: str, anchor: Sequence[int]) -> str:
    width, height = (pixels * 0.75 for pixels in note_size(text))
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;'
        f"margin-left:60pt;margin-top:7.5pt;width:{width:g}pt;height:{height:g}pt;z-index:1;"
        'visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
        '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{', '.join(map(str, anchor))}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{place[0] - 1}</x:Row><x:Column>{place[1]}</x:Column></x:ClientData></v:shape>"
    )


_NO_COMMENTS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<comments xmlns="{main}"><authors></authors><commentList></commentList></comments>'
)

_KIND = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)

_NO_SHAPES = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml"'
    b' xmlns:o="urn:schemas-microsoft-com:office:office"'
    b' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">'
    b'<o:idmap v:ext="edit" data=""/></o:shapelayout></xml>'
)
