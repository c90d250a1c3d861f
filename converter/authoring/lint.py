"""Every fault of a mapping file, those of its samples too, and what is still left to decide."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from converter.errors import Fault, MappingError
from converter.mapping import yaml_events
from converter.mapping.load import parse_with_places
from converter.mapping.schema import nearest
from converter.runs.samples import sample_faults

_TODO = "TODO"


@dataclass(frozen=True, slots=True)
class Checked:
    """What can be said of one mapping file."""

    file: str
    provider: str
    """Empty where the file cannot be read far enough."""
    faults: tuple[Fault, ...]
    todos: tuple[tuple[int, str], ...] = ()
    """Line and text of each comment that says TODO."""

    def to_dict(self) -> dict[str, Any]:
        """One file of the document that `converter mapping lint --json` prints."""
        return {
            "file": self.file,
            "provider": self.provider,
            "faults": [asdict(fault) for fault in self.faults],
            "todos": [{"line": line, "text": text} for line, text in self.todos],
        }


def lint(path: Path) -> Checked:
    """Check one mapping file."""
    name = str(path)
    try:
        text = yaml_events.text_of(path)
    except MappingError as error:
        return Checked(name, "", error.faults)
    todos = tuple(
        (line, found[2].strip(" :"))
        for line, content in enumerate(text.splitlines(), 1)
        if (found := content.partition("#")[2].partition(_TODO))[1]
    )
    try:
        mapping, places = parse_with_places(text, name)
    except MappingError as error:
        return Checked(name, "", error.faults, todos)
    faults = tuple(
        Fault(problem, name, *nearest(loc, places)) for loc, problem in sample_faults(mapping)
    )
    return Checked(name, mapping.provider, faults, todos)
