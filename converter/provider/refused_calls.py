"""Judges a request that was refused as a whole: for which of its orders, and is it proved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from converter.mapping.model import ProviderMapping
from converter.message import N_, t
from converter.model import UNPROVEN, Judgement, Order, Outcome, Status
from converter.provider import error_lists
from converter.provider.error_lists import ListedError
from converter.provider.system_trouble import (
    CONTRADICTS_ITSELF,
    in_trouble,
    says_success,
    sign_of_trouble,
)

_MAX_MESSAGE_LENGTH = 1000

WITH_OTHERS = N_(
    "The provider refused the request because of another of its orders, and stored none of them. "
    "This order is sent again without that one."
)
OF_ANOTHER = N_(
    "The provider refused the request. Its answer names an order that this request did not hold, "
    "so it does not say what is wrong with this one."
)


def judge_refusal(
    mapping: ProviderMapping,
    orders: Sequence[Order],
    answer: Any,
    message: str,
    text: str,
    request_id: str,
    *,
    is_documented: bool,
) -> Judgement:
    """One outcome for each order of a refused request.

    `message` is shown; `text` is what the provider itself says. The refusal proves that nothing
    was created where the provider documents it, or documents that it stores all orders or none.
    """
    response = mapping.response
    listed = error_lists.read(response.errors, answer, mapping.request.body)
    words = response.system_words
    said = [text, *map(str, listed)]
    named = any(one.at for one in listed)
    codes = not is_documented
    if sign := sign_of_trouble(said, [answer], words=words, codes=codes, names_fields=named):
        outcome = in_trouble(sign, error_lists.joined(text, listed)[:_MAX_MESSAGE_LENGTH])
        return Judgement((outcome,) * len(orders), request_id)
    if says_success(text, answer):
        outcome = Outcome(Status.UNKNOWN, t(CONTRADICTS_ITSELF, message=text))
        return Judgement((outcome,) * len(orders), request_id)
    is_atomic = response.atomic is not None and bool(response.atomic.evidence)
    is_proved = is_documented or (is_atomic and answer is not None)
    flags = () if is_proved else (UNPROVEN,)
    if not is_proved or len(orders) == 1:
        outcomes = [
            Outcome(Status.REJECTED, _own(message, listed, place, len(orders)), flags=flags)
            for place in range(len(orders))
        ]
        return Judgement(tuple(outcomes), request_id, refused_whole=is_proved)
    culprits = {one.order for one in listed if one.order is not None and one.order < len(orders)}
    if not culprits:
        whole = _cut(error_lists.joined(message, listed))
        return Judgement(
            (Outcome(Status.REJECTED, whole),) * len(orders), request_id, refused_whole=True
        )
    others = Outcome(Status.NOT_SENT, t(WITH_OTHERS))
    return Judgement(
        tuple(
            Outcome(Status.REJECTED, _own(message, listed, place, len(orders)))
            if place in culprits
            else others
            for place in range(len(orders))
        ),
        request_id,
        refused_others=True,
    )


def _own(message: str, listed: Sequence[ListedError], place: int, sent: int) -> str:
    """What a refusal says about one of its orders."""
    own = [one for one in listed if one.order in (None, place)]
    if listed and not own:
        misplaced = all(one.order is not None and one.order >= sent for one in listed)
        return t(OF_ANOTHER) if misplaced else message
    return _cut(error_lists.joined(message, own))


def _cut(message: str) -> str:
    """Without a cut it stays a message that can be told in any language."""
    return message if len(message) <= _MAX_MESSAGE_LENGTH else message[:_MAX_MESSAGE_LENGTH]
