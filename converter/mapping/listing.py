"""The providers at a glance: what each is called, can be asked to do, and needs to be set."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converter.errors import Fault, MappingError
from converter.mapping import yaml_events
from converter.mapping.load import available_mappings, load_mapping
from converter.messages import text_in

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ListedSetting:
    """A setting of a provider, as `converter providers` shows it."""

    env: str
    default: str | None
    required: bool
    secret: bool
    help: Mapping[str, str]
    """The sentence in each language; empty where there is none."""
    state: str = ""
    """`set`, `default` or `not set`, where it was looked up."""


@dataclass(frozen=True, slots=True)
class ListedProvider:
    """A provider at a glance: what stands in its mapping before any field."""

    name: str
    """The name that `provider=` and `--provider` take."""
    provider: str
    """The name of its block in the settings files."""
    title: Mapping[str, str]
    actions: tuple[str, ...]
    settings: Mapping[str, ListedSetting]

    def to_dict(self, lang: str) -> dict[str, Any]:
        """One provider of the document that `converter providers --json` prints."""
        return {
            "name": self.name,
            "title": text_in(self.title, lang),
            "actions": list(self.actions),
            "settings": [
                {
                    "env": setting.env,
                    "required": setting.required,
                    "secret": setting.secret,
                    "set": setting.state != "not set",
                    "state": setting.state,
                    "help": text_in(setting.help, lang),
                }
                for setting in self.settings.values()
            ],
        }


def read_folder(
    folder: Path | None = None,
) -> tuple[dict[str, ListedProvider], tuple[Fault, ...]]:
    """The providers of a folder by their mappings' names, and every fault of all other mappings.

    One's own mappings are loaded whole, so that no fault in one is hidden. The shipped ones passed
    that when they were shipped: of these only the head is looked at, which spares everybody most
    of the wait. Whatever works with a sheet loads its mapping whole.
    """
    read = _shipped if folder is None else _whole
    found: dict[str, ListedProvider] = {}
    faults: list[Fault] = []
    for name, path in available_mappings(folder).items():
        try:
            found[name] = read(name, path)
        except MappingError as error:
            faults += error.faults
    return found, tuple(faults)


def providers(folder: Path | None = None) -> dict[str, ListedProvider]:
    """Every provider of a folder; of the shipped ones without a folder.

    Raises MappingError that names every fault of every file, where there are any.
    """
    found, faults = read_folder(folder)
    if faults:
        raise MappingError.of(faults)
    return found


def _shipped(name: str, path: Path) -> ListedProvider:
    content, _ = yaml_events.read(yaml_events.text_of(path), str(path))
    try:
        return _head(name, content)
    except (LookupError, TypeError, ValueError, AttributeError):
        _LOG.info("shipped mapping was edited", extra={"mapping": name}, exc_info=True)
        return _whole(name, path)  # which names the fault


def _whole(name: str, path: Path) -> ListedProvider:
    return _head(name, load_mapping(path).model_dump())


def _head(name: str, content: dict[str, Any]) -> ListedProvider:
    """From the content of a file, or of a loaded mapping: booleans are text there and bool here."""
    settings = {
        key: ListedSetting(
            env=_text(block["env"]),
            default=block.get("default"),
            required=_TRUTH[block.get("required", False)],
            secret=_TRUTH[block.get("secret", False)],
            help=_sentence(block["help"]) if block.get("help") else {},
        )
        for key, block in content["settings"].items()
    }
    actions = tuple(content["request"].get("actions", {}).keys())
    return ListedProvider(
        name, _text(content["provider"]), _sentence(content["title"]), actions, settings
    )


def _sentence(block: Mapping[str, Any]) -> dict[str, str]:
    return {lang: _text(block[lang]) for lang in ("en", "zh")}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


_TRUTH = {True: True, False: False, "true": True, "false": False}
