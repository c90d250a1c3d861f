"""Read the field table of a documentation page."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from converter.authoring.seen import SeenField, containers, kind_of, leaves

_KINDS = {
    "string": "text", "str": "text", "text": "text", "varchar": "text", "char": "text",
    "integer": "integer", "int": "integer", "long": "integer", "short": "integer",
    "int32": "integer", "int64": "integer", "double": "decimal", "float": "decimal",
    "number": "decimal", "decimal": "decimal", "bigdecimal": "decimal", "boolean": "boolean",
    "bool": "boolean", "date": "datetime", "datetime": "datetime", "timestamp": "datetime",
    "object": "object", "jsonobject": "object", "map": "object", "array": "list", "list": "list",
    "jsonarray": "list", "jsonoarray": "list", "object[]": "list", "array[object]": "list",
    "[object]": "list", "[string]": "text", "string[]": "text",
}  # fmt: skip
_YES = {"y", "yes", "true", "是", "必填", "必须", "required", "m", "√"}
_NO = {"n", "no", "false", "否", "可选", "非必填", "optional", "o", "选填", "none"}
_ANSWER = re.compile(
    r"返回参数|返回数据|返回结果|返回响应|返回字段|响应参数|响应结果|返回示例|Response"
)
_REQUEST = re.compile(r"请求参数|请求字段|Request parameters|Body 参数|请求报文")
_NAME = re.compile(r"[A-Za-z_][\w.-]*(\[\])?")
_LENGTH = re.compile(r"(?:\d+\s*[-~]\s*)?(\d+)")


def rows_of(text: str, sample: Any) -> list[SeenField]:
    """The fields in the tables of a page's request, with paths from the top of the body."""
    found = list({one.path: one for one in reversed(list(_rows(text, sample)))}.values())[::-1]
    if any(one.required for one in found):  # where some are marked, a blank means no
        return [replace(one, required=bool(one.required)) for one in found]
    return found


def _rows(text: str, sample: Any) -> Iterator[SeenField]:
    known = [path for path in containers(sample) if path] if sample is not None else []
    has_marks = bool(re.search(r"^\s*»", text, re.M))
    top = 1 if re.search(r"^\s*body\s+body\b", text, re.M) else 0
    stack: list[str] = []
    group = ""
    header: list[str] = []
    is_request = True
    for line in text.splitlines():
        cells = _cells(line)
        kind = _kind(cells) if len(cells) >= 2 else ""
        if not kind:
            if _ANSWER.search(line) and not _REQUEST.search(line):
                is_request = False
            elif _REQUEST.search(line):
                is_request = True
            words = line.replace("|", " ").split()
            header = words if any(word in _HEADERS for word in words) else header
            continue
        name = cells[0].lstrip("»").strip()
        if not is_request or not _NAME.fullmatch(name) or (name == "body" and top):
            continue
        is_list = kind == "list" or name.endswith("[]")
        plain = name.removesuffix("[]")
        if has_marks:
            depth = max(0, cells[0].count("»") - top)
            stack = stack[:depth]
            path = ".".join([*stack, plain])
            stack.append(plain + "[]" * is_list)
            yield from _shown(line, path)
        elif kind in ("object", "list"):
            group = _container(plain, kind, known, group)
            yield from _shown(line, group.removesuffix("[]"))
            continue
        else:
            path = f"{group}.{plain}" if group else plain
        if kind not in ("object", "list"):
            yield _field(path, kind, cells, header)


def _shown(line: str, path: str) -> Iterator[SeenField]:
    """The values of an object or list that its row shows by an example alone."""
    found = re.search(r"[{\[].*[}\]]", line)
    if found:
        plain = re.sub("[“”]", '"', found[0])
        with contextlib.suppress(ValueError, RecursionError):
            for where, value in leaves(json.loads(plain), path):
                yield SeenField(where, kind_of(value), example=value)


_HEADERS = {"类型", "字段类型", "参数类型", "type", "Type"}


def _cells(line: str) -> list[str]:
    if line.count("|") >= 2:
        return [cell.strip() for cell in line.strip().strip("|").split("|")]
    marks = re.match(r"^\s*((?:»\s*)*)(.*)$", line)
    words = marks[2].split() if marks else []
    if words and marks:
        words[0] = "»" * marks[1].count("»") + words[0]
    return words


def _kind(cells: list[str]) -> str:
    """The type in the second cell, or the third where the second says where the value goes."""
    places = cells[1:2] if len(cells) < 2 or cells[1].lower() not in _PLACES else cells[2:3]
    return _KINDS.get(places[0].lower().replace(" ", ""), "") if places else ""


_PLACES = {"body", "query", "header", "path"}


def _container(name: str, kind: str, known: list[str], group: str) -> str:
    """Where in the sample an object or list of the table is, in tables that do not nest."""
    suffixes = (name, f"{name}[]")
    found = [path for path in known if path.rpartition(".")[2] in suffixes]
    if found:
        return next((path for path in found if path.startswith(group)), found[0])
    return name + ("[]" if kind == "list" else "")


def _field(path: str, kind: str, cells: list[str], header: list[str]) -> SeenField:
    rest = cells[3:] if cells[1].lower() in _PLACES else cells[2:]
    rest = [cell for cell in rest if cell and cell != "none"]
    required: bool | None = None
    longest: int | None = None
    said: list[str] = []
    for cell in rest:
        if cell.lower() in _YES and required is None and not said:
            required = True
        elif cell.lower() in _NO and required is None and not said:
            required = False
        elif (
            (found := _LENGTH.fullmatch(cell))
            and longest is None
            and not said
            and _has(header, "长度", "length")
        ):
            longest = int(found[1])
        else:
            said.append(cell)
    example: Any = None
    if _has(header, "示例值") and len(said) > 1:
        example, said = said[0], said[1:]
    note = " ".join(said)
    named = said[0] if said and _has(header, "中文名") else title_of(note)
    return SeenField(
        path=path,
        kind=kind,
        required=required,
        longest=longest if kind == "text" else None,
        choices=tuple(choices_of(note)),
        title=named,
        note=note,
        example=example,
    )


def _has(header: list[str], *words: str) -> bool:
    return any(word in cell for cell in header for word in words)


_PAIR = re.compile(r"([A-Za-z0-9_.]+)\s*[:：=—]+\s*([^,，;；:：\[\]()（）/、]+)")
_NAMED = re.compile(r"([A-Za-z][A-Za-z0-9_]*)\s*[(（]([^)）]+)[)）]")


def choices_of(note: str) -> list[tuple[str, str]]:
    """The values that a description lists: `1:yes,2:no` or `general(the market),...`."""
    if "http" in note or '"{' in note:
        return []
    inside = re.findall(r"[\[(（【]\s*([^\[\]()（）【】]*[:：=—][^\[\]()（）【】]*)[\])）】]", note)
    for text in (*inside, note):
        pairs = _PAIR.findall(text)
        if len(pairs) >= 2:
            return [(sent, word.strip()) for sent, word in pairs]
    named = _NAMED.findall(note)
    return [(sent, word.strip()) for sent, word in named] if len(named) >= 3 else []


def title_of(note: str) -> str:
    """The words of a description before any remark in brackets."""
    head = re.split(r"[\[(（【:：,，。;；\"]|\s通过|\s投保则", note, maxsplit=1)[0].strip()
    return head.split(" ")[0] if len(head) > 24 else head
