"""The catalogues: complete, in step with the sources, and one more is one more file."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import converter
from converter import messages
from converter.cli.translated import CLICK
from converter.message import join, pt, t
from converter.messages import catalogue, translate

ROOT = Path(converter.__file__).parent
CHINESE = re.compile("[\u3400-\u9fff]")

ERRORS = {
    *("ConverterError", "UsageError", "SheetError", "MappingError", "SettingsError"),
    *("OutputError", "AccountBusy", "JournalError"),
}
ENGLISH = {
    "mapping/load.py": "faults of the mapping language are for those who write mappings",
    "mapping/schema.py": "faults of the mapping language are for those who write mappings",
    "mapping/yaml_events.py": "faults of the mapping language are for those who write mappings",
    "orders/rules.py": "the same: a rule of a mapping that cannot be followed",
}
"""Files that may raise errors in English alone, and why."""

CLICKS_ENGLISH = {"number_type", "name"}
"""Facts of click's that are English words, `integer` and `File`, for which ours have their own."""

VIETNAMESE = """
msgid ""
msgstr ""
"Language: vi\\n"
"Language-Team: Vietnamese\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "There is no file {file}. Check the name and the folder."
msgstr "Không có tệp {file}. Hãy kiểm tra tên và thư mục."

msgid "Error: {problem}"
msgstr "Lỗi: {problem}"

msgctxt "status"
msgid "accepted"
msgstr "đã nhận"

msgid "Usage:"
msgstr "Cách dùng:"
"""


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def names(template: str) -> set[str]:
    return set(re.findall(r"{(\w*)", template))


CATALOGUES = sorted(catalogue.FOLDER.glob("*/LC_MESSAGES/converter.po"))
CHINESE_ENTRIES = [
    entry for entry in read(catalogue.FOLDER / "zh/LC_MESSAGES/converter.po") if entry.id
]


def texts(entry: Entry) -> tuple[list[str], list[str]]:
    """Its templates, singular and plural, and their translations."""
    return _listed(entry.id), _listed(entry.string or "")


