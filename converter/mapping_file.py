"""A mapping file into a `Mapping`; every fault is named with file, line and column."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_origin

import pydantic
import yaml

from converter import mapping_faults
from converter.errors import MappingError, UsageError
from converter.mapping import Block, Mapping
from converter.mapping_faults import Loc
from converter.wording.sentence import joined, of_system, t

LARGEST = 262_144
"""Bytes: a mapping is a page of text, not a data file."""

DEEPEST = 20

_Place = tuple[int, int]


def find(name: str, folder: Path | None = None) -> Path:
    """The file of a provider's mapping, by the provider's name or by the file's own path.

    Raises UsageError that lists the known providers when there is none.
    """
    if name.endswith((".yaml", ".yml")) or os.sep in name:
        return Path(name)
    known = available(folder)
    if name in known:
        return known[name]
    close = get_close_matches(name.lower(), known, n=1)
    hints = [t("Did you mean {names}?", names=repr(one)) for one in close]
    remedy = (
        "Known providers: {known}. "
        "Give one of these, or the path of a mapping file that ends in .yaml."
    )
    listed = t(remedy, known=", ".join(known) or t("none"))
    problem = t("There is no provider {name}.", name=repr(name))
    raise UsageError(joined(" ", [problem, *hints, listed]))


def available(folder: Path | None = None) -> dict[str, Path]:
    """Every mapping in a folder, by provider name; the shipped ones where no folder is given."""
    where = folder or shipped("mappings")
    if not where.is_dir():
        problem = "There is no folder {folder}. Give --mappings the folder of your mappings."
        raise UsageError(t(problem, folder=where))
    return {path.stem: path for path in sorted(where.glob("*.yaml"))}


def shipped(folder: str) -> Path:
    """A folder that travels with the program: beside the package, or inside an installed one."""
    here = Path(__file__).parent
    return here / folder if (here / folder).is_dir() else here.parent / folder


def load(path: Path) -> Mapping:
    """Read a mapping file. Raises MappingError that says the place and what was expected."""
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
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = t("not UTF-8 text (byte {place})", place=error.start)
        raise MappingError(problem, file=name) from error
    return parse(text, name)


def parse(text: str, name: str) -> Mapping:
    """Read the text of a mapping file that is called `name` in messages."""
    try:
        _refuse_extras(text, name)
        # PyYAML's C parser, stopped before it guesses types: every scalar stays the text that was
        # written (`NO`, `010`, `1e3`), and the schema alone says what becomes a number.
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise MappingError(
            f"not readable as YAML: {error.problem}", file=name, line=line, column=column
        ) from error
    except yaml.YAMLError as error:
        raise MappingError(f"not readable as YAML: {error}", file=name) from error
    places: dict[Loc, _Place] = {}
    data = _plain(root, (), places, name)
    if not isinstance(data, dict):
        raise MappingError(
            "expected keys such as 'provider:' and 'fields:'", file=name, line=1, column=1
        )
    try:
        mapping = Mapping.model_validate(data)
    except pydantic.ValidationError as error:
        raise _schema_error(error, places, name) from None
    for loc, problem in mapping_faults.find(mapping):
        line, column = _nearest(loc, places)
        raise MappingError(problem, file=name, line=line, column=column)
    return mapping


def schema() -> dict[str, Any]:
    """The JSON Schema of mapping files, for editors."""
    made = Mapping.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _refuse_extras(text: str, file: str) -> None:
    """Anchors, aliases and tags: once the tree is composed, nothing of them is left to see."""
    for event in yaml.parse(text, Loader=_Loader):
        problem = ""
        if getattr(event, "anchor", None):
            problem = "anchors and aliases are not allowed: write the value out"
        elif tag := getattr(event, "tag", None):
            problem = f"the tag {tag} is not allowed: write plain text"
        if problem:
            mark = event.start_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise MappingError(problem, file=file, line=line, column=column)


def _plain(node: Any, loc: Loc, places: dict[Loc, _Place], file: str) -> Any:
    """A YAML node as dicts, lists and text, with the place of every key and value noted."""
    mark = node.start_mark if node is not None else None
    here = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    places.setdefault(loc, here)

    def fault(problem: str, at: Any = None) -> MappingError:
        line, column = (at.line + 1, at.column + 1) if at else here
        return MappingError(problem, file=file, line=line, column=column)

    if len(loc) > DEEPEST:
        raise fault(f"nested more than {DEEPEST} deep")
    if node is None:
        return None
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.value or node.style in ("'", '"') else None
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*loc, i), places, file) for i, item in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise fault("a key must be text", key_node.start_mark)
        key = key_node.value
        if key == "<<":
            raise fault("merge keys are not allowed: write the value out", key_node.start_mark)
        if key in result:
            first = places[(*loc, key)][0]
            raise fault(
                f"the key {key!r} stands here twice (first in line {first})", key_node.start_mark
            )
        mark = key_node.start_mark
        places[(*loc, key)] = (mark.line + 1, mark.column + 1)
        result[key] = _value(value_node, (*loc, key), places, file)
    return result


def _value(node: Any, loc: Loc, places: dict[Loc, _Place], file: str) -> Any:
    """A key's value: its faults are placed at the key, which is where a person looks."""
    key_place = places.pop(loc)
    value = _plain(node, loc, places, file)
    places[loc] = key_place
    return value


def _nearest(loc: Loc, places: dict[Loc, _Place]) -> _Place:
    while loc and loc not in places:
        loc = loc[:-1]
    return places.get(loc, (1, 1))


def _schema_error(
    error: pydantic.ValidationError, places: dict[Loc, _Place], file: str
) -> MappingError:
    """The first fault of the file; an unknown key first, since it often explains a missing one."""
    found = min(
        error.errors(),
        key=lambda fault: (fault["type"] != "extra_forbidden", _nearest(fault["loc"], places)),
    )
    loc = found["loc"]
    line, column = _nearest(loc, places)
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
    block: type[Block] | None = Mapping
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

    print(json.dumps(schema(), indent=2, ensure_ascii=False))
