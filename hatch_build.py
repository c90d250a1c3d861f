"""Compiles the message catalogues when a wheel is built, or the project installed as editable."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface):
    """Writes `converter.mo` beside each `converter.po`, and puts it into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, self.root)
        # Of our dependencies this needs Babel alone, which the build requires too.
        from converter.messages.catalogue import compile_catalogue

        root = Path(self.root)
        for source in sorted(root.glob("converter/messages/locale/*/LC_MESSAGES/converter.po")):
            compiled = source.with_suffix(".mo")
            compile_catalogue(source, compiled)
            build_data["artifacts"].append(compiled.relative_to(root).as_posix())
