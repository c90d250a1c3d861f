"""What the fields of an order are called, whoever the provider is.

A field of a mapping may say what it `is`; `mappings/vocabulary/fields.yaml` then gives what the
field does not say itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from converter.mapping import yaml_events
from converter.mapping.shipped import shipped_folder

_FILE = "vocabulary/fields.yaml"


@dataclass(frozen=True, slots=True)
class Word:
    """One name of the vocabulary, such as `receiver.postcode`."""

    titles: tuple[str, ...]
    """Column titles that are this field, unless another field of a mapping has them."""
    instead: tuple[str, ...]
    """Column titles that are this field where no other column is."""
    covers: tuple[str, ...]
    """Names whose titles are this field too where no field of a mapping has them."""
    defaults: Mapping[str, Any]
    """Keys of a mapping's field, as in the file: its title, its type, its checks."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its title in each language."""
        return tuple(self.defaults["title"].values())


@cache
def words() -> Mapping[str, Word]:
    """The shipped vocabulary, by name."""
    return read(shipped_folder("mappings") / _FILE)


def read(path: Path) -> dict[str, Word]:
    """The vocabulary of a file."""
    content, _ = yaml_events.read(yaml_events.text_of(path), str(path))
    return {name: _word(entry) for name, entry in content.items()}


_OWN = ("titles", "instead", "covers")


def _word(entry: Mapping[str, Any]) -> Word:
    titles, instead, covers = (tuple(entry.get(key, ())) for key in _OWN)
    defaults = {key: value for key, value in entry.items() if key not in _OWN}
    return Word(titles, instead, covers, defaults)


def completed(content: dict[str, Any]) -> dict[str, Any]:
    """The content of a mapping file, with what its fields leave to the vocabulary."""
    fields = content.get("fields")
    if not isinstance(fields, list):
        return content
    return {**content, "fields": [_completed(given) for given in fields]}


def _completed(given: Any) -> Any:
    """A field with its defaults; those of a type go only with that type."""
    name = given.get("is") if isinstance(given, dict) else None
    if not isinstance(name, str):
        return given
    word = words().get(name)
    if word is None:  # the mapping's faults name it; a missing title would hide that
        return {"title": {"en": name, "zh": name}, **given}
    if given.get("type", word.defaults.get("type")) == word.defaults.get("type"):
        return {**word.defaults, **given}
    return {"title": word.defaults["title"], **given}
