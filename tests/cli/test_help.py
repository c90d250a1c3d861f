"""The help, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from click.testing import Result

from converter import messages
from converter.cli import commands

Run = Callable[..., Result]
COMMANDS = list(commands.cli.commands)


def in_language(run: Run, lang: str, name: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANG", lang)
        return run(name, "--help")


@pytest.mark.parametrize("lang", messages.languages())
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_two_examples(run: Run, name: str, lang: str) -> None:
    asked = in_language(run, lang, name)

    assert asked.exit_code == 0
    assert len(re.findall(rf"(?m)^ +converter {name}\b", asked.output)) >= 2


def test_the_examples_are_the_same_in_both_languages(run: Run) -> None:
    for name in COMMANDS:
        said = [in_language(run, lang, name).output for lang in messages.languages()]
        examples = [re.findall(r"(?m)^ +(converter .*)$", text) for text in said]
        assert examples[0] == examples[1], name


def test_nothing_stays_english_in_the_chinese_help(run: Run) -> None:
    for name in COMMANDS:
        said = in_language(run, "zh", name).output
        lines = [line for line in said.splitlines() if "converter " not in line]
        assert not re.search(r"\b[a-z]+ [a-z]+ [a-z]+\b", "\n".join(lines)), (name, said)


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


# -- wrong use ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("check", "缺少参数 'SHEET...'."),
        ("submit a", "缺少选项 '-p' / '--provider'."),
        ("reconcile a b -p oms", "多余的参数：b。含空格的文件名请加引号。"),
        ("reconcile a b c -p oms", "多余的参数：b c。含空格的文件名请加引号。"),
        ("submitt", "没有命令 'submitt'。 是否想用 'submit'？"),
        ("check a -p", "选项 '-p' 后面需要一个值。"),
        ("check a --qqqqqq", "没有选项 '--qqqqqq'。"),
        ("check a --encod oms", "没有选项 '--encod'。 是否想用 '--encoding'？"),
        ("check a -p oms --lang xx", "'--lang' 的值无效：'xx' 不是可选值，可选：'en', 'zh'。"),
        (
            "check a -p oms --orders-per-request x",
            "'--orders-per-request' 的值无效：'x' 不是整数。",
        ),
        (
            "check a -p oms --orders-per-request 0",
            "'--orders-per-request' 的值无效：0 超出范围 x>=1。",
        ),
        ("check a -p oms --json=3", "选项 '--json' 后面不能带值。"),
        ("check a -p oms --columns .", "'--columns' 的值无效：'.' 是文件夹，请指定文件。"),
        ("--nothing", "没有选项 '--nothing'。"),
    ],
)
def test_a_wrong_use_is_told_in_chinese(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: str, expected: str
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    done = run(*words.split())
    name = words.split()[0]
    command = f"converter {name}" if name in ("check", "reconcile", "submit") else "converter"

    assert done.exit_code == 2
    assert done.stderr.startswith("用法：")
    assert done.stderr.endswith(f"\n运行 {command} --help 可查看用法。\n\n错误：{expected}\n")


def test_a_wrong_use_is_told_in_english(run: Run) -> None:
    assert run("check", "--lang", "en").stderr.endswith("Error: Missing argument 'SHEET...'.\n")
