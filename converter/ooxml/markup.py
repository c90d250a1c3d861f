"""XML as bytes: what stands where in it, and changes that leave every other byte as it was.

Office programs refuse a file over small things that a parser forgets, such as a prefix that is
only named in an attribute. So nothing is written again that does not change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

Edit = tuple[int, int, bytes]
"""What stands from one byte to another, and what shall stand there."""

_START_TAG = re.compile(rb"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")


@dataclass(slots=True)
class Element:
    """An element and where its bytes are: `start`, then `inner` to `inner_end`, then `end`."""

    tag: str
    """As it is written, with its prefix."""
    attributes: Mapping[str, str]
    start: int
    inner: int
    inner_end: int = 0
    end: int = 0
    text: str = ""
    """The text that stands directly in it."""
    children: list[Element] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.tag.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """`x:` or nothing, as new children of the same kind need it."""
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
        """An attribute, whatever its prefix; empty where there is none."""
        return next((v for k, v in self.attributes.items() if k.rpartition(":")[2] == name), "")


def parse(xml: bytes) -> Element:
    """The root. Raises ValueError or ExpatError for what is no XML that is read here."""
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


# -- changing ----------------------------------------------------------------------------------


def splice(xml: bytes, edits: Iterable[Edit]) -> bytes:
    """The same bytes with the edits made; those of one place in the order they are given."""
    parts, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[0]):
        parts += [xml[at:start], new]
        at = end
    return b"".join((*parts, xml[at:]))


def start_tag(tag: str, attributes: Mapping[str, str], *, closed: bool = False) -> bytes:
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}{'/' * closed}>".encode()


def retagged(xml: bytes, element: Element, changes: Mapping[str, str | None]) -> Edit:
    """The start tag with other attributes; None takes one away."""
    attributes = {k: v for k, v in {**element.attributes, **changes}.items() if v is not None}
    closed = xml[element.inner - 2 : element.inner] == b"/>"
    return element.start, element.inner, start_tag(element.tag, attributes, closed=closed)


def appended(xml: bytes, element: Element, new: bytes) -> Edit:
    """More content at the end of an element, which may have none so far."""
    if element.inner_end < element.end:
        return element.inner_end, element.inner_end, new
    opened = xml[element.start : element.inner - 2].rstrip() + b">"
    return element.start, element.end, opened + new + f"</{element.tag}>".encode()


def inserted(xml: bytes, root: Element, new: bytes, after: Sequence[str]) -> Edit:
    """A new child of the root behind all children of these names."""
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
    """Text as it may stand in an attribute, and everywhere else."""
    return text.translate(_SPECIAL)


def text_element(tag: str, text: str) -> str:
    """The text of a cell or a note, of which no space gets lost."""
    if "_x" in text:
        text = _LIKE_AN_ESCAPE.sub("_x005F_", text)
    if "&" in text or "<" in text or ">" in text or "\r" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        text = text.replace("\r", "&#13;")
    if text.strip() == text and "\n" not in text:
        return f"<{tag}>{text}</{tag}>"
    return f'<{tag} xml:space="preserve">{text}</{tag}>'


# -- writing again -----------------------------------------------------------------------------

Change = Callable[[str, dict[str, str]], dict[str, str]]

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def plain(chunks: Iterable[bytes], change: Change | None = None) -> Iterator[bytes]:
    """The same document as the usual programs write it, for what is not written like that.

    UTF-8, double quotes, and neither comments nor sections of unescaped text. `change` may give
    an element other attributes.
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
    """Whether a document that begins like this is written in UTF-8 without a mark before it."""
    found = _ENCODING.match(head)
    if found:
        return found[1].lower() in (b"utf-8", b"utf8", b"us-ascii")
    return head.lstrip().startswith(b"<")
