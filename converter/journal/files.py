"""What makes files last."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Wait until the disk knows which files the folder has."""
    if sys.platform == "win32":
        return  # a folder cannot be opened there
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def sync_file(path: Path) -> None:
    """Wait until the disk has what was written into the file."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
