"""A mapping file into a `Mapping`; every fault is named with file, line and column."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_origin

import jmespath
import jmespath.exceptions
import pydantic
import yaml

from converter import formula, paths
from converter.errors import MappingError, UsageError
from converter.mapping import Block, FieldSpec, Mapping

LARGEST = 262_144
"""Bytes: a mapping is a page of text, not a data file."""

DEEPEST = 20

_Place = tuple[int, int]
_Loc = tuple[str | int, ...]


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
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise UsageError(
        f"There is no provider {name!r}.{hint} Known providers: {', '.join(known) or 'none'}. "
        "Give one of these, or the path of a mapping file that ends in .yaml."
    )


def available(folder: Path | None = None) -> dict[str, Path]:
    """Every mapping in a folder, by provider name; the shipped ones where no folder is given."""
    where = folder or shipped("mappings")
    if not where.is_dir():
        raise UsageError(
            f"There is no folder {where}. Give --mappings the folder of your mappings."
        )
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
        raise MappingError(
            f"the mapping file cannot be read: {error.strerror}", file=name
        ) from error
    if len(raw) > LARGEST:
        raise MappingError(f"larger than {LARGEST // 1024} KiB, which no mapping is", file=name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingError(f"not UTF-8 text (byte {error.start})", file=name) from error
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
    places: dict[_Loc, _Place] = {}
    data = _plain(root, (), places, name)
    if not isinstance(data, dict):
        raise MappingError(
            "expected keys such as 'provider:' and 'fields:'", file=name, line=1, column=1
        )
    try:
        mapping = Mapping.model_validate(data)
    except pydantic.ValidationError as error:
        raise _schema_error(error, places, name) from None
    for loc, problem in _faults(mapping):
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


def _plain(node: Any, loc: _Loc, places: dict[_Loc, _Place], file: str) -> Any:
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


def _value(node: Any, loc: _Loc, places: dict[_Loc, _Place], file: str) -> Any:
    """A key's value: its faults are placed at the key, which is where a person looks."""
    key_place = places.pop(loc)
    value = _plain(node, loc, places, file)
    places[loc] = key_place
    return value


def _nearest(loc: _Loc, places: dict[_Loc, _Place]) -> _Place:
    while loc and loc not in places:
        loc = loc[:-1]
    return places.get(loc, (1, 1))


