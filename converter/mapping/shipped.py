"""Where the files are that come with the program."""

from __future__ import annotations

from pathlib import Path


def shipped_folder(folder: str) -> Path:
    """A folder shipped with the program: beside the package, or inside an installed one."""
    here = Path(__file__).parents[1]
    return here / folder if (here / folder).is_dir() else here.parent / folder
