"""The providers at a glance: what each is called, can be asked to do, and needs to be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converter.mapping import yaml_events
from converter.mapping.load import available_mappings, load_mapping
from converter.messages import LANGUAGES


@dataclass(frozen=True, slots=True)
class Setting:
    """One value that the installation gives, as far as people are told of it."""

    env: str
    default: str | None
    required: bool
    secret: bool
    help: Mapping[str, str]
    """The sentence in each language; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What a mapping says of its provider before any field."""

    provider: str
    title: Mapping[str, str]
    actions: tuple[str, ...]
    settings: Mapping[str, Setting]


def providers(folder: Path | None = None) -> dict[str, Provider]:
    """Every provider of a folder, by its mapping's name; of the shipped ones without a folder.

    One's own mappings are loaded whole, so that a fault in one is named (MappingError). The
    shipped ones passed that when they were shipped: of these only the head is looked at, which
    spares everybody most of the wait. Whatever works with a sheet loads its mapping whole.
    """
    read = _shipped if folder is None else _whole
    return {name: read(path) for name, path in available_mappings(folder).items()}


def _shipped(path: Path) -> Provider:
    content, _ = yaml_events.read(yaml_events.text_of(path), str(path))
    try:
        return _head(content)
    except (LookupError, TypeError, ValueError, AttributeError):
        return _whole(path)  # somebody edited it: this names the fault


def _whole(path: Path) -> Provider:
    return _head(load_mapping(path).model_dump())


def _head(content: dict[str, Any]) -> Provider:
    """Of a file's content, or of a loaded mapping's: truths are text there and bool here."""
    settings = {
        name: Setting(
            env=_text(block["env"]),
            default=block.get("default"),
            required=_TRUTH[block.get("required", False)],
            secret=_TRUTH[block.get("secret", False)],
            help=_sentence(block["help"]) if block.get("help") else {},
        )
        for name, block in content["settings"].items()
    }
    actions = tuple(content["request"].get("actions", {}).keys())
    return Provider(_text(content["provider"]), _sentence(content["title"]), actions, settings)


def _sentence(block: Mapping[str, Any]) -> dict[str, str]:
    return {lang: _text(block[lang]) for lang in LANGUAGES}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


_TRUTH = {True: True, False: False, "true": True, "false": False}
