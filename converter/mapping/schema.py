"""Validation of a mapping file against the classes of the mapping language."""

from __future__ import annotations

import ast
import copy
import inspect
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, get_origin

import pydantic

from converter.mapping import (
    answer_rules,
    block,
    calls,
    model,
    request,
    response,
    samples,
    second_calls,
)
from converter.mapping.block import Block
from converter.mapping.model import ProviderMapping
from converter.mapping.yaml_events import Loc, Places


@dataclass(frozen=True)
class Checked:
    """What the classes say of a file's content."""

    mapping: ProviderMapping | None
    """With faults, what is left of it without them; None where too little is left."""
    faults: tuple[tuple[Loc, str], ...] = ()

    def hides(self, loc: Loc) -> bool:
        """Whether a fault at this place may only follow from one of these: it is in its block."""
        return any(loc[: len(at)] == at for at in (_block_of(at) for at, _ in self.faults))


def check(content: dict[str, Any], places: Places) -> Checked:
    """The mapping in the content of a file, and every fault of its shape."""
    try:
        return Checked(ProviderMapping.model_validate(content))
    except pydantic.ValidationError as error:
        found = error.errors()
    faults: dict[Loc, tuple[Loc, str]] = {}
    for fault in found:
        loc = fault["loc"]
        is_absent = fault["type"] in ("missing", "extra_forbidden")
        # Of a value that may be one of several kinds, each kind has a complaint: one is enough.
        faults.setdefault(loc if is_absent else _known(loc, places), (loc, _sentence(fault)))
    meant = {(*loc[:-1], _meant(loc)) for loc, _ in faults.values()}
    kept = [fault for fault in faults.values() if fault[0] not in meant]
    return Checked(_without(content, found, places), tuple(kept))


def _meant(loc: Loc) -> str:
    """The key that an unknown one is close to; empty where there is none, or it is known."""
    known = _keys_beside(loc)
    is_known = loc[-1] in known or not isinstance(loc[-1], str)
    return "" if is_known else next(iter(get_close_matches(str(loc[-1]), known, n=1)), "")


def _without(content: dict[str, Any], found: Any, places: Places) -> ProviderMapping | None:
    """The mapping without what has faults, so that the rest can be looked at too."""
    content = copy.deepcopy(content)
    for _ in range(_MOST_ROUNDS):
        for fault in found:
            loc = fault["loc"] if fault["type"] == "missing" else _known(fault["loc"], places)
            block = _inside(content, loc[:-1])
            if not isinstance(block, dict) or len(loc) < 2 or loc[-1] == "path":
                return None
            if fault["type"] == "missing":
                block[loc[-1]] = _STAND_INS.get(str(loc[-1]), "x")
            else:
                block.pop(loc[-1], None)
        try:
            return ProviderMapping.model_validate(content)
        except pydantic.ValidationError as error:
            found = error.errors()
    return None


_MOST_ROUNDS = 3
_STAND_INS = {"title": {"en": "x", "zh": "x"}}
"""For a key that is missing: any value in which no fault would be found."""


def _inside(content: Any, loc: Loc) -> Any:
    for part in loc:
        try:
            content = content[part]
        except (LookupError, TypeError):
            return None
    return content


def _block_of(loc: Loc) -> Loc:
    """The part of the file that may seem wrong because of a fault."""
    if loc[0] == "fields":
        return loc[:2]
    return loc if len(loc) < _DEEP else loc[:-1]


_DEEP = 3
"""How long the place of a key is in a block small enough for all of it to depend on each key."""


def _known(loc: Loc, places: Places) -> Loc:
    """A place, or the closest enclosing one that the file has."""
    while loc and loc not in places:
        loc = loc[:-1]
    return loc


def nearest(loc: Loc, places: Places) -> tuple[int, int]:
    """Line and column of a place, or of the closest enclosing one that the file has."""
    return places.get(_known(loc, places), (1, 1))


def published() -> dict[str, Any]:
    """The JSON Schema of mapping files, for editors."""
    made = ProviderMapping.model_json_schema(by_alias=True)
    blocks = {**made["$defs"], ProviderMapping.__name__: made}
    for (name, key), text in _docstrings().items():
        if name not in blocks:  # only part of other blocks
            continue
        properties = blocks[name]["properties"]
        properties[key] = dict(sorted({**properties[key], "description": text}.items()))
    field = blocks["FieldSpec"]  # a title comes from elsewhere too
    field["required"] = ["path"]
    field["anyOf"] = [{"required": [key]} for key in ("title", "is", *model.SOURCES)]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


_MODULES = (block, request, answer_rules, response, samples, second_calls, calls, model)
"""Where the blocks are, those that others inherit from first."""


