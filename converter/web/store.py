"""The uploaded sheets, each in a private folder with what was chosen for it and its jobs."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{12}")

NO_PROFILE = "-"
PRODUCTS = "products"


@dataclass(frozen=True)
class Choices:
    """What a person chose for a sheet."""

    provider: str = ""
    sandbox: bool = True
    account: str = ""
    action: str = ""
    hidden: str = ""
    only: str = ""
    profile: str = ""
    """The name of a kept profile; `-` for none at all, blank where it is to be found."""
    products: str = ""
    """The name of an uploaded product table."""

    def words(self) -> list[str]:
        """As options of the command line."""
        words = [f"--provider={self.provider}"]
        words += ["--sandbox"] if self.sandbox else []
        given = {
            "--account": self.account, "--action": self.action,
            "--hidden-rows": self.hidden, "--sheet": self.only,
            "--profile": self.profile if self.profile != NO_PROFILE else "",
        }  # fmt: skip
        words += ["--no-profile"] if self.profile == NO_PROFILE else []
        return words + [f"{name}={value}" for name, value in given.items() if value]


@dataclass(frozen=True)
class UploadedSheet:
    """An uploaded file and its folder."""

    folder: Path
    name: str
    time: float

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def path(self) -> Path:
        """The file as it was uploaded, with the corrections that were made on the page."""
        return self.folder / "file" / self.name

    @property
    def products(self) -> Path:
        """The folder of the uploaded product tables, which all sheets have in common."""
        return self.folder.parent.parent / PRODUCTS

    @property
    def choices(self) -> Choices | None:
        """None as long as no provider was chosen or recognized."""
        found = read_json(self.folder / "choices.json")
        return Choices(**found) if found else None

    def choose(self, choices: Choices) -> None:
        write_json(self.folder / "choices.json", asdict(choices))


class Store:
    """All uploaded sheets, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def new(self, name: str) -> UploadedSheet:
        """A folder for a file that is about to come; `add` makes it a sheet."""
        now = time.time()
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
        folder = self.folder / f"{stamp}-{secrets.token_hex(6)}"
        folder.mkdir(mode=0o700)
        for inner in ("file", "jobs"):
            (folder / inner).mkdir(mode=0o700)
        return UploadedSheet(folder, name, now)

    def add(self, sheet: UploadedSheet) -> None:
        """Keep a sheet whose file has come as a whole."""
        write_json(sheet.folder / "sheet.json", {"name": sheet.name, "time": sheet.time})

    def discard(self, sheet: UploadedSheet) -> None:
        """Remove the folder of a sheet."""
        shutil.rmtree(sheet.folder, ignore_errors=True)

    def find(self, id_: str) -> UploadedSheet | None:
        if not _ID.fullmatch(id_):
            return None
        found = read_json(self.folder / id_ / "sheet.json")
        return UploadedSheet(self.folder / id_, found["name"], found["time"]) if found else None

    def recent(self, most: int = 20) -> Iterator[UploadedSheet]:
        """The newest sheets first."""
        for folder in sorted(self.folder.iterdir(), reverse=True)[:most]:
            if sheet := self.find(folder.name):
                yield sheet

    def of_path(self, path: str) -> UploadedSheet | None:
        """The sheet that a run names by its path."""
        parts = Path(path).parts
        if len(parts) < 3 or Path(*parts[:-3]) != self.folder:
            return None
        return self.find(parts[-3])


def read_json(path: Path) -> dict[str, Any]:
    """A document that `write_json` wrote; empty where there is none."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return found


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Replace a document as a whole, so that a crash leaves the old one or the new one."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        json.dump(document, opened, ensure_ascii=False)
    os.replace(draft, path)
