"""The READMEs and the pages in `docs/` tell what the program does today.

That their commands run, and print what is printed there, is for `docs/run.py` to find out.
"""

from __future__ import annotations

import contextlib
import re
import shlex
from pathlib import Path

import click
import pytest

from converter import messages, sandbox
from converter.cli.commands import cli
from converter.exit_codes import Exit
from converter.mapping.load import available_mappings, load_mapping, parse_mapping
from converter.model import Status
from docs import generate, run

ROOT = Path(__file__).parent.parent
READMES = ["README.md", "README.zh.md"]
USAGE = ["docs/usage.md", "docs/usage.zh.md"]
SCRIPTS = ["docs/scripts.md", "docs/scripts.zh.md"]
SETTINGS = ["docs/settings.md", "docs/settings.zh.md"]
PAGES = [str(page.relative_to(ROOT)) for page in run.PAGES]


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


UNITS = sorted((ROOT / "docs" / "deploy").glob("*.service"))


# -- what is printed can be run ----------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_commands_is_marked(page: str) -> None:
    marked = [one.text for one in run.blocks(ROOT / page)]

    for block in re.findall(r"^```sh\n(.*?)```", text_of(page), flags=re.S | re.M):
        assert block in marked


@pytest.mark.parametrize("page", PAGES)
def test_every_command_in_a_sentence_could_be_typed(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its options exist; a command that is only named may lack what it needs."""
    monkeypatch.setattr(click.Path, "convert", lambda self, value, param, ctx: value)
    for text in re.findall(r"(?<!`)`(converter [^`]+)`", text_of(page)):
        words = shlex.split(text.replace("\\|", "|").replace(" [OPTIONS]", ""))

        with contextlib.suppress(click.MissingParameter, click.exceptions.Exit):
            cli.commands[words[1]].make_context(words[1], words[2:])


@pytest.mark.parametrize("unit", UNITS, ids=[unit.stem for unit in UNITS])
def test_every_unit_starts_a_command_that_could_be_typed(
    unit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(click.Path, "convert", lambda self, value, param, ctx: value)
    (line,) = re.findall(r"^ExecStart=/opt/converter/bin/(.+)$", unit.read_text(), flags=re.M)
    _, command, *words = shlex.split(line)

    cli.commands[command].make_context(command, words)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    here = ROOT / page
    for target in re.findall(r"\]\(([^)]+)\)", re.sub(r"```.*?```", "", text_of(page), flags=re.S)):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        found = (here.parent / file) if file else here
        assert found.is_file(), target
        if anchor:
            heads = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), flags=re.M)
            assert anchor in {slug(head) for head in heads}, target


def slug(head: str) -> str:
    """The anchor that GitHub and others give a heading."""
    return re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-")


# -- the program's own words -------------------------------------------------------------------


def test_generated_parts_are_up_to_date() -> None:
    """`python docs/generate.py` remakes them."""
    for page in generate.PAGES:
        text = page.read_text(encoding="utf-8")
        assert generate.remade(text) == text, page.name


@pytest.mark.parametrize("page", READMES)
@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_is_named(page: str, command: str) -> None:
    assert f"| `converter {command}" in text_of(page)


@pytest.mark.parametrize("page", USAGE)
@pytest.mark.parametrize("word", sandbox.TROUBLE)
def test_every_special_reference_is_in_the_table(page: str, word: str) -> None:
    assert f"| `{word}` |" in text_of(page)


@pytest.mark.parametrize("page", SCRIPTS)
@pytest.mark.parametrize("code", list(Exit), ids=lambda code: code.name)
def test_every_exit_code_is_explained(page: str, code: Exit) -> None:
    assert re.search(rf"^\| {int(code)} \| \S", text_of(page), flags=re.M)


@pytest.mark.parametrize("page", SCRIPTS)
def test_no_exit_code_is_explained_that_does_not_exist(page: str) -> None:
    codes = re.findall(r"^\| (\d+) \|", text_of(page), flags=re.M)

    assert [int(code) for code in codes] == [int(code) for code in Exit]


@pytest.mark.parametrize("page", USAGE)
@pytest.mark.parametrize("status", [s for s in Status if s is not Status.VALID])
def test_every_status_is_explained(page: str, status: Status) -> None:
    lang = "zh" if page.endswith(".zh.md") else "en"
    assert f"\n| {messages.status_and_code(status, lang)} |" in text_of(page)


@pytest.mark.parametrize("page", SETTINGS)
def test_every_setting_is_named(page: str) -> None:
    text = text_of(page)
    for path in available_mappings().values():
        for setting in load_mapping(path).settings.values():
            assert f"`{setting.env}`" in text


def test_every_variable_of_the_program_is_named() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "converter").rglob("*.py")
    )
    names = set(re.findall(r"\bCONVERTER_[A-Z_]+\b", sources))

    assert names
    for page in SETTINGS:
        assert {name for name in names if f"| `{name}` |" not in text_of(page)} == set()


def test_every_provider_is_in_the_table() -> None:
    for page in READMES:
        for name in available_mappings():
            assert f"| `{name}` |" in text_of(page)


def test_the_example_mapping_can_be_loaded() -> None:
    found = re.search(r"```yaml\n(.*?)```", text_of("docs/mapping.md"), flags=re.S)
    assert found

    mapping = parse_mapping(found[1], "acme.yaml")

    assert mapping.provider == "acme"
