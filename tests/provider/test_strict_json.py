from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.provider.replies import (
    NO,
    PROVIDERS,
    YES,
    A,
    P,
    U,
    judge,
    row,
    statuses,
)

# -- bodies that cannot be read --------------------------------------------------------------------


def text(answer: Any) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()


BROKEN = [
    pytest.param(lambda _: b"", id="nothing"),
    pytest.param(lambda _: b" \r\n", id="blanks"),
    pytest.param(lambda _: b"<!DOCTYPE html><html><body>OK</body></html>", id="HTML"),
    pytest.param(lambda _: b"OK", id="a word"),
    pytest.param(lambda good: text(good)[:-1], id="cut at the last byte"),
    pytest.param(lambda good: text(good)[: len(text(good)) // 2], id="cut in the middle"),
    pytest.param(lambda good: text(good) + b"}", id="a bracket too many"),
    pytest.param(lambda good: text(good) * 2, id="two answers"),
    pytest.param(lambda good: text(good) + b"\0", id="a null byte at the end"),
    pytest.param(lambda good: text(good).decode().encode("utf-16"), id="UTF-16"),
    pytest.param(lambda good: text({**good, "x": "成功"}).decode().encode("gbk"), id="GBK"),
    pytest.param(lambda good: text(good)[:-1] + b', "x": NaN}', id="NaN"),
    pytest.param(lambda good: text(good)[:-1] + b', "x": Infinity}', id="infinity"),
    pytest.param(lambda good: text(good)[:-1] + b', "x": -Infinity}', id="minus infinity"),
    pytest.param(lambda good: text(good)[:-1] + b', "code": 0}', id="a key twice"),
    pytest.param(
        lambda good: text(good)[:-1] + b', "x": {"a": 1, "a": 1}}', id="a key twice inside"
    ),
    pytest.param(lambda good: text(good)[:-1] + b', "x": ' + b"9" * 5000 + b"}", id="5,000 digits"),
    pytest.param(lambda good: text(good)[:-1] + b', "x": "\\ud800"}', id="half a character"),
    pytest.param(lambda good: text(good)[:-1] + b', "\\udfff": 1}', id="half a character in a key"),
    pytest.param(
        lambda good: text(good)[:-1] + b', "x": ' + b"[" * 150 + b"]" * 150 + b"}", id="150 deep"
    ),
    pytest.param(
        lambda good: text(good)[:-1] + b', "x": ' + b'{"a":' * 950 + b"1" + b"}" * 951,
        id="950 deep",
    ),
    pytest.param(
        lambda good: text(good)[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        id="100,000 deep",
    ),
    pytest.param(lambda _: b"null", id="null"),
    pytest.param(lambda _: b"true", id="true"),
    pytest.param(lambda _: b"0", id="0"),
    pytest.param(lambda _: b"200", id="200"),
    pytest.param(lambda _: b'"20000"', id="a text"),
    pytest.param(lambda _: b"[]", id="an empty list"),
    pytest.param(lambda _: b"{}", id="an empty object"),
    pytest.param(lambda good: text([good]), id="the answer in a list"),
    pytest.param(lambda good: text(json.dumps(good)), id="the answer as text in JSON"),
]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("broken", BROKEN)
def test_an_answer_that_cannot_be_read_settles_nothing(provider: str, broken: Any) -> None:
    for good in (YES[provider], NO[provider]):
        found = judge(provider, broken(good))

        assert statuses(found) == [U]
        assert (found.stop, found.not_processed) == ("", False)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_byte_order_mark_and_pairs_of_halves_do_no_harm(provider: str) -> None:
    emoji = text(YES[provider])[:-1] + b', "x": "\\ud83d\\ude00"}'

    assert statuses(judge(provider, b"\xef\xbb\xbf" + text(YES[provider]))) == [A]
    assert statuses(judge(provider, emoji)) == [A]


def test_a_long_message_is_cut_and_nothing_else_is_done_to_it() -> None:
    reason = "=HYPERLINK(1)<b>" + "x" * 10_000_000
    (outcome,) = judge(
        "scexpress", {"code": 0, "data": [row(code=-1, number="", msg=reason)]}
    ).outcomes

    assert outcome.message == reason[:1000]


def test_numbers_beyond_a_float_stay_exact() -> None:
    body = b'{"code": 0, "data": [{"code": 0, "customernumber": "R1", "systemnumber": %d}]}'
    (outcome,) = judge("scexpress", body % 12345678901234567890123).outcomes

    assert outcome.provider_order_no == "12345678901234567890123"


# -- whatever may come -----------------------------------------------------------------------------


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([0, 1, -1, 200, 201, 20000, 0.5, "", "0", "200", "20000", "R1", "-", "true"])
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside a JSON value, itself included."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    return [path, *(found for key, part in inner for found in places(part, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], new)
    return changed


@st.composite
def odd_answers(draw: st.DrawFn, provider: str) -> Any:
    """A valid answer of the provider with one or two parts replaced by arbitrary values."""
    answer = draw(st.sampled_from([YES[provider], NO[provider]]))
    for _ in range(draw(st.integers(1, 2))):
        answer = replaced(answer, draw(st.sampled_from(places(answer))), draw(ANYTHING))
    return answer


def is_number(value: Any, *wanted: int) -> bool:
    return type(value) in (int, float) and value in wanted


def numbers_in(provider: str, answer: Any) -> bool:
    """Whether an answer says, in the documented place, that an order was created."""
    if not isinstance(answer, dict):
        return False
    data = answer.get("data")
    if provider == "scexpress":
        rows = data if isinstance(data, list) else [data]
        return is_number(answer.get("code"), 0) and any(
            is_number(found.get("code"), 0, 1) and found.get("systemnumber") not in (None, "")
            for found in rows
            if isinstance(found, dict)
        )
    if provider == "oms":
        return answer.get("success") is True and str(answer.get("code")) in ("20000", "20000.0")
    if provider == "apicenter":
        return is_number(answer.get("code"), 0) and isinstance(data, dict)
    if provider == "platform1688":
        return answer.get("result") is True and isinstance(data, dict) and data["success"] is True
    return is_number(answer.get("code"), 0, 200)


@pytest.mark.parametrize("provider", PROVIDERS)
@given(data=st.data())
@settings(deadline=None, max_examples=200)
def test_no_answer_raises_and_no_yes_is_made_up(provider: str, data: st.DataObject) -> None:
    answer = data.draw(odd_answers(provider))
    found = judge(provider, answer, data.draw(st.sampled_from([["R1"], ["R1", "R2"]])))

    if {A, P} & set(statuses(found)):
        assert numbers_in(provider, answer)
