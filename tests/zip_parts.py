"""The parts of a workbook that is a zip: look at them and change them, as other programs do."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path


def parts(path: Path) -> dict[str, bytes]:
    """The content of each part by its name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def change_parts(path: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """The workbook, in its place, with some of its parts changed, added or gone."""
    found = parts(path)
    change(found)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.items():
            archive.writestr(name, content)
    return path


def change_part(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The workbook, in its place, with one part changed."""
    return change_parts(path, lambda found: found.update({part: change(found[part])}))
