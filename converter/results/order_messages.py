"""The lines of text that describe what became of one order."""

from __future__ import annotations

from collections.abc import Callable

from converter import messages
from converter.message import stack, stacked
from converter.messages import translate
from converter.model import OF_PROVIDER, Result
from converter.report import and_more, counts_the_rest, part_line

MOST_LINES = 20


def all_lines(result: Result, lang: str) -> list[str]:
    """Everything known of an order: its message, then a line for each issue."""
    lines = _message_lines(result, lang)
    issues = _issue_lines(result, lang)
    if issues.keys() & set(lines):
        return lines  # the message lists the issues itself
    lines += list(issues)[:MOST_LINES]
    if len(issues) > MOST_LINES:
        lines.append(translate(and_more(len(issues) - MOST_LINES), lang))
    return lines


def general_lines(result: Result, lang: str) -> list[str]:
    """What concerns all rows of an order: its message without the issues of single cells."""
    lines = _message_lines(result, lang)
    issues = _issue_lines(result, lang)
    if not issues.keys() & set(lines):
        return lines
    general = stack(text for text in stacked(result.message) if not counts_the_rest(text))
    return [line for line in translate(general, lang).split("\n") if line not in issues]


def joined(result: Result, read: Callable[[Result], str]) -> str:
    """A value of the order, or the values of its parts."""
    own = read(result)
    if own or not result.parts:
        return own
    return "; ".join(value for value in dict.fromkeys(map(read, result.parts)) if value)


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def _issue_lines(result: Result, lang: str) -> dict[str, None]:
    """Lines about cells, except what the provider said of the order: its message has that."""
    return dict.fromkeys(
        messages.issue_line(issue, lang) for issue in result.issues if issue.code not in OF_PROVIDER
    )


def _message_lines(result: Result, lang: str) -> list[str]:
    """The order's own message, or else one line for each of its parts."""
    message = result.message or stack(part_line(part, part.reference) for part in result.parts)
    return translate(message, lang).split("\n") if message else []
