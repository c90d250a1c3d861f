"""Parse the YAML of a mapping file into dicts, lists and text, with the place of each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from converter.errors import Fault, MappingError
from converter.message import t
from converter.messages.system import of_system

LARGEST = 262_144
"""Bytes in a mapping file at most."""

DEEPEST = 20

LONGEST_TEXT = 20_000
"""Characters in one text at most."""

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

Loc = tuple[str | int, ...]
"""A place in the file: keys and list positions from the top."""

Places = dict[Loc, tuple[int, int]]
"""Line and column of every key and value, counted from 1."""

# PyYAML's C parser where there is one. Its events are read before it guesses types: every scalar
# stays the text that was written (`NO`, `010`, `1e3`), and the schema alone says what becomes a
# number.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def text_of(path: Path) -> str:
    """Read the text of a mapping file. Raises MappingError where there is none."""
    name = str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        problem = t("the mapping file cannot be read: {problem}", problem=of_system(error))
        raise MappingError(problem, file=name) from error
    if len(raw) > LARGEST:
        problem = t("larger than {size} KiB, which no mapping is", size=LARGEST // 1024)
        raise MappingError(problem, file=name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = t("not UTF-8 text (byte {place})", place=error.start)
        raise MappingError(problem, file=name) from error


def read(text: str, name: str) -> tuple[dict[str, Any], Places]:
    """The content of a mapping file that is called `name` in messages, and the place of each part.

    Raises MappingError for invalid YAML, and for YAML beyond plain keys, lists and text.
    """
    content, places, faults = read_all(text, name)
    if faults:
        raise MappingError.of(faults)
    return content, places


def read_all(text: str, name: str) -> tuple[dict[str, Any], Places, list[Fault]]:
    """Like `read`, with those faults after which the rest can still be read."""
    reader = _Reader(text, name)
    try:
        content = reader.content()
    except yaml.MarkedYAMLError as error:
        unreadable = reader.fault(_yaml_problem(error), error.problem_mark)
        raise MappingError.of([*reader.faults, unreadable]) from error
    except yaml.YAMLError as error:
        raise MappingError(f"not readable as YAML: {error}", file=name) from error
    if not isinstance(content, dict):
        raise MappingError(
            "expected keys such as 'provider:' and 'fields:'", file=name, line=1, column=1
        )
    return content, reader.places, reader.faults


def _yaml_problem(error: yaml.MarkedYAMLError) -> str:
    said = f"not readable as YAML: {error.problem}"
    for part, remedy in _REMEDIES.items():
        if part in str(error.problem):
            return f"{said}. {remedy}"
    return said


_REMEDIES = {
    "mapping values are not allowed": "Put a text with ': ' in it into quotes.",
    "found character that cannot start any token": "Indent with blanks, and put a text that "
    "begins with @, ` or % into quotes.",
    "did not find expected": "A bracket, brace or quote is not closed, or a line is indented "
    "otherwise than the one above.",
}


class PlainScalar(str):
    """A scalar without quotes in a field's `value`, a list's `entry` or a `body`, where numbers,
    true and null mean themselves.

    Everywhere else the text of a scalar is all there is to it.
    """

    __slots__ = ()


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self._events = yaml.parse(text, Loader=_Loader)
        self._file = file
        self.places: Places = {}
        self.faults: list[Fault] = []

    def fault(self, problem: str, mark: Any) -> Fault:
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        return Fault(problem, self._file, line, column)

    def content(self) -> Any:
        found: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    problem = "not readable as YAML: but found another document"
                    raise MappingError.of([*self.faults, self.fault(problem, event.start_mark)])
                found = self._value(self._next(), ())
        return found

    def _add(self, problem: str, mark: Any) -> None:
        """Note a fault after which reading goes on."""
        self.faults.append(self.fault(problem, mark))

    def _check_text(self, text: str, mark: Any) -> None:
        """Refuse what a terminal would obey, or what makes a text look like another one."""
        if found := _UNSEEN.search(text):
            problem = f"the character U+{ord(found[0]):04X} cannot be seen: write the text without"
            self._add(problem, mark)
            return
        if len(text) > LONGEST_TEXT:
            self._add(f"a text longer than {LONGEST_TEXT:,} characters", mark)

    def _next(self) -> Any:
        """The next event. Anchors, aliases and tags are refused: values are written out.

        An alias may stand for any amount of content, so nothing is read beyond the first one.
        """
        event = next(self._events)
        if getattr(event, "anchor", None):
            problem = "anchors and aliases are not allowed: write the value out"
            raise MappingError.of([*self.faults, self.fault(problem, event.start_mark)])
        if tag := getattr(event, "tag", None):
            self._add(f"the tag {tag[:60]} is not allowed: write plain text", event.start_mark)
        return event

    def _value(self, event: Any, loc: Loc) -> Any:
        """The value that begins with an event. Its place is that of its key, if it has one."""
        mark = event.start_mark
        self.places.setdefault(loc, (mark.line + 1, mark.column + 1))
        if len(loc) > DEEPEST:
            problem = self.fault(f"nested more than {DEEPEST} deep", mark)
            raise MappingError.of([*self.faults, problem])
        if isinstance(event, yaml.ScalarEvent):
            self._check_text(event.value, mark)
            if not event.value and event.style not in ("'", '"'):
                return None
            return PlainScalar(event.value) if _is_json(loc) and not event.style else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(loc)
        return self._dict(loc)

    def _list(self, loc: Loc) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            found.append(self._value(event, (*loc, len(found))))
        return found

    def _dict(self, loc: Loc) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            mark = event.start_mark
            if not isinstance(event, yaml.ScalarEvent):
                problem = self.fault("a key must be text", mark)
                raise MappingError.of([*self.faults, problem])
            key = event.value
            self._check_text(key, mark)
            here = (*loc, key)
            if key == "<<":
                self._add("merge keys are not allowed: write the value out", mark)
                merged = self._value(self._next(), here)
                found.update(merged if isinstance(merged, dict) else {})
                continue
            if key in found:
                first = self.places[here][0]
                self._add(f"the key {key!r} stands here twice (first in line {first})", mark)
            self.places[here] = (mark.line + 1, mark.column + 1)
            found[key] = self._value(self._next(), here)
        return found


def _is_json(loc: Loc) -> bool:
    """Whether values at a place are any JSON, in which `5` is a number and `"5"` a text."""
    if loc[:1] == ("fields",):
        return loc[2:3] == ("value",)
    if loc[:2] == ("order", "lists"):
        return loc[3:4] == ("entry",)
    return loc[:1] == ("samples",) or "body" in loc[1:]
