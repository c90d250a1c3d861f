"""One pass over the tags of a sheet's XML finds what searches of its whole text find."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.sheet import tags
from converter.sheet.tags import count_tags, has_space_after_tag

WORDS = (
    *('<c r="A1">', '<c r="AZ19" s="1">', '<c r="A0">', '<c r="BA1">', "<c>", "<c/>", "<cols>"),
    *('<c r="a1">', '<c r="AAA1">', "<c-x>", "</c>", "<v>1</v>", "<v>-1</v>", "<v>x", "<v></v>"),
    *("<v/>", "<is>", "<f>1</f>", "<!-- -->", "<", "c", "v>", " ", "\n", 'r="', "x" * 7, "é"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=40), st.integers(1, 30))
def test_the_pass_and_the_searches_agree(words: list[str], block: int) -> None:
    xml = "".join(words).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tags, "_BLOCK", block)
        found = count_tags(xml)
    odd = re.search(rb'<(?:!|c(?! r="A?[A-Z][1-9])(?![\w.-]))', xml)
    assert found.plain == (odd is None)
    assert found.has_text_values == (re.search(rb"<v>(?![0-9<])", xml + b"\0") is not None)
    assert found.has_formulas == (b"<f" in xml)
    assert found.values == xml.count(b"<v") + xml.count(b"<i")


@pytest.mark.parametrize(
    ("xml", "found"),
    [
        (b"<t> </t>", True),
        (b"<t>\r</t>", True),
        (b"<t>x </t>", False),
        (b"<t>", False),
        (b"", False),
    ],
)
def test_a_blank_behind_a_tag_is_found(xml: bytes, found: bool) -> None:
    assert has_space_after_tag(xml) is found
