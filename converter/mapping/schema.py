"""Validation of a mapping file against the classes of the mapping language."""

from __future__ import annotations

import ast
import inspect
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, get_origin

import pydantic

from converter.errors import MappingError
from converter.mapping import block, model, request, response
from converter.mapping.block import Block
from converter.mapping.model import ProviderMapping
from converter.mapping.yaml_events import Loc, Places


def validated(content: dict[str, Any], places: Places, file: str) -> ProviderMapping:
    """The mapping in the content of a file. Raises MappingError for its first fault."""
    try:
        return ProviderMapping.model_validate(content)
    except pydantic.ValidationError as error:
        raise _fault(error, places, file) from None


def nearest(loc: Loc, places: Places) -> tuple[int, int]:
    """Line and column of a place, or of the closest enclosing one that the file has."""
    while loc and loc not in places:
        loc = loc[:-1]
    return places.get(loc, (1, 1))


def published() -> dict[str, Any]:
    """The JSON Schema of mapping files, for editors."""
    made = ProviderMapping.model_json_schema(by_alias=True)
    blocks = {**made["$defs"], ProviderMapping.__name__: made}
    for (name, key), text in _docstrings().items():
        properties = blocks[name]["properties"]
        properties[key] = dict(sorted({**properties[key], "description": text}.items()))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _docstrings() -> dict[tuple[str, str], str]:
    """The docstrings of keys, by block and key: read only here, since parsing takes a while."""
    found: dict[tuple[str, str], str] = {}
    classes = (
        (getattr(module, node.name), node)
        for module in (block, request, response, model)
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.ClassDef)
    )
    for described, node in classes:
        fields = described.model_fields
        for key, below in pairwise(node.body):
            match key, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    found[node.name, fields[name].alias or name] = inspect.cleandoc(text)
    return found


def _fault(error: pydantic.ValidationError, places: Places, file: str) -> MappingError:
    """The first fault of the file; an unknown key first, since it often explains a missing one."""
    found = min(
        error.errors(),
        key=lambda fault: (fault["type"] != "extra_forbidden", nearest(fault["loc"], places)),
    )
    loc = found["loc"]
    line, column = nearest(loc, places)
    key = ".".join(str(part) for part in loc)
    if found["type"] == "extra_forbidden":
        known = _keys_beside(loc)
        close = get_close_matches(str(loc[-1]), known, n=1)
        hint = f", did you mean {close[0]!r}?" if close else "."
        allowed = f" Allowed here: {', '.join(sorted(known))}." if known else ""
        problem = f"unknown key {str(loc[-1])!r}{hint}{allowed}"
    elif found["type"] == "missing":
        problem = f"the key {str(loc[-1])!r} is missing here"
    else:
        problem = f"{key}: {found['msg']}, found {str(found.get('input'))[:40]!r}"
    return MappingError(problem, file=file, line=line, column=column)


def _keys_beside(loc: Loc) -> set[str]:
    """The keys that the block of a fault may have, found by walking the classes."""
    block: type[Block] | None = ProviderMapping
    named = False
    for part in loc[:-1]:
        if isinstance(part, int):
            continue
        if named:  # a key of a free-form mapping, such as a setting's name
            named = False
            continue
        if block is None:
            return set()
        block, named = _block_in(block, part)
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