def _docstrings() -> dict[tuple[str, str], str]:
    """The docstrings of keys, by block and key: read only here, since parsing takes a while."""
    found: dict[tuple[str, str], str] = {}
    classes = (
        (getattr(module, node.name), node)
        for module in _MODULES
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.ClassDef)
    )
    for described, node in classes:
        for base in reversed(described.__bases__):  # keys that a block has from another one
            inherited = {key: text for (name, key), text in found.items() if name == base.__name__}
            found |= {(node.name, key): text for key, text in inherited.items()}
        fields = described.model_fields
        for key, below in pairwise(node.body):
            match key, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    found[node.name, fields[name].alias or name] = inspect.cleandoc(text)
    return found


def _sentence(fault: Any) -> str:
    """A fault in words for those who write mappings."""
    loc, kind = fault["loc"], fault["type"]
    if kind == "extra_forbidden":
        known, meant = _keys_beside(loc), _meant(loc)
        hint = f", did you mean {meant!r}?" if meant else "."
        allowed = f" Allowed here: {', '.join(sorted(known))}." if known else ""
        return f"unknown key {str(loc[-1])!r}{hint}{allowed}"
    if kind == "missing" and loc[0] == "fields" and loc[2:] == ("title",):
        sources = "'title' for a column, or 'value', 'formula' or 'text'"
        return f"the key 'title' is missing here: a field has one source, which is {sources}"
    if kind == "missing" and isinstance(loc[-1], str):
        return f"the key {loc[-1]!r} is missing here"
    given = fault.get("input")
    found = "nothing" if given in (None, "") else _shown(given)
    name = next((part for part in reversed(loc) if isinstance(part, str)), "")
    if kind == "value_error":
        return f"{name}: {fault['ctx']['error']}"
    return f"{name}: expected {_expected(fault)}, found {found}"


def _shown(given: Any) -> str:
    if isinstance(given, dict):
        return "a block of keys"
    if isinstance(given, list):
        return "a list"
    text = str(given)
    return repr(text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "...")


_MOST_SHOWN = 40


def _expected(fault: Any) -> str:
    """What a value should have been."""
    kind, facts = fault["type"], fault.get("ctx", {})
    if kind == "literal_error":
        return f"one of {facts['expected'].replace(' or ', ', ')}"
    if kind in _EXPECTED:
        return _EXPECTED[kind].format(**facts)
    if kind == "string_pattern_mismatch":
        form = facts["pattern"]
        return _PATTERNS.get(form, f"text in the form {form}")
    block = _block_at(fault["loc"])
    keys = f" ({', '.join(block.model_fields)})" if block else ""
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"a block of keys{keys}"
    return str(fault["msg"]).removeprefix("Input should be ")


_EXPECTED = {
    "string_type": "text",
    "string_too_short": "text",
    "string_too_long": "at most {max_length} characters",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "float_type": "a number",
    "float_parsing": "a number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "list_type": "a list, such as [a, b]",
    "tuple_type": "a list, such as [a, b]",
    "missing": "more entries in the list",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
}
_PATTERNS = {
    r"^[a-z][a-z0-9_-]*$": "small letters, digits, _ and -, beginning with a letter",
    r"^[A-Za-z_][A-Za-z0-9_]*$": "a name such as ACME_TOKEN",
}


def _block_at(loc: Loc) -> type[Block] | None:
    """The block that should stand at a place of the file."""
    block, _ = _walk(loc)
    return block


def _walk(loc: Loc) -> tuple[type[Block] | None, bool]:
    """The block at a place, and whether the place holds several of them by name."""
    block: type[Block] | None = ProviderMapping
    named = False
    for part in loc:
        if isinstance(part, int):
            continue
        if named:  # a key of a free-form mapping, such as a setting's name
            named = False
            continue
        if block is None:
            return None, False
        block, named = _block_in(block, part)
    return block, named


def _keys_beside(loc: Loc) -> set[str]:
    """The keys that the block of a fault may have, found by walking the classes."""
    block, named = _walk(loc[:-1])
    if block is None or named:
        return set()
    return {info.alias or name for name, info in block.model_fields.items()}


def _block_in(block: type[Block], key: str) -> tuple[type[Block] | None, bool]:
    """The block that a key holds, and whether the key holds several of them by name."""
    for name, info in block.model_fields.items():
        if key in (name, info.alias):
            queue = [info.annotation]
            while queue:
                kind: Any = queue.pop()
                if isinstance(kind, type) and issubclass(kind, Block):
                    return kind, get_origin(info.annotation) is dict
                queue.extend(getattr(kind, "__args__", ()))
    return None, False


if __name__ == "__main__":
    import json

    print(json.dumps(published(), indent=2, ensure_ascii=False))
