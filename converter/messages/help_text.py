"""The help of a command, in the pieces that a catalogue translates."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator


def help_parts(text: str) -> Iterator[str]:
    """Each paragraph in one line; of one that click leaves as it is (after `\\b`) the lines that
    are not indented: those that are hold commands."""
    for paragraph in _paragraphs(text):
        if paragraph[0] == "\b":
            yield from (line for line in paragraph[1:] if not line.startswith(" "))
        else:
            yield " ".join(paragraph)


def translate_help(text: str, translate: Callable[[str], str]) -> str:
    """The text with each of its parts translated."""
    parts = {part: translate(part) for part in help_parts(text)}
    return "\n\n".join(
        "\n".join(parts.get(line, line) for line in paragraph)
        if paragraph[0] == "\b"
        else parts[" ".join(paragraph)]
        for paragraph in _paragraphs(text)
    )


def _paragraphs(text: str) -> Iterator[list[str]]:
    return (paragraph.split("\n") for paragraph in inspect.cleandoc(text).split("\n\n"))
