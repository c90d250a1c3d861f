"""Edits of XML leave every other byte as it was."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.ooxml import markup

XML = """<?xml version='1.0'?>
<x:a  one="1>2" r:id='7'><b/><x:c two="2" >t<d>u</d>中</x:c ></x:a>""".encode()


def test_elements_are_where_their_bytes_are() -> None:
    root = markup.parse(XML)
    b, c = root.children

    assert (root.name, root.prefix, root.get("one"), root.get("id")) == ("a", "x:", "1>2", "7")
    assert XML[b.start : b.end] == b"<b/>"
    assert XML[c.inner : c.inner_end].decode() == "t<d>u</d>中"
    assert XML[c.inner_end : c.end] == b"</x:c >"
    assert c.text == "t中"
    assert [element.tag for element in root.within("d")] == ["d"]


@pytest.mark.parametrize(
    ("xml", "after", "expected"),
    [
        pytest.param(b"<a><b/><c/></a>", ("b",), b"<a><b/><new/><c/></a>", id="behind one"),
        pytest.param(b"<a><b/><b/><c/></a>", ("b",), b"<a><b/><b/><new/><c/></a>", id="behind all"),
        pytest.param(b"<a><c/></a>", ("b",), b"<a><new/><c/></a>", id="first"),
        pytest.param(b"<a/>", ("b",), b"<a><new/></a>", id="only"),
    ],
)
def test_child_is_put_behind_others(xml: bytes, after: tuple[str, ...], expected: bytes) -> None:
    edit = markup.inserted(xml, markup.parse(xml), b"<new/>", after)

    assert markup.splice(xml, [edit]) == expected


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        pytest.param(b'<a b="1"/>', b'<a b="1"><new/></a>', id="empty tag"),
        pytest.param(b"<a><b/></a>", b"<a><b/><new/></a>", id="behind what it has"),
    ],
)
def test_content_is_put_at_the_end(xml: bytes, expected: bytes) -> None:
    edit = markup.appended(xml, markup.parse(xml), b"<new/>")

    assert markup.splice(xml, [edit]) == expected


def test_start_tag_keeps_what_is_not_changed() -> None:
    edit = markup.retagged(XML, markup.parse(XML), {"one": "<&\"'\n", "r:id": None, "new": "3"})

    tag = edit[2].decode()
    assert tag == '<x:a one="&lt;&amp;&quot;\'&#10;" new="3">'


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("plain", "<t>plain</t>", id="plain"),
        pytest.param("a & b <c>", "<t>a &amp; b &lt;c&gt;</t>", id="signs of XML"),
        pytest.param(" a", '<t xml:space="preserve"> a</t>', id="space"),
        pytest.param("a\nb", '<t xml:space="preserve">a\nb</t>', id="lines"),
        pytest.param("_x0041_", "<t>_x005F_x0041_</t>", id="like an escape"),
        pytest.param("max_x", "<t>max_x</t>", id="not like one"),
    ],
)
def test_text_of_a_cell_is_written_as_it_is(text: str, written: str) -> None:
    assert markup.text_element("t", text) == written


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', id="entities"),
        pytest.param(b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', id="a file"),
    ],
)
def test_document_types_are_refused(xml: bytes) -> None:
    with pytest.raises(ValueError, match="document type"):
        markup.parse(xml)
    with pytest.raises(ValueError, match="document type"):
        list(markup.plain([xml]))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r", exclude_categories=["Cc"])))
def test_document_written_again_says_the_same(text: str) -> None:
    root = ET.Element("a", {"b": text})
    ET.SubElement(root, "c").text = text
    xml = ET.tostring(root, encoding="utf-16")

    again = b"".join(markup.plain([xml[:5], xml[5:]]))

    assert markup.is_utf8(again)
    assert ET.tostring(ET.fromstring(again)) == ET.tostring(root)
    assert re.match(rb"<\?xml", again)