def _listed(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else [*text]


# -- complete, and in step with the sources ------------------------------------------------------


def test_chinese_lacks_no_sentence_and_has_none_that_nobody_says() -> None:
    """After a change: `pybabel extract`, then `pybabel update`, as `babel.cfg` says."""
    methods = [
        ("**.py", "converter.messages.extraction:extract"),
        ("**.html", "converter.messages.extraction:extract_template"),
    ]
    found = {(id_, context) for *_, id_, _, context in extract_from_dir(str(ROOT), methods)}

    assert len(found) > 500
    assert {(entry.id, entry.context) for entry in CHINESE_ENTRIES} == found


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_is_finished_work(path: Path) -> None:
    kept = read(path)

    assert not kept.obsolete
    assert [entry.id for entry in kept if entry.fuzzy and entry.id] == []
    assert [entry.id for entry in kept if not all(texts(entry)[1])] == []


@pytest.mark.parametrize("entry", CHINESE_ENTRIES, ids=lambda entry: str(entry.id)[:60])
def test_both_languages_name_the_same_facts(entry: Entry) -> None:
    templates, translations = texts(entry)
    spare = CLICKS_ENGLISH if templates[0] in CLICK else set()
    expected = set.union(*map(names, templates))

    for translation in translations:
        assert names(translation) <= expected
        if len(templates) == 1:
            assert names(translation) - spare == expected - spare


@pytest.mark.parametrize("entry", CHINESE_ENTRIES, ids=lambda entry: str(entry.id)[:60])
def test_sentences_are_written_in_their_language(entry: Entry) -> None:
    templates, translations = texts(entry)

    for english in templates:
        assert not re.search("[，。；：？！（）]", english)
    for chinese in translations:
        words = re.sub(r"{[\w!]+}|signature|SHA-256|Base64|http\(s\)", "", chinese)
        assert CHINESE.search(chinese) or not re.search("[a-z]{3}", words)
        assert not re.search("[\u3400-\u9fff][,;?!]|[,;:?!][\u3400-\u9fff]", chinese)


def test_what_click_says_is_what_click_says() -> None:
    ours = {"Options:", "Commands:"}  # with the colon that click adds by itself
    theirs = {
        node.value
        for path in Path(click.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
    }

    assert set(CLICK) - ours <= theirs


# -- what the sources say ------------------------------------------------------------------------


class Source:
    """One module, and the messages that it makes."""

    def __init__(self, path: Path) -> None:
        self.name = path.relative_to(ROOT).as_posix()
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        self.calls = [node for node in nodes if isinstance(node, ast.Call)]
        self.named = [node for node in nodes if isinstance(node, ast.Assign)]

    def unmarked(self) -> Iterator[tuple[int, str]]:
        """Templates that are handed to `t` by name, and not marked for translation."""
        for call in self.calls:
            if _called(call) == "t":
                for node in _branches(call.args[0]):
                    value = self._value(node) if isinstance(node, ast.Name) else node
                    for text in _branches(value) if value else ():
                        if text is not call.args[0] and isinstance(text, ast.Constant):
                            yield call.lineno, str(text.value)

    def uneven(self) -> Iterator[tuple[int, str]]:
        """Templates whose places are not the facts that they are given."""
        for call in self.calls:
            given = {word.arg for word in call.keywords}
            if _called(call) == "t" and isinstance(call.args[0], ast.Constant):
                template = str(call.args[0].value)
                if None not in given and names(template) != given:
                    yield call.lineno, template

    def bare(self) -> list[int]:
        """The lines where an error is made of a text that is no message."""
        return [
            call.lineno
            for call in self.calls
            if _called(call) in ERRORS
            for word in (*call.args, *(w.value for w in call.keywords if w.arg != "code"))
            if self._is_bare(word)
        ]

    def _is_bare(self, word: ast.expr) -> bool:
        if isinstance(word, ast.Name) and (value := self._value(word)):
            return self._is_bare(value)
        if isinstance(word, ast.Call):
            return getattr(word.func, "attr", "") == "format"
        return isinstance(word, ast.Constant | ast.JoinedStr | ast.BinOp)

    def _value(self, name: ast.Name) -> ast.expr | None:
        """What the name was last given, above."""
        above = [one for one in self.named if one.lineno <= name.lineno and _is_of(one, name)]
        return max(above, key=lambda one: one.lineno).value if above else None


def _called(call: ast.Call) -> str:
    return getattr(call.func, "id", "")


def _branches(node: ast.expr) -> list[ast.expr]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


def _is_of(assigned: ast.Assign, name: ast.Name) -> bool:
    return any(getattr(target, "id", "") == name.id for target in assigned.targets)


SOURCES = [Source(path) for path in sorted(ROOT.rglob("*.py"))]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_template_is_marked_and_has_its_facts(source: Source) -> None:
    assert [*source.unmarked()] == []
    assert [*source.uneven()] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_no_error_is_made_of_english_alone(source: Source) -> None:
    if source.name not in ENGLISH:
        assert source.bare() == []


# -- in a person's language ----------------------------------------------------------------------


def test_a_message_is_told_in_a_language_with_its_facts() -> None:
    reason = t("no answer for {seconds} seconds", seconds=3)
    made = t("Nothing can be sent: {reason}.", reason=reason)

    assert translate(made, "en") == "Nothing can be sent: no answer for 3 seconds."
    assert translate(made, "zh") == "无法发送：等待 3 秒没有答复。"
    assert type(translate(made, "en")) is str


@pytest.mark.parametrize(
    ("made", "chinese"),
    [
        pytest.param(
            t("{place}: {problem}", place="{problem}", problem="{place} {0} %s"),
            "{problem}：{place} {0} %s",
            id="what people typed is no template",
        ),
        pytest.param(
            t("The provider answered HTTP {status}. {message}", status=500, message=""),
            "服务商答复 HTTP 500。",
            id="a blank fact takes its space along",
        ),
        pytest.param(
            t("The provider answered HTTP {status}. {message}", status=500, message="not sent"),
            "服务商答复 HTTP 500。not sent",
            id="a provider's words are never translated",
        ),
        pytest.param(t("never {seen}", seen="here"), "never here", id="no translation"),
        pytest.param(t(""), "", id="nothing"),
        pytest.param("not sent", "not sent", id="a plain text"),
        pytest.param(pt("status", "not sent"), "未发送", id="by its context"),
        pytest.param(t("not sent"), "不发送", id="without one"),
    ],
)
def test_a_text_in_chinese(made: str, chinese: str) -> None:
    assert translate(made, "zh") == chinese


@pytest.mark.parametrize(
    ("between", "chinese"),
    [
        pytest.param(" ", "没有服务商 x。是否想用 y？plain", id="no blank after a full stop"),
        pytest.param("\n", "没有服务商 x。\n是否想用 y？\nplain", id="lines stay lines"),
    ],
)
def test_what_is_joined_reads_well_in_chinese(between: str, chinese: str) -> None:
    told = [t("There is no provider {name}.", name="x"), t("Did you mean {names}?", names="y")]

    assert translate(join(between, [*told, "plain"]), "zh") == chinese


# -- one more language ---------------------------------------------------------------------------

PROGRAM = """
import sys
from pathlib import Path
from converter.messages import catalogue
catalogue.FOLDER = Path(sys.argv.pop(1))
from converter.cli import main
try: main()
finally: print("babel" in sys.modules)
"""


@pytest.fixture
def locale(tmp_path: Path) -> Path:
    """The catalogues, and one in Vietnamese beside them."""
    folder = tmp_path / "locale"
    shutil.copytree(catalogue.FOLDER, folder, ignore=shutil.ignore_patterns("*.mo"))
    file = folder / "vi" / "LC_MESSAGES" / "converter.po"
    file.parent.mkdir(parents=True)
    file.write_text(VIETNAMESE, encoding="utf-8")
    return folder


def run(locale: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(locale), *words],
        cwd=locale.parent, capture_output=True, encoding="utf-8",
        env={**os.environ, "CONVERTER_HOME": str(locale.parent), "PYTHONUTF8": "1", **environment},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        pytest.param(["--lang", "vi"], {}, id="asked for"),
        pytest.param([], {"LC_ALL": "vi_VN.UTF-8"}, id="the system's"),
    ],
)
def test_a_language_is_one_file(
    locale: Path, words: list[str], environment: dict[str, str]
) -> None:
    done = run(locale, "check", "no.csv", "-p", "oms", *words, **environment)

    assert done.stderr == "Lỗi: Không có tệp no.csv. Hãy kiểm tra tên và thư mục.\n"


