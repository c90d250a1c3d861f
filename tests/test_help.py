"""The help, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import click
import pytest
from click.testing import Result

from converter import cli, help_in_chinese, wording

Run = Callable[..., Result]
COMMANDS = list(cli.cli.commands)


def in_language(run: Run, lang: str, name: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANG", lang)
        return run(name, "--help")


@pytest.mark.parametrize("lang", wording.LANGUAGES)
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_two_examples(run: Run, name: str, lang: str) -> None:
    asked = in_language(run, lang, name)

    assert asked.exit_code == 0
    assert len(re.findall(rf"(?m)^ +converter {name}\b", asked.output)) >= 2


def test_the_examples_are_the_same_in_both_languages(run: Run) -> None:
    for name in COMMANDS:
        said = [in_language(run, lang, name).output for lang in wording.LANGUAGES]
        examples = [re.findall(r"(?m)^ +(converter .*)$", text) for text in said]
        assert examples[0] == examples[1], name


def test_nothing_stays_english_in_the_chinese_help(run: Run) -> None:
    for name in COMMANDS:
        said = in_language(run, "zh", name).output
        lines = [line for line in said.splitlines() if "converter " not in line]
        assert not re.search(r"\b[a-z]+ [a-z]+ [a-z]+\b", "\n".join(lines)), (name, said)


def test_every_option_is_known_in_chinese() -> None:
    found = {
        max(param.opts, key=len).strip("-")
        for command in (cli.cli, *cli.cli.commands.values())
        for param in command.get_params(click.Context(command))
        if isinstance(param, click.Option)
    }

    assert found == set(help_in_chinese.OPTIONS)
    assert set(help_in_chinese.COMMANDS) == {"converter", *COMMANDS}


@pytest.mark.parametrize(
    ("words", "system", "expected"),
    [
        pytest.param(["--help"], "zh_CN.UTF-8", "用法", id="by the system"),
        pytest.param(["check", "--help"], "en_US.UTF-8", "Usage", id="in English"),
        pytest.param(["check", "--lang=zh", "--help"], "en_US.UTF-8", "用法", id="as asked"),
        pytest.param(["check", "--lang", "en", "--help"], "zh_CN.UTF-8", "Usage", id="asked back"),
    ],
)
def test_the_language_is_the_one_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: list[str], system: str, expected: str
) -> None:
    monkeypatch.setenv("LANG", system)

    assert run(*words).output.startswith(expected)
