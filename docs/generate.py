"""The parts of the documentation that are made from the program, so that they stay true.

    python docs/generate.py            # remake them in every page
    python docs/generate.py --check    # only say whether a page is out of date; then ends with 1

A page holds such a part between `<!-- generated: NAME -->` and `<!-- end of NAME -->`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click
import yaml

from converter.cli.commands import cli
from converter.mapping.load import available_mappings, load_mapping
from converter.mapping.schema import published

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").glob("*.md"))]

_LONGEST_EXAMPLE = 60
_LONGEST_ONLY_EXAMPLE = 110


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    chosen = parser.parse_args()
    outdated = [page for page in PAGES if remade(before := _read(page)) != before]
    for page in outdated:
        print(f"{page.relative_to(ROOT)} {'is out of date' if chosen.check else 'was remade'}")
        if not chosen.check:
            page.write_text(remade(_read(page)), encoding="utf-8")
    return 1 if chosen.check and outdated else 0


def remade(text: str) -> str:
    """A page with its generated parts as the program of today has them."""

    def part(found: re.Match[str]) -> str:
        name = found[1]
        return f"<!-- generated: {name} -->\n\n{PARTS[name]()}\n\n<!-- end of {name} -->"

    return re.sub(r"<!-- generated: (.+?) -->\n.*?<!-- end of \1 -->", part, text, flags=re.S)


# -- commands and settings ---------------------------------------------------------------------


def commands() -> str:
    """Every command and its options; those that several commands share stand once, at the end."""
    params = {
        name: [param for param in command.params if isinstance(param, click.Option)]
        for name, command in cli.commands.items()
    }
    shared = {option.opts[-1]: option for option in params["check"]}
    parts = []
    for name, command in cli.commands.items():
        usage = [f"converter {name}", *command.collect_usage_pieces(click.Context(command))]
        text, _, examples = (command.help or "").partition("\b\n")
        shown = "\n".join(line.strip() for line in examples.strip().splitlines()[1:])
        own = [option for option in params[name] if option.opts[-1] not in shared]
        takes_sheets = len(params[name]) - len(own) == len(shared)
        if not takes_sheets:
            own = params[name]
        kept = [f"### {name}", f"`{' '.join(usage)}`", _paragraphs(text), f"```text\n{shown}\n```"]
        kept += [_options(own)] if own else []
        kept += ["And the options of every command on a sheet, below."] if takes_sheets else []
        parts.append("\n\n".join(kept))
    parts.append(f"### Options of every command on a sheet\n\n{_options(list(shared.values()))}")
    return "\n\n".join(parts)


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _options(options: list[click.Option]) -> str:
    rows = []
    for option in options:
        context = click.Context(click.Command("options"))
        names, meaning = option.get_help_record(context) or ("", "")
        rows.append((_code(names), meaning))
    return _table(("option", "meaning"), rows)


def settings(lang: str) -> str:
    """Every provider's settings, as the mappings declare them."""
    words = {
        "en": ("provider", "environment", "needed to send", "meaning", "yes", "secret", "default"),
        "zh": ("服务商", "环境变量", "发送时必需", "说明", "是", "机密", "默认"),
    }[lang]
    rows = []
    for provider, path in available_mappings().items():
        for setting in load_mapping(path).settings.values():
            notes = [setting.help.get(lang)] if setting.help else []
            notes += [words[5]] if setting.secret else []
            notes += [f"{words[6]} {_code(setting.default)}"] if setting.default else []
            needed = words[4] if setting.required else ""
            rows.append(
                (provider, _code(setting.env), needed, ("; " if lang == "en" else "；").join(notes))
            )
    return _table(words[:4], rows)


# -- the mapping language ----------------------------------------------------------------------


def reference() -> str:
    """Every block and key of a mapping file, from the published JSON Schema."""
    schema = published()
    blocks: dict[str, Any] = {"": schema}
    places: dict[str, list[str]] = {"": [""]}
    queue = [""]
    while queue:
        name = queue.pop(0)
        for key, found in blocks[name]["properties"].items():
            for inner, place in _blocks_in(found, f"{places[name][0]}.{key}".strip(".")):
                if inner not in blocks:
                    blocks[inner] = schema["$defs"][inner]
                    queue.append(inner)
                places.setdefault(inner, []).append(place)
    examples = _examples(schema)
    alike = _alike(blocks, examples)
    parts = []
    for name, block in blocks.items():
        head = f"### {_heading(name, places[name])}"
        rows = [
            (
                _code(key),
                _kind(found, key in block.get("required", ())),
                " ".join(found.get("description", "").split()),
                _code(examples.get((name, key)) or alike.get(_meaning(key, found), "")),
            )
            for key, found in block["properties"].items()
        ]
        meaning = _paragraphs(block.get("description", ""))
        columns = ("key", "value", "meaning", "example")
        parts.append("\n\n".join([head, meaning, _table(columns, rows)]))
    return "\n\n".join(parts)


