"""What stops a run is said in both languages: each template has its Chinese."""

from __future__ import annotations

import ast
import errno
import pickle
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import converter
from converter.errors import MappingError, SheetError, UsageError
from converter.journal import fold, history, planning
from converter.messages import answers_in_chinese, errors_in_chinese
from converter.messages.sentence import filled, in_language, joined, of_system, recognised, t
from converter.model import Cell

ROOT = Path(converter.__file__).parent
SENTENCES = {**answers_in_chinese.SENTENCES, **errors_in_chinese.SENTENCES}
RECOGNISED = {**answers_in_chinese.SENTENCES, **answers_in_chinese.SYSTEM}

KEPT = {
    *(fold.CUT_OFF, fold.LATER_ANSWER, fold.LATER_REFUSAL, fold.BY_DUPLICATE),
    *(planning.OTHER_DIVISION, planning.MOVED_LINES, history.IN_PROGRESS),
}
"""What only the journal writes, in English; it is put into Chinese when it is shown."""

ERRORS = {
    *("ConverterError", "UsageError", "SheetError", "MappingError", "SettingsError"),
    *("OutputError", "AccountBusy", "JournalError"),
}

ENGLISH = {
    "mapping_file.py": "faults of the mapping language are for those who write mappings",
    "mapping_schema.py": "faults of the mapping language are for those who write mappings",
    "mapping_yaml.py": "faults of the mapping language are for those who write mappings",
    "rules.py": "the same: a rule of a mapping that cannot be followed",
}
"""Rooms that may raise errors in English alone, and why."""

CHINESE = re.compile("[\u3400-\u9fff]")


def facts(template: str) -> set[str]:
    return set(re.findall(r"{(\w*)}", template))


# -- the catalogues ----------------------------------------------------------------------------


class Room:
    """One module, and the templates that it says."""

    def __init__(self, path: Path) -> None:
        self.name = path.relative_to(ROOT).as_posix()
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        self.calls = [node for node in nodes if isinstance(node, ast.Call)]
        self.named = [node for node in nodes if isinstance(node, ast.Assign)]

    def said(self) -> Iterator[tuple[str, int, str, set[str] | None]]:
        """(room, line, template, names of the facts) of every `t(...)`; None for the names where
        they are handed over in a dict."""
        for call in self.calls:
            if _called(call) == "t":
                given = {word.arg for word in call.keywords}
                for template in self._texts(call.args[0]):
                    names = None if None in given else {str(name) for name in given}
                    yield self.name, call.lineno, template, names

    def _texts(self, node: ast.expr) -> list[str]:
        if isinstance(node, ast.IfExp):
            return [*self._texts(node.body), *self._texts(node.orelse)]
        if isinstance(node, ast.Name):
            value = self._value(node)
            assert value is not None, node.id
            return self._texts(value)
        assert isinstance(node, ast.Constant), ast.dump(node)
        return [str(node.value)]

    def bare(self) -> list[int]:
        """The lines where an error is made of a text that is no sentence."""
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


def _is_of(assigned: ast.Assign, name: ast.Name) -> bool:
    return any(getattr(target, "id", "") == name.id for target in assigned.targets)


ROOMS = [Room(path) for path in sorted(ROOT.rglob("*.py")) if path.name != "sentence.py"]
SAID = [one for room in ROOMS for one in room.said()]


def test_every_sentence_has_its_chinese() -> None:
    assert len(SAID) > 100
    assert [one[:3] for one in SAID if one[2] not in SENTENCES] == []


def test_every_fact_has_its_place_and_every_place_its_fact() -> None:
    assert [one for one in SAID if one[3] is not None and facts(one[2]) != one[3]] == []


def test_every_chinese_sentence_is_said_somewhere() -> None:
    assert set(SENTENCES) - {one[2] for one in SAID} - KEPT == set()
    assert set(answers_in_chinese.SENTENCES) >= KEPT


@pytest.mark.parametrize(("template", "chinese"), {**SENTENCES, **RECOGNISED}.items())
def test_both_languages_say_the_same_facts(template: str, chinese: str) -> None:
    assert facts(chinese) == facts(template)


@pytest.mark.parametrize("template", SENTENCES)
def test_chinese_is_written_in_chinese(template: str) -> None:
    chinese = SENTENCES[template]

    assert CHINESE.search(chinese) or not re.search(
        "[a-z]{3}", re.sub(r"{\w+}|signature", "", chinese)
    )
    assert not re.search("[\u3400-\u9fff][,;:?!]|[,;:?!][\u3400-\u9fff]", chinese)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_no_error_is_made_of_english_alone(room: Room) -> None:
    if room.name not in ENGLISH:
        assert room.bare() == []


# -- a sentence --------------------------------------------------------------------------------


def test_a_sentence_is_its_english_text_and_knows_the_other() -> None:
    told = t("There is no folder {folder}. Make it first.", folder="out")

    assert told == "There is no folder out. Make it first."
    assert in_language(told, "en") == "There is no folder out. Make it first."
    assert in_language(told, "zh") == "没有文件夹 out。请先新建。"


def test_facts_that_are_sentences_are_told_in_the_language_of_the_whole() -> None:
    told = t(
        "Nothing can be sent: {reason}.", reason=t("no answer for {seconds} seconds", seconds=3)
    )

    assert told == "Nothing can be sent: no answer for 3 seconds."
    assert told.chinese == "无法发送：等待 3 秒没有答复。"


def test_what_people_typed_is_never_read_as_a_place_for_facts() -> None:
    told = t("{place}: {problem}", place="{problem}", problem="{place} {0} %s")

    assert told == "{problem}: {place} {0} %s"
    assert told.chinese == "{problem}：{place} {0} %s"


