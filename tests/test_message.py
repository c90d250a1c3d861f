"""A sentence is its template and its facts; as text it is English."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.message import (
    Message,
    Multilingual,
    OneLine,
    fill,
    join,
    pack,
    pt,
    stack,
    stacked,
    t,
    unpack,
)
from converter.messages import translate

REFUSED = t(
    "No usable answer came: {reason}.", reason=t("no answer for {seconds} seconds", seconds=3)
)
WRITTEN = Multilingual("Ask us.", zh="请联系我们。")

MESSAGES = [
    pytest.param(t("the answer is larger than 16 MiB"), id="no facts"),
    pytest.param(REFUSED, id="a message within"),
    pytest.param(t("{reason} Nothing was sent.", reason=WRITTEN), id="a text in two languages"),
    pytest.param(WRITTEN, id="a text in two languages alone"),
    pytest.param(join("\n", [REFUSED, "地址不存在", '{"template": "x"}']), id="joined"),
    pytest.param(pt("status", "unknown"), id="with a context"),
]


def test_a_message_is_its_english_text_and_keeps_its_facts() -> None:
    made = t("There is no folder {folder}. Make it first.", folder="out")

    assert made == "There is no folder out. Make it first."
    assert (made.template, made.facts) == (
        "There is no folder {folder}. Make it first.",
        {"folder": "out"},
    )


@given(st.dictionaries(st.sampled_from(["one", "other"]), st.text("{}onether ")))
def test_facts_are_put_in_as_they_are(given_: dict[str, str]) -> None:
    """What people typed is never read as a place for facts."""
    facts = {"one": "x", "other": "y", **given_}
    expected = "a " + facts["one"] + " b " + facts["other"] + " c"

    assert fill("a {one} b {other} c", facts) == (
        expected.strip() if "" in facts.values() else expected
    )


def test_a_blank_fact_takes_its_space_along() -> None:
    made = t("The provider answered HTTP {status}. {message}", status=500, message="")

    assert made == "The provider answered HTTP 500."


def test_a_place_without_a_fact_stays() -> None:
    assert t("{place}: {problem}", place="a") == "a: {problem}"


def test_facts_are_kept_as_text_or_as_messages() -> None:
    made = t("{status} {reason}", status=500, reason=REFUSED)

    assert made.facts == {"status": "500", "reason": REFUSED}
    assert isinstance(made.facts["reason"], Message)


def test_texts_are_joined_to_one_message() -> None:
    made = join("; ", ["plain", REFUSED])

    assert made == "plain; No usable answer came: no answer for 3 seconds."
    assert join("; ", []) == ""


def test_a_change_reaches_the_facts_of_messages_within() -> None:
    made = join("\n", [t("rows {rows}", rows="secret"), "secret"])

    changed = made.with_facts(lambda text: text.replace("secret", "***"))

    assert changed == "rows ***\n***"
    assert translate(changed, "zh") == "第 *** 行\n***"


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize(
    "carry",
    [
        pytest.param(lambda made: unpack(str(made), pack(made)), id="kept as JSON"),
        pytest.param(lambda made: pickle.loads(pickle.dumps(made)), id="pickled"),
        pytest.param(copy.deepcopy, id="copied"),
    ],
)
def test_a_message_is_kept_whole(message: str, carry: Callable[[str], str]) -> None:
    kept = carry(message)

    assert type(kept) is type(message)
    assert (kept, pack(kept)) == (message, pack(message))
    assert translate(kept, "zh") == translate(message, "zh") != message


def test_a_plain_text_needs_no_packing() -> None:
    assert pack("The provider's own {words}") == ""
    assert unpack("The provider's own {words}", "") == "The provider's own {words}"


def test_texts_are_stacked_without_blank_ones() -> None:
    inner = stack([REFUSED, "地址不存在"])

    assert stack(["", ""]) == ""
    assert stack(["", REFUSED]) is REFUSED
    assert stacked(stack([inner, "", "third"])) == (REFUSED, "地址不存在", "third")
    assert stacked("a plain text\nof two lines") == ("a plain text\nof two lines",)
    assert stacked("") == ()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda made: made, id="as it is"),
        pytest.param(lambda made: made.with_facts(str), id="with facts changed"),
        pytest.param(lambda made: pickle.loads(pickle.dumps(made)), id="pickled"),
    ],
)
def test_one_line_stays_one_line_in_every_language(change: Callable[[OneLine], OneLine]) -> None:
    made = change(OneLine("{a}  {b}", {"a": "", "b": stack([REFUSED, "more\nof it"])}))

    assert made == f"{REFUSED} more of it"
    assert translate(made, "zh") == f"{translate(REFUSED, 'zh')} more of it"
