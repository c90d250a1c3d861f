"""A language added as one catalogue: every command works in it, though no mapping speaks it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from openpyxl import load_workbook

from converter.messages import catalogue

CHINESE = re.compile("[\u3400-\u9fff]")
VIETNAMESE = """
msgid ""
msgstr ""
"Language: vi\\n"
"Language-Team: Vietnamese\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgctxt "status"
msgid "accepted"
msgstr "đã nhận"
"""


@pytest.fixture(autouse=True)
def _vietnamese(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = home / "locale"
    shutil.copytree(catalogue.FOLDER, folder)
    source = folder / "vi" / "LC_MESSAGES" / "converter.po"
    source.parent.mkdir(parents=True)
    source.write_text(VIETNAMESE, encoding="utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", folder)
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    caches = (catalogue.translations, catalogue.compiled_folder)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def test_every_command_works_and_a_mapping_is_read_in_english(run: Callable[..., Result]) -> None:
    def output(*words: str) -> str:
        done = run(*words)
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "Address of the API" in output("providers")
    listed = json.loads(output("providers", "--json"))["providers"]
    assert any(setting["help"] for one in listed for setting in one["settings"])

    output("template", "platform1688", "--example", "-o", "orders.xlsx")
    sheet = ("orders.xlsx", "-p", "platform1688", "--sandbox")
    output("check", *sheet)
    assert output("convert", *sheet)
    output("submit", *sheet)
    assert output("explain", "orders.xlsx", "A3", "-p", "platform1688", "--sandbox")
    output("reconcile", *sheet)
    assert "orders.xlsx" in output("status")

    rows = list(load_workbook("orders.result.xlsx")["Results"].iter_rows(values_only=True))
    assert not any(isinstance(title, str) and CHINESE.search(title) for title in rows[0])
    assert {row[rows[0].index("Status")] for row in rows[1:]} == {"đã nhận accepted"}
