"""Hostile files that come through the page are refused in the words of the command line."""

from __future__ import annotations

import html
from typing import Any

import pytest

from converter.errors import SheetError
from converter.sheet import read
from tests.web.conftest import Visitor
from tests.zip_parts import change_parts

ROWS = '<row r="1"><c r="A1"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        pytest.param("xl/media/bomb.bin", bytes(4 << 20), "ZIP_LIMIT", id="swells a thousandfold"),
        pytest.param("../../evil.xml", b"<a/>", "ZIP_NAMES", id="leads out"),
        pytest.param(
            "xl/theme.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "XML_DTD", id="entity"
        ),
    ],
)
def test_a_hostile_workbook_is_refused_in_the_words_of_the_command_line(
    visitor: Visitor, sheets: Any, name: str, content: bytes, code: str
) -> None:
    path = change_parts(sheets.xml(ROWS), lambda parts: parts.update({name: content}))
    with pytest.raises(SheetError) as error:
        read(path)
    assert error.value.code == code

    address = visitor.upload(path.name, path.read_bytes())
    visitor.wait(address)

    assert str(error.value) in html.unescape(visitor.get(address))
