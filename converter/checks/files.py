"""Files named by cells, read from one folder and its subfolders only."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from converter.checks import values
from converter.checks.values import Problem

_REPARSE_POINT = 0x400
"""The flag by which Windows marks junctions and other links beside symbolic ones."""


@dataclass(frozen=True)
class Folder:
    """The folder that files are read from: the sheet's own, or the one given by `--files`."""

    path: Path

    @classmethod
    def of(cls, path: Path) -> Folder:
        """The folder at a path; the path itself may be a link."""
        return cls(path.resolve())

    def read(self, name: str, at_most: int) -> bytes | Problem:
        """The file's bytes, or why it is not taken.

        `name` is a file's name or a path below the folder. None of its parts may lead upwards or be
        a link, and only regular files are opened, because reading a device or pipe may never end.
        """
        steps = _steps(name)
        if not steps:
            return self._problem("file_outside", name)
        place = self.path
        try:
            for step in steps[:-1]:
                place /= step
                found = place.lstat()
                if _is_link(found):
                    return self._problem("file_link", name)
                if not stat.S_ISDIR(found.st_mode):
                    return self._problem("file_missing", name)
            place /= steps[-1]
            found = place.lstat()
            if _is_link(found):
                return self._problem("file_link", name)
            if not stat.S_ISREG(found.st_mode):
                return self._problem("file_not_plain", name)
            if not place.resolve().is_relative_to(self.path):
                return self._problem("file_outside", name)
            return self._content(place, found, name, at_most)
        except (FileNotFoundError, NotADirectoryError):
            return self._problem("file_missing", name)
        except PermissionError:
            return self._problem("file_unreadable", name)
        except (OSError, ValueError):  # a name that no file can have
            return self._problem("file_missing", name)

    def _content(
        self, place: Path, expected: os.stat_result, name: str, at_most: int
    ) -> bytes | Problem:
        flags = os.O_RDONLY
        for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
            flags |= getattr(os, flag, 0)
        with open(os.open(place, flags), "rb") as file:
            found = os.fstat(file.fileno())
            if not os.path.samestat(expected, found):
                return self._problem("file_link", name)
            if found.st_size > at_most:
                return too_large("file_large", name, found.st_size, at_most)
            content = file.read(at_most + 1)
        if len(content) > at_most:
            return too_large("file_large", name, len(content), at_most)
        return content

    def _problem(self, code: str, name: str) -> Problem:
        return values.problem(code, name, folder=str(self.path))


def too_large(code: str, name: str, size: int, at_most: int) -> Problem:
    return values.problem(code, name, size=_megabytes(size), max=_megabytes(at_most))


def _megabytes(size: int) -> str:
    """The size as file managers show it, never rounded down to a size that is allowed."""
    if size < 1_000_000:
        return f"{size:,} bytes"
    return f"{size / 1_000_000:.3f}".rstrip("0").rstrip(".") + " MB"


def _steps(name: str) -> list[str]:
    """The parts of a path below the folder, with slashes or backslashes; empty for other paths."""
    path = name.replace("\\", "/")
    steps = path.split("/")
    if path.startswith("/") or ":" in path or ".." in steps:
        return []
    return [step for step in steps if step not in ("", ".")]


def _is_link(found: os.stat_result) -> bool:
    reparse = getattr(found, "st_file_attributes", 0) & _REPARSE_POINT
    return stat.S_ISLNK(found.st_mode) or bool(reparse)