def _alike(
    blocks: Mapping[str, Any], examples: Mapping[tuple[str, str], str]
) -> dict[tuple[str, str], str]:
    """Examples by key and meaning, for blocks that have a key in common, as all calls have."""
    return {
        _meaning(key, found): examples[name, key]
        for name, block in blocks.items()
        for key, found in block["properties"].items()
        if (name, key) in examples
    }


def _meaning(key: str, found: Mapping[str, Any]) -> tuple[str, str]:
    return key, found.get("description", "")


def _heading(name: str, places: list[str]) -> str:
    if not name:
        return "The file"
    shown = [_code(place) for place in dict.fromkeys(places)]
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return ", ".join(shown[:3]) + more


def _blocks_in(found: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    """The blocks that a key may hold, each with its place in the file."""
    if "$ref" in found:
        yield found["$ref"].rpartition("/")[2], place
    for option in found.get("anyOf", ()):
        yield from _blocks_in(option, place)
    if isinstance(found.get("additionalProperties"), dict):
        yield from _blocks_in(found["additionalProperties"], f"{place}.NAME")
    if isinstance(found.get("items"), dict):
        yield from _blocks_in(found["items"], f"{place}[]")


def _kind(found: Mapping[str, Any], required: bool) -> str:
    kind = _values(found)
    default = found.get("default")
    if required:
        return f"{kind}, required"
    if default in (None, "", [], {}, False) or isinstance(default, dict):
        return kind
    return f"{kind}; default {_code(str(default).lower() if default is True else str(default))}"


def _values(found: Mapping[str, Any]) -> str:
    """In a few words what a key may hold."""
    if "$ref" in found:
        return "block"
    if "enum" in found:
        return " ".join(map(_code, found["enum"]))
    if "anyOf" in found:
        options = [_values(option) for option in found["anyOf"] if option.get("type") != "null"]
        return " or ".join(dict.fromkeys("text" if o == "pattern" else o for o in options))
    match found.get("type"):
        case "array" if "items" in found:
            return f"list of {_values(found['items'])}"
        case "array":
            return f"list of {len(found['prefixItems'])}: {_values(found['prefixItems'][0])}"
        case "object":
            inner = found.get("additionalProperties")
            return f"NAME: {_values(inner)}" if isinstance(inner, dict) else "object"
        case "integer":
            low, high = found.get("minimum"), found.get("maximum")
            if low is None:
                return "whole number"
            return f"{low:,} to {high:,}" if high else f"whole number from {low:,}"
        case kind:
            names = {"string": "text", "number": "number", "boolean": "`true` or `false`"}
            return names.get(str(kind), "any JSON")


def _examples(schema: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """How each key is used: of several uses the longest that still is short, else the shortest."""
    texts = [_read(path) for path in available_mappings().values()]
    texts += re.findall(r"```yaml\n(.*?)```", _read(ROOT / "docs" / "mapping.md"), flags=re.S)
    found: dict[tuple[str, str], list[str]] = {}
    for text in texts:
        for name, key, value in _uses(schema, "", yaml.safe_load(text)):
            shown = yaml.safe_dump(
                {key: value}, allow_unicode=True, default_flow_style=True, sort_keys=False,
                width=10_000,
            ).strip()[1:-1]  # fmt: skip
            if "\n" in shown:  # a row of a table is one line
                shown = f"{key}: {json.dumps(value, ensure_ascii=False)}"
            if len(shown) <= _LONGEST_ONLY_EXAMPLE:
                found.setdefault((name, key), []).append(shown)
    short = {
        place: [u for u in uses if len(u) <= _LONGEST_EXAMPLE] for place, uses in found.items()
    }
    return {
        place: max(short[place], key=len) if short[place] else min(uses, key=len)
        for place, uses in found.items()
    }


def _uses(schema: Mapping[str, Any], name: str, block: Any) -> Iterator[tuple[str, str, Any]]:
    """Every key that stands in a mapping, with the block of the language that it belongs to."""
    properties = (schema["$defs"][name] if name else schema)["properties"]
    for key, value in block.items():
        if key not in properties:
            continue
        yield name, key, value
        for inner, place in _blocks_in(properties[key], ""):
            values = value if place.endswith("[]") else [value]
            values = list(value.values()) if place.endswith(".NAME") else values
            for one in values:
                if isinstance(one, dict):
                    yield from _uses(schema, inner, one)


# -- Markdown ----------------------------------------------------------------------------------


def _table(columns: tuple[str, ...], rows: list[Any]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |"
                     for line in lines)  # fmt: skip


def _code(text: str) -> str:
    if "`" in text:
        return f"`` {text} ``"
    return f"`{text}`" if text else ""


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "settings": partial(settings, "en"),
    "settings in Chinese": partial(settings, "zh"),
    "mapping reference": reference,
}


if __name__ == "__main__":
    sys.exit(main())
