"""Finding and loading mapping files; every fault is reported with its place.

The classes of the mapping language load slowly, so they are imported only where needed.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from converter.errors import Fault, MappingError, UsageError
from converter.mapping import yaml_events
from converter.mapping.shipped import shipped_folder
from converter.message import N_, join, t

if TYPE_CHECKING:
    from converter.mapping.model import ProviderMapping


def find_mapping(name: str, folder: Path | None = None) -> Path:
    """The file of a provider's mapping, by the provider's name or by the file's own path.

    Raises UsageError that lists the known providers when there is none.
    """
    if name.endswith((".yaml", ".yml")) or os.sep in name:
        return Path(name)
    known = available_mappings(folder)
    if name in known:
        return known[name]
    close = get_close_matches(name.lower(), known, n=1)
    hints = [t("Did you mean {names}?", names=repr(one)) for one in close]
    remedy = N_(
        "Known providers: {known}. "
        "Give one of these, or the path of a mapping file that ends in .yaml."
    )
    listed = t(remedy, known=", ".join(known) or t("none"))
    problem = t("There is no provider {name}.", name=repr(name))
    raise UsageError(join(" ", [problem, *hints, listed]))


def available_mappings(folder: Path | None = None) -> dict[str, Path]:
    """Every mapping in a folder, by provider name; the shipped ones where no folder is given."""
    where = folder or shipped_folder("mappings")
    if not where.is_dir():
        problem = N_("There is no folder {folder}. Give --mappings the folder of your mappings.")
        raise UsageError(t(problem, folder=where))
    return {path.stem: path for path in sorted(where.glob("*.yaml"))}


def load_mapping(path: Path) -> ProviderMapping:
    """Read a mapping file. Raises MappingError with the place and what was expected."""
    return parse_mapping(yaml_events.text_of(path), str(path))


def parse_mapping(text: str, name: str) -> ProviderMapping:
    """Read the text of a mapping file that is called `name` in messages.

    Raises MappingError with every fault that can be told in one pass.
    """
    mapping, _ = parse_with_places(text, name)
    return mapping


def parse_with_places(text: str, name: str) -> tuple[ProviderMapping, yaml_events.Places]:
    """Like `parse_mapping`, with line and column of every part of the file."""
    from converter.mapping import lint, schema, vocabulary

    content, places, unread = yaml_events.read_all(text, name)
    checked = schema.check(vocabulary.completed(content), places)
    found = dict.fromkeys((fault.line, fault.column, fault.problem) for fault in unread)
    found |= dict.fromkeys((*schema.nearest(loc, places), text) for loc, text in checked.faults)
    if checked.mapping is not None:
        for loc, problem in lint.find(checked.mapping):
            if not checked.hides(loc):
                found[(*schema.nearest(loc, places), problem)] = None
    if found:
        faults = [Fault(problem, name, line, column) for line, column, problem in sorted(found)]
        raise MappingError.of(faults)
    assert checked.mapping is not None
    return checked.mapping, places