def test_what_a_language_lacks_is_said_in_english(locale: Path) -> None:
    done = run(locale, "status", "--run", "never", "--lang", "vi")

    assert done.stderr == ("Lỗi: There is no run 'never'. `converter status` lists the runs.\n")


def test_help_speaks_a_language_that_was_added(locale: Path) -> None:
    done = run(locale, "check", "--help", LC_ALL="vi_VN.UTF-8")

    assert done.stdout.startswith("Cách dùng: converter check")


@pytest.mark.parametrize("words", [["--help"], ["status"], ["providers", "--json"]], ids=" ".join)
def test_a_compiled_catalogue_needs_no_babel(locale: Path, words: list[str]) -> None:
    for source in locale.rglob("*.po"):
        catalogue.compile_catalogue(source, source.with_suffix(".mo"))

    assert run(locale, *words, LC_ALL="zh_CN.UTF-8").stdout.splitlines()[-1] == "False"


def test_a_source_newer_than_what_was_made_of_it_counts(
    locale: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = locale / "vi" / "LC_MESSAGES" / "converter.po"
    catalogue.compile_catalogue(source, source.with_suffix(".mo"))
    os.utime(source.with_suffix(".mo"), (1, 1))
    source.write_text(VIETNAMESE.replace("đã nhận", "xong"), encoding="utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", locale)
    for cached in (catalogue.translations, catalogue.compiled_folder):
        cached.cache_clear()
    try:
        assert messages.languages() == ("en", "vi", "zh")
        assert translate(pt("status", "accepted"), "vi") == "xong"
    finally:
        for cached in (catalogue.translations, catalogue.compiled_folder):
            cached.cache_clear()
