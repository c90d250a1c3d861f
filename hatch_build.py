"""Compiles the message catalogues when a wheel is built, or the project installed as editable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface):
    """Writes `converter.mo` beside each `converter.po`, and puts it into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        for source in sorted(root.glob("converter/messages/locale/*/LC_MESSAGES/converter.po")):
            compiled = source.with_suffix(".mo")
            with source.open("rb") as file, compiled.open("wb") as out:
                write_mo(out, read_po(file, abort_invalid=True))
            build_data["artifacts"].append(compiled.relative_to(root).as_posix())