def _schema_error(
    error: pydantic.ValidationError, places: dict[_Loc, _Place], file: str
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


def _keys_beside(loc: _Loc) -> set[str]:
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


def _faults(mapping: Mapping) -> Iterator[tuple[_Loc, str]]:
    """What the schema cannot see: names that point nowhere, and rules that cannot hold."""
    yield from _field_faults(mapping)
    yield from _reference_faults(mapping)
    yield from _expression_faults(mapping)
    yield from _promise_faults(mapping)


def _field_faults(mapping: Mapping) -> Iterator[tuple[_Loc, str]]:
    seen: dict[str, int] = {}
    titles: dict[str, str] = {}
    for i, spec in enumerate(mapping.fields):
        at: _Loc = ("fields", i, "path")
        if not paths.is_path(spec.path):
            yield (
                at,
                f"{spec.path!r} is not a path: write names joined by dots, such as items[].sku",
            )
        if spec.path in seen:
            yield (
                at,
                f"two fields have the path {spec.path!r} (field {seen[spec.path] + 1} too)",
            )
        for other in seen:
            if (spec.path + ".").startswith(other + ".") or (other + ".").startswith(
                spec.path + "."
            ):
                yield (
                    at,
                    f"{spec.path!r} and {other!r} cannot both be values: one lies inside the other",
                )
        seen[spec.path] = i
        list_path = paths.list_of(spec.path)
        while list_path:
            if list_path not in mapping.order.lists:
                yield at, f"the list {list_path!r} is not declared under order.lists"
            list_path = paths.list_of(list_path)
        for title in () if spec.join else {spec.title.en, spec.title.zh}:
            if title in titles and titles[title] != spec.path:
                yield ("fields", i, "title"), f"{titles[title]!r} has the title {title!r} too"
            titles[title] = spec.path
        yield from _value_faults(spec, ("fields", i))


def _value_faults(spec: FieldSpec, at: _Loc) -> Iterator[tuple[_Loc, str]]:
    if (spec.type == "choice") != bool(spec.choices):
        yield (*at, "type"), f"{spec.path}: 'choices' and 'type: choice' go together"
    if spec.send == "boolean" and set(spec.choices) - {"true", "false"}:
        yield (*at, "choices"), f"{spec.path}: sent as boolean, so the choices are true and false"
    words: dict[str, str] = {}
    for sent, spellings in {**spec.choices, "not_sent": spec.not_sent}.items():
        for word in spellings:
            if words.setdefault(word.lower(), sent) != sent:
                yield (*at, "choices"), f"{spec.path}: {word!r} stands for two values"
    if spec.type == "datetime" and not spec.pattern:
        yield (
            (*at, "type"),
            f"{spec.path}: a datetime needs 'pattern', the form in which it is sent",
        )


def _reference_faults(mapping: Mapping) -> Iterator[tuple[_Loc, str]]:
    known = {spec.path for spec in mapping.fields}
    names = known | {paths.plain(path) for path in known}
    lists = set(mapping.order.lists)

    def unknown(path: str, at: _Loc) -> Iterator[tuple[_Loc, str]]:
        if path not in names and path not in lists:
            close = get_close_matches(path, names, n=1)
            hint = f", did you mean {close[0]!r}?" if close else ""
            yield at, f"there is no field {path!r}{hint}"

    def inexact(path: str, at: _Loc) -> Iterator[tuple[_Loc, str]]:
        """Only rules may leave the list marks out: elsewhere the field would never be found."""
        if path not in known:
            close = get_close_matches(path, known, n=1)
            hint = f", did you mean {close[0]!r}?" if close else ""
            yield at, f"there is no field {path!r}{hint}"

    yield from inexact(mapping.order.reference, ("order", "reference"))
    for name, shape in mapping.order.lists.items():
        if shape.key:
            yield from unknown(shape.key, ("order", "lists", name, "key"))
    if split := mapping.order.split:
        if split.list not in lists:
            yield ("order", "split", "list"), f"there is no list {split.list!r}"
        if split.by:
            yield from inexact(split.by, ("order", "split", "by"))
    for i, spec in enumerate(mapping.fields):
        for key in ("copies", "only_of", "spill"):
            if path := getattr(spec, key):
                yield from inexact(path, ("fields", i, key))
        for key in ("join", "fallback"):
            if join := getattr(spec, key):
                for part in join.parts:
                    if part.startswith("$") and part != "$line":
                        yield from inexact(part[1:], ("fields", i, key))
    for title, candidates in mapping.ask.items():
        for path in candidates:
            yield from unknown(path, ("ask", title))
    for i, rule in enumerate(mapping.rules):
        at: _Loc = ("rules", i)
        checks = [rule.require, rule.any_of, rule.not_both, rule.equal, rule.at_least]
        checks += [rule.at_most, rule.near, rule.in_]
        if sum(bool(check) for check in checks) != 1:
            yield (
                at,
                "a rule has one check: require, any_of, not_both, equal, at_least, at_most, near, "
                "in",
            )
        try:
            condition = [formula.parse_condition(rule.when)] if rule.when else []
            terms = [
                formula.parse_term(text)
                for pair in (rule.equal, rule.at_least, rule.at_most, rule.near)
                for text in pair or ()
            ]
        except ValueError as error:
            yield at, str(error)
            continue
        spoken = [path for term in (*condition, *terms) for path in formula.paths_of(term)]
        for path in (*spoken, *rule.require, *rule.any_of, *rule.not_both, *(rule.in_ or ())):
            yield from unknown(path, at)


def _expression_faults(mapping: Mapping) -> Iterator[tuple[_Loc, str]]:
    for loc, text in _expressions(mapping):
        try:
            jmespath.compile(text)
        except jmespath.exceptions.JMESPathError as error:
            yield loc, f"not a JMESPath expression: {str(error).splitlines()[0]}"
    known = set(mapping.settings) | {"orders", "order", "references", "signature", "body", "path"}
    request = mapping.request
    blocks: list[tuple[_Loc, Any]] = [
        (("request", "headers"), request.headers),
        (("request", "query"), request.query),
        (("request", "body"), request.body),
        (("query", "body"), mapping.query.body if mapping.query else None),
        *((("request", "fresh", name), fresh.time) for name, fresh in request.fresh.items()),
        *((("fields", i, "zone"), spec.zone) for i, spec in enumerate(mapping.fields)),
    ]
    for at, block in blocks:
        for text in _texts(block):
            name = text[1:]
            if text.startswith("$") and not name.startswith("fresh.") and name not in known:
                yield at, f"{text} is no setting of this mapping"
            if name.startswith("fresh.") and name[6:] not in request.fresh:
                yield at, f"{text} is not declared under request.fresh"
    for name, fresh in request.fresh.items():
        if fresh.time is not None and not fresh.time.startswith("$"):
            if fresh.time not in ("s", "ms"):
                yield ("request", "fresh", name), "the time is in 's' or 'ms', or a $setting"
        elif fresh.time is None and fresh.random is None:
            yield ("request", "fresh", name), "a fresh value is a 'time' or 'random' characters"
    signature = request.signature
    for key in ("recipe", "sandbox"):
        recipe = getattr(signature, key) if signature else None
        if recipe and (problem := recipe.fault(mapping.settings, request.fresh)):
            yield ("request", "signature", key), problem
    for at, path in _request_paths(mapping):
        for name in re.findall(r"\{(\w+)\}", path):
            if name not in mapping.settings:
                yield at, f"{{{name}}} in the path is no setting of this mapping"


def _request_paths(mapping: Mapping) -> Iterator[tuple[_Loc, str]]:
    if mapping.request.path:
        yield ("request", "path"), mapping.request.path
    for name, action in mapping.request.actions.items():
        yield ("request", "actions", name), action.path


def _expressions(mapping: Mapping) -> Iterator[tuple[_Loc, str]]:
    for block, name in ((mapping.response, "response"), (mapping.query, "query")):
        if block is None:
            continue
        for key in block.model_fields_set:
            value = getattr(block, key)
            if isinstance(value, str) and key not in ("path", "evidence"):
                yield (name, key), value
        for key, output in block.outputs.items():
            yield (name, "outputs", key), output.from_
    response = mapping.response
    for key, part in (
        ("match", response.match.all),
        ("lists", response.lists),
        ("complete", response.complete),
    ):
        for text in part.model_dump().values() if part else ():
            if text:
                yield ("response", key), text
    if response.match.reference:
        yield ("response", "match"), response.match.reference


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _promise_faults(mapping: Mapping) -> Iterator[tuple[_Loc, str]]:
    """Promises about money need their evidence; batches need a way to read the answer."""
    promise = mapping.duplicates
    if promise.class_ != "D" and not promise.evidence:
        yield (
            ("duplicates",),
            f"class {promise.class_} needs 'evidence': the document or test that says so",
        )
    if promise.class_ == "A" and not mapping.response.duplicate:
        yield (
            ("duplicates",),
            "class A needs response.duplicate, or the refusal cannot be recognised",
        )
    if promise.class_ == "C" and mapping.query is None:
        yield ("duplicates",), "class C needs a 'query'"
    match = mapping.response.match
    if mapping.request.orders_per_request > 1 and not (match.reference or match.position):
        yield (
            ("request", "orders_per_request"),
            ("answers that cannot be matched by reference or position need one order per request"),
        )
    if not (mapping.response.accepted or mapping.response.lists):
        yield ("response",), "'accepted' or 'lists' must say when an order was accepted"
    if bool(mapping.request.path) == bool(mapping.request.actions):
        yield ("request",), "a request has either 'path' or 'actions'"
    base = mapping.settings.get("base_url")
    if base is None:
        yield ("settings",), "the setting 'base_url' is missing"
    elif base.default and base.default.startswith("http://") and not mapping.request.plain_http:
        yield ("settings", "base_url"), "an http:// address needs 'plain_http: true' under request"
    for name, setting in mapping.settings.items():
        if setting.secret and setting.default:
            yield ("settings", name, "default"), "a secret may not stand in a mapping file"


if __name__ == "__main__":
    import json

    print(json.dumps(schema(), indent=2, ensure_ascii=False))
