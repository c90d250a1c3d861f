"""The READMEs tell what the program does today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from converter import sandbox
from converter.cli.commands import cli
from converter.exit_codes import Exit
from converter.mapping.load import available_mappings, load_mapping, parse_mapping
from converter.model import Status

ROOT = Path(__file__).parent.parent
READMES = ["README.md", "README.zh.md"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READMES)
@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_is_named(name: str, command: str) -> None:
    assert f"converter {command}" in text_of(name)


@pytest.mark.parametrize("name", READMES)
@pytest.mark.parametrize("word", sandbox.TROUBLE)
def test_every_special_reference_is_in_the_table(name: str, word: str) -> None:
    assert f"| `{word}` |" in text_of(name)


@pytest.mark.parametrize("name", READMES)
@pytest.mark.parametrize("code", list(Exit), ids=lambda code: code.name)
def test_every_exit_code_is_explained(name: str, code: Exit) -> None:
    assert re.search(rf"^{int(code)} ", text_of(name), flags=re.M)


@pytest.mark.parametrize("name", READMES)
@pytest.mark.parametrize("status", [s for s in Status if s is not Status.VALID])
def test_every_status_is_explained(name: str, status: Status) -> None:
    assert re.search(rf"^\| {status}\b", text_of(name), flags=re.M)


@pytest.mark.parametrize("name", READMES)
def test_every_setting_is_named(name: str) -> None:
    text = text_of(name)
    for path in available_mappings().values():
        for setting in load_mapping(path).settings.values():
            assert setting.env in text


@pytest.mark.parametrize("name", READMES)
def test_the_example_mapping_can_be_loaded(name: str) -> None:
    found = re.search(r"```yaml\n(.*?)```", text_of(name), flags=re.S)
    assert found

    mapping = parse_mapping(found[1], "example.yaml")

    assert mapping.provider == "acme"
