"""The lines of text that describe what became of one order."""

from __future__ import annotations

import re
from collections.abc import Callable

from converter import messages
from converter.model import Result

MOST_LINES = 20

_NUMBER = re.compile(r"\d+")


def all_lines(result: Result, lang: str) -> list[str]:
    """Everything known of an order: its message, then a line for each issue."""
    lines = _message_lines(result, lang)
    issues = _issue_lines(result, lang)
    if issues.keys() & set(lines):
        return lines  # the message lists the issues itself
    lines += list(issues)[:MOST_LINES]
    if len(issues) > MOST_LINES:
        lines.append(_and_more(len(issues) - MOST_LINES, lang))
    return lines


def general_lines(result: Result, lang: str) -> list[str]:
    """What concerns all rows of an order: its message without the issues of single cells."""
    lines = _message_lines(result, lang)
    issues = _issue_lines(result, lang)
    if not issues.keys() & set(lines):
        return lines
    return [line for line in lines if line not in issues and not _counts_the_rest(line, lang)]


def joined(result: Result, read: Callable[[Result], str]) -> str:
    """A value of the order, or the values of its parts."""
    own = read(result)
    if own or not result.parts:
        return own
    return "; ".join(value for value in dict.fromkeys(map(read, result.parts)) if value)


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def _issue_lines(result: Result, lang: str) -> dict[str, None]:
    return dict.fromkeys(messages.issue_line(issue, lang) for issue in result.issues)


def _and_more(count: int, lang: str) -> str:
    return messages.say("more_issues", lang, count=count)


def _counts_the_rest(line: str, lang: str) -> bool:
    """Whether the line only says how many issues are left out."""
    return any(line == messages.say("more_issues", lang, count=n)
               for n in _NUMBER.findall(line)[:1])  # fmt: skip


def _message_lines(result: Result, lang: str) -> list[str]:
    """The order's own message, or else one line for each of its parts."""
    if result.message:
        return result.message.split("\n")
    lines = [
        messages.say(
            "part",
            lang,
            reference=part.reference,
            status=messages.status(part.status, lang),
            number=part.provider_order_no,
            message=part.message,
        )
        for part in result.parts
    ]
    return [in_one_line(line) for line in lines]
