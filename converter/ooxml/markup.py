"""Parse XML with byte offsets, and edit it leaving every other byte as it was.

Office programs refuse a file over details that a parser drops, such as a prefix that only an
attribute value mentions. So nothing is serialized again that does not change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

Edit = tuple[int, int, bytes]
"""(start, end, replacement): bytes from start to end are to be replaced."""

_START_TAG = re.compile(rb"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")


@dataclass(slots=True)
class Element:
    """An element and its byte offsets: `start`, content from `inner` to `inner_end`, and `end`."""

    tag: str
    """The name as written, with its prefix."""
    attributes: Mapping[str, str]
    start: int
    inner: int
    inner_end: int = 0
    end: int = 0
    text: str = ""
    """Character data directly inside the element."""
    children: list[Element] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.tag.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """Namespace prefix with its colon, for new elements of the same namespace."""
        return self.tag[: -len(self.name)]

    def all(self, name: str) -> list[Element]:
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> Element | None:
        return next((child for child in self.children if child.name == name), None)

    def within(self, name: str) -> Iterator[Element]:
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.within(name)

    def get(self, name: str) -> str:
        """Return an attribute, whatever its prefix; empty if there is none."""
        return next((v for k, v in self.attributes.items() if k.rpartition(":")[2] == name), "")


def parse(xml: bytes) -> Element:
    """Return the root element. Raises ExpatError, or ValueError for a document type."""
    parser = _parser()
    root = Element("", {}, 0, 0)
    open_ones = [root]

    def start(tag: str, attributes: dict[str, str]) -> None:
        at = parser.CurrentByteIndex
        found = _START_TAG.match(xml, at)
        if found is None:
            raise ValueError(f"no tag at byte {at}")
        element = Element(tag, attributes, at, found.end())
        open_ones[-1].children.append(element)
        open_ones.append(element)

    def end(_: str) -> None:
        element, at = open_ones.pop(), parser.CurrentByteIndex
        if xml[element.inner - 2 : element.inner] == b"/>":
            element.inner_end = element.end = element.inner
        else:
            element.inner_end, element.end = at, xml.index(b">", at) + 1

    def text(data: str) -> None:
        open_ones[-1].text += data

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.Parse(xml, True)
    return root.children[0]


def _parser() -> expat.XMLParserType:
    def refuse(*_: object) -> None:
        raise ValueError("document type declarations are not read")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    return parser


# -- editing -----------------------------------------------------------------------------------


def splice(xml: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply edits; those at the same offset in the order given."""
    parts, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[0]):
        parts += [xml[at:start], new]
        at = end
    return b"".join((*parts, xml[at:]))


def start_tag(tag: str, attributes: Mapping[str, str], *, closed: bool = False) -> bytes:
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}{'/' * closed}>".encode()


def retagged(xml: bytes, element: Element, changes: Mapping[str, str | None]) -> Edit:
    """Return an edit that changes attributes of the start tag; None removes one."""
    attributes = {k: v for k, v in {**element.attributes, **changes}.items() if v is not None}
    closed = xml[element.inner - 2 : element.inner] == b"/>"
    return element.start, element.inner, start_tag(element.tag, attributes, closed=closed)


def appended(xml: bytes, element: Element, new: bytes) -> Edit:
    """Return an edit that appends content to an element, even an empty one."""
    if element.inner_end < element.end:
        return element.inner_end, element.inner_end, new
    opened = xml[element.start : element.inner - 2].rstrip() + b">"
    return element.start, element.end, opened + new + f"</{element.tag}>".encode()


def inserted(xml: bytes, root: Element, new: bytes, after: Sequence[str]) -> Edit:
    """Return an edit that inserts a child of the root behind all children of these names."""
    before = [child.end for child in root.children if child.name in after]
    if not before and root.inner_end == root.end:
        return appended(xml, root, new)
    at = max(before, default=root.inner)
    return at, at, new


# -- text --------------------------------------------------------------------------------------

_LIKE_AN_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_SPECIAL = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
    | {"\r": "&#13;"}
)


def escape(text: str) -> str:
    """Escape text for an attribute or for content."""
    return text.translate(_SPECIAL)


def text_element(tag: str, text: str) -> str:
    """Return an element with the text of a cell or note, keeping its white space."""
    if "_x" in text:
        text = _LIKE_AN_ESCAPE.sub("_x005F_", text)
    if "&" in text or "<" in text or ">" in text or "\r" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        text = text.replace("\r", "&#13;")
    if text.strip() == text and "\n" not in text:
        return f"<{tag}>{text}</{tag}>"
    return f'<{tag} xml:space="preserve">{text}</{tag}>'


# -- serializing -------------------------------------------------------------------------------

Change = Callable[[str, dict[str, str]], dict[str, str]]

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def plain(chunks: Iterable[bytes], change: Change | None = None) -> Iterator[bytes]:
    """Serialize a document as Excel would: UTF-8, double quotes, no comments, no CDATA sections.

    `change` may replace the attributes of an element.
    """
    parser = _parser()
    out: list[bytes] = [_DECLARATION]

    def start(tag: str, attributes: dict[str, str]) -> None:
        out.append(start_tag(tag, change(tag, attributes) if change else attributes))

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: out.append(f"</{tag}>".encode())
    parser.CharacterDataHandler = lambda data: out.append(
        data.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\r", "&#13;")
        .encode()
    )
    for chunk in chunks:
        parser.Parse(chunk, False)
        yield b"".join(out)
        out.clear()
    parser.Parse(b"", True)
    yield b"".join(out)


_ENCODING = re.compile(rb"^<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)")


def is_utf8(head: bytes) -> bool:
    """Whether a document that begins with `head` is UTF-8 without a byte order mark."""
    found = _ENCODING.match(head)
    if found:
        return found[1].lower() in (b"utf-8", b"utf8", b"us-ascii")
    return head.lstrip().startswith(b"<")
