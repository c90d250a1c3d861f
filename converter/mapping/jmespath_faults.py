"""Why a text is no JMESPath expression that can work on an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import jmespath
import jmespath.exceptions
from jmespath.functions import Functions

OWN_FUNCTIONS = {"lower": 1}
"""Functions beside those of JMESPath, with how many values they take."""

_LONGEST = 2_000
_DEEPEST = 80

_BARE_NUMBER = re.compile(r"(?:[=<>!]=|[<>])\s*(-?[0-9]+(?:\.[0-9]+)?)")
_QUOTED = re.compile(r"(?:==|!=)\s*\"([^\"]*)\"")


def problem_of(text: str) -> str:
    """What is wrong with an expression, and what to write instead; empty where nothing is."""
    if len(text) > _LONGEST:
        return f"longer than {_LONGEST:,} characters, which no expression needs"
    try:
        parsed: Any = jmespath.compile(text).parsed
        if _depth(parsed) > _DEEPEST:
            return f"nested more than {_DEEPEST} deep"
    except RecursionError:
        return f"nested more than {_DEEPEST} deep"
    except jmespath.exceptions.JMESPathError as error:
        outside = re.sub(r"`[^`]*`|'[^']*'|\"[^\"]*\"", "", text)
        if number := _BARE_NUMBER.search(outside):
            return f"not a JMESPath expression: write the number in backquotes, `{number[1]}`"
        return f"not a JMESPath expression: {str(error).splitlines()[0]}"
    if quoted := _QUOTED.search(text):
        why = "in double quotes it is the name of a member"
        return f"write the text in single quotes, '{quoted[1]}': {why}"
    return next(_call_faults(parsed), "")


def reads_nothing(text: str) -> bool:
    """Whether an expression that is one is the same for every answer, as `true` or 'ok' in it."""
    return _is_fixed(jmespath.compile(text).parsed)


def always_true(text: str) -> str:
    """The part of a condition that makes it true of every answer; empty where there is none."""
    return _always_true(jmespath.compile(text).parsed)


def _always_true(node: Any) -> str:
    if node["type"] == "literal":
        is_true = node["value"] not in (None, False, "", [], {})
        return repr(node["value"]) if is_true else ""
    if node["type"] == "or_expression":
        return next(filter(None, map(_always_true, node["children"])), "")
    return ""


def _is_fixed(node: Any) -> bool:
    if node["type"] == "literal":
        return True
    return (
        bool(node["children"])
        and node["type"] not in _OF_THE_ANSWER
        and all(map(_is_fixed, node["children"]))
    )


_OF_THE_ANSWER = frozenset({"field", "current", "index", "slice", "identity", "expref"})


def _depth(parsed: Any) -> int:
    level, depth = [parsed], 0
    while level and depth <= _DEEPEST:
        level = [
            child for node in level if isinstance(node, dict) for child in node.get("children", [])
        ]
        depth += 1
    return depth


def _call_faults(node: Any) -> Iterator[str]:
    """Functions that do not exist, or that get too many values or too few."""
    if not isinstance(node, dict):
        return
    children = node.get("children", [])
    if node.get("type") == "function_expression":
        name = node["value"]
        least, most = _arity(name)
        if most < 0:
            known = [*Functions.FUNCTION_TABLE, *OWN_FUNCTIONS]
            close = get_close_matches(name, known, n=1)
            hint = f", did you mean {close[0]}()?" if close else f": there are {_listed(known)}"
            yield f"JMESPath has no function {name}(){hint}"
        elif not least <= len(children) <= most:
            wanted = f"{least}" if least == most else f"{least} or more"
            yield f"{name}() takes {wanted} values in parentheses, here are {len(children)}"
    for child in children:
        yield from _call_faults(child)


def _listed(names: list[str]) -> str:
    return ", ".join(sorted(names))


def _arity(name: str) -> tuple[int, int]:
    """The least and the most values of a function; -1 for one that does not exist."""
    if name in OWN_FUNCTIONS:
        return OWN_FUNCTIONS[name], OWN_FUNCTIONS[name]
    if name not in Functions.FUNCTION_TABLE:
        return 0, -1
    signature = Functions.FUNCTION_TABLE[name]["signature"]
    is_variadic = bool(signature) and signature[-1].get("variadic", False)
    return len(signature), 1000 if is_variadic else len(signature)
