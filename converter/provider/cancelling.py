"""What an answer says of the wish to cancel an order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from converter.mapping.calls import Cancel
from converter.message import N_, t
from converter.model import NoReply, Reply
from converter.provider.search import is_true, search_text
from converter.provider.strict_json import parse
from converter.provider.system_trouble import says_success, sign_of_trouble

_LONGEST = 1000

NOTHING_CAME = N_("No usable answer came: {reason}.")
UNCLEAR = N_(
    "The provider's answer (HTTP {status}) is neither a clear yes nor a clear no. {message}"
)
BUSY = N_("The provider is busy and did not take the request. {message}")
CREDENTIALS = N_("The provider refused the credentials (HTTP {status}). {message}")


class Cancelled(StrEnum):
    """Whether an order was cancelled by a request."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_TAKEN = "not taken"
    """The provider did not look at the request."""


@dataclass(frozen=True, slots=True)
class CancelAnswer:
    """What an answer proves, and what it says."""

    verdict: Cancelled
    message: str = ""
    stop: bool = False
    """No further request makes sense, as where credentials were refused."""


def read_cancel_reply(call: Cancel, reply: Reply | NoReply) -> CancelAnswer:
    """Only a clear yes counts as one. What is neither yes nor no leaves everything open."""
    if isinstance(reply, NoReply):
        verdict = Cancelled.UNKNOWN if reply.sent else Cancelled.NOT_TAKEN
        return CancelAnswer(verdict, t(NOTHING_CAME, reason=reply.reason), stop=reply.stop)
    answer = parse(reply.body)
    message = search_text(call.message, answer)[:_LONGEST] if answer is not None else ""
    if reply.status in (425, 429):
        return CancelAnswer(Cancelled.NOT_TAKEN, t(BUSY, message=message))
    if reply.status in (401, 403):
        said = t(CREDENTIALS, status=reply.status, message=message)
        return CancelAnswer(Cancelled.NOT_TAKEN, said, stop=True)
    unclear = CancelAnswer(
        Cancelled.UNKNOWN, t(UNCLEAR, status=reply.status, message=message), stop=False
    )
    if answer is None:
        return unclear
    says_yes = is_true(call.cancelled, answer)
    says_no = call.refused is not None and is_true(call.refused, answer)
    if 200 <= reply.status < 300 and says_yes and not says_no:
        return CancelAnswer(Cancelled.YES, message)
    is_plain_no = says_no and not says_yes and reply.status < 500
    if is_plain_no and not (sign_of_trouble([message], [answer]) or says_success(message)):
        return CancelAnswer(Cancelled.NO, message)
    return unclear