@pytest.mark.parametrize("text", ["plain", "", "中文"])
def test_a_plain_text_is_the_same_in_both_languages(text: str) -> None:
    assert in_language(text, "en") == in_language(text, "zh") == text


def test_a_sentence_crosses_processes_whole() -> None:
    told = pickle.loads(pickle.dumps(t("rows {rows}", rows="1, 2")))

    assert (told, told.chinese) == ("rows 1, 2", "第 1, 2 行")


def test_what_is_changed_or_joined_stays_a_sentence() -> None:
    told = joined("\n", [t("rows {rows}", rows="secret"), "plain"])

    changed = told.changed(lambda text: text.replace("secret", "***"))

    assert (changed, changed.chinese) == ("rows ***\nplain", "第 *** 行\nplain")


@pytest.mark.parametrize(
    ("between", "chinese"),
    [
        pytest.param(" ", "没有服务商 x。是否想用 y？plain", id="no blank after a full stop"),
        pytest.param("\n", "没有服务商 x。\n是否想用 y？\nplain", id="lines stay lines"),
    ],
)
def test_what_is_joined_reads_well_in_chinese(between: str, chinese: str) -> None:
    told = [t("There is no provider {name}.", name="x"), t("Did you mean {names}?", names="y")]

    assert joined(between, [*told, "plain"]).chinese == chinese


def test_a_blank_fact_takes_its_space_along() -> None:
    told = t("The provider answered HTTP {status}. {message}", status=500, message="")

    assert (told, told.chinese) == ("The provider answered HTTP 500.", "服务商答复 HTTP 500。")


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        pytest.param(OSError(errno.ENOSPC, "Full"), "Full", "磁盘已满", id="known"),
        pytest.param(OSError(errno.ELOOP, "Odd"), "Odd", "Odd", id="rarely met"),
        pytest.param(OSError("no number"), "no number", "no number", id="without a number"),
        pytest.param(
            sqlite3.OperationalError("database is locked"),
            "database is locked",
            "数据库正被占用",
            id="SQLite",
        ),
        pytest.param(sqlite3.DatabaseError("odd"), "odd", "odd", id="SQLite, rarely met"),
    ],
)
def test_the_systems_own_words(error: Exception, english: str, chinese: str) -> None:
    told = of_system(error)

    assert (told, told.chinese) == (english, chinese)


# -- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "en", "zh"),
    [
        pytest.param(
            lambda: UsageError(t("Nothing was sent, as you chose.")),
            "Nothing was sent, as you chose.",
            "已按您的选择取消，未发送任何订单。",
            id="usage",
        ),
        pytest.param(
            lambda: SheetError(
                t("two orders have the reference '{reference}'", reference="A"),
                where=Cell("Orders", "A", 2),
                remedy=t("Give one of them another order number; nothing was sent"),
                code="TWICE",
            ),
            "Orders!A2: two orders have the reference 'A'. "
            "Give one of them another order number; nothing was sent [TWICE]",
            "Orders!A2：有两个订单的单号都是“A”。请修改其中一个的订单号；未发送任何订单 [TWICE]",
            id="sheet",
        ),
        pytest.param(
            lambda: SheetError("odd", where=Path("a/b.xlsx"), remedy="Mend it."),
            "b.xlsx: odd. Mend it.",
            "b.xlsx：odd。Mend it.",
            id="plain texts stay as they are",
        ),
        pytest.param(
            lambda: MappingError("odd", file="a.yaml", line=2, column=3),
            "a.yaml:2:3: odd",
            "a.yaml:2:3：odd",
            id="mapping",
        ),
    ],
)
def test_errors_speak_both_languages(make: Callable[[], UsageError], en: str, zh: str) -> None:
    error = make()

    assert str(error) == error.in_language("en") == en
    assert error.in_language("zh") == zh


# -- what the journal has kept -----------------------------------------------------------------


@pytest.mark.parametrize("template", RECOGNISED)
def test_every_kept_sentence_is_recognised(template: str) -> None:
    given = {name: f"<{name}>" for name in facts(template)}
    english = filled(template, "en", given)

    assert in_language(recognised(english), "en") == english
    assert in_language(recognised(english), "zh") == filled(RECOGNISED[template], "zh", given)


@pytest.mark.parametrize(
    ("kept", "chinese"),
    [
        pytest.param("地址不存在", "地址不存在", id="what a provider said"),
        pytest.param("", "", id="nothing"),
        pytest.param(
            "No usable answer came: no answer for 3 seconds.",
            "没有收到可用的答复：等待 3 秒没有答复。",
            id="a reason within",
        ),
        pytest.param(
            "The provider answered HTTP 500. sku {x} 错误",
            "服务商答复 HTTP 500。sku {x} 错误",
            id="a provider's words within",
        ),
        pytest.param(
            "The provider answered HTTP 500.", "服务商答复 HTTP 500。", id="no words within"
        ),
        pytest.param(
            "Nothing reached the provider: no connection to the provider: "
            "[Errno 111] Connection refused.",
            "请求没有到达服务商：连接失败：连接被拒绝（111）。",
            id="the system's words within",
        ),
        pytest.param("Not created: L1, L2.", "未创建：L1, L2。", id="none before"),
        pytest.param(
            "The run was cut off while this order was being sent, so the provider may or may not "
            "have it. A later attempt does not settle this; its answer was: Refused.",
            "发送该订单时程序被中断，因此服务商可能已收到，也可能没有。 "
            "之后的一次尝试也未能确认，其答复为：被拒绝。",
            id="one after another",
        ),
    ],
)
def test_what_was_kept_is_shown_in_chinese(kept: str, chinese: str) -> None:
    assert recognised(kept) == kept
    assert in_language(recognised(kept), "zh") == chinese
